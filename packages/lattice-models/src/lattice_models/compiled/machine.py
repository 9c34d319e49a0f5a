"""Kernels -> machine code for the processor that this runs on, by LLVM.

Nothing is written to disk: a kernel is compiled, in some 20 ms, when it is first asked for.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from .assembly import Kernel

__all__ = ["Machine", "this_machine"]

_LANES = (("avx512f", 16), ("avx2", 8))  # feature -> floats in a register

# The owners of all machine code. It is never given back: a thread may be working in it.
_engines: list[Any] = []
_lock = threading.Lock()


class Machine:
    """Compiles kernels, each with registers of `width` floats."""

    def __init__(self, llvm: Any, width: int, features: dict[str, bool]) -> None:
        self.width = width
        self._llvm = llvm
        described = ",".join(f"{'+' if on else '-'}{name}" for name, on in features.items())
        # else LLVM keeps to half of a register where it fears for the clock
        self._features = f"{described},-prefer-256-bit" if width == 16 else described
        self.name: str = llvm.get_host_cpu_name()

    def compiled(self, kernel: Kernel) -> int:
        """The address of the kernel's machine code."""
        return self.compiled_text(kernel.text(), kernel.name)[0]

    def compiled_text(self, assembly: str, *names: str) -> list[int]:
        """The addresses of functions."""
        with _lock:
            module = self._llvm.parse_assembly(assembly)
            module.verify()
            # the engine takes possession of it, so each needs one of its own
            target = self._llvm.Target.from_default_triple().create_target_machine(
                cpu=self.name, features=self._features, opt=2, jit=True
            )
            engine = self._llvm.create_mcjit_compiler(module, target)
            engine.finalize_object()
            _engines.append(engine)
            return [engine.get_function_address(name) for name in names]


@cache
def this_machine(most_lanes: int = 16) -> Machine | None:
    """With registers of up to `most_lanes`; `None` without llvmlite, or AVX2 in the processor."""
    try:
        import llvmlite.binding as llvm
    except ImportError:
        return None
    features = dict(llvm.get_host_cpu_features())
    if most_lanes < 16:
        features.update({name: False for name in features if name.startswith("avx512")})
    width = next((lanes for feature, lanes in _LANES if features.get(feature)), None)
    if width is None or not features.get("fma"):
        return None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return Machine(llvm, width, features)
