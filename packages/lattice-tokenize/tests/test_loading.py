"""What loading a tokenizer, and its first text, do not import."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# each takes about as long as all else that a small tokenizer imports
SELDOM_NEEDED = {"regex", "numpy.ma", "lattice_tokenize.patterns.syntax", "huggingface_hub"}

SCRIPT = """
import sys
import numpy
before = set(sys.modules)
from lattice_tokenize import Tokenizer
tokenizer = Tokenizer.from_str(sys.stdin.read())
print(tokenizer.encode("Tokenizing, 東か\\u3099!").ids)
print(*(set(sys.modules) - before))
"""


def test_a_bert_tokenizer_needs_neither_regex_nor_a_parser_of_patterns(
    document: dict[str, Any],
) -> None:
    command = [sys.executable, "-c", SCRIPT]
    output = subprocess.run(
        command, input=json.dumps(document), capture_output=True, text=True, check=True
    ).stdout
    ids, imported = output.splitlines()
    assert ids == "[2, 5, 6, 8, 16, 18, 20, 15, 3]"
    assert "lattice_tokenize.normalizers.bert" in imported.split()
    assert SELDOM_NEEDED & set(imported.split()) == set()
