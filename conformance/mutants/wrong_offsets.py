"""Engines whose ids are right, and whose offsets are not those of the text that was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from lattice_tokenize import Encoding
from lattice_tokenize.aligned_text import AlignedText

from .bend_tokenizer import Document, of_document
from .mutant import Mutant, Patch, wrap

__all__ = ["WRONG_OFFSETS"]

_ENCODE = "lattice_tokenize.stages.Stages.encode"
_ALIGNED = "lattice_tokenize.aligned_text.AlignedText"
_ENCODING = "lattice_tokenize.encoding.Encoding"
_NORMALIZERS = "lattice_tokenize.normalizers"
_BERT, _QWEN, _E5 = ("all-minilm-l6-v2",), ("qwen3-embedding",), ("multilingual-e5-small-q4",)

Place = tuple[int, int]
# of a text, a token and its place: another place
Move = Callable[[str, str, Place], Place]


def _moved(move: Move) -> Patch:
    """Another place for each token of a text; special tokens are not there yet."""

    def encode(f: Any, stages: Any, texts: Sequence[str], **options: Any) -> Encoding:
        encoding: Encoding = f(stages, texts, **options)
        (text,) = texts
        columns = zip(encoding.tokens, encoding.offsets, strict=True)
        return encoding.replaced(offsets=[move(text, token, place) for token, place in columns])

    return wrap(_ENCODE, encode)


def _counted(size: Callable[[str], int]) -> Patch:
    """Something other than code points is counted."""

    def move(text: str, _: str, place: Place) -> Place:
        sums = [0, *accumulate(map(size, text))]
        return sums[place[0]], sums[place[1]]

    return _moved(move)


def _trimmed(text: str, _: str, place: Place) -> Place:
    start, stop = place
    there = text[start:stop]
    return stop - len(there.lstrip()), stop - len(there) + len(there.rstrip())


def _with_the_space_before(text: str, token: str, place: Place) -> Place:
    start, stop = place
    return max(start - (token.startswith("▁") and text[start - 1 : start] == " "), 0), stop


def _first_only(unknown: int) -> Patch:
    """Of an unknown token, the place of its first character."""

    def encode(f: Any, stages: Any, texts: Sequence[str], **options: Any) -> Encoding:
        encoding: Encoding = f(stages, texts, **options)
        columns = zip(encoding.ids, encoding.offsets, strict=True)
        offsets = [(s, s + 1 if token_id == unknown else e) for token_id, (s, e) in columns]
        return encoding.replaced(offsets=offsets)

    return wrap(_ENCODE, encode)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _once(f: Any, stages: Any, texts: Sequence[str], **options: Any) -> Encoding:
    """Of the tokens of one character, the first alone has its place."""
    encoding: Encoding = f(stages, texts, **options)
    pairs = zip([None, *encoding.offsets], encoding.offsets, strict=False)
    offsets = [(here[1], here[1]) if here == before else here for before, here in pairs]
    return encoding.replaced(offsets=offsets)


def _whole_words(f: Any, stages: Any, texts: Sequence[str], **options: Any) -> Encoding:
    encoding: Encoding = f(stages, texts, **options)
    words, places = encoding.word_ids, encoding.offsets
    of_word: dict[int | None, Place] = {}
    for word, (start, stop) in zip(words, places, strict=True):
        of_word[word] = of_word.get(word, (start, stop))[0], stop
    return encoding.replaced(offsets=[of_word[word] for word in words])


def _as_if_nothing_was_changed(f: Any, normalizer: Any, text: AlignedText) -> AlignedText:
    new = f(normalizer, text).text
    places = range(text.origin, text.origin + len(new) + 1)
    return AlignedText(new, places[:-1], places[1:], text.origin)


def _closed_up(f: Any, text: AlignedText, indices: Sequence[int]) -> AlignedText:
    """What stays moves into the place of what was dropped."""
    kept: AlignedText = f(text, indices)
    count = len(indices)
    return replace(kept, starts=text.starts[:count], ends=text.ends[:count])


def _of_all_its_parts(
    f: Any, text: AlignedText, changes: Any, initial_removed: int = 0
) -> AlignedText:
    """What was composed stands where all that it is made of stood."""
    listed = list(changes)
    new: AlignedText = f(text, listed, initial_removed)
    ends, old = [], initial_removed
    for _, change in listed:
        old += 0 if change > 0 else 1 - change
        ends.append(text.ends[old - 1] if old else text.origin)
    return replace(new, ends=ends)


def _from_the_next(
    f: Any, text: AlignedText, changes: Any, initial_removed: int = 0
) -> AlignedText:
    """What is new comes from where the character behind it came from."""
    listed = list(changes)
    new: AlignedText = f(text, listed, initial_removed)
    starts, old = [], initial_removed
    for _, change in listed:
        starts.append(text.starts[min(old, len(text) - 1)])
        old += 0 if change > 0 else 1 - change
    return replace(new, starts=starts, ends=[start + 1 for start in starts])


def _from_its_own_beginning(f: Any, text: AlignedText, start: int, stop: int) -> AlignedText:
    """Behind an added token, places are counted from there."""
    part: AlignedText = f(text, start, stop)
    before = part.starts[0] if part.starts else 0
    return replace(
        part, starts=[s - before for s in part.starts], ends=[e - before for e in part.ends]
    )


def _whole_text_is_cut(f: Any, encoding: Encoding, max_length: int, *rest: Any) -> Encoding:
    """The last token that is left has what was cut off."""
    cut: Encoding = f(encoding, max_length, *rest)
    if len(cut) in (0, len(encoding)):
        return cut
    last = cut.offsets[-1][0], encoding.offsets[-1][1]
    return cut.replaced(offsets=[*cut.offsets[:-1], last])


def _at_the_end(f: Any, encoding: Encoding, *arguments: Any, **options: Any) -> None:
    """Padding stands behind the text."""
    count, end = len(encoding), max(stop for _, stop in encoding.offsets)
    f(encoding, *arguments, **options)
    encoding._offsets = [*encoding.offsets[:count], *[(end, end)] * (len(encoding) - count)]


def _trim_offsets(document: Document) -> None:
    for part in document["post_processor"]["processors"]:
        if part["type"] == "ByteLevel":
            part["trim_offsets"] = True


WRONG_OFFSETS = (
    Mutant("offsets-in-bytes", "accents", _counted(lambda c: len(c.encode())), subjects=_BERT),
    Mutant("offsets-in-utf-16-units", "astral", _counted(lambda c: 1 + (c > "\uffff")), subjects=_BERT),
    Mutant("offsets-end-included", "english", _moved(lambda _, __, place: (place[0], place[1] - 1)), subjects=_BERT),
    Mutant("offsets-as-long-as-the-piece", "subword", _moved(lambda _, token, place: (place[0], place[0] + len(token))), subjects=_BERT),
    Mutant("offsets-of-whole-words", "subword", wrap(_ENCODE, _whole_words), subjects=_BERT),
    Mutant("offsets-of-the-stripped-text", "whitespace", _moved(lambda text, _, place: (place[0] - _indent(text), place[1] - _indent(text))), subjects=_BERT),
    Mutant("offsets-in-what-bert-normalizes", "accents", wrap(f"{_NORMALIZERS}.bert.BertNormalizer.align", _as_if_nothing_was_changed), subjects=_BERT),
    Mutant("offsets-close-up-what-is-dropped", "control", wrap(f"{_ALIGNED}.kept", _closed_up), subjects=_BERT),
    Mutant("offsets-of-jamo-from-the-next", "hangul", wrap(f"{_ALIGNED}.transformed", _from_the_next), subjects=_BERT),
    Mutant("offsets-of-unknown-one-character", "unknown", _first_only(100), subjects=_BERT),
    Mutant("offsets-count-on-in-a-pair", "pair", wrap(f"{_ENCODING}._append", lambda f, self, other, _: f(self, other, True)), subjects=_BERT),
    Mutant("offsets-of-the-last-reach-the-end", "truncation", wrap(f"{_ENCODING}.truncated", _whole_text_is_cut), subjects=_BERT),
    Mutant("offsets-of-padding-at-the-end", "padding", wrap(f"{_ENCODING}.pad", _at_the_end), subjects=_BERT),
    Mutant("offsets-begin-anew-behind-added-tokens", "added-tokens", wrap(f"{_ALIGNED}.slice", _from_its_own_beginning), subjects=_BERT),
    Mutant("offsets-trimmed", "whitespace", of_document(_trim_offsets), subjects=_QWEN),
    Mutant("offsets-of-bytes-once", "bytes", wrap(_ENCODE, _once), subjects=_QWEN),
    Mutant("offsets-in-the-composed-text", "normalization", wrap(f"{_NORMALIZERS}.unicode_forms.NFC.align", _as_if_nothing_was_changed), subjects=_QWEN),
    Mutant("offsets-of-all-that-composes", "normalization", wrap(f"{_ALIGNED}.transformed", _of_all_its_parts), subjects=_QWEN),
    Mutant("offsets-in-what-the-map-gives", "charsmap", wrap(f"{_NORMALIZERS}.precompiled.Precompiled.align", _as_if_nothing_was_changed), subjects=_E5),
    Mutant("offsets-with-the-space-before", "prefix", _moved(_with_the_space_before), subjects=_E5),
    Mutant("offsets-of-mask-without-its-space", "added-tokens", _moved(_trimmed), subjects=_E5),
    Mutant("offsets-of-unknown-runs-one-character", "unknown", _first_only(3), subjects=_E5),
    Mutant("offsets-of-metaspace-nowhere", "unknown", _moved(lambda _, token, place: (place[0], place[0] if token == "▁" else place[1])), subjects=_E5),
)  # fmt: skip
