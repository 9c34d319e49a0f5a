"""Hostile tokenizer files and texts: data, what the oracle says of it, and what an engine must."""
