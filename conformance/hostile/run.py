"""The catalogue and an engine -> which hostile files it answers as it must.

Never may an engine crash, hang, or accept a file on which the oracle raises, be it an error or a
panic. What the oracle accepts it must accept with the same ids, unless the catalogue says that it
must refuse (`stricter`) or may (`free`). Where the oracle dies, hangs, or panics in a call, both
are right.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cases import replace_files
from .recipes import Entry, entries, file_of

__all__ = ["ORACLE", "Result", "hold", "lint", "read_oracle", "record"]

ORACLE = Path(__file__).resolve().parent / "oracle.jsonl"
_ROOT = Path(__file__).resolve().parent.parent.parent
_LIMIT_S = 20.0
_START_S = 60.0
_SAYS = ("accepts", "refuses", "panics", "crashes", "hangs", "dies")


@dataclass(frozen=True)
class Result:
    """`message` says what is wrong, and is empty where nothing is."""

    entry: Entry
    message: str
    received: dict[str, Any]


class _Worker:
    """A process that is started anew after it hung or died."""

    def __init__(self, engine: str, limit_s: float) -> None:
        self._engine, self._limit_s = engine, limit_s
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def ask(self, entry: Entry, folder: Path) -> dict[str, Any]:
        path = folder / "tokenizer.json"
        path.write_bytes(file_of(entry))
        limit_s = self._limit_s
        if self._process is None:
            self._start()
            limit_s += _START_S
        assert self._process is not None
        assert self._process.stdin is not None
        question = {"file": str(path), "calls": entry.calls}
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            self.stop()
            return {"says": "hangs"}
        except OSError:
            line = ""
        if not line:
            self.stop()
            return {"says": "dies"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        command = [sys.executable, "-m", f"{__package__}.worker", self._engine]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where Rust tells of its panics
            cwd=_ROOT,
            text=True,
            encoding="utf-8",
        )
        self._process, self._lines = process, queue.Queue()
        threading.Thread(target=_read, args=(process, self._lines), daemon=True).start()

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._process = None


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put("")


def _asked(
    engine: str, asked: Iterable[Entry], limit_s: float
) -> Iterator[tuple[Entry, dict[str, Any]]]:
    worker = _Worker(engine, limit_s)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for entry in asked:
                yield entry, worker.ask(entry, Path(folder))
    finally:
        worker.stop()


def record() -> int:
    """Ask the oracle, and write what it says of every entry. Returns how many there are."""
    lines = []
    for entry, answer in _asked("tokenizers", entries(), _LIMIT_S / 2):
        if answer["says"] == "refuses":
            answer.pop("error")  # its words are its own
        for call in answer.get("calls", ()):
            call.pop("error", None)
        answer.pop("error", None)
        lines.append(json.dumps({"id": entry.id, **answer}))
    replace_files({ORACLE: ("\n".join(lines) + "\n").encode()})
    return len(lines)


def read_oracle(path: Path = ORACLE) -> dict[str, dict[str, Any]]:
    """What the oracle said, by id."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {answer.pop("id"): answer for answer in map(json.loads, lines)}


def lint() -> list[str]:
    """What is wrong with the catalogue and the recording, beside any engine."""
    oracle, known = read_oracle(), {entry.id for entry in entries()}
    problems = [f"{name}: recorded, but not in the catalogue" for name in oracle.keys() - known]
    for entry in entries():
        if entry.id not in oracle:
            problems.append(f"{entry.id}: not recorded (python -m conformance.hostile --record)")
            continue
        says = oracle[entry.id]["says"]
        if says not in _SAYS:
            problems.append(f"{entry.id}: expected one of {_SAYS}, received {says!r}")
        if entry.stricter and says != "accepts":
            problems.append(f"{entry.id}: stricter than an oracle that {says}: say nothing")
    return sorted(problems)


def hold(engine: str, *, only: str = "", limit_s: float = _LIMIT_S) -> Iterator[Result]:
    """Every entry whose id has `only` in it, asked of the engine."""
    oracle = read_oracle()
    asked = [entry for entry in entries() if only in entry.id]
    for entry, received in _asked(engine, asked, limit_s):
        yield Result(entry, judged(entry, oracle[entry.id], received), received)


def judged(entry: Entry, oracle: dict[str, Any], received: dict[str, Any]) -> str:
    """What is wrong with an answer; empty where it is right."""
    says, wanted = received["says"], oracle["says"]
    told = f"the oracle {wanted}, the engine {says}"
    told += f" ({received['error']})" if "error" in received else ""
    if says not in ("accepts", "refuses"):
        return told
    if says == "refuses":
        must_accept = wanted == "accepts" and not entry.stricter and not entry.free
        return told if must_accept else ""
    if wanted in ("refuses", "panics") or entry.stricter:
        return told + (f": {entry.stricter}" if entry.stricter else "")
    if wanted != "accepts":
        return ""
    for call, right, ours in zip(entry.calls, oracle["calls"], received["calls"], strict=True):
        message = _judged_call(right, ours, free=bool(entry.free))
        if message:
            return f"{json.dumps(call)[:120]}: {message}"
    return ""


def _judged_call(right: dict[str, Any], ours: dict[str, Any], *, free: bool) -> str:
    told = f"the oracle {right['says']}, the engine {ours['says']}"
    if ours["says"] not in ("accepts", "refuses"):
        return f"{told} ({ours['error']})"
    if right["says"] == "accepts" and ours["says"] == "accepts":
        same = right["value"] == ours["value"]
        return "" if same else f"expected {right['value']}, received {ours['value']}"
    if right["says"] == "accepts":
        return "" if free else f"{told} ({ours['error']})"
    return told if right["says"] == "refuses" and ours["says"] == "accepts" else ""
