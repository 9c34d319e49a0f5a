"""The tokenizer as users see it: texts in, encodings or packed ids out.

    text --stages--> tokens --truncate--> --post-processor--> sequence --pad--> Encoding
                                                                     `--pack--> PackedIds

Names, signatures and results are those of `Tokenizer` of Hugging Face tokenizers, but for training.
Files, vocabulary and options are in `tokenizer_description.py`. `encode_packed` and `count` are
this package's own: batches without padding, for models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain, islice
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .async_methods import AsyncMethods
from .batch_ids import BatchIds, FlatIds
from .encoding import Encoding
from .errors import EncodingOptionError, TextError
from .garbage_collection import without_garbage_collection
from .inputs import Input, checked_texts, read_input, read_sequence
from .packed_ids import PackedIds
from .post_processors import join_default
from .stages import Stages
from .tokenizer_description import TokenizerDescription
from .tokenizer_json import TokenizerParts
from .truncate import Truncation

__all__ = ["Tokenizer"]

# Texts are encoded in groups of about this many characters, so that memory stays bounded.
_GROUP_CHARACTERS = 1 << 21
# Words and offsets of so many characters keep the garbage collector busy.
_MANY_CHARACTERS = 1 << 16


class Tokenizer(AsyncMethods, TokenizerDescription):
    """A tokenizer, as `tokenizer.json` describes it.

    Safe to use from several threads, as long as none of them changes it (`add_tokens`,
    `enable_truncation`...).

    >>> tokenizer = Tokenizer.from_pretrained(minilm)  # a directory or a tokenizer.json
    >>> encoding = tokenizer.encode("Lattices, everywhere!")
    >>> encoding.tokens[:6]
    ['[CLS]', 'lattice', '##s', ',', 'everywhere', '!']
    >>> encoding.offsets[:6]
    [(0, 0), (0, 7), (7, 8), (8, 9), (10, 20), (20, 21)]
    """

    def _prepare(self) -> None:
        super()._prepare()
        parts = self._parts
        self._stages = Stages(self._added_tokens, parts.pre_tokenizer, parts.model)
        self._batch_ids = BatchIds(self._stages)

    # ---- texts to tokens

    def encode(
        self,
        sequence: Any,
        pair: Any = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """One text, or a pair, as an `Encoding`.

        With `is_pretokenized` each of them is a sequence of words. Raises `TextError` for what is
        not text, and `EncodingOptionError` where the truncation cannot be obeyed.
        """
        first = read_sequence(sequence, "sequence", is_pretokenized)
        second = None if pair is None else read_sequence(pair, "pair", is_pretokenized)
        return self._encode([Input(first, second, is_pretokenized)], add_special_tokens)[0]

    def encode_batch(
        self,
        input: Iterable[Any],  # noqa: A002 -- the oracle's name
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """Many texts; a tuple or a list of two texts is a pair. The fast way to encode."""
        if isinstance(input, str) or not isinstance(input, Iterable):
            raise TextError("input", "a sequence of texts", type(input).__name__, "Write [text].")
        inputs = [
            read_input(value, f"input[{index}]", is_pretokenized)
            for index, value in enumerate(input)
        ]
        return self._encode(inputs, add_special_tokens)

    def encode_batch_fast(
        self,
        input: Iterable[Any],  # noqa: A002 -- the oracle's name
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """The same as `encode_batch`, which computes offsets only when they are asked for."""
        return self.encode_batch(input, is_pretokenized, add_special_tokens)

    def encode_packed(
        self,
        texts: Sequence[str],
        *,
        max_tokens: int | None = None,
        add_special_tokens: bool = True,
    ) -> PackedIds:
        """A batch for a model: never padded.

        `max_tokens`: cut each text from its end so that, special tokens included, no more than
        this remains; `None` leaves it to the tokenizer's truncation. Raises `TextError` naming
        the text, and `EncodingOptionError`.

        >>> packed = Tokenizer.from_pretrained(minilm).encode_packed(["one", "two words"])
        >>> packed.ids.tolist(), packed.cu_seqlens.tolist()
        ([101, 2028, 102, 101, 2048, 2616, 102], [0, 3, 7])
        """
        template = self._parts.template(pair=False, add_special_tokens=add_special_tokens)
        special_tokens = self.num_special_tokens_to_add(False) if add_special_tokens else 0
        truncation = self._parts.truncation
        if max_tokens is not None:
            least = max(1, special_tokens)
            if type(max_tokens) is not int or max_tokens < least:
                raise EncodingOptionError(
                    "max_tokens", f"None or an int from {least} up", repr(max_tokens)
                )
            truncation = Truncation(max_length=max_tokens)
        groups = list(self._flat_ids(checked_texts(texts, "texts")))
        ids = np.concatenate([group.ids for group in groups])
        counts = np.concatenate([group.counts for group in groups])
        kept = counts.copy()
        if truncation:
            for index in np.flatnonzero(counts + special_tokens > truncation.max_length).tolist():
                kept[index], _ = truncation.lengths(
                    int(counts[index]), None, special_tokens=special_tokens
                )
        from_end = truncation is not None and truncation.direction == "Left"
        if template.is_one_text:
            return PackedIds.around(
                ids,
                counts,
                kept,
                from_end=from_end,
                prefix=template.prefix_ids,
                suffix=template.suffix_ids,
            )
        texts_ids = PackedIds.around(ids, counts, kept, from_end=from_end)
        return PackedIds.from_lists(
            [template.ids(row.tolist()) for row in texts_ids], texts_ids.truncated.tolist()
        )

    def count(self, texts: Sequence[str], *, add_special_tokens: bool = True) -> NDArray[np.int64]:
        """How many tokens each text has, int64 `(n,)`, if nothing is cut.

        >>> Tokenizer.from_pretrained(minilm).count(["one", "two words"]).tolist()
        [3, 4]
        """
        special_tokens = self.num_special_tokens_to_add(False) if add_special_tokens else 0
        groups = self._flat_ids(checked_texts(texts, "texts"))
        return np.concatenate([group.counts for group in groups]) + special_tokens

    def _ids_of_texts(self, texts: list[str]) -> Iterator[list[int]]:
        """The ids of each text, without special tokens; memory stays bounded."""
        for ids, counts in self._flat_ids(texts):
            flat = ids.tolist()
            stops = np.cumsum(counts)
            for start, stop in zip((stops - counts).tolist(), stops.tolist(), strict=True):
                yield flat[start:stop]

    def _flat_ids(self, texts: list[str]) -> Iterator[FlatIds]:
        """The ids of the texts, group by group, without special tokens."""
        first = characters = 0
        for last, text in enumerate(texts, 1):
            characters += len(text)
            if characters >= _GROUP_CHARACTERS:
                yield self._batch_ids(texts[first:last])
                first, characters = last, 0
        yield self._batch_ids(texts[first:])

    def _encode(self, inputs: list[Input], add_special_tokens: bool) -> list[Encoding]:
        """Ids and masks at once; tokens, offsets and words when somebody asks for them."""
        parts, stages = self._parts, self._stages
        ids_of_texts = self._ids_of_texts(
            [text for one in inputs for text in (*one.first, *(one.second or ()))]
        )
        encodings = []
        for one in inputs:
            pair = one.second is not None
            template = parts.template(pair=pair, add_special_tokens=add_special_tokens)
            # what the post-processor says, which for some is not what it does
            special_tokens = self.num_special_tokens_to_add(pair) if add_special_tokens else 0
            texts = [
                list(chain.from_iterable(islice(ids_of_texts, len(words))))
                for words in (one.first, one.second)
                if words is not None
            ]
            lengths = [len(ids) for ids in texts]
            ids = template.ids(*texts)
            whole = partial(_encode_whole, parts, stages, one, add_special_tokens)
            if parts.truncation and sum(lengths) + special_tokens > parts.truncation.max_length:
                encodings.append(whole())
                continue
            encodings.append(
                Encoding(
                    ids,
                    type_ids=template.type_ids(*lengths),
                    special_tokens_mask=template.special_tokens_mask(*lengths),
                    complete=whole,
                )
            )
        if parts.padding:
            parts.padding.apply(encodings)
        return encodings

    def post_process(
        self,
        encoding: Encoding,
        pair: Encoding | None = None,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """Truncate, add the special tokens, and pad, as `encode` does in the end."""
        finished = _post_process(self._parts, encoding, pair, add_special_tokens)
        if self._parts.padding:
            self._parts.padding.apply([finished])
        return finished

    # ---- and back

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """Ids -> text. Ids that no token has are left out, as the oracle does.

        >>> Tokenizer.from_pretrained(minilm).decode([101, 7592, 1010, 2088, 999, 102])
        'hello, world!'
        """
        if not isinstance(ids, Iterable):
            raise EncodingOptionError("ids", "a sequence of int", type(ids).__name__)
        tokens = []
        special = self._added_tokens.special_contents if skip_special_tokens else ()
        for place, token_id in enumerate(ids):
            try:
                number = index(token_id)
            except TypeError:
                kind = type(token_id).__name__
                raise EncodingOptionError(f"ids[{place}]", "an int", kind) from None
            if not 0 <= number < 1 << 32:
                raise EncodingOptionError(f"ids[{place}]", "an id from 0 up", str(number))
            token = self._token_of(number)
            if token is not None and token not in special:
                tokens.append(token)
        decoder = self._parts.decoder
        return "".join(decoder.decode_chain(tokens)) if decoder else " ".join(tokens)

    def decode_batch(
        self, sequences: Iterable[Iterable[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """Ids of many texts -> texts."""
        if not isinstance(sequences, Iterable):
            raise EncodingOptionError("sequences", "lists of int", type(sequences).__name__)
        return [self.decode(ids, skip_special_tokens) for ids in sequences]


def _encode_whole(
    parts: TokenizerParts, stages: Stages, one: Input, add_special_tokens: bool
) -> Encoding:
    """The readable way: every column, before padding."""
    characters = sum(map(len, (*one.first, *(one.second or ()))))
    with without_garbage_collection() if characters > _MANY_CHARACTERS else nullcontext():
        first, second = (
            None
            if texts is None
            else stages.encode(texts, type_id=type_id, is_pretokenized=one.is_pretokenized)
            for type_id, texts in enumerate((one.first, one.second))
        )
        assert first is not None
        return _post_process(parts, first, second, add_special_tokens)


def _post_process(
    parts: TokenizerParts, first: Encoding, second: Encoding | None, add_special_tokens: bool
) -> Encoding:
    processor = parts.post_processor
    if parts.truncation:
        pair = second is not None
        count = processor.num_special_tokens_to_add(pair) if processor and add_special_tokens else 0
        first, second = parts.truncation.truncate(first, second, special_tokens=count)
    if processor is None:
        return join_default(first, second)
    return processor.process(first, second, add_special_tokens)
