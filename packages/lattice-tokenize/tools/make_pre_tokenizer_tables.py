"""The oracle's answers, one code point at a time -> `pre_tokenizers/pre_tokenizer_tables.py`.

`Digits`, `Whitespace` and `UnicodeScripts` each ask other tables of Unicode than the patterns do.

    python3.13 tools/make_pre_tokenizer_tables.py > pre_tokenizer_tables.py
"""

from __future__ import annotations

import tokenizers
from make_unicode_tables import CODE_POINTS, literal, ranges
from tokenizers.pre_tokenizers import Digits, PreTokenizer, UnicodeScripts, Whitespace


def cuts(pre_tokenizer: PreTokenizer, text: str) -> set[int]:
    """The places where a piece begins."""
    return {start for _, (start, _) in pre_tokenizer.pre_tokenize_str(text)}


def kept(pre_tokenizer: PreTokenizer, code_points: list[int], before: str) -> list[int]:
    """The code points that are not cut off from `before`, each tried in a text of all."""
    text = "".join(before + chr(code_point) for code_point in code_points)
    found = cuts(pre_tokenizer, text)
    return [c for place, c in enumerate(code_points) if 2 * place + 1 not in found]


def scripts() -> list[list[int]]:
    """The code points of each script; first those that fit any."""
    split = UnicodeScripts()
    latin, han = (set(kept(split, CODE_POINTS, character)) for character in "a中")
    anywhere = latin & han
    groups = [sorted(anywhere), sorted(latin - anywhere), sorted(han - anywhere)]
    left = [c for c in CODE_POINTS if c not in latin and c not in han]
    while left:
        groups.append(kept(split, left, chr(left[0])))
        found = set(groups[-1])
        left = [c for c in left if c not in found]
    return groups


def main() -> None:
    text = "".join(map(chr, CODE_POINTS))
    numeric = [
        code_point
        for code_point in CODE_POINTS
        if len(Digits(individual_digits=True).pre_tokenize_str(f"a{chr(code_point)}")) == 2
    ]
    words, spaces = [], []
    for code_point in CODE_POINTS:
        pieces = [piece for piece, _ in Whitespace().pre_tokenize_str(f"a{chr(code_point)}b")]
        if len(pieces) == 1:
            words.append(code_point)
        elif len(pieces) == 2:
            spaces.append(code_point)
    groups = scripts()
    assert sum(map(len, groups)) == len(text), "scripts are a partition"
    print(
        f'''"""Character classes of single pre-tokenizers, as ranges of hexadecimal code points.

Made by `tools/make_pre_tokenizer_tables.py` from tokenizers {tokenizers.__version__};
not edited by hand.
"""

# fmt: off'''
    )
    print(literal("NUMERIC", "set apart by Digits", ranges(numeric)))
    print(literal("WORD", "part of words in Whitespace", ranges(words)))
    print(literal("SPACE", "dropped by Whitespace", ranges(spaces)))
    print(literal("ANY_SCRIPT", "never cut off by UnicodeScripts", ranges(groups[0])))
    groups[1:] = sorted(groups[1:], key=len)
    # the largest group, code points without a script, is what is left
    written = ", ".join(ranges(group) for group in sorted(groups[1:-1]))
    print(literal("SCRIPTS", "one script after the other; the rest is of one more", written))
    print("# fmt: on")


if __name__ == "__main__":
    main()
