"""An engine in another process, in any language: one JSON object per line, both ways.

    -> {"do": "start", "protocol": 1}
    <- {"versions": {"my-engine": "1.2"}}, perhaps with "claims": {"tokenizer": ["ids"]}
    -> {"do": "run", "stage": "tokenizer", "subject": "all-minilm-l6-v2",
        "folder": "/path/to/fixtures/all-minilm-l6-v2", "input": {"text": "..."}}
    <- {"result": {"ids": [101, ...], ...}}
     | {"unsupported": "why"}
     | {"error": "what went wrong"}
    -> {"do": "stop"}

`serve` is the other side, for engines written in Python.
"""

from __future__ import annotations

import json
import queue
import shlex
import subprocess
import threading
from typing import IO, Any

from ..asked_folder import asked_folder
from .protocol import Engine, EngineBrokenError, Question, UnsupportedError, claims_of

__all__ = ["PROTOCOL", "AnsweredErrorError", "StdioEngine", "serve"]

PROTOCOL = 1
_ANSWER_S = 120.0
_STOP_S = 5.0


class AnsweredErrorError(Exception):
    """The engine answered that it failed; the message is its own."""


class StdioEngine:
    """The near side: starts the command and asks it."""

    def __init__(self, command: str, *, answer_s: float = _ANSWER_S) -> None:
        self._command = command
        self._answer_s = answer_s
        try:
            self._process = subprocess.Popen(
                shlex.split(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="surrogateescape",  # who reads a line tells of such bytes
            )
        except (OSError, ValueError) as error:
            raise EngineBrokenError(f"{command}: cannot be started ({error})") from error
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            answer = self._call({"do": "start", "protocol": PROTOCOL}, ("versions",))
        except EngineBrokenError:
            self.stop()
            raise
        versions, claims = answer["versions"], answer.get("claims", {})
        if not isinstance(versions, dict):
            self.stop()
            raise EngineBrokenError(
                f"{command}: expected an object in versions, received {versions!r}"
            )
        self._versions = {str(name): str(value) for name, value in versions.items()}
        try:
            self._claims = {stage: list(keys) for stage, keys in claims.items()}
        except (AttributeError, TypeError):
            self.stop()
            raise EngineBrokenError(
                f"{command}: expected an object of lists in claims, received {claims!r}"
            ) from None

    def versions(self) -> dict[str, str]:
        return self._versions

    def claims(self) -> dict[str, list[str]]:
        return self._claims

    def ask(self, question: Question) -> dict[str, Any]:
        with asked_folder(question) as folder:
            fields = {
                "stage": question.stage,
                "subject": question.subject,
                "folder": str(folder),
                "input": question.input,
            }
            answer = self._call({"do": "run", **fields}, ("result", "unsupported", "error"))
        if "unsupported" in answer:
            raise UnsupportedError(str(answer["unsupported"]))
        if "error" in answer:
            raise AnsweredErrorError(str(answer["error"]))
        if not isinstance(answer["result"], dict):
            raise EngineBrokenError(f"{self._command}: expected an object in result")
        result: dict[str, Any] = answer["result"]
        return result

    def stop(self) -> None:
        if self._process.poll() is None:
            try:
                self._send({"do": "stop"})
                self._process.wait(_STOP_S)
            except (EngineBrokenError, subprocess.TimeoutExpired):
                self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:  # what was left to send has no reader any more
                    continue
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise EngineBrokenError(f"{self._command}: it has ended") from error

    def _call(self, message: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
        """Send and wait for an object with one of `keys`."""
        if self._lines.queue and self._lines.queue[0] is not None:
            raise EngineBrokenError(
                f"{self._command}: expected one line for each question, received another before "
                f"it was asked: {self._lines.queue[0]!r:.80}"
            )
        self._send(message)
        try:
            line = self._lines.get(timeout=self._answer_s)
        except queue.Empty:
            raise EngineBrokenError(
                f"{self._command}: no answer within {self._answer_s:.0f} s"
            ) from None
        if line is None:
            raise EngineBrokenError(f"{self._command}: ended with code {self._process.wait()}")
        try:
            answer = json.loads(line.encode())
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or not any(key in answer for key in keys):
            raise EngineBrokenError(
                f"{self._command}: expected a line with {' or '.join(keys)}, received {line!r:.80}"
            )
        return answer


def serve(engine: Engine, stdin: IO[str], stdout: IO[str]) -> None:
    """The far side: answer for `engine` until the suite says stop or closes the pipe."""
    for line in stdin:
        message = json.loads(line)
        if message["do"] == "stop":
            break
        if message["do"] == "start":
            claims = {stage: sorted(keys) for stage, keys in claims_of(engine).items()}
            answer: dict[str, Any] = {"versions": engine.versions(), "claims": claims}
        else:
            question = Question(message["stage"], message["subject"], message["input"])
            try:
                answer = {"result": engine.ask(question)}
            except UnsupportedError as error:
                answer = {"unsupported": str(error)}
            except Exception as error:  # whatever an engine raises is its answer
                answer = {"error": f"{type(error).__name__}: {error}"}
        stdout.write(json.dumps(answer) + "\n")
        stdout.flush()
    engine.stop()
