"""An output file that a run can be stopped at, and go on with.

    OUTPUT.partial        what has been written so far
    OUTPUT.partial.json   how much of it counts, of which run and of which texts
    OUTPUT                only when all of it is there

Once a second, what was written is brought to the disk and then counted. A run that is killed at any
moment leaves at most a tail that does not count; the next one cuts it off. The texts done are
read again and held against their digest, so that no vector ever stands beside another text.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import click

from ..service import Vectors
from .vector_files import FORMATS

__all__ = ["ResumableOutput"]

_COMMIT_S = 1.0
_SKIPPED_AT_ONCE = 1024


@dataclass(frozen=True)
class _Done:
    """Exchanged as a whole, so that an interruption finds the old one or the new one."""

    count: int
    truncated: int
    size_bytes: int
    texts_sha256: Any

    def with_texts(self, texts: Sequence[str], truncated: int, size_bytes: int) -> _Done:
        digest = self.texts_sha256.copy()
        for text in texts:
            content = text.encode("utf-8")
            digest.update(len(content).to_bytes(8, "little"))
            digest.update(content)
        return _Done(self.count + len(texts), self.truncated + truncated, size_bytes, digest)


class ResumableOutput:
    """Use it in a `with` block, which keeps other runs from the same output."""

    def __init__(self, output: Path, run: Mapping[str, Any], *, restart: bool) -> None:
        """`run`: everything that decides what the vectors are, as JSON values."""
        from filelock import FileLock  # here, because most commands do not need it

        self._output = output
        self.partial = output.with_name(f"{output.name}.partial")
        self._state_path = output.with_name(f"{output.name}.partial.json")
        self._lock = FileLock(output.with_name(f"{output.name}.partial.lock"))
        self._run = dict(run)
        self._restart = restart
        self._done = _Done(0, 0, 0, hashlib.sha256())
        self._committed = time.monotonic()

    def __enter__(self) -> ResumableOutput:
        from filelock import Timeout

        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise click.ClickException(
                f"{self._output}: another run is writing this file. Wait for it, or stop it."
            ) from None
        try:
            state = None if self._restart else self._read_state()
            if state is None:  # what is left of an earlier run must not be counted as this one's
                self._state_path.unlink(missing_ok=True)
            self._file = self.partial.open("r+b" if state else "w+b")
            size_bytes = state["size_bytes"] if state else 0
            self._file.truncate(size_bytes)
            self._file.seek(size_bytes)
        except BaseException:
            self._release()
            raise
        self._state = state
        self._writer = FORMATS[self._output.suffix.lower()](self._file)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if not self._file.closed:
                self._file.close()
        finally:
            self._release()

    @property
    def count(self) -> int:
        """How many texts are done."""
        return self._done.count

    @property
    def truncated(self) -> int:
        """How many of them were cut."""
        return self._done.truncated

    def skip_done(self, texts: Iterator[str]) -> None:
        """Take the texts that an earlier run has done from `texts`."""
        state = self._state
        if state is None:
            return
        done, left = self._done, state["count"]
        while batch := list(islice(texts, min(left, _SKIPPED_AT_ONCE))):
            done = done.with_texts(batch, 0, 0)
            left -= len(batch)
        if (done.count, done.texts_sha256.hexdigest()) != (state["count"], state["texts_sha256"]):
            raise click.ClickException(
                f"{self.partial}: it holds {state['count']} texts of an earlier run, and the input "
                "does not begin with them. --restart begins anew."
            )
        truncated, size_bytes = state["truncated"], state["size_bytes"]
        self._done = replace(done, truncated=truncated, size_bytes=size_bytes)

    def append(self, texts: Sequence[str], vectors: Vectors, *, truncated: int) -> None:
        """Write a batch. It counts after the next `commit`."""
        self._writer.append(texts, vectors)
        self._done = self._done.with_texts(texts, truncated, self._file.tell())
        if time.monotonic() - self._committed > _COMMIT_S:
            self.commit()

    def commit(self) -> None:
        """Bring what was written to the disk, and count it."""
        done = self._done
        self._file.flush()
        os.fsync(self._file.fileno())
        state = {**vars(done), "texts_sha256": done.texts_sha256.hexdigest(), "run": self._run}
        beside = self._state_path.with_name(f"{self._state_path.name}.new")
        beside.write_text(json.dumps(state, indent=1), encoding="utf-8")
        beside.replace(self._state_path)
        self._committed = time.monotonic()

    def finish(self) -> None:
        """All texts are done: put the output in its place."""
        self.commit()
        self._writer.finish(self.count, self._output)
        self._state_path.unlink()

    def discard(self) -> None:
        """Nothing was written that is worth keeping."""
        self._file.close()
        self.partial.unlink()

    def _read_state(self) -> dict[str, Any] | None:
        """What an earlier run has left, if there is anything that counts."""
        if not (self.partial.exists() and self._state_path.exists()):
            return None
        try:
            state = json.loads(self._state_path.read_text(encoding="utf-8"))
            earlier = {**state["run"]}
            whole = (
                all(type(state[key]) is int for key in ("count", "truncated", "size_bytes"))
                and isinstance(state["texts_sha256"], str)
                and 0 < state["size_bytes"] <= self.partial.stat().st_size
                and state["count"] > 0
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            whole, earlier, state = False, {}, {}
        if not whole:
            raise click.ClickException(
                f"{self._state_path}: expected what an earlier run has written, received something "
                "else. --restart begins anew."
            )
        for field, value in self._run.items():
            if earlier.get(field) != value:
                raise click.ClickException(
                    f"{self.partial}: it was begun with {field} {earlier.get(field)!r}, and this "
                    f"run has {value!r}. --restart begins anew."
                )
        return dict(state)

    def _release(self) -> None:
        # while it is held: who has opened it before sees that it is gone, and makes a new one
        with suppress(OSError):
            Path(self._lock.lock_file).unlink()
        self._lock.release()
