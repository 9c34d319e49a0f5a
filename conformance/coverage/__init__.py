"""Which cases notice which part of tokenizer.json."""

from .coverage import Coverage, Row, coverage
from .format_parts import FORMAT, Part

__all__ = ["FORMAT", "Coverage", "Part", "Row", "coverage"]
