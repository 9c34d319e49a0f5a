"""Engines that the suite can question: a name, or `stdio:COMMAND` for one in any language."""

from __future__ import annotations

from collections.abc import Callable

from .protocol import Engine, EngineBrokenError, Question, UnsupportedError, claims_of

__all__ = [
    "ENGINES",
    "Engine",
    "EngineBrokenError",
    "Question",
    "UnsupportedError",
    "claims_of",
    "open_engine",
]


def _lattice() -> Engine:
    from .lattice import LatticeEngine

    return LatticeEngine()


def _lattice_compiled() -> Engine:
    from .lattice import LatticeEngine

    return LatticeEngine("compiled")


def _hugging_face() -> Engine:
    from .hugging_face import HuggingFaceEngine

    return HuggingFaceEngine("float64")


def _hugging_face_float32() -> Engine:
    from .hugging_face import HuggingFaceEngine

    return HuggingFaceEngine("float32")


def _hugging_face_bfloat16() -> Engine:
    from .hugging_face import HuggingFaceEngine

    return HuggingFaceEngine("bfloat16")


def _tokenizers() -> Engine:
    from .hugging_face import TokenizersEngine

    return TokenizersEngine()


def _onnxruntime() -> Engine:
    from .onnxruntime import OnnxRuntimeEngine

    return OnnxRuntimeEngine()


def _tiktoken() -> Engine:
    from .tiktoken import TiktokenEngine

    return TiktokenEngine()


def _sentencepiece() -> Engine:
    from .sentencepiece import SentencePieceEngine

    return SentencePieceEngine()


# Imported when they are opened: each needs packages of its own.
ENGINES: dict[str, Callable[[], Engine]] = {
    "lattice": _lattice,
    "lattice-compiled": _lattice_compiled,
    "tokenizers": _tokenizers,
    "transformers": _hugging_face,
    "transformers-float32": _hugging_face_float32,
    "transformers-bfloat16": _hugging_face_bfloat16,
    "onnxruntime": _onnxruntime,
    "tiktoken": _tiktoken,
    "sentencepiece": _sentencepiece,
}


def open_engine(name: str) -> Engine:
    """The engine of that name; raises `EngineBrokenError` if it cannot be opened."""
    if name.startswith("stdio:"):
        from .stdio import StdioEngine

        return StdioEngine(name.removeprefix("stdio:"))
    if name not in ENGINES:
        known = ", ".join([*ENGINES, "stdio:COMMAND"])
        raise EngineBrokenError(f"engine: expected one of {known}, received {name!r}")
    try:
        return ENGINES[name]()
    except ImportError as error:
        raise EngineBrokenError(f"engine {name}: it needs {error.name}, not installed") from error
