"""Only the pinned bytes ever get the name of a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lattice_embed.pinned_files import (
    FetchRun,
    PinnedFile,
    SourceError,
    WrongBytesError,
    fetch_files,
    is_pinned_content,
)

RIGHT = b"the right bytes"


@dataclass(frozen=True, eq=False)
class FakeSource:
    """Gives `content`, or fails; counts how often it was asked."""

    name: str
    content: bytes | None
    asked: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name

    def stage(self, run: FetchRun) -> Path:
        self.asked.append(self.name)
        if self.content is None:
            raise SourceError("is not there")
        path = run.staging / self.name
        path.write_bytes(self.content)
        return path


def pinned(*sources: FakeSource, path: str = "folder/file.bin") -> PinnedFile:
    return PinnedFile(path, hashlib.sha256(RIGHT).hexdigest(), len(RIGHT), sources)


def files_below(directory: Path) -> list[str]:
    return sorted(str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file())


def test_the_first_source_that_has_it_is_used(tmp_path: Path) -> None:
    first, second = FakeSource("first", RIGHT), FakeSource("second", RIGHT)
    outcome = fetch_files([pinned(first, second)], tmp_path)
    assert (outcome.missing, outcome.failed_attempts) == ((), ())
    assert (tmp_path / "folder/file.bin").read_bytes() == RIGHT
    assert second.asked == []


@pytest.mark.parametrize("wrong", [b"", b"the wrong bytes", RIGHT[:-1], RIGHT + b"\n"])
def test_other_bytes_are_not_used_and_the_liar_is_named(tmp_path: Path, wrong: bytes) -> None:
    liar = FakeSource("liar", wrong)
    outcome = fetch_files([pinned(liar, FakeSource("honest", RIGHT))], tmp_path)
    assert (tmp_path / "folder/file.bin").read_bytes() == RIGHT
    (attempt,) = outcome.failed_attempts
    assert isinstance(attempt.error, WrongBytesError)
    ((told, _),) = outcome.reasons()
    assert told.startswith("folder/file.bin from liar: sent other bytes")
    assert hashlib.sha256(wrong).hexdigest() in told


def test_if_every_source_lies_nothing_is_left_behind(tmp_path: Path) -> None:
    file = pinned(FakeSource("liar", b"x"), FakeSource("silent", None))
    outcome = fetch_files([file], tmp_path)
    assert outcome.missing == (file,)
    assert [str(attempt.source) for attempt in outcome.failed_attempts] == ["liar", "silent"]
    assert files_below(tmp_path) == []


def test_one_missing_file_does_not_keep_the_others_away(tmp_path: Path) -> None:
    lost = pinned(FakeSource("silent", None), path="lost")
    outcome = fetch_files([lost, pinned(FakeSource("first", RIGHT), path="found")], tmp_path)
    assert outcome.missing == (lost,)
    assert files_below(tmp_path) == ["found"]


def test_a_reason_that_holds_for_several_files_is_told_once(tmp_path: Path) -> None:
    one, other = (pinned(FakeSource("silent", None), path=path) for path in ("one", "other"))
    third = pinned(FakeSource("liar", b"x"), FakeSource("silent", None), path="third")
    outcome = fetch_files([one, third, other], tmp_path)
    silence, lie = outcome.reasons()
    assert silence[0] == "one, third, other from silent: is not there"
    assert lie[0].startswith("third from liar: sent other bytes")
    assert [type(error) for _, error in (silence, lie)] == [SourceError, WrongBytesError]


def test_a_right_file_is_left_alone_and_a_wrong_one_replaced(tmp_path: Path) -> None:
    (tmp_path / "right").write_bytes(RIGHT)
    (tmp_path / "wrong").write_bytes(RIGHT[::-1])
    source = FakeSource("source", RIGHT)
    fetch_files([pinned(source, path="right"), pinned(source, path="wrong")], tmp_path)
    assert source.asked == ["source"]
    assert (tmp_path / "wrong").read_bytes() == RIGHT


def test_a_wrong_file_stays_if_nothing_better_can_be_had(tmp_path: Path) -> None:
    """It is not ours to throw away, and its hash keeps it from being used."""
    (tmp_path / "file").write_bytes(b"of somebody")
    file = pinned(FakeSource("silent", None), path="file")
    assert fetch_files([file], tmp_path).missing == (file,)
    assert (tmp_path / "file").read_bytes() == b"of somebody"
    assert not is_pinned_content(tmp_path / "file", file)


def test_what_a_source_keeps_in_its_own_cache_stays_there(tmp_path: Path) -> None:
    cached = tmp_path / "hub-cache-file"
    cached.write_bytes(RIGHT)

    @dataclass(frozen=True)
    class Cached:
        def stage(self, run: FetchRun) -> Path:
            return cached

    file = PinnedFile("f", hashlib.sha256(RIGHT).hexdigest(), len(RIGHT), (Cached(),))
    fetch_files([file], tmp_path / "models")
    assert cached.read_bytes() == (tmp_path / "models" / "f").read_bytes() == RIGHT


def test_a_run_that_is_killed_leaves_no_file_with_the_name(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    @dataclass(frozen=True)
    class CutOff:
        def stage(self, run: FetchRun) -> Path:
            (run.staging / "half").write_bytes(RIGHT[:4])
            raise Killed

    file = PinnedFile("f", hashlib.sha256(RIGHT).hexdigest(), len(RIGHT), (CutOff(),))
    with pytest.raises(Killed):
        fetch_files([file], tmp_path)
    assert files_below(tmp_path) == []


def test_an_action_is_done_once_and_its_failure_remembered(tmp_path: Path) -> None:
    run = FetchRun(tmp_path)
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise SourceError("down")

    for _ in range(3):
        with pytest.raises(SourceError, match="down"):
            run.once("hub", fail)
    assert calls == [1]
