"""Every code point of Unicode -> a digest of what a tokenizer makes of it, per block of 4,096.

A case per code point would be a million cases; one digest per block finds any wrong one and says
in which block it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

__all__ = ["BLOCKS", "DIGESTS", "block_texts", "digest", "digests_file", "read_digests"]

DIGESTS = Path(__file__).resolve().parent / "cases" / "unicode"
_BLOCK = 0x1000
BLOCKS = 0x110000 // _BLOCK
_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF


def block_texts(block: int) -> list[str]:
    """Each code point of a block between two letters, and alone before a combining accent."""
    code_points = [
        code_point
        for code_point in range(block * _BLOCK, (block + 1) * _BLOCK)
        if not _FIRST_SURROGATE <= code_point <= _LAST_SURROGATE
    ]
    return [f"a{chr(code_point)}b {chr(code_point)}\u0316\u0334" for code_point in code_points]


def digest(block: int, ids_of: Callable[[list[str]], Iterable[Sequence[int]]]) -> str:
    """The digest of one block; `ids_of` gives the ids of each text, special tokens included."""
    state = hashlib.sha256()
    texts = block_texts(block)
    for ids in ids_of(texts) if texts else ():
        state.update(np.array([len(ids), *ids], "<i4").tobytes())
    return state.hexdigest()[:16]


def digests_file(subject: str, values: list[str], *, oracle: str) -> tuple[Path, bytes]:
    """Where the digests of a subject stand, and what the file holds."""
    content = {"oracle": oracle, "code_points_per_block": _BLOCK, "digests": values}
    return DIGESTS / f"{subject}.json", (json.dumps(content, indent=1) + "\n").encode()


def read_digests(subject: str) -> list[str]:
    content = json.loads((DIGESTS / f"{subject}.json").read_text(encoding="ascii"))
    values: list[str] = content["digests"]
    return values
