r"""Names of character classes in patterns -> sets of code points, as the oracle has them.

`\p{..}` takes general categories, scripts and some binary properties, each by any of its names;
case, spaces, `_` and `-` do not count. Case folding is here too.
"""

from __future__ import annotations

from functools import cache, reduce

import numpy as np
import numpy.typing as npt

from . import pattern_tables as tables
from .code_points import CodePoints

__all__ = [
    "BRACKET_WORD",
    "EVERYTHING",
    "FOLD_SEQUENCES",
    "NEWLINE",
    "WORD",
    "folded",
    "plain_name",
    "posix_class",
    "property_class",
]

EVERYTHING = ~CodePoints.of("")
NEWLINE = CodePoints.of("\n")
# the oracle's \w has the digits of ²³¹¼½¾ in it outside brackets, but not inside
WORD = CodePoints.written(tables.PROPERTIES["word"])
BRACKET_WORD = CodePoints.written(tables.PROPERTIES["posixword"])

# character -> what it is to (?i), if that is several characters
FOLD_SEQUENCES: dict[str, str] = {
    characters[0]: characters[1:]
    for characters in (
        "".join(chr(int(part, 16)) for part in group.split())
        for group in tables.FOLD_SEQUENCES.split(", ")
    )
}

_LONG_CATEGORIES = {
    "letter": "L", "casedletter": "LC", "uppercaseletter": "Lu", "lowercaseletter": "Ll",
    "titlecaseletter": "Lt", "modifierletter": "Lm", "otherletter": "Lo", "mark": "M",
    "combiningmark": "M", "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me",
    "number": "N", "decimalnumber": "Nd", "letternumber": "Nl", "othernumber": "No",
    "punctuation": "P", "connectorpunctuation": "Pc", "dashpunctuation": "Pd",
    "openpunctuation": "Ps", "closepunctuation": "Pe", "initialpunctuation": "Pi",
    "finalpunctuation": "Pf", "otherpunctuation": "Po", "symbol": "S", "mathsymbol": "Sm",
    "currencysymbol": "Sc", "modifiersymbol": "Sk", "othersymbol": "So", "separator": "Z",
    "spaceseparator": "Zs", "lineseparator": "Zl", "paragraphseparator": "Zp", "other": "C",
    "control": "Cc", "format": "Cf", "surrogate": "Cs", "privateuse": "Co", "unassigned": "Cn",
}  # fmt: skip
_CATEGORIES = {name.lower(): name for name in (*tables.CATEGORIES, *"LMNPSZC", "LC", "Cn", "Cs")}
_PROPERTY_ALIASES = {"alpha": "alphabetic", "upper": "uppercase", "lower": "lowercase"}
_PROPERTY_ALIASES |= {
    "space": "whitespace",
    "ideo": "ideographic",
    "extpict": "extendedpictographic",
}
_SCRIPT_ALIASES = dict(pair.split(":") for pair in tables.SCRIPT_ALIASES.split())


def plain_name(name: str) -> str:
    """
    >>> plain_name("Uppercase_Letter")
    'uppercaseletter'
    """
    return name.translate({ord(" "): None, ord("_"): None, ord("-"): None}).lower()


def _union(sets: list[CodePoints]) -> CodePoints:
    return reduce(CodePoints.__or__, sets)


@cache
def _category(name: str) -> CodePoints:
    if name == "Cs":
        return CodePoints.of("")  # no text has one
    if name == "Cn":
        return ~_union([CodePoints.written(text) for text in tables.CATEGORIES.values()])
    if name == "LC":
        return _union([_category(part) for part in ("Lu", "Ll", "Lt")])
    if len(name) == 1:
        parts = [_category(part) for part in tables.CATEGORIES if part[0] == name]
        return _union([*parts, _category("Cn")] if name == "C" else parts)
    return CodePoints.written(tables.CATEGORIES[name])


@cache
def posix_class(name: str) -> CodePoints | None:
    """What `[:name:]` stands for, or `None` if there is no such class.

    >>> [ord(c) in posix_class("punct") for c in "!$a"]
    [True, True, False]
    """
    if name in ("alpha", "upper", "lower", "space"):
        return CodePoints.written(tables.PROPERTIES[_PROPERTY_ALIASES[name]])
    graphic = ~(_category("Cc") | _category("Cn"))
    space = CodePoints.written(tables.PROPERTIES["whitespace"])
    classes = {
        "alnum": lambda: CodePoints.written(tables.PROPERTIES["alphabetic"]) | _category("Nd"),
        "ascii": lambda: CodePoints.ranges([(0, 127)]),
        "blank": lambda: _category("Zs") | CodePoints.of("\t"),
        "cntrl": lambda: _category("Cc"),
        "digit": lambda: _category("Nd"),
        "graph": lambda: graphic & ~space,
        "print": lambda: (graphic & ~space) | _category("Zs"),
        "punct": lambda: _category("P") | _category("S"),
        "word": lambda: BRACKET_WORD,
        "xdigit": lambda: CodePoints.of("0123456789ABCDEFabcdef"),
    }
    return classes[name]() if name in classes else None


@cache
def property_class(name: str) -> CodePoints | None:
    r"""What `\p{name}` stands for, or `None` if the name is not known here.

    >>> [ord(c) in property_class("Uppercase_Letter") for c in "Aa"]
    [True, False]
    """
    name = plain_name(name)
    category = _LONG_CATEGORIES.get(name) or _CATEGORIES.get(name)
    if category:
        return _category(category)
    if name == "punct":
        return _category("P")  # the POSIX bracket has symbols too
    if name == "any":
        return EVERYTHING
    if name == "assigned":
        return ~_category("Cn")
    if name in ("unknown", "zzzz"):
        return ~_union([CodePoints.written(text) for text in tables.SCRIPTS.values()])
    script = _SCRIPT_ALIASES.get(name, name)
    if script in tables.SCRIPTS:
        return CodePoints.written(tables.SCRIPTS[script])
    binary = _PROPERTY_ALIASES.get(name, name)
    if binary in tables.PROPERTIES and binary != "posixword":
        return CodePoints.written(tables.PROPERTIES[binary])
    return posix_class(name)


@cache
def _folds() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The code points that fold, ascending, and the number of each one's class."""
    groups = [[int(part, 16) for part in group.split()] for group in tables.FOLDS.split(", ")]
    pairs = sorted((c, number) for number, group in enumerate(groups) for c in group)
    code_points, numbers = np.array(pairs, np.int32).T
    return code_points, numbers


@cache
def folded(points: CodePoints) -> CodePoints:
    """The set, and all that `(?i)` takes for one of its characters.

    >>> folded(CodePoints.of("s")) == CodePoints.of("sSſ")
    True
    """
    code_points, numbers = _folds()
    classes = numbers[points.holds(code_points)]
    return points | CodePoints.ranges(
        (c, c) for c in code_points[np.isin(numbers, classes)].tolist()
    )
