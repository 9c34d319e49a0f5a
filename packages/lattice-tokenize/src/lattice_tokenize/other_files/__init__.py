"""Other files than `tokenizer.json` -> the document that a `tokenizer.json` would hold."""

from .directory import read_directory

__all__ = ["read_directory"]
