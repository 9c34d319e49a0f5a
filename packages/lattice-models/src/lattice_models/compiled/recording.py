"""What a short text goes through, recorded once for its length and then repeated by one call.

A kernel of a small model is done with a short text sooner than Python has called it. So what it is
called with is kept: addresses, which stay the same as long as the text has the same length. Between
two layers there is only what the first one gives, so two rooms of memory are enough: one layer
reads from the first and writes to the second, the next one the other way round. All recordings use
the same memory, one at a time.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .team import Team

__all__ = ["Layer", "Recording", "Recordings", "Step"]

Array = NDArray[np.float32]
Layer = Callable[[Array], Array]

_LINE = 16  # floats that come from memory together


class Step(NamedTuple):
    """A kernel, by its address, with a block of arguments: for units from 0, some at a time."""

    kernel: int
    arguments: Any
    units: int
    grain: int


class Recording:
    """Steps from an array of their own to another one. `memory`: float32, one dimension."""

    def __init__(self, memory: Array) -> None:
        self._rooms = memory.reshape(2, -1)
        self._room = self._taken = 0
        self._steps: list[Step] = []
        self._kept: list[Iterable[Any]] = []  # what the steps have addresses of
        self._first = self._last = memory[:0]
        self._table = np.empty((0, 4), np.int64)

    def empty(self, *shape: int) -> Array:
        """An array for what is there until the next layer is done."""
        size = math.prod(shape)
        start, self._taken = self._taken, self._taken + -(-size // _LINE) * _LINE
        if self._taken > self._rooms.shape[1]:
            return np.empty(shape, np.float32)
        return self._rooms[self._room, start : start + size].reshape(shape)

    def turn(self) -> None:
        """The next layer begins."""
        self._room, self._taken = 1 - self._room, 0

    def add(self, step: Step, arguments: Iterable[Any]) -> None:
        """What is done next; `arguments` are kept."""
        self._steps.append(step)
        self._kept.append(arguments)

    def between(self, first: Array, last: Array) -> None:
        """The steps are all there: they read `first` and leave their result in `last`."""
        self._first, self._last = first, last
        numbers = [
            (step.kernel, ctypes.addressof(step.arguments), step.units, step.grain)
            for step in self._steps
        ]
        self._table = np.array(numbers, np.int64)

    def played(self, given: Array, team: Team, *, shared: bool) -> Array:
        """What comes of `given`; `shared` with the team's helpers, which are there."""
        self._first[...] = given
        team.do_all(self._table, shared=shared)
        result: Array = self._last.copy()
        return result


Recordings = dict[int, Recording]  # by how many tokens there are
