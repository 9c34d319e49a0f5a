"""The oracle's answers, one code point at a time -> `lattice_tokenize/patterns/pattern_tables.py`.

The pinned `tokenizers` release matches its patterns with Oniguruma, whose Unicode tables are of
their own age. So every class is asked from the oracle itself, for every code point, and frozen.
Classes that follow from others are not stored; that they do follow is checked here.

    python3.13 tools/make_pattern_tables.py > pattern_tables.py

Needs `regex` 2024.4.16 or newer for the names of the scripts, and takes some minutes.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable

import tokenizers
from regex import _regex_core  # the only place that lists the names of the scripts
from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

CODE_POINTS = [*range(0xD800), *range(0xE000, 0x110000)]  # all but the surrogates
TEXT = "".join(map(chr, CODE_POINTS))

CATEGORIES = [
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "Mn",
    "Mc",
    "Me",
    "Nd",
    "Nl",
    "No",
    "Pc",
    "Pd",
    "Ps",
    "Pe",
    "Pi",
    "Pf",
    "Po",
    "Sm",
    "Sc",
    "Sk",
    "So",
    "Zs",
    "Zl",
    "Zp",
    "Cc",
    "Cf",
    "Co",
    "Cn",
]
BINARY = {
    "alphabetic": r"\p{Alphabetic}",
    "uppercase": r"\p{Uppercase}",
    "lowercase": r"\p{Lowercase}",
    "cased": r"\p{Cased}",
    "emoji": r"\p{Emoji}",
    "emojicomponent": r"\p{Emoji_Component}",
    "emojimodifier": r"\p{Emoji_Modifier}",
    "emojimodifierbase": r"\p{Emoji_Modifier_Base}",
    "emojipresentation": r"\p{Emoji_Presentation}",
    "extendedpictographic": r"\p{Extended_Pictographic}",
    "ideographic": r"\p{Ideographic}",
    "whitespace": r"\p{White_Space}",
    "word": r"\w",
    "posixword": r"[[:word:]]",
}


def members(pattern: str) -> frozenset[int]:
    """The code points that match a pattern of one character."""
    split = Split(Regex(f"(?:{pattern})"), "removed", invert=True)
    return frozenset(ord(piece) for piece, _ in split.pre_tokenize_str(TEXT))


def ranges(code_points: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for code_point in sorted(code_points):
        if runs and runs[-1][1] == code_point - 1:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in runs)


def literal(text: str) -> str:
    lines = textwrap.wrap(text, 89, break_on_hyphens=False)
    return "\n".join([*(f'        "{line} "' for line in lines[:-1]), f'        "{lines[-1]}"'])


def table(name: str, comment: str, entries: dict[str, str]) -> str:
    body = "".join(f'    "{key}": (\n{literal(text)}\n    ),\n' for key, text in entries.items())
    return f"# {comment}\n{name} = {{\n{body}}}\n"


def plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def scripts() -> tuple[dict[str, frozenset[int]], dict[str, str]]:
    """Each script the oracle knows, and every other name of it."""
    by_value: dict[int, list[str]] = {}
    for name, value in vars(_regex_core)["PROPERTIES"]["SCRIPT"][1].items():
        by_value.setdefault(value, []).append(plain(name))
    found: dict[str, frozenset[int]] = {}
    aliases: dict[str, str] = {}
    for names in by_value.values():
        known: list[str] = []
        for name in sorted(set(names), key=lambda name: (-len(name), name)):
            try:
                Split(Regex(rf"\p{{{name}}}"), "removed")
            except Exception:
                continue
            known.append(name)
        if known and known[0] != "unknown":
            found[known[0]] = members(rf"\p{{{known[0]}}}")
            aliases.update(dict.fromkeys(known[1:], known[0]))
    counts = Counter(code_point for script in found.values() for code_point in script)
    assert max(counts.values()) == 1, "a code point has one script"
    rest = frozenset(CODE_POINTS) - frozenset(counts)
    assert members(r"\p{Unknown}") == rest, "what has no script is unknown"
    return found, aliases


def folds(cased: Iterable[int]) -> list[str]:
    """The sets of characters that are one character to `(?i)`."""
    cased = sorted(cased)
    text = "\0".join(map(chr, cased))
    classes = set()
    for code_point in cased:
        both = []
        for form in ("(?i:\\x{%X})", "(?i:[\\x{%X}])"):
            split = Split(Regex(form % code_point), "removed", invert=True)
            both.append(frozenset(piece for piece, _ in split.pre_tokenize_str(text)))
        assert both[0] == both[1], hex(code_point)
        assert chr(code_point) in both[0], hex(code_point)
        if len(both[0]) > 1:
            classes.add(both[0])
    counts = Counter(character for fold in classes for character in fold)
    assert max(counts.values()) == 1, "the sets do not overlap"
    return sorted(" ".join(f"{ord(c):X}" for c in sorted(fold)) for fold in classes)


def sequences(cased: Iterable[int]) -> list[str]:
    """The characters that are several characters to `(?i)`, with these."""
    found = []
    for code_point in sorted(cased):
        character = chr(code_point)
        sequence = character.casefold()
        if len(sequence) == 1:
            continue
        spelled = " ".join(f"{ord(c):X}" for c in sequence)
        for pattern, text in ((character, sequence), (sequence, character)):
            split = Split(Regex(f"(?i:{pattern})"), "removed", invert=True)
            assert split.pre_tokenize_str(text) == [(text, (0, len(text)))], spelled
        found.append(f"{code_point:X} {spelled}")
    return found


def main() -> None:
    category = {name: members(rf"\p{{{name}}}") for name in CATEGORIES}
    assert sum(map(len, category.values())) == len(CODE_POINTS), "categories are a partition"

    def union(*names: str) -> frozenset[int]:
        return frozenset().union(*(v for k, v in category.items() if k.startswith(names)))

    binary = {name: members(pattern) for name, pattern in BINARY.items()}
    everything = frozenset(CODE_POINTS)
    alphabetic, space = binary["alphabetic"], binary["whitespace"]
    graph = everything - space - union("Cc", "Cn")
    expected = {
        r"\p{L}": union("L"),
        r"\p{LC}": union("Lu", "Ll", "Lt"),
        r"\p{M}": union("M"),
        r"\p{N}": union("N"),
        r"\p{P}": union("P"),
        r"\p{S}": union("S"),
        r"\p{Z}": union("Z"),
        r"\p{C}": union("C"),
        r"\p{Any}": everything,
        r"\p{Assigned}": everything - union("Cn"),
        r"\s": space,
        r"[[:space:]]": space,
        r"\p{Space}": space,
        r"\d": union("Nd"),
        r"[[:digit:]]": union("Nd"),
        r"\p{Digit}": union("Nd"),
        r"\h": frozenset(map(ord, "0123456789ABCDEFabcdef")),
        r"[[:xdigit:]]": frozenset(map(ord, "0123456789ABCDEFabcdef")),
        r"\p{XDigit}": frozenset(map(ord, "0123456789ABCDEFabcdef")),
        r"[\w]": binary["posixword"],
        r"[\p{Word}]": binary["posixword"],
        r"[^\W]": binary["posixword"],
        r"[\W]": everything - binary["posixword"],
        r"\W": everything - binary["word"],
        r"\p{Word}": binary["word"],
        r"[[:alpha:]]": alphabetic,
        r"\p{Alpha}": alphabetic,
        r"[[:alnum:]]": alphabetic | union("Nd"),
        r"\p{Alnum}": alphabetic | union("Nd"),
        r"[[:upper:]]": binary["uppercase"],
        r"\p{Upper}": binary["uppercase"],
        r"[[:lower:]]": binary["lowercase"],
        r"\p{Lower}": binary["lowercase"],
        r"[[:punct:]]": union("P", "S"),
        r"\p{Punct}": union("P"),
        r"[[:cntrl:]]": union("Cc"),
        r"\p{Cntrl}": union("Cc"),
        r"[[:blank:]]": union("Zs") | {9},
        r"\p{Blank}": union("Zs") | {9},
        r"[[:graph:]]": graph,
        r"\p{Graph}": graph,
        r"[[:print:]]": graph | union("Zs"),
        r"\p{Print}": graph | union("Zs"),
        r"[[:ascii:]]": frozenset(range(128)),
        r"\p{ASCII}": frozenset(range(128)),
        r".": everything - {10},
        r"[^\n]": everything - {10},
        r"\R": frozenset((10, 11, 12, 13, 0x85, 0x2028, 0x2029)),
    }
    for pattern, right in expected.items():
        wrong = members(pattern) ^ right
        assert not wrong, (pattern, len(wrong), sorted(map(hex, wrong))[:9])

    script, aliases = scripts()
    cased = binary["cased"] | union("Lu", "Ll", "Lt", "Nl", "Mn", "Mc") | binary["alphabetic"]
    cased = frozenset(c for c in cased if c in binary["cased"] or chr(c).casefold() != chr(c))
    print(
        f'''"""Character classes and case folding of the oracle's Oniguruma.

Ranges of hexadecimal code points.
Made by `tools/make_pattern_tables.py` from tokenizers {tokenizers.__version__}; not edited by hand.
"""

# fmt: off'''
    )
    stored = {name: ranges(code_points) for name, code_points in category.items() if name != "Cn"}
    print(table("CATEGORIES", r"\p{Lu} and its like; Cn is the rest", stored))
    print(
        table(
            "PROPERTIES",
            "binary properties, by their plain names",
            {name: ranges(code_points) for name, code_points in binary.items()},
        )
    )
    print(
        table(
            "SCRIPTS",
            "scripts, by their plain names; Unknown is the rest",
            {name: ranges(script[name]) for name in sorted(script)},
        )
    )
    lines = textwrap.wrap(" ".join(f"{a}:{b}" for a, b in sorted(aliases.items())), 93)
    body = "\n".join([*(f'    "{line} "' for line in lines[:-1]), f'    "{lines[-1]}"'])
    print(f"# other names of scripts\nSCRIPT_ALIASES = (\n{body}\n)\n")
    for name, comment, groups in (
        ("FOLDS", "one character to (?i)", folds(cased)),
        ("FOLD_SEQUENCES", "a character, and what it is to (?i)", sequences(cased)),
    ):
        lines = textwrap.wrap(", ".join(groups), 93)
        body = "\n".join([*(f'    "{line} "' for line in lines[:-1]), f'    "{lines[-1]}"'])
        print(f"# {comment}\n{name} = (\n{body}\n)\n")
    print("# fmt: on")


if __name__ == "__main__":
    main()
