"""Processes of their own: what one engine starts, holds or sets is not in the way of another."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Memory", "Worker", "fresh_process"]


class Memory(NamedTuple):
    """Bytes of a process that lie in RAM. Linux only.

    `private` are its alone: what there would be more of with one more such process.
    """

    resident: int
    private: int
    peak: int


def memory_of(pid: int | str) -> Memory | None:
    """`None` where the system does not tell."""
    try:
        maps = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    kib = {
        name: int(value.split()[0])
        for name, _, value in (line.partition(":") for line in [*maps, *status])
        if value.endswith("kB")
    }
    private = kib["Private_Clean"] + kib["Private_Dirty"]
    return Memory(kib["Rss"] * 1024, private * 1024, kib["VmHWM"] * 1024)


class Worker:
    """An object in its own process: `worker("method", *arguments)`. Made at the first call."""

    def __init__(self, kind: type[Any], *arguments: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(far_end, kind, arguments), daemon=True)
        self._process.start()
        far_end.close()  # so that the death of the process is seen here

    def __call__(self, method: str, *arguments: Any) -> Any:
        self._pipe.send((method, arguments))
        result, error = self._pipe.recv()
        if error:
            raise SystemExit(f"benchmark stopped: {error}")
        return result

    def memory(self) -> Memory | None:
        return memory_of(self._process.pid or "")

    def close(self) -> None:
        self._pipe.close()
        self._process.join()


def _serve(pipe: Connection, kind: type[Any], arguments: tuple[str, ...]) -> None:
    """The worker's side: answer until the benchmark ends."""
    instance = None
    while True:
        try:
            method, values = pipe.recv()
        except EOFError:
            return
        try:
            instance = instance or kind(*arguments)
            pipe.send((getattr(instance, method)(*values), None))
        except Exception as error:
            pipe.send((None, f"{kind.__name__}.{method}: {type(error).__name__}: {error}"))


def fresh_process(code: str, *arguments: str) -> tuple[float, str]:
    """Run `code`, which prints one line -> seconds from the start until the line, and the line."""
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    environment = {**os.environ, "PYTHONPATH": _path()}
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        seconds = time.perf_counter() - start
        problem = process.stderr.read()
    if not line or process.returncode:
        raise SystemExit(f"benchmark stopped: {code}\n{problem}")
    return seconds, line.strip()


def _path() -> str:
    """Where these modules are, what was there before, then the repository, for `conformance`."""
    here = Path(__file__).resolve().parent
    before = os.environ.get("PYTHONPATH")
    return os.pathsep.join(filter(None, [str(here), before, str(here.parent)]))
