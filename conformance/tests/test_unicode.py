"""Every code point of Unicode gives the ids that the oracle gives, on every Python."""

from __future__ import annotations

import pytest

from ..unicode_digests import BLOCKS, DIGESTS, digest, read_digests
from .test_cases import engine

SUBJECTS = sorted(path.stem for path in DIGESTS.glob("*.json"))
BLOCKS_PER_PLANE = 16


@pytest.mark.parametrize("plane", range(BLOCKS // BLOCKS_PER_PLANE))
@pytest.mark.parametrize(
    "subject", [pytest.param(name, marks=pytest.mark.fixtures(name)) for name in SUBJECTS]
)
def test_every_code_point_of_a_plane(subject: str, plane: int) -> None:
    tokenizer = engine().subject(subject).tokenizer
    expected = read_digests(subject)
    blocks = range(plane * BLOCKS_PER_PLANE, (plane + 1) * BLOCKS_PER_PLANE)

    def ids_of(texts: list[str]) -> list[list[int]]:
        return [row.tolist() for row in tokenizer.encode_packed(texts, max_tokens=1 << 20)]

    wrong = [f"U+{b * 0x1000:04X}" for b in blocks if digest(b, ids_of) != expected[b]]
    assert not wrong, f"blocks of 4,096 code points that begin at {', '.join(wrong)}"
