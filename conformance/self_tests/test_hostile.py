"""Our engine and every hostile file and text of the catalogue; and the catalogue itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..hostile.recipes import Entry, entries, file_of
from ..hostile.run import hold, judged, lint, read_oracle

_CALL = {"do": "encode", "arguments": ["a"]}


def test_the_engine_answers_as_it_must() -> None:
    wrong = [f"{r.entry.id}: {r.message}" for r in hold("lattice") if r.message]
    assert not wrong, "\n".join(wrong)


def test_the_catalogue_and_the_recording_are_of_each_other() -> None:
    assert lint() == []
    assert len(entries()) == len(read_oracle()) > 2000


def test_the_catalogue_has_what_the_oracle_accepts_refuses_and_dies_of() -> None:
    said = {answer["says"] for answer in read_oracle().values()}
    assert {"accepts", "refuses", "panics"} <= said


@pytest.mark.parametrize(
    ("recipe", "changed"),
    [
        ({"set": [["model.vocab.ab", "NaN"]]}, '"ab": NaN'),
        ({"remove": ["model.vocab.ab"]}, '"vocab": {"<unk>": 0, "c": 2'),
        ({"fill": [["version", "xy", 3]]}, '"version": "xyxyxy"'),
        ({"nest": [["normalizer", "[", "1", "]", 3]]}, '"normalizer": [[[1]]]'),
        ({"replace": [["1.0", "2.0"]]}, '"version": "2.0"'),
        ({"before": "\ufeff"}, "\ufeff{"),
        ({"after": "{}"}, "}{}"),
    ],
)
def test_recipes(recipe: dict[str, Any], changed: str) -> None:
    file = file_of(Entry("x", "word-level", "why", recipe))
    assert changed in file.decode()
    assert changed not in file_of(Entry("x", "word-level", "why", {})).decode()


def test_recipes_of_bytes() -> None:
    whole = file_of(Entry("x", "bpe", "why", {}))
    assert json.loads(whole)["model"]["type"] == "BPE"
    assert file_of(Entry("x", "bpe", "why", {"bytes": "00ff"})) == b"\x00\xff"
    assert len(file_of(Entry("x", "bpe", "why", {"keep": 0.5}))) == len(whole) // 2
    assert file_of(Entry("x", "bpe", "why", {"encoding": "utf-16-le"}))[1] == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[file]]\nid = "a"\nwhy = "b"\n[[file]]\nid = "a"\nwhy = "b"\n', "twice"),
        ('[[file]]\nid = "a"\n', "differs in \\['why'\\]"),
        ('[[file]]\nid = "a"\nwhy = "b"\nodd = 1\n', "odd"),
        ('[[file]]\nid = "a"\nwhy = "b"\nfree = "x"\nstricter = "y"\n', "both"),
    ],
)
def test_a_wrong_catalogue_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "catalogue.toml"
    path.write_text(f"sweep = []\n{text}")
    with pytest.raises(ValueError, match=told):
        entries(path)


def accepted(value: Any = (1,)) -> dict[str, Any]:
    return {"says": "accepts", "calls": [{"says": "accepts", "value": list(value)}]}


def called(says: str) -> dict[str, Any]:
    return {"says": "accepts", "calls": [{"says": says, "error": "E: e"}]}


_REFUSED = {"says": "refuses", "error": "E: e"}


@pytest.mark.parametrize(
    ("oracle", "received", "options", "right"),
    [
        (accepted(), accepted(), {}, True),
        (accepted(), accepted([2]), {}, False),
        (accepted(), accepted([2]), {"free": "why"}, False),
        (accepted(), _REFUSED, {}, False),
        (accepted(), _REFUSED, {"free": "why"}, True),
        (accepted(), _REFUSED, {"stricter": "why"}, True),
        (accepted(), accepted(), {"stricter": "why"}, False),
        (_REFUSED, _REFUSED, {}, True),
        (_REFUSED, accepted(), {}, False),
        (_REFUSED, accepted(), {"free": "why"}, False),
        ({"says": "panics"}, accepted(), {}, False),
        ({"says": "panics"}, _REFUSED, {}, True),
        ({"says": "dies"}, accepted(), {}, True),
        *(({"says": "dies"}, {"says": says}, {}, False) for says in ("dies", "hangs", "crashes")),
        (accepted(), called("refuses"), {}, False),
        (accepted(), called("refuses"), {"free": "why"}, True),
        (called("refuses"), accepted(), {}, False),
        (called("refuses"), called("refuses"), {}, True),
        (called("refuses"), called("crashes"), {}, False),
        (called("panics"), accepted(), {}, True),
        (called("panics"), called("refuses"), {}, True),
    ],
)
def test_what_an_engine_must_do(
    oracle: dict[str, Any], received: dict[str, Any], options: dict[str, str], right: bool
) -> None:
    entry = Entry("x", "bpe", "why", {}, (_CALL,), **options)
    assert (judged(entry, oracle, received) == "") is right
