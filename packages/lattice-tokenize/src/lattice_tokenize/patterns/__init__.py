"""Patterns of `tokenizer.json`, which are written for Oniguruma -> what Python can match."""

from .pattern import Pattern

__all__ = ["Pattern"]
