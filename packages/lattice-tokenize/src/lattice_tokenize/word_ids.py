"""Words -> their ids, those that have been met from memory, all others at once from the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from numpy.typing import NDArray

from .component import flattened, kind_of
from .flat_texts import FlatTexts
from .models import Model
from .pre_tokenizers import PreTokenizer, Spells
from .ragged import flat_rows

if TYPE_CHECKING:
    from .pre_tokenizers import ByteLevel

__all__ = ["WordIds", "split_steps"]

Ids = tuple[int, ...]
Ints = NDArray[np.int64]

# A word and its ids take some 200 bytes.
MAX_REMEMBERED: Final = 1 << 17
# Longer ones are rarely seen twice.
MAX_REMEMBERED_LENGTH: Final = 64


class WordIds:
    """`later_steps` of the pre-tokenizer see one word at a time. Safe to use from many threads.

    Entries depend on their key alone and are written in one step, so threads can only repeat each
    other's work.
    """

    def __init__(self, model: Model, later_steps: PreTokenizer | None) -> None:
        self._model = model
        self._later_steps = later_steps
        self._remembered: dict[str, Ids] = {}

    def __len__(self) -> int:
        """How many words are remembered."""
        return len(self._remembered)

    def __call__(self, words: Iterable[str]) -> dict[str, Ids]:
        """The ids of each word, as the first step of the pre-tokenizer cut it; remembered."""
        remembered = self._remembered.get
        known = {word: remembered(word) for word in words}
        unseen = [word for word, ids in known.items() if ids is None]
        if unseen:
            computed = dict(zip(unseen, self._compute(unseen), strict=True))
            known.update(computed)
            self._remember(computed)
        return cast("dict[str, Ids]", known)

    def _remember(self, computed: dict[str, Ids]) -> None:
        if len(self._remembered) + len(computed) > MAX_REMEMBERED:
            self._remembered.clear()
        if max(map(len, computed), default=0) > MAX_REMEMBERED_LENGTH:
            short = (word for word in computed if len(word) <= MAX_REMEMBERED_LENGTH)
            computed = {word: computed[word] for word in short}
        self._remembered.update(islice(computed.items(), MAX_REMEMBERED))

    def compute(self, words: FlatTexts) -> tuple[Ints, Ints]:
        """The ids of words, one word after the other, and how many each has.

        int64 `(T,)` and `(n,)`. Nothing is remembered.
        """
        spelled = self._spelled(words)
        if spelled is not None:
            return self._model.flat_ids(spelled)
        return flat_rows(self._compute(words.texts()))

    def _spelled(self, words: FlatTexts) -> FlatTexts | None:
        """The words as the model takes them, `None` if some may become more than one, or none."""
        later_steps = self._later_steps
        if later_steps is None:
            return words
        return later_steps.spell(words) if isinstance(later_steps, Spells) else None

    def _compute(self, words: list[str]) -> list[Ids]:
        ids, later_steps = self._model.ids, self._later_steps
        if later_steps is None:
            return ids(words)
        spelled = self._spelled(FlatTexts.of(words))
        if spelled is not None:
            return ids(spelled.texts())
        pieces_of = list(map(later_steps, words))
        pieces = list(dict.fromkeys(chain.from_iterable(pieces_of)))
        ids_of = dict(zip(pieces, ids(pieces), strict=True))
        return [tuple(chain.from_iterable(map(ids_of.__getitem__, own))) for own in pieces_of]


def split_steps(
    pre_tokenizer: PreTokenizer | None,
) -> tuple[Callable[[str], list[str]], PreTokenizer | None]:
    """The first step of a pre-tokenizer, and the rest of them, which sees one word at a time.

    What comes out of the first step is what can be remembered: the rest depends on nothing else.
    """
    if pre_tokenizer is None:
        return _one_word, None
    steps: list[PreTokenizer] = list(flattened(pre_tokenizer))
    if steps and kind_of(steps[0]) == "ByteLevel":
        steps[:1] = cast("ByteLevel", steps[0]).steps()
    if len(steps) < 2 or pre_tokenizer.elsewhere is not pre_tokenizer:
        return pre_tokenizer, None
    if len(steps) == 2:
        return steps[0], steps[1]
    from .pre_tokenizers.sequence import Sequence

    return steps[0], Sequence(tuple(steps[1:]))


def _one_word(text: str) -> list[str]:
    return [text] if text else []
