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
_ROWS = 40  # rows of pieces that agree; what differs is always shown


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
            one, other = (json.dumps(side.get(field)) for side in (expect, received))
            lines.append(f"{_OTHER} {field}: expected {one}, received {other}")
    return lines


def _piece_lines(expect: dict[str, Any], received: dict[str, Any], name: str) -> list[str]:
    pieces = list(_rows(_pieces(expect), _pieces(received)))
    shown = [row for number, row in enumerate(pieces) if number < _ROWS or row[0] == _OTHER]
    rows = [(_SAME, "oracle", name), *shown]
    width = max(len(left) for _, left, _ in rows)
    lines = [f"{mark} {left:{width}}  {right}".rstrip() for mark, left, right in rows]
    if len(shown) < len(pieces):
        lines.append(f"{_SAME} ... {len(pieces) - len(shown)} more that agree")
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
