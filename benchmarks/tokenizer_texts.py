"""Real texts of several kinds, of which none comes twice: a tokenizer that remembers is not to be
flattered.

english: docstrings and help topics of CPython. multilingual: Django's interface in all of its
languages, as translators wrote it. code: the sources of CPython's standard library. logs: made
lines of JSON with times, addresses, identifiers and numbers, since nobody may publish real ones.

`UNKIND` are others: texts in which nothing is a word, as long as one likes.
"""

from __future__ import annotations

import ast
import json
import random
import re
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from pydoc_data.topics import topics

__all__ = ["ADDED_TOKENS", "KINDS", "UNKIND", "texts_of"]

_MIN, _MAX = 20, 2000  # characters of a text


def _sources() -> Iterator[str]:
    root = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(root.rglob("*.py")):
        if not {"site-packages", "test", "tests", "__pycache__"} & set(path.parts):
            yield path.read_text(encoding="utf-8", errors="ignore")


def _english() -> Iterator[str]:
    for source in _sources():
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
                yield from (ast.get_docstring(node) or "").split("\n\n")
    for name in sorted(topics):
        yield from topics[name].split("\n\n")


def _code() -> Iterator[str]:
    for source in _sources():
        yield from re.split(r"\n(?=(?:class|def|@|if|for) )", source)


def _multilingual() -> Iterator[str]:
    spec = find_spec("django")
    if spec is None or spec.origin is None:
        raise SystemExit("benchmarks need Django's translations: pip install django")
    catalogs = sorted(Path(spec.origin).parent.rglob("*.po"))
    texts: dict[str, list[str]] = {}
    for path in catalogs:
        said = re.findall(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n)+)', path.read_text("utf-8"), re.M)
        words = [" ".join(json.loads(line) for line in part.splitlines()) for part in said]
        language = path.parent.parent.name
        texts.setdefault(language, []).append(" ".join(filter(None, words)))
    # all languages in turn, a paragraph of each
    columns = [re.findall(r".{200,400}?(?: |$)", " ".join(parts), re.S) for parts in texts.values()]
    for row in range(max(map(len, columns))):
        yield from (column[row] for column in columns if row < len(column))


def _logs() -> Iterator[str]:
    chance = random.Random(20261122)
    services = ("api", "auth", "billing", "search", "mailer", "worker-7")
    verbs = ("GET", "POST", "PUT", "DELETE")
    messages = (
        "request finished",
        "cache miss, asking the database",
        "user signed in from a new device",
        "timeout after 3 attempts: connection reset by peer",
        "payload rejected: field 'email' is not an address",
    )
    while True:
        yield json.dumps(
            {
                "time": f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
                f"T{chance.randrange(24):02}:{chance.randrange(60):02}"
                f":{chance.random() * 60:06.3f}Z",
                "level": chance.choice(("INFO", "INFO", "INFO", "WARN", "ERROR")),
                "service": chance.choice(services),
                "message": chance.choice(messages),
                "request": f"{chance.getrandbits(64):016x}",
                "address": ".".join(str(chance.randrange(256)) for _ in range(4)),
                "path": f"{chance.choice(verbs)} /v2/users/{chance.randrange(10**6)}/orders",
                "milliseconds": round(chance.expovariate(0.01), 3),
            }
        )


KINDS: dict[str, Callable[[], Iterator[str]]] = {
    "english": _english,
    "multilingual": _multilingual,
    "code": _code,
    "logs": _logs,
}


def texts_of(kind: str, size_bytes: int) -> list[str]:
    """Different texts of a kind, of `size_bytes` in all, or fewer if there are no more."""
    seen: dict[str, None] = {}  # in the order in which they came
    size = 0
    for long_text in KINDS[kind]():
        for start in range(0, len(long_text), _MAX):
            text = long_text[start : start + _MAX].strip()
            if len(text) < _MIN or text in seen:
                continue
            seen[text] = None
            size += len(text.encode())
            if size > size_bytes:
                return list(seen)
    return list(seen)


ADDED_TOKENS = [f"<t{number}>" for number in range(100_000)]


def _run_of(character: str) -> Callable[[int, random.Random], str]:
    # always the same one: letters differ in how many of them are merged, and so in time
    return lambda length, chance: character * length


def _any_of(characters: Sequence[str], between: str = "") -> Callable[[int, random.Random], str]:
    def text(length: int, chance: random.Random) -> str:
        return between.join(chance.choices(characters, k=length))[:length]

    return text


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CHINESE = "".join(map(chr, range(0x4E00, 0x9FA6)))
_MARKS = "".join(map(chr, range(0x300, 0x370)))

# each makes a text of so many characters, another one each time
UNKIND: dict[str, Callable[[int, random.Random], str]] = {
    "one letter": _run_of("a"),
    "letters": _any_of(_LETTERS),
    "Chinese": _any_of(_CHINESE),
    "one mark": _run_of("\u0301"),
    "marks": _any_of(_MARKS),
    "spaces": _run_of(" "),
    "letters and spaces": _any_of(_LETTERS, " "),
    "added tokens": _any_of(ADDED_TOKENS),
    "added tokens, words": _any_of(ADDED_TOKENS, " word "),
}
