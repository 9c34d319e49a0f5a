"""The kernels of `layer_norm` and `rms_norm`: each row is read from the nearest cache three times.

What a whole row shares, its mean and its scale, is computed in float64 from sums in float32, and
rounded once: an error in it would be shared by all numbers of the row.
"""

from __future__ import annotations

from collections.abc import Callable

from .assembly import Kernel, Value

__all__ = ["norm_kernel"]

_ARGUMENTS = (
    ("x", "ptr"),  # (rows, size)
    ("x_step", "i64"),  # floats from one row to the next
    ("weight", "ptr"),  # (size,)
    ("bias", "ptr"),  # (size,)
    ("y", "ptr"),  # (rows, size), may be x
    ("y_step", "i64"),
    ("size", "i64"),
    ("constants", "ptr"),  # float64: size, eps
)


# registers that are worked on side by side, each with a sum of its own: a sum waits for the one
# before it
_AT_ONCE = 4


def norm_kernel(width: int, *, centred: bool) -> Kernel:
    """A unit is a row. `centred`: with the mean taken away, as `layer_norm` does."""
    kernel = Kernel("layer_norm" if centred else "rms_norm", width, _ARGUMENTS)
    behind = kernel.let("ptr", f"getelementptr double, {kernel['constants']}, i64 1")
    floats, eps = (
        kernel.let("double", f"load double, {place}") for place in (kernel["constants"], behind)
    )

    share = kernel.constant(1.0, "double") / floats

    def mean_of(sums: Value) -> Value:
        return kernel.let("double", f"fpext {kernel.sum_of(sums)} to double") * share

    def rounded(number: Value) -> Value:
        return kernel.in_all_lanes(kernel.let("float", f"fptrunc {number} to float"))

    def inside(place: Value) -> Value:
        return kernel.compared("slt", kernel.lane_numbers(place), kernel["size"])

    whole = kernel["size"] // (_AT_ONCE * width) * (_AT_ONCE * width)

    def over_row(one: Callable[[Value, Value | None, Value], Value]) -> Value:
        """What `one` adds up, given a place, which lanes are in the row if not all, and a sum."""

        def several(place: Value, sums: list[Value]) -> list[Value]:
            places = [place + register * width for register in range(_AT_ONCE)]
            return [one(place, None, total) for place, total in zip(places, sums, strict=True)]

        def rest(place: Value, sums: list[Value]) -> list[Value]:
            return [one(place, inside(place), sums[0])]

        nothing = [kernel.zeros()] * _AT_ONCE
        sums = kernel.loop(0, whole, several, nothing, step=_AT_ONCE * width, if_any=True)
        sums[:1] = kernel.loop(whole, kernel["size"], rest, sums[:1], step=width, if_any=True)
        return (sums[0] + sums[1]) + (sums[2] + sums[3])

    def row(number: Value, _: list[Value]) -> None:
        x = kernel.at(kernel["x"], number * kernel["x_step"])
        y = kernel.at(kernel["y"], number * kernel["y_step"])

        def add(place: Value, mask: Value | None, total: Value) -> Value:
            return total + kernel.load(kernel.at(x, place), mask)

        mean = rounded(mean_of(over_row(add))) if centred else kernel.zeros()

        def add_square(place: Value, mask: Value | None, total: Value) -> Value:
            apart = kernel.load(kernel.at(x, place), mask)
            if centred:
                apart = apart - mean
                if mask is not None:
                    apart = kernel.chosen(mask, apart, kernel.zeros())
            return kernel.fused(apart, apart, total)

        root = kernel.call("double", "llvm.sqrt.f64", mean_of(over_row(add_square)) + eps)
        scale = rounded(kernel.constant(1.0, "double") / root)

        def write(place: Value, mask: Value | None, total: Value) -> Value:
            apart = kernel.load(kernel.at(x, place), mask)
            if centred:
                apart = apart - mean
            weight = kernel.load(kernel.at(kernel["weight"], place), mask)
            if centred:
                bias = kernel.load(kernel.at(kernel["bias"], place), mask)
                result = kernel.fused(apart * scale, weight, bias)
            else:
                result = apart * scale * weight
            kernel.store(result, kernel.at(y, place), mask)
            return total

        over_row(write)

    kernel.loop(kernel.start, kernel.stop, row)
    return kernel
