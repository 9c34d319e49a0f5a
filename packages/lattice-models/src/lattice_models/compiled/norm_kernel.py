"""The kernels of `layer_norm` and `rms_norm`: each row is read from the nearest cache three times.

What a whole row shares, its mean and its scale, is computed in float64 from sums in float32, and
rounded once: an error in it would be shared by all numbers of the row.
"""

from __future__ import annotations

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


def norm_kernel(width: int, *, centred: bool) -> Kernel:
    """A unit is a row. `centred`: with the mean taken away, as `layer_norm` does."""
    kernel = Kernel("layer_norm" if centred else "rms_norm", width, _ARGUMENTS)
    behind = kernel.let("ptr", f"getelementptr double, {kernel['constants']}, i64 1")
    floats, eps = (
        kernel.let("double", f"load double, {place}") for place in (kernel["constants"], behind)
    )

    def mean_of(sums: Value) -> Value:
        total = kernel.reduced("add", sums)
        return kernel.let("double", f"fpext {total} to double") / floats

    def rounded(number: Value) -> Value:
        return kernel.in_all_lanes(kernel.let("float", f"fptrunc {number} to float"))

    def inside(place: Value) -> Value:
        return kernel.compared("slt", kernel.lane_numbers(place), kernel["size"])

    def row(number: Value, _: list[Value]) -> None:
        x = kernel.at(kernel["x"], number * kernel["x_step"])
        y = kernel.at(kernel["y"], number * kernel["y_step"])

        def add(place: Value, sums: list[Value]) -> list[Value]:
            return [sums[0] + kernel.load(kernel.at(x, place), inside(place))]

        mean = kernel.zeros()
        if centred:
            (sums,) = kernel.loop(0, kernel["size"], add, [mean], step=width)
            mean = rounded(mean_of(sums))

        def add_square(place: Value, sums: list[Value]) -> list[Value]:
            mask = inside(place)
            apart = kernel.load(kernel.at(x, place), mask)
            if centred:
                apart = kernel.chosen(mask, apart - mean, kernel.zeros())
            return [kernel.fused(apart, apart, sums[0])]

        (sums,) = kernel.loop(0, kernel["size"], add_square, [kernel.zeros()], step=width)
        root = kernel.call("double", "llvm.sqrt.f64", mean_of(sums) + eps)
        scale = rounded(kernel.constant(1.0, "double") / root)

        def write(place: Value, _: list[Value]) -> None:
            mask = inside(place)
            apart = kernel.load(kernel.at(x, place), mask)
            if centred:
                apart = apart - mean
            weight = kernel.load(kernel.at(kernel["weight"], place), mask)
            result = apart * scale * weight
            if centred:
                result = result + kernel.load(kernel.at(kernel["bias"], place), mask)
            kernel.store(result, kernel.at(y, place), mask)

        kernel.loop(0, kernel["size"], write, step=width)

    kernel.loop(kernel.start, kernel.stop, row)
    return kernel
