"""Engines in other processes: well-behaved ones, and every way to break the protocol."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import pytest

from ..engines import EngineBrokenError, Question, UnsupportedError
from ..engines.stdio import AnsweredErrorError, StdioEngine
from ..fixtures import FIXTURES

QUESTION = Question("tokenizer", "subject", {"text": "é\u2028\ud83d"[:2]})
STARTED = 'print(\'{"versions": {"mine": 1}}\', flush=True); '

ECHO = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "start":
        answer = {"versions": {"protocol": message["protocol"]}, "claims": {"tokenizer": ["text"]}}
    elif message["do"] == "stop":
        break
    elif message["stage"] == "tokenizer":
        answer = {"result": {"text": message["input"]["text"], "folder": message["folder"]}}
    elif message["stage"] == "vectors":
        answer = {"unsupported": "no vectors"}
    else:
        answer = {"error": "it broke"}
    print(json.dumps(answer), flush=True)
"""


def command(folder: Path, code: str) -> str:
    script = folder / "engine.py"
    script.write_text(code, encoding="utf-8")
    return shlex.join([sys.executable, str(script)])


def test_results_unsupported_and_errors_come_through(tmp_path: Path) -> None:
    engine = StdioEngine(command(tmp_path, ECHO))
    assert engine.versions() == {"protocol": "1"}
    assert engine.claims() == {"tokenizer": ["text"]}
    text, folder = QUESTION.input["text"], str(FIXTURES / "subject")
    assert engine.ask(QUESTION) == {"text": text, "folder": folder}
    with pytest.raises(UnsupportedError, match="no vectors"):
        engine.ask(Question("vectors", "subject", {}))
    with pytest.raises(AnsweredErrorError, match="it broke"):
        engine.ask(Question("service", "subject", {}))
    engine.stop()
    engine.stop()  # twice does no harm


def test_a_cache_file_is_made_for_the_question(tmp_path: Path) -> None:
    listing = ECHO.replace("import json", "import os, json").replace(
        'elif message["stage"] == "vectors":',
        'elif message["stage"] == "cache_file":\n'
        '        found = {message["folder"]: os.listdir(message["folder"])}\n'
        '        answer = {"result": found}\n'
        '    elif message["stage"] == "vectors":',
    )
    engine = StdioEngine(command(tmp_path, listing))
    asked = {"file": {"version": 1, "rows": []}, "asked": []}
    ((folder, files),) = engine.ask(Question("cache_file", "vectors", asked)).items()
    engine.stop()
    assert files == ["vectors.sqlite3"]
    assert not Path(folder).exists()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "ended"),
        ("import sys; sys.exit(3)", "ended"),
        ("print('hello', flush=True); input()", "expected a line with versions"),
        ("print('[]', flush=True); input()", "expected a line with versions"),
        ("print('{}', flush=True); input()", "expected a line with versions"),
        ('print(\'{"versions": {}, "claims": [1]}\', flush=True); input()', "in claims"),
        ("print('{\"versions\": [1]}', flush=True); input()", "an object in versions"),
        ("print('{\"versions\": null}', flush=True); input()", "an object in versions"),
        ("print('[' * 100_000, flush=True); input()", "expected a line with versions"),
        (
            'import sys; sys.stdout.buffer.write(b\'{"versions": {"\\xff": 1}}\\n\'); '
            "sys.stdout.flush(); input()",
            "expected a line with versions",
        ),
    ],
)
def test_an_engine_that_does_not_start_is_a_broken_adapter(
    tmp_path: Path, code: str, told: str
) -> None:
    with pytest.raises(EngineBrokenError, match=told):
        StdioEngine(command(tmp_path, code))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (STARTED + "input()", "ended"),
        (
            STARTED + "input(); input(); print('{\"result\": [1]}', flush=True); input()",
            "an object",
        ),
        (STARTED + "input(); input(); print('nonsense', flush=True); input()", "expected a line"),
        (STARTED + "import time; time.sleep(60)", "no answer within"),
    ],
)
def test_an_engine_that_stops_answering_is_a_broken_adapter(
    tmp_path: Path, code: str, told: str
) -> None:
    engine = StdioEngine(command(tmp_path, code), answer_s=2)
    with pytest.raises(EngineBrokenError, match=told):
        engine.ask(QUESTION)
    engine.stop()


def test_a_line_that_nobody_asked_for_is_no_answer_to_the_next_question(tmp_path: Path) -> None:
    """Every answer after it would be that of the question before."""
    two = 'input(); print(\'{"versions": {}}\\n{"result": {}}\', flush=True); input()'
    engine = StdioEngine(command(tmp_path, two))
    deadline = time.monotonic() + 20
    while not engine._lines.queue and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(EngineBrokenError, match="before it was asked"):
        engine.ask(QUESTION)
    engine.stop()


def test_a_command_that_does_not_exist() -> None:
    with pytest.raises(EngineBrokenError, match="cannot be started"):
        StdioEngine("no-such-program-anywhere")
