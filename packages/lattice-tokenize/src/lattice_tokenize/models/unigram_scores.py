"""The scores of a Unigram vocabulary -> the same as Hugging Face tokenizers reads them.

Its JSON reader (serde_json, without `float_roundtrip`) takes the digits as one integer and divides
it by a power of ten: two roundings, where a correct reader has one. In XLM-R a quarter of all
scores is one unit in the last place off, which decides between paths of equal score.
The digits are taken to be the shortest that give the score, as all writers of such files have it.

The digits of the usual scores, which are float32 numbers, are found with integers, all at once;
all other scores are written and read one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["scores_as_read"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# integers up to here are floats, and a reader that divides them by 10**22 or less rounds once
_EXACT = 1 << 53


def scores_as_read(scores: Sequence[float]) -> Floats:
    """`scores`, which are finite, read again from their decimals.

    >>> scores_as_read([-7.4715776443481445, 0.5]).tolist()
    [-7.471577644348144, 0.5]
    """
    given = np.array(scores, np.float64)
    read: Floats = given.copy()
    size = np.abs(given)
    # from 1 to 100 all the digits are integers of 64 bits below; a power of two has another
    # neighbour below than above
    usual = (size >= 1) & (size < 100)
    usual[usual] = (size[usual].astype(np.float32) == size[usual]) & (
        np.frexp(size[usual])[0] > 0.5
    )
    places = np.flatnonzero(usual)
    sizes, known = _usual_as_read(size.take(places))
    read[places] = np.copysign(sizes, given.take(places))
    other = ~usual & (given != 0)
    other[places[~known]] = True
    for place in np.flatnonzero(other).tolist():
        read[place] = _read_again(float(given[place]))
    return read


def _usual_as_read(sizes: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Float32 numbers from 1 to 100, no powers of two, as they are read, and which are known."""
    fraction, exponent = np.frexp(sizes)
    mantissa = (fraction * (1 << 24)).astype(np.int64)  # the number is mantissa * 2**-scale
    scale = 24 - exponent.astype(np.int64)
    decimals = np.where(sizes < 10, 16, 15)  # of 17 digits
    digits, _, halfway = _digits(mantissa, scale, decimals)
    digits_16, error, halfway_16 = _digits(mantissa, scale, decimals - 1)
    # Do 16 digits suffice? They do if they are nearer than half the step to the next float64:
    # 2**-30 of a step of the mantissa (24 bits instead of 53, and half of it).
    enough = error <= _FIVE_TO.take(decimals - 1) >> 30
    digits = np.where(enough, digits_16, digits)
    decimals = decimals - enough
    read = digits.astype(np.float64) / _TEN_TO.take(decimals)
    # all that is shorter is read exactly
    exact = enough & (digits_16 < _EXACT)
    read[exact] = sizes[exact]
    # 16 digits that are no float64 may have a shorter neighbour: rare
    return read, exact | ~(halfway | halfway_16 | enough)


def _digits(mantissa: Ints, scale: Ints, decimals: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """`mantissa * 2**-scale * 10**decimals` to the nearest integer; what is missing or too much,
    in units of `2**(decimals - scale)`; and whether two integers are equally near."""
    product = mantissa * _FIVE_TO.take(decimals)  # below 2**62
    shift = scale - decimals
    digits = (product + (1 << (shift - 1))) >> shift
    error = np.abs((digits << shift) - product)
    return digits, error, error == 1 << (shift - 1)


_FIVE_TO = np.array([5**power for power in range(17)], np.int64)
_TEN_TO = np.array([10.0**power for power in range(17)])


def _read_again(score: float) -> float:
    mantissa, _, exponent = repr(score).partition("e")
    whole, _, decimals = mantissa.partition(".")
    # a mantissa of the form "5e-05" has no decimals
    value, power = float(whole + decimals), int(exponent or 0) - len(decimals)
    while power < -308:
        value, power = value / 1e308, power + 308
    return value / float(f"1e{-power}") if power < 0 else value * float(f"1e{power}")
