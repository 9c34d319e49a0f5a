"""`threads.py`: work on all cores, and the matrix library's setting given back."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from lattice_models import threads
from lattice_models.threads import available_cores, for_each, limited_blas
from threadpoolctl import threadpool_info, threadpool_limits


def blas_threads() -> list[int]:
    """Of each matrix library in this process; none on a platform where it cannot be asked."""
    return [info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def two_blas_threads() -> Iterator[None]:
    """A setting that differs from 1, whatever the machine."""
    with threadpool_limits(limits=2, user_api="blas"):
        yield


def test_blas_keeps_to_one_thread_inside_and_has_its_setting_back_after() -> None:
    before = blas_threads()
    assert all(number == 2 for number in before)
    with limited_blas(1):
        assert blas_threads() == [1] * len(before)
    assert blas_threads() == before


def test_the_setting_comes_back_after_an_error() -> None:
    before = blas_threads()
    with pytest.raises(KeyError), limited_blas(1):
        raise KeyError
    assert blas_threads() == before


def test_the_last_to_leave_gives_the_setting_back() -> None:
    before = blas_threads()
    first, second = limited_blas(1), limited_blas(1)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert blas_threads() == [1] * len(before)
    second.__exit__(None, None, None)
    assert blas_threads() == before


def test_the_smallest_number_holds_while_several_are_inside() -> None:
    before = blas_threads()
    many, one = limited_blas(2), limited_blas(1)
    many.__enter__()
    assert blas_threads() == [2] * len(before)
    one.__enter__()
    assert blas_threads() == [1] * len(before)
    one.__exit__(None, None, None)
    assert blas_threads() == [2] * len(before)
    many.__exit__(None, None, None)
    assert blas_threads() == before


def test_a_setting_changed_in_between_is_respected_next_time() -> None:
    with limited_blas(1):
        pass
    with threadpool_limits(limits=1, user_api="blas"):
        with limited_blas(1):
            pass
        assert set(blas_threads()) <= {1}
    assert set(blas_threads()) <= {2}


@pytest.mark.parametrize("number", [0, 1, 2, 7, 100])
def test_every_item_is_worked_on_once(number: int) -> None:
    done: list[int] = []  # append is atomic
    for_each(done.append, range(number))
    assert sorted(done) == list(range(number))


def test_several_items_run_at_once_with_limited_blas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "available_cores", lambda: 2)
    both_here = threading.Barrier(2, timeout=10)
    seen: list[list[int]] = []

    def work(_: int) -> None:
        both_here.wait()  # passes only while another thread waits too
        seen.append(blas_threads())

    before = blas_threads()
    for_each(work, [1, 2])
    assert seen == [[1] * len(before)] * 2
    assert blas_threads() == before


def test_no_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "available_cores", lambda: 2)
    names: set[str] = set()
    for_each(lambda _: names.add(threading.current_thread().name), range(50))
    assert len(names) <= 2
    assert all(name.startswith("lattice") for name in names)


def test_one_item_stays_in_the_calling_thread_with_all_of_blas() -> None:
    seen: list[tuple[threading.Thread, list[int]]] = []
    for_each(lambda _: seen.append((threading.current_thread(), blas_threads())), [1])
    assert seen == [(threading.current_thread(), blas_threads())]


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_threads_are_as_many_as_asked_for(monkeypatch: pytest.MonkeyPatch, asked: int) -> None:
    monkeypatch.setattr(threads, "available_cores", lambda: 8)
    all_here = threading.Barrier(asked, timeout=10)  # passes only where as many run at once
    names: set[str] = set()

    def work(_: int) -> None:
        all_here.wait()
        names.add(threading.current_thread().name)

    for_each(work, range(6 * asked), threads=asked)
    assert len(names) == asked


def test_one_thread_is_the_calling_one_with_single_threaded_blas() -> None:
    before = blas_threads()
    seen: list[tuple[threading.Thread, list[int]]] = []
    for_each(lambda _: seen.append((threading.current_thread(), blas_threads())), [1, 2], threads=1)
    assert seen == [(threading.current_thread(), [1] * len(before))] * 2
    assert blas_threads() == before


@pytest.mark.parametrize("asked", [1, 2])
def test_one_item_has_as_many_blas_threads_as_asked_for(asked: int) -> None:
    before = blas_threads()
    seen: list[list[int]] = []
    for_each(lambda _: seen.append(blas_threads()), [1], threads=asked)
    assert seen == [[asked] * len(before)]
    assert blas_threads() == before


@pytest.mark.parametrize("asked", [None, 1, 2])
@pytest.mark.parametrize("number", [1, 20])
def test_an_error_is_raised_and_the_setting_comes_back(number: int, asked: int | None) -> None:
    before = blas_threads()

    def work(item: int) -> None:
        raise RuntimeError(f"item {item}")

    with pytest.raises(RuntimeError, match="item 0"):
        for_each(work, range(number), threads=asked)
    assert blas_threads() == before


def test_cores_are_those_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    assert available_cores() == 3


@pytest.mark.parametrize(("counted", "cores"), [(6, 6), (None, 1)])
def test_cores_where_affinity_is_unknown(
    monkeypatch: pytest.MonkeyPatch, counted: int | None, cores: int
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: counted)
    assert available_cores() == cores
