"""The oracle's answers, one code point at a time -> `lattice_tokenize/unicode_tables.py`.

The pinned `tokenizers` release classifies characters with Unicode tables of several ages, and
Python's `unicodedata` is of yet another age, which changes with the interpreter. So the classes
are asked from the oracle itself and frozen as ranges: the same ids on every Python.

Run it with the oldest supported Python for the lower-case pairs and with the newest one for the
rest; both calls update their own part of the module:

    python3.10 tools/make_unicode_tables.py lowercase > lowercase.txt
    python3.13 tools/make_unicode_tables.py all lowercase.txt > unicode_tables.py
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import tokenizers
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

CODE_POINTS = [*range(0xD800), *range(0xE000, 0x110000)]  # all but the surrogates

OFF = {
    "clean_text": False,
    "handle_chinese_chars": False,
    "strip_accents": False,
    "lowercase": False,
}
CLEAN = BertNormalizer(**{**OFF, "clean_text": True})
CHINESE = BertNormalizer(**{**OFF, "handle_chinese_chars": True})
STRIP = BertNormalizer(**{**OFF, "strip_accents": True})
LOWER = BertNormalizer(**{**OFF, "lowercase": True})


def ranges(code_points: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for code_point in code_points:
        if runs and runs[-1][1] == code_point - 1:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in runs)


def literal(name: str, comment: str, text: str) -> str:
    lines = textwrap.wrap(text, 92, break_on_hyphens=False)
    body = "\n".join([*(f'    "{line} "' for line in lines[:-1]), f'    "{lines[-1]}"'])
    return f"# {comment}\n{name} = (\n{body}\n)\n"


def lowercase_pairs() -> str:
    pairs = []
    for code_point in CODE_POINTS:
        lower = LOWER.normalize_str(chr(code_point))
        if lower != chr(code_point).lower():
            pairs.append(f"{code_point:X}:{ord(lower):X}")
    return " ".join(pairs)


def main() -> None:
    if sys.argv[1:] == ["lowercase"]:
        print(lowercase_pairs())
        return
    lowercase_file = sys.argv[2]
    whitespace, removed, chinese, marks = [], [], [], []
    separators, punctuation = [], []
    for code_point in CODE_POINTS:
        character = chr(code_point)
        cleaned = CLEAN.normalize_str(character)
        if cleaned == " ":
            whitespace.append(code_point)
        elif cleaned == "":
            removed.append(code_point)
        if STRIP.normalize_str(character) == "":
            marks.append(code_point)
        if CHINESE.normalize_str(character) != character:
            chinese.append(code_point)
        words = [word for word, _ in BertPreTokenizer().pre_tokenize_str(f"a{character}b")]
        if words == ["a", "b"]:
            separators.append(code_point)
        if words == ["a", character, "b"]:
            punctuation.append(code_point)
    lowercase = Path(lowercase_file).read_text(encoding="ascii").strip()
    print(
        f'''"""Character classes of the oracle, as ranges of hexadecimal code points.

Made by `tools/make_unicode_tables.py` from tokenizers {tokenizers.__version__}; not edited by hand.
"""

# fmt: off'''
    )
    print(literal("WHITESPACE", "becomes a space in clean_text", ranges(whitespace)))
    print(
        literal("REMOVED", "dropped by clean_text: control, format, private use", ranges(removed))
    )
    print(literal("CHINESE", "surrounded by spaces by handle_chinese_chars", ranges(chinese)))
    print(literal("MARKS", "dropped by strip_accents: nonspacing marks", ranges(marks)))
    print(literal("SEPARATORS", "stands between words in BertPreTokenizer", ranges(separators)))
    print(literal("PUNCTUATION", "a word of its own in BertPreTokenizer", ranges(punctuation)))
    print(literal("LOWERCASE", "upper:lower pairs newer than the oldest Python", lowercase), end="")


if __name__ == "__main__":
    main()
