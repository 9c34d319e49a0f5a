"""The small tokenizers and their cases -> which cases notice each component and option.

A case notices a component if its answer is another one without it, and an option if it is another
one with another value: an engine that ignores it fails that case. Of a component every way to leave
it out, and of an option every other value, must be noticed by some case.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..cases import Case, CaseSet, canonical_json, expected_keys
from ..engines.tokenized import tokenized
from ..fixtures import folder_of
from ..run import case_name
from .format_parts import FORMAT, Part, all_parts, choices
from .without import others

__all__ = ["Coverage", "Row", "coverage"]

# tokenizer.json -> a tokenizer with the interface of `tokenizers.Tokenizer`
Open = Callable[[str], Any]


@dataclass(frozen=True)
class Row:
    """A part, and the names of the cases that notice it. `gaps`: what nobody would notice."""

    part: Part
    cases: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def subjects(self) -> list[str]:
        return sorted({name.split("/")[1] for name in self.cases})


@dataclass(frozen=True)
class Coverage:
    """Every part of the format."""

    rows: tuple[Row, ...]

    @property
    def complete(self) -> bool:
        return all(row.cases and not row.gaps for row in self.rows)


def coverage(case_sets: Iterable[CaseSet], open_tokenizer: Open) -> Coverage:
    """Of the case sets whose tokenizer lies beside them."""
    noticed: defaultdict[Part, dict[str, None]] = defaultdict(dict)
    instead: defaultdict[Part, set[str]] = defaultdict(set)
    for case_set in case_sets:
        path = folder_of(case_set.subject) / "tokenizer.json"
        if case_set.stage != "tokenizer" or case_set.source["model"] != {"beside": path.name}:
            continue
        document = json.loads(path.read_bytes())
        right = _answers(document, case_set, open_tokenizer)
        model = Part("model", document["model"]["type"])
        names = [case_name(case_set, case) for case in case_set.cases]
        noticed[model].update(
            (name, None) for name, answer in zip(names, right, strict=True) if answer != _EMPTY
        )
        for part, other, changed in others(document):
            answers = _answers(changed, case_set, open_tokenizer)
            differ = [n for n, a, b in zip(names, right, answers, strict=True) if a != b]
            noticed[part].update(dict.fromkeys(differ))
            if differ:
                instead[part].add(other)
    return Coverage(
        tuple(Row(part, tuple(noticed[part]), _gaps(part, instead[part])) for part in all_parts())
    )


_EMPTY = canonical_json({"ids": []})


def _answers(document: dict[str, Any], case_set: CaseSet, open_tokenizer: Open) -> list[str]:
    text = json.dumps(document)
    try:
        filed, plain = open_tokenizer(text), open_tokenizer(text)
    except Exception as error:  # a file that is refused answers nothing, which is noticed
        return [f"{type(error).__name__}"] * len(case_set.cases)
    plain.no_truncation()
    plain.no_padding()
    return [_answer(filed, plain, case_set, case) for case in case_set.cases]


def _answer(filed: Any, plain: Any, case_set: CaseSet, case: Case) -> str:
    tokenizer = filed if case.input.get("as_filed") else plain
    try:
        answer = tokenized(tokenizer, case.input)
    except Exception as error:
        return f"{type(error).__name__}"
    if not answer["ids"]:
        return _EMPTY
    return canonical_json({key: answer[key] for key in expected_keys(case_set, case.input)})


def _gaps(part: Part, instead: set[str]) -> tuple[str, ...]:
    """The other values of an option that no case tells from this one."""
    if not part.option or part.value == "given":
        return ()
    values = choices(FORMAT[part.field][part.type][part.option])
    return tuple(value for value in values if value not in {part.value, *instead})
