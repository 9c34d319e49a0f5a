"""The kernel between the products of a gated feed-forward network: `activation(gate) * up`."""

from __future__ import annotations

from .assembly import Kernel, Value
from .lane_math import ACTIVATIONS

__all__ = ["gate_kernel"]

_ARGUMENTS = (
    ("gate", "ptr"),  # (rows, size) without gaps, changed in place
    ("up", "ptr"),  # the same
    ("size", "i64"),
)


def gate_kernel(width: int, activation: str) -> Kernel:
    """A unit is a row. `activation`: a name of `lane_math.ACTIVATIONS`."""
    kernel = Kernel(f"gate_{activation}", width, _ARGUMENTS)

    def row(number: Value, _: list[Value]) -> None:
        gate, up = (kernel.at(kernel[name], number * kernel["size"]) for name in ("gate", "up"))

        def lanes(place: Value, _: list[Value]) -> None:
            mask = kernel.compared("slt", kernel.lane_numbers(place), kernel["size"])
            here = kernel.at(gate, place)
            opened = ACTIVATIONS[activation](kernel, kernel.load(here, mask))
            kernel.store(opened * kernel.load(kernel.at(up, place), mask), here, mask)

        kernel.loop(0, kernel["size"], lanes, step=width)

    kernel.loop(kernel.start, kernel.stop, row)
    return kernel
