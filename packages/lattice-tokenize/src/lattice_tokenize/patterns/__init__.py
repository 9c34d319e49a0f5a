"""Patterns of `tokenizer.json`, which are written for Oniguruma -> what Python can match.

`pattern.py` is where to begin. Nothing is imported here, since some need a set of characters only.
"""
