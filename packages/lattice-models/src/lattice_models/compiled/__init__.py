"""An optional second way through the arithmetic: kernels that LLVM compiles for this processor.

NumPy makes a pass over memory for each operation. A kernel does all that follows a product before
its numbers leave the nearest cache, and reads weights in the order in which they lie.

    kernels.py           arrays in, arrays out: what the rest of the package calls
    *_kernel.py          what is computed, for one kind of work each
    team.py              several cores for one text
    recording.py         what a short text calls, in one call
    products.py          sums of products, which most of them are made of
    lane_math.py         exponential and activations
    assembly.py          Python code -> LLVM's language
    machine.py           LLVM's language -> machine code
"""

from __future__ import annotations

from .kernels import Kernels, Panels, compiled_kernels
from .recording import Recordings

__all__ = ["Kernels", "Panels", "Recordings", "compiled_kernels"]
