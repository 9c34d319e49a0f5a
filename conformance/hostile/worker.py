"""The process that opens hostile files: it may crash or hang, and nothing else does with it.

    <- {"file": "/tmp/x.json", "calls": [{"do": "encode", "arguments": ["ab c"]}]}
    -> {"says": "accepts", "calls": [{"says": "accepts", "value": [1, 2]}]}
     | {"says": "refuses" or "panics" or "crashes", "error": "ValueError: ..."}

One line each. "panics": Rust gave up. "crashes": an error that is no answer, such as a KeyError.
In an argument `{"$repeat": [text, times]}` is a long text, `{"$bytes": "6162"}` bytes, and
`{"$surrogate": "d800"}` a text with a lone surrogate.
"""

from __future__ import annotations

import json
import sys
from typing import Any

__all__ = ["serve"]

_MEMORY_BYTES = 4 << 30
# errors that a caller can be expected to handle; of our engine only its own are
_ANSWERS = {"lattice": ("TokenizeError",), "tokenizers": ("Exception",)}


def serve(engine: str) -> None:
    """Answer until the input ends."""
    _limit_memory()
    if engine == "lattice":
        import lattice_tokenize

        opener: Any = lattice_tokenize.Tokenizer
    else:
        import tokenizers

        opener = tokenizers.Tokenizer
    for line in sys.stdin:
        print(json.dumps(_answer(opener, engine, json.loads(line))), flush=True)


def _limit_memory() -> None:
    """A file that asks for more memory than any should gets an error, not the machine's."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _answer(opener: Any, engine: str, question: dict[str, Any]) -> dict[str, Any]:
    try:
        tokenizer = opener.from_file(question["file"])
    except BaseException as error:  # a panic is no Exception
        return _error(error, _ANSWERS[engine])
    return {
        "says": "accepts",
        "calls": [_call(tokenizer, engine, call) for call in question["calls"]],
    }


def _call(tokenizer: Any, engine: str, call: dict[str, Any]) -> dict[str, Any]:
    arguments = [_argument(value) for value in call["arguments"]]
    try:
        value = getattr(tokenizer, call["do"])(*arguments, **call.get("options", {}))
    except BaseException as error:
        # a wrong type is answered as Python answers it
        return _error(error, (*_ANSWERS[engine], "TypeError", "OverflowError"))
    return {"says": "accepts", "value": _plain(value)}


def _plain(value: Any) -> Any:
    """What can be compared: ids of encodings, or a hash of very many."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not hasattr(value, "ids"):
        return value
    ids = list(value.ids)
    return ids if len(ids) <= 64 else [len(ids), *ids[:8], *ids[-8:], sum(ids)]


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_argument(item) for item in value]
    if isinstance(value, dict) and "$repeat" in value:
        text, times = value["$repeat"]
        return text * times
    if isinstance(value, dict) and "$bytes" in value:
        return bytes.fromhex(value["$bytes"])
    if isinstance(value, dict) and "$surrogate" in value:
        return f"a{chr(int(value['$surrogate'], 16))}b"
    return value


def _error(error: BaseException, answers: tuple[str, ...]) -> dict[str, Any]:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "Exception" not in kinds:
        says = "panics"
    elif isinstance(error, (MemoryError, RecursionError)) or not kinds.intersection(answers):
        says = "crashes"
    else:
        says = "refuses"
    text = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
    return {"says": says, "error": text[:300]}


if __name__ == "__main__":
    serve(sys.argv[1])
