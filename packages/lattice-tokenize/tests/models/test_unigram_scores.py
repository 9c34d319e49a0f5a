"""`models/unigram_scores.py`: scores as the oracle writes them after it has read them."""

from __future__ import annotations

import pytest
from lattice_tokenize.models.unigram_scores import scores_as_read


@pytest.mark.parametrize(
    ("in_the_file", "as_read"),
    [
        (-7.4715776443481445, -7.471577644348144),
        (-7.7206902503967285, -7.720690250396728),
        (-7.7708048820495605, -7.77080488204956),
        (-3.4635426998138428, -3.4635426998138428),
        (0.0, 0.0),
        (-3, -3.0),
        (1e17, 1e17),
        (5e-324, 5e-324),
        (-1e-07, -1e-07),
        (1.7e308, 1.7e308),
        # sixteen digits, and seventeen: float32 numbers
        (-9.182619094848633, -9.182619094848633),
        (16.0, 16.0),
        (99.99999237060547, 99.99999237060548),
    ],
)
def test_two_roundings(in_the_file: float, as_read: float) -> None:
    # alone, so that the rule for exponents is used only where there is one; and among others
    assert scores_as_read([in_the_file]).tolist() == [as_read]
    assert scores_as_read([1e-09, in_the_file]).tolist() == [1e-09, as_read]


def test_no_scores() -> None:
    assert scores_as_read([]).tolist() == []
