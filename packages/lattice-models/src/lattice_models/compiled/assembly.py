"""Values and loops in Python -> the text of one LLVM function.

A kernel is written as Python code over `Value`s, with operators that write an instruction each. A
loop is given its body as a function: what the body is handed lives in registers from one turn to
the next, and what it returns is handed to the next turn.

    def add_up(i, total):
        return [total[0] + kernel.lanes_at(kernel.at(x, i))]

    (total,) = kernel.loop(0, count, add_up, [kernel.zeros()])
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Kernel", "Value"]

Number = int | float
Body = Callable[["Value", list["Value"]], Sequence["Value"] | None]


@dataclass(frozen=True)
class Value:
    """The result of an instruction: `type` and `name` as LLVM writes them."""

    kernel: Kernel
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    def _with(self, operation: str, other: Value | Number) -> Value:
        right = self.kernel.constant(other, self.type) if not isinstance(other, Value) else other
        kind = "f" if "float" in self.type or self.type == "double" else ""
        return self.kernel.let(self.type, f"{kind}{operation} {self}, {right.name}")

    def __add__(self, other: Value | Number) -> Value:
        return self._with("add", other)

    def __sub__(self, other: Value | Number) -> Value:
        return self._with("sub", other)

    def __mul__(self, other: Value | Number) -> Value:
        return self._with("mul", other)

    def __truediv__(self, other: Value | Number) -> Value:
        """Of floating point numbers."""
        return self._with("div", other)

    def __floordiv__(self, other: Value | Number) -> Value:
        """Of whole numbers."""
        return self._with("sdiv", other)


class Kernel:
    """`void name(ptr arguments, i64 start, i64 stop)`: a function that works on some of its units.

    `arguments` are pointers and whole numbers, `(name, "ptr" or "i64")`, which the function finds
    in one block of memory, 8 bytes each. What a unit is, a row or a panel of columns, is for the
    kernel to say: none needs another, so several cores can share the work.

    `width` is how many float32 numbers a register holds: the lanes of a vector.
    """

    def __init__(self, name: str, width: int, arguments: Sequence[tuple[str, str]]) -> None:
        self.name = name
        self.width = width
        self.lanes = f"<{width} x float>"
        self.mask = f"<{width} x i1>"
        self.whole = f"<{width} x i32>"
        self.start = Value(self, "i64", "%start")
        self.stop = Value(self, "i64", "%stop")
        # what registers have no room for goes to a stack that begins with a whole register: half of
        # all such loads and stores would take two lines of the cache otherwise
        head = f"define void @{name}(ptr %arguments, i64 %start, i64 %stop) alignstack({4 * width})"
        self._lines = [f"{head} {{", "entry:"]
        self._block = "entry"
        self._count = 0
        self._declared: dict[str, str] = {}
        self._arguments = {}
        for place, (argument, kind) in enumerate(arguments):
            where = self.let("ptr", f"getelementptr i64, ptr %arguments, i64 {place}")
            self._arguments[argument] = self.let(kind, f"load {kind}, {where}")

    def __getitem__(self, argument: str) -> Value:
        return self._arguments[argument]

    def text(self) -> str:
        """The function and what it calls, as LLVM assembly."""
        return "\n".join([*self._declared.values(), *self._lines, "  ret void", "}", ""])

    def let(self, kind: str, expression: str) -> Value:
        """A new value; `expression` is the instruction."""
        self._count += 1
        value = Value(self, kind, f"%v{self._count}")
        self._lines.append(f"  {value.name} = {expression}")
        return value

    def do(self, instruction: str) -> None:
        """An instruction without a value."""
        self._lines.append(f"  {instruction}")

    def call(self, kind: str, name: str, *arguments: Value) -> Value:
        """The value of an LLVM intrinsic."""
        listed = ", ".join(argument.type for argument in arguments)
        self._declared[name] = f"declare {kind} @{name}({listed})"
        return self.let(kind, f"call {kind} @{name}({', '.join(map(str, arguments))})")

    def constant(self, number: Number, kind: str = "i64") -> Value:
        """A whole number, or a number in every lane."""
        if kind in ("i16", "i32", "i64"):
            return Value(self, kind, str(number))
        if kind == self.whole:
            return Value(self, kind, f"splat (i32 {number})")
        # LLVM writes a float as the bits of the double that it equals
        bits = struct.unpack("<Q", struct.pack("<d", float(np.float32(number))))[0]
        plain = f"0x{bits:016X}"
        return Value(self, kind, plain if kind in ("float", "double") else f"splat (float {plain})")

    def zeros(self) -> Value:
        """0 in every lane."""
        return Value(self, self.lanes, "zeroinitializer")

    # memory

    def at(self, pointer: Value, index: Value | int) -> Value:
        """The address of the float `index` places behind `pointer`."""
        place = index if isinstance(index, Value) else self.constant(index)
        return self.let("ptr", f"getelementptr float, {pointer}, {place}")

    def load(self, pointer: Value, mask: Value | None = None) -> Value:
        """As many floats as there are lanes; 0 where `mask` is false, and that is not read."""
        if mask is None:
            return self.let(self.lanes, f"load {self.lanes}, {pointer}, align 4")
        name = f"llvm.masked.load.v{self.width}f32.p0"
        self._declared[name] = f"declare {self.lanes} @{name}(ptr, i32, {self.mask}, {self.lanes})"
        return self.let(
            self.lanes, f"call {self.lanes} @{name}({pointer}, i32 4, {mask}, {self.zeros()})"
        )

    def load_one(self, pointer: Value) -> Value:
        """One float, in every lane."""
        return self.in_all_lanes(self.let("float", f"load float, {pointer}, align 4"))

    def in_all_lanes(self, number: Value) -> Value:
        """A float or an i32, in every lane."""
        kind = f"<{self.width} x {number.type}>"
        first = self.let(kind, f"insertelement {kind} poison, {number}, i64 0")
        return self.let(kind, f"shufflevector {first}, {kind} poison, {self.whole} zeroinitializer")

    def store(self, lanes: Value, pointer: Value, mask: Value | None = None) -> None:
        """Write lanes, or those where `mask` is true."""
        if mask is None:
            self.do(f"store {lanes}, {pointer}, align 4")
            return
        name = f"llvm.masked.store.v{self.width}f32.p0"
        self._declared[name] = f"declare void @{name}({self.lanes}, ptr, i32, {self.mask})"
        self.do(f"call void @{name}({lanes}, {pointer}, i32 4, {mask})")

    def prefetch(self, pointer: Value, *, nearest: bool = True, to_write: bool = False) -> None:
        """Bring what is there to the nearest cache, or the second, to be read or written soon.

        Any address will do.
        """
        name = "llvm.prefetch.p0"
        self._declared[name] = f"declare void @{name}(ptr, i32, i32, i32)"
        how = f"i32 {int(to_write)}, i32 {3 if nearest else 2}, i32 1"
        self.do(f"call void @{name}({pointer}, {how})")

    # lanes

    def fused(self, a: Value, b: Value, c: Value | Number) -> Value:
        """`a * b + c`, rounded once."""
        added = c if isinstance(c, Value) else self.constant(c, self.lanes)
        return self.call(self.lanes, f"llvm.fma.v{self.width}f32", a, b, added)

    def fraction(self, x: Value) -> Value:
        """`x` less the whole number below it; of 16 lanes only."""
        return self._of_avx512("reduce", x, self.constant(9, "i32"))

    def scaled(self, a: Value, x: Value) -> Value:
        """`a` times 2 to the whole number below `x`; of 16 lanes only."""
        return self._of_avx512("scalef", a, x)

    def _of_avx512(self, name: str, a: Value, b: Value) -> Value:
        every_lane, rounded_as_usual = self.constant(-1, "i16"), self.constant(4, "i32")
        name = f"llvm.x86.avx512.mask.{name}.ps.512"
        return self.call(a.type, name, a, b, a, every_lane, rounded_as_usual)

    def least(self, a: Value, b: Value | Number) -> Value:
        """The smaller one, lane by lane or of two whole numbers; `a` where that is NaN."""
        return self._choice("gt", a, b)

    def most(self, a: Value, b: Value | Number) -> Value:
        """The larger one, lane by lane or of two whole numbers; `a` where that is NaN."""
        return self._choice("lt", a, b)

    def _choice(self, how: str, a: Value, b: Value | Number) -> Value:
        other = b if isinstance(b, Value) else self.constant(b, a.type)
        if a.type == "i64":
            condition = self.let("i1", f"icmp s{how} {a}, {other.name}")
        else:
            condition = self.let(self.mask, f"fcmp o{how} {a}, {other.name}")
        return self.chosen(condition, other, a)

    def lane_numbers(self, start: Value) -> Value:
        """`start`, `start + 1`... as i32, one in each lane."""
        small = self.let("i32", f"trunc {start} to i32")
        steps = ", ".join(f"i32 {lane}" for lane in range(self.width))
        return self.let(self.whole, f"add {self.in_all_lanes(small)}, <{steps}>")

    def compared(self, how: str, a: Value, b: Value) -> Value:
        """A mask: `how` is "slt", "sgt"... for i32; `b` may be a whole number for all lanes."""
        if b.type == "i64":
            b = self.in_all_lanes(self.let("i32", f"trunc {b} to i32"))
        return self.let(self.mask, f"icmp {how} {a}, {b.name}")

    def chosen(self, mask: Value, where_true: Value, where_false: Value) -> Value:
        """Lane by lane."""
        return self.let(where_true.type, f"select {mask}, {where_true}, {where_false}")

    def shuffled(self, a: Value, b: Value, places: Sequence[int]) -> Value:
        """Lanes from these places of `a`, with those of `b` behind them."""
        listed = ", ".join(f"i32 {place}" for place in places)
        return self.let(a.type, f"shufflevector {a}, {b}, {self.whole} <{listed}>")

    def turned(self, rows: Sequence[Value]) -> list[Value]:
        """The columns of as many rows as there are lanes."""
        turned, lanes = list(rows), range(self.width)
        apart = self.width // 2
        while apart:
            # blocks of `apart` times `apart` lanes change places across the diagonal
            upper = [lane - apart + self.width if lane & apart else lane for lane in lanes]
            lower = [lane + self.width if lane & apart else lane + apart for lane in lanes]
            for row in lanes:
                if not row & apart:
                    a, b = turned[row], turned[row + apart]
                    turned[row] = self.shuffled(a, b, upper)
                    turned[row + apart] = self.shuffled(a, b, lower)
            apart //= 2
        return turned

    def sum_of(self, lanes: Value) -> Value:
        """All lanes as one float."""
        name = f"llvm.vector.reduce.fadd.v{self.width}f32"
        self._declared[name] = f"declare float @{name}(float, {self.lanes})"
        # reassoc: two halves at a time, and not one lane after the other
        return self.let("float", f"call reassoc float @{name}(float 0.0, {lanes})")

    def largest_of(self, lanes: Value) -> Value:
        """The largest, in every lane. (LLVM's own way is one lane after the other.)"""
        apart = self.width // 2
        while apart:
            across = [lane ^ apart for lane in range(self.width)]
            lanes = self.most(lanes, self.shuffled(lanes, lanes, across))
            apart //= 2
        return lanes

    # what comes after what

    def loop(
        self,
        start: Value | int,
        stop: Value | int,
        body: Body,
        carried: Sequence[Value] = (),
        *,
        step: Value | int = 1,
        if_any: bool = False,
    ) -> list[Value]:
        """`body(i, carried)` for `start`, `start + step`... below `stop`; -> what it gave last.

        It is done once at least, and the caller sees to it that `start` is below `stop`; `if_any`:
        only if it is.
        """
        if if_any:
            return self._loop_if_any(start, stop, body, carried, step)
        self._count += 1
        label = f"loop{self._count}"
        first, last = (v if isinstance(v, Value) else self.constant(v) for v in (start, stop))
        before = self._block
        self.do(f"br label %{label}")
        self._lines.append(f"{label}:")
        self._block = label
        head = len(self._lines)
        index = Value(self, "i64", f"%i{self._count}")
        inside = [
            Value(self, value.type, f"%c{self._count}.{number}")
            for number, value in enumerate(carried)
        ]
        after = list(body(index, inside) or ())
        following = index + step
        again = self.let("i1", f"icmp slt {following}, {last.name}")
        # the first lines of the loop, which are known only now
        pairs = [(index, first, following), *zip(inside, carried, after, strict=True)]
        self._lines[head:head] = [
            f"  {value.name} = phi {value.type} "
            f"[{old.name}, %{before}], [{new.name}, %{self._block}]"
            for value, old, new in pairs
        ]
        end = f"{label}.end"
        self.do(f"br {again}, label %{label}, label %{end}")
        self._lines.append(f"{end}:")
        self._block = end
        return after

    def _loop_if_any(
        self,
        start: Value | int,
        stop: Value | int,
        body: Body,
        carried: Sequence[Value],
        step: Value | int,
    ) -> list[Value]:
        before, made = self._block, list(carried)
        first, last = (v if isinstance(v, Value) else self.constant(v) for v in (start, stop))

        def loop() -> None:
            made[:] = self.loop(first, last, body, carried, step=step)

        within = self.when("slt", first, last, loop)
        return [
            self.let(old.type, f"phi {old.type} [{old.name}, %{before}], [{new.name}, %{within}]")
            for old, new in zip(carried, made, strict=True)
        ]

    def when(self, how: str, a: Value, b: Value, body: Callable[[], None]) -> str:
        """`body()` if the comparison of two whole numbers holds; -> the last block of it."""
        self._count += 1
        label = f"when{self._count}"
        condition = self.let("i1", f"icmp {how} {a}, {b.name}")
        self.do(f"br {condition}, label %{label}, label %{label}.end")
        self._lines.append(f"{label}:")
        self._block = label
        body()
        within = self._block
        self.do(f"br label %{label}.end")
        self._lines.append(f"{label}.end:")
        self._block = f"{label}.end"
        return within
