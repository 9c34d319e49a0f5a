"""What is expected and what an engine says -> lines that show where they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from .cases import ERROR_KEY
from .compare import compare
from .printable import escaped

__all__ = ["side_by_side"]

_SAME, _OTHER = "  ", "!="
_ROWS = 40  # the first of all pieces, and as many in all of those that differ


def side_by_side(
    expect: dict[str, Any],
    received: dict[str, Any],
    *,
    name: str,
    limit: Mapping[str, float] | None = None,
) -> list[str]:
    """A row per piece, expected on the left; `!=` stands before what differs.

    `limit` is for a vector, of which the distance is told; `limit_of` of `tolerance.py` gives it.

    >>> one = {"ids": [101, 7, 102], "tokens": ["[CLS]", "a", "[SEP]"]}
    >>> two = {"ids": [101, 8, 102], "tokens": ["[CLS]", "b", "[SEP]"]}
    >>> print("\\n".join(side_by_side(one, two, name="lattice")))
       oracle     lattice
       [CLS] 101  [CLS] 101
    != a 7        b 8
       [SEP] 102  [SEP] 102
    """
    lines = _piece_lines(expect, received, name) if "ids" in expect else []
    for field, wanted in expect.items():
        if field == "vector":
            verdict = compare({field: wanted}, received, dict(limit or {}))
            told = verdict.message or f"vector: {verdict.distance}"
            lines.append(f"{_SAME if verdict.right else _OTHER} {name}: {told}")
        elif field not in ("ids", "tokens", ERROR_KEY) and wanted != received.get(field):
            lines.append(f"{_OTHER} {_told(field, wanted, received)}")
    return lines


def _told(field: str, wanted: Any, received: Mapping[str, Any]) -> str:
    """What differs; of lists, which may be long, the first place where they do."""
    if isinstance(wanted, list) and field in received:
        return compare({field: wanted}, dict(received), {}).message
    return f"{field}: expected {json.dumps(wanted)}, received {json.dumps(received.get(field))}"


def _piece_lines(expect: dict[str, Any], received: dict[str, Any], name: str) -> list[str]:
    pieces = list(_rows(_pieces(expect), _pieces(received)))
    later = pieces[_ROWS:]
    differing = [row for row in later if row[0] == _OTHER]
    same = len(later) - len(differing)
    at_once = sum(row[0] == _OTHER for row in pieces[:_ROWS])
    told = max(0, _ROWS - at_once)
    shown = [*pieces[:_ROWS], *differing[:told]]
    rows = [(_SAME, "oracle", name), *shown]
    width = max(len(left) for _, left, _ in rows)
    lines = [f"{mark} {left:{width}}  {right}".rstrip() for mark, left, right in rows]
    if len(differing) > told:
        lines.append(f"{_OTHER} ... {len(differing) - told} more that differ")
    if same:
        lines.append(f"{_SAME} ... {same} more that agree")
    return lines


def _pieces(answer: dict[str, Any]) -> list[str]:
    """Tokens with their ids, or ids alone."""
    if "tokens" not in answer:
        return [str(token_id) for token_id in answer.get("ids", ())]
    pairs = zip_longest(answer["tokens"], answer["ids"])
    return [escaped(f"{token} {token_id}") for token, token_id in pairs]


def _rows(left: list[str], right: list[str]) -> Iterator[tuple[str, str, str]]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        mark = _SAME if kind == "equal" else _OTHER
        for one, other in zip_longest(left[i1:i2], right[j1:j2], fillvalue=""):
            yield mark, one, other
