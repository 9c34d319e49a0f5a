r"""A pattern in Oniguruma's own syntax -> its tree.

That syntax is Ruby's and more: `^` and `$` are always those of lines, `(?m)` lets `.` take a
newline, `\h` is a hexadecimal digit, brackets nest and intersect with `&&`, and a `+` after `{2}`
repeats instead of being possessive. Back-references, calls, conditions, absence, callouts, `\X`
and `\y` are refused, and so is what has no certain meaning: raw bytes as `\xFF`, say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .characters import PatternText, read_bracket, read_character, read_escaped_class
from .classes import EVERYTHING, NEWLINE, WORD
from .code_points import CodePoints
from .folding import fold_letters, fold_set
from .tree import (
    Anchor,
    Atomic,
    Choice,
    Letter,
    Look,
    Node,
    Repeat,
    Run,
    Set,
    has_place,
    widths,
)

__all__ = ["parse_pattern"]

_MAX_DEPTH = 100
_MAX_REPEATS = 100_000
_INTERVAL = re.compile(r"\{(?:([0-9]+)(,?)([0-9]*)|,([0-9]+))\}")
_OPTIONS = re.compile(r"\(\?([imx]*)(?:-([imx]*))?([:)])")
_NAMED = re.compile(r"\(\?(?:<[A-Za-z_]\w*>|'[A-Za-z_]\w*')")
_EXTENDED_SPACE = " \t\n\v\f\r"

_START, _END = Anchor("A"), Anchor("Z")
_AT_NEWLINE = Look(Set(NEWLINE), ahead=True, negative=False)
_AFTER_NEWLINE = Look(Set(NEWLINE), ahead=False, negative=False)
_NOT_END = Look(Set(EVERYTHING), ahead=True, negative=False)
# after the last newline of a text there is no line any more
_LINE_START = Choice((_START, Run((_AFTER_NEWLINE, _NOT_END))))
_LINE_END = Choice((_END, _AT_NEWLINE))
_LAST_LINE_END = Choice((_END, Look(Run((Set(NEWLINE), _END)), ahead=True, negative=False)))


def _word_boundary(*, inside: bool) -> Node:
    def sides(before: bool, after: bool) -> Node:
        behind = Look(Set(WORD), ahead=False, negative=not before)
        return Run((behind, Look(Set(WORD), ahead=True, negative=not after)))

    return Choice((sides(True, inside), sides(False, not inside)))


_PLACES: dict[str, Node] = {
    "A": _START,
    "z": _END,
    "Z": _LAST_LINE_END,
    "G": Anchor("G"),
    "K": Anchor("K"),
    "b": _word_boundary(inside=False),
    "B": _word_boundary(inside=True),
}
_CRLF = Run((Set(CodePoints.of("\r")), Set(NEWLINE)))
_LINE_BREAK = Atomic(Choice((_CRLF, Set(CodePoints.of("\n\v\f\r\x85\u2028\u2029")))))
_REFUSED_ESCAPES = {
    "X": "a text segment",
    "y": "a text segment boundary",
    "Y": "a text segment boundary",
    "k": "a back-reference",
    "g": "a call",
    **dict.fromkeys("123456789", "a back-reference"),
}


@dataclass(frozen=True)
class _Options:
    ignore_case: bool = False
    dot_all: bool = False
    extended: bool = False
    behind: bool = False  # inside a look-behind
    behind_not: bool = False  # inside a negative one


def parse_pattern(pattern: str, path: str) -> Node:
    r"""The tree of a pattern, which stands at `path` of the file.

    Raises `TokenizerFileError` for what Oniguruma refuses, and `UnsupportedComponentError` for
    what it takes and this package does not.

    >>> parse_pattern(r"a*+", "pattern").manner
    'possessive'
    """
    parser = _Parser(PatternText(pattern, path))
    node = parser.finished(parser.choice(_Options(), 0), _Options())
    if not parser.text.ended:
        raise parser.text.malformed("a parenthesis that was opened")
    if _dots_after_a_place(node):
        raise parser.text.unsupported(".* after a place, at the beginning")
    return node


class _Parser:
    def __init__(self, text: PatternText) -> None:
        self.text = text

    def choice(self, options: _Options, depth: int) -> Node:
        """Everything up to the parenthesis that closes, or to the end."""
        if depth > _MAX_DEPTH:
            raise self.text.unsupported("groups this deep")
        branches = [self.run(options, depth)]
        while self.text.take("|"):
            branches.append(self.run(options, depth))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def run(self, options: _Options, depth: int) -> Node:
        """One branch."""
        parts: list[Node] = []
        while True:
            self.skip(options)
            if self.text.ended or self.text.peek("|") or self.text.peek(")"):
                break
            isolated = self.options(options, closed_by=")")
            if isolated:
                # what follows belongs to it, other branches included
                parts.append(self.finished(self.choice(isolated, depth + 1), isolated))
                break
            in_group = self.text.peek("(")
            node, is_place = self.atom(options, depth)
            node = self.quantified(node, is_place, options, in_group=in_group)
            if isinstance(node, Run) and all(isinstance(part, Letter) for part in node.parts):
                parts += node.parts  # the letters of (?:..) fold with those next to it
            else:
                parts.append(self.finished(node, options) if isinstance(node, Run) else node)
        return parts[0] if len(parts) == 1 else Run(tuple(parts))

    def finished(self, node: Node, options: _Options) -> Node:
        """The node without letters: each has become a set, folded if need be."""
        if isinstance(node, Choice):
            return Choice(tuple(self.finished(branch, options) for branch in node.branches))
        parts = node.parts if isinstance(node, Run) else (node,)
        if options.ignore_case:
            parts = tuple(fold_letters(parts, self.text, behind=options.behind))
        parts = tuple(
            Set(CodePoints.of(part.character))
            if isinstance(part, Letter)
            else (self.finished(part, options) if isinstance(part, Choice) else part)
            for part in parts
        )
        return parts[0] if len(parts) == 1 else Run(parts)

    def skip(self, options: _Options) -> None:
        """Over comments, and over white space where it does not count."""
        text = self.text
        while True:
            if text.take("(?#"):
                end = re.compile(r"(?:[^\\)]|\\.)*\)", re.DOTALL).match(text.pattern, text.at)
                if not end:
                    raise text.malformed("the end of a comment")
                text.at = end.end()
            elif options.extended and not text.ended and text.pattern[text.at] in _EXTENDED_SPACE:
                text.at += 1
            elif options.extended and text.take("#"):
                newline = text.pattern.find("\n", text.at)
                text.at = len(text.pattern) if newline < 0 else newline + 1
            else:
                return

    def options(self, options: _Options, closed_by: str) -> _Options | None:
        """Takes `(?i)` or `(?i:` if it stands here."""
        match = _OPTIONS.match(self.text.pattern, self.text.at)
        if not match or match[3] != closed_by or (not match[1] and match[2] is None):
            return None
        self.text.at = match.end()
        names = {"i": "ignore_case", "m": "dot_all", "x": "extended"}
        on = {names[letter]: True for letter in match[1]}
        return replace(options, **{**on, **{names[letter]: False for letter in match[2] or ""}})

    def quantified(self, node: Node, is_place: bool, options: _Options, *, in_group: bool) -> Node:
        """The node with all the quantifiers that follow it."""
        text = self.text
        while True:
            self.skip(options)
            fixed = False
            interval = _INTERVAL.match(text.pattern, text.at)
            if text.take("*"):
                least, most = 0, None
            elif text.take("+"):
                least, most = 1, None
            elif text.take("?"):
                least, most = 0, 1
            elif interval:
                text.at = interval.end()
                least, most = int(interval[1] or 0), int(interval[3] or interval[4] or 0)
                fixed = bool(interval[1]) and not interval[2]
                if fixed and interval[3]:  # cannot be: digits end at the brace
                    raise text.malformed("an interval")
                if interval[1] and not interval[3]:
                    most = least if fixed else None
            else:
                return node
            if is_place and in_group:
                raise text.unsupported("a quantifier on a place")
            if is_place:
                raise text.malformed("something that can be repeated")
            if max(least, most or 0) > _MAX_REPEATS:
                raise text.malformed(f"at most {_MAX_REPEATS} repeats")
            if most is not None and least > most:
                raise text.unsupported("an interval whose bounds descend")
            node = self.finished(node, options)
            if most != 1 and not _may_repeat(node):
                raise text.unsupported("a repeat of what may be empty")
            if not fixed and text.take("?"):
                node = Repeat(node, least, most, "lazy")
            elif not interval and text.take("+"):
                if options.behind:
                    raise text.unsupported("a possessive quantifier in a look-behind")
                node = Repeat(node, least, most, "possessive")
            else:
                node = Repeat(node, least, most)

    def atom(self, options: _Options, depth: int) -> tuple[Node, bool]:
        """What one quantifier would repeat, and whether it is a place, which cannot be repeated."""
        text = self.text
        character = text.pattern[text.at]
        if character == "(":
            return self.group(options, depth)
        if character in "*+?" or _INTERVAL.match(text.pattern, text.at):
            raise text.malformed("something to repeat")
        if character == "[":
            points, sequences = fold_set(read_bracket(text), options.ignore_case)
            if sequences and options.behind:
                raise text.unsupported("case folding to several characters in a look-behind")
            return (Choice((Set(points), *sequences)) if sequences else Set(points)), False
        if character == "\\":
            return self.escape(options, depth)
        text.at += 1
        if character == ".":
            return Set(EVERYTHING if options.dot_all else ~NEWLINE), False
        if character in "^$":
            return (_LINE_START if character == "^" else _LINE_END), True
        return Letter(character), False

    def escape(self, options: _Options, depth: int) -> tuple[Node, bool]:
        text = self.text
        letter = text.pattern[text.at + 1 : text.at + 2]
        if letter == "K" and depth:
            raise text.unsupported("\\K in a group")  # where it may be tried more than once
        if letter in _PLACES:
            if options.behind and letter in "AzZGK":
                raise text.unsupported(f"\\{letter} in a look-behind")
            text.at += 2
            return _PLACES[letter], True
        if letter in _REFUSED_ESCAPES:
            raise text.unsupported(f"{_REFUSED_ESCAPES[letter]} (\\{letter})")
        if letter == "R" and options.behind:
            raise text.unsupported("\\R in a look-behind")
        if letter and letter in "RNO":
            text.at += 2
            sets: dict[str, Node] = {"R": _LINE_BREAK, "N": Set(~NEWLINE), "O": Set(EVERYTHING)}
            return sets[letter], False
        points = read_escaped_class(text, bracket=False)
        return (Set(points) if points else Letter(read_character(text, bracket=False))), False

    def group(self, options: _Options, depth: int) -> tuple[Node, bool]:
        text = self.text
        capturing = False
        inner = options
        looks = {"(?=": (True, False), "(?!": (True, True), "(?<=": (False, False)}
        looks["(?<!"] = (False, True)
        plain = False
        look = next((value for opening, value in looks.items() if text.take(opening)), None)
        atomic = look is None and text.take("(?>")
        if look:
            if options.behind:
                raise text.unsupported("a look-around in a look-behind")
            if not look[0]:
                inner = replace(options, behind=True, behind_not=look[1])
        elif atomic:
            if options.behind:
                raise text.unsupported("an atomic group in a look-behind")
        elif named := _NAMED.match(text.pattern, text.at):
            capturing = True
            text.at = named.end()
        elif opened := self.options(options, closed_by=":"):
            inner = opened
        elif text.take("(?:"):
            plain = True
        else:
            if text.peek("(?") or text.peek("(*"):
                raise text.unsupported(f"a group that begins {text.pattern[text.at :][:4]!r}")
            capturing = True
            text.take("(")
        if capturing and options.behind_not:
            raise text.malformed("no capturing group inside a negative look-behind")
        body = self.choice(inner, depth + 1)
        if not text.take(")"):
            raise text.malformed("a closing parenthesis")
        if not plain:
            body = self.finished(body, inner)
        if look:
            branches = body.branches if isinstance(body, Choice) else (body,)
            varied = any(has_place(branch) and len({*widths(branch)}) > 1 for branch in branches)
            if not look[0] and varied:
                raise text.unsupported("a place in a look-behind whose length varies")
            return Look(body, *look), True
        return (Atomic(body) if atomic else body), plain and _is_place(body)


def _may_repeat(node: Node) -> bool:
    """Whether an empty round cannot matter: Oniguruma leaves a loop after one, others do not."""
    simple = isinstance(node, Repeat) and isinstance(node.body, Set) and node.manner == "greedy"
    return simple or widths(node)[0] > 0


def _dots_after_a_place(node: Node, after: bool = False) -> bool:
    """Whether Oniguruma would take the pattern for one that can only begin where a line does.

    It looks for that at a leading `.*`, and forgets that a place before it may not be there.
    """
    if isinstance(node, Choice):
        return any(_dots_after_a_place(branch, after) for branch in node.branches)
    if isinstance(node, Run):
        for part in node.parts:
            if widths(part) != (0, 0):
                return _dots_after_a_place(part, after)
            after = True
    if isinstance(node, Repeat) and isinstance(node.body, Set):
        dots = node.body.points in (EVERYTHING, ~NEWLINE)
        return after and dots and node.most is None and node.manner == "greedy"
    if isinstance(node, (Repeat, Atomic)):
        return _dots_after_a_place(node.body, after)
    return False


def _is_place(node: Node) -> bool:
    """Whether Oniguruma would refuse to repeat the node."""
    if isinstance(node, Choice) and not any(node is place for place in _PLACES.values()):
        return any(_is_place(branch) for branch in node.branches)
    return isinstance(node, (Look, Anchor, Choice))
