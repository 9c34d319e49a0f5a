"""The machine: the cores and the environment of a run, and what its numbers depend on."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["OtherLoad", "cores", "environment", "prepare"]

_CORES = 2

# A kernel or a number of threads chosen by hand, or modules compiled at each import: a benchmark
# wants what users get.
_UNSET = (
    *("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TOKENIZERS_PARALLELISM"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"),
)


def prepare(needed: Mapping[str, str]) -> None:
    """Stop if a package is missing; give this process and its children the cores to be used.

    `needed`: package on the index -> module.
    """
    missing = [name for name, module in needed.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"Missing: {', '.join(missing)}", file=sys.stderr)
        wanted = [name for name in missing if not name.startswith("lattice-")]
        if wanted != missing:
            wanted += [f"-e packages/lattice-{part}" for part in ("tokenize", "models", "embed")]
        print(f"Install: python -m pip install {' '.join(wanted)}", file=sys.stderr)
        raise SystemExit(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:_CORES])
    for name in _UNSET:
        if os.environ.pop(name, None) is not None:
            print(f"{name} was set, and is not for this run", file=sys.stderr)
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    os.environ["HF_HUB_OFFLINE"] = "1"  # a directory needs no hub, and asking one takes time


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


class OtherLoad:
    """What else the machine did from now on; the workers must have ended when it is told."""

    def __init__(self) -> None:
        self._average, self._busy_s, self._start = _load_average(), _busy_s(), time.perf_counter()

    def facts(self) -> dict[str, Any]:
        cores_busy = (_busy_s() - self._busy_s) / (time.perf_counter() - self._start)
        return {
            "load average": f"{self._average} before, {_load_average()} after",
            "cores busy with other processes": round(cores_busy, 2),
        }


def _load_average() -> list[float]:
    """Of 1, 5 and 15 minutes, this benchmark included; empty where the system has none."""
    return [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else []


def _busy_s() -> float:
    """CPU seconds that all cores have spent on processes other than this one and its children.

    Children count once they have ended. Linux only; elsewhere 0.
    """
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    user, nice, system = map(int, fields[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def environment(libraries: list[dict[str, Any]], packages: Iterable[str]) -> dict[str, Any]:
    """What the numbers depend on; `libraries` as threadpoolctl names them."""
    blas = [
        f"{found['internal_api']} {found['version']} {found.get('architecture', '')}".strip()
        for found in libraries
        if found["user_api"] == "blas"
    ]
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": ", ".join(
            f"{name} {importlib.metadata.version(name)}" for name in sorted(packages)
        ),
        "matrix library of NumPy": ", ".join(blas),
    }
