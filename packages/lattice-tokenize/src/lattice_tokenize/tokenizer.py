"""The tokenizer as users see it: texts in, encodings or packed ids out.

    text --stages--> tokens --truncate--> --post-processor--> sequence --pad--> Encoding
                                                                     `--pack--> PackedIds

Names, signatures and results are those of `Tokenizer` of Hugging Face tokenizers, but for training.
`encode_packed` and `count` are this package's own: batches without padding, for models.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from operator import index
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .added_tokens import AddedToken, AddedTokens, with_ids
from .batch_ids import BatchIds, FlatIds
from .decoders import Decoder
from .encoding import Encoding
from .errors import EncodingOptionError, TextError, TokenizerFileError
from .inputs import Input, checked_text, checked_texts, read_input, read_sequence
from .models import Model
from .normalizers import Normalizer
from .packed_ids import PackedIds
from .pad import Padding
from .post_processors import IdsTemplate, PostProcessor, ids_template, join_default
from .pre_tokenizers import PreTokenizer
from .stages import Stages
from .tokenizer_json import TokenizerParts, parse_tokenizer_json, read_document, write_document
from .truncate import Truncation

__all__ = ["Tokenizer"]

# Texts are encoded in groups of about this many characters, so that memory stays bounded.
_GROUP_CHARACTERS = 1 << 21


class Tokenizer:
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

    def __init__(self, parts: TokenizerParts) -> None:
        """Tokenizers are made by `from_file` and its like."""
        self._parts = parts
        self._encode_special_tokens = False
        self._prepare()

    def _prepare(self) -> None:
        """Everything that follows from the parts."""
        parts = self._parts
        self._added_tokens = AddedTokens(
            parts.added_tokens,
            parts.normalizer,
            encode_special_tokens=self._encode_special_tokens,
        )
        self._stages = Stages(self._added_tokens, parts.pre_tokenizer, parts.model)
        self._batch_ids = BatchIds(self._stages)

    # ---- from files, and to them

    @classmethod
    def from_pretrained(
        cls,
        identifier: str | os.PathLike[str],
        revision: str = "main",
        token: str | None = None,
    ) -> Tokenizer:
        """Load a model directory, a `tokenizer.json`, or a repository of the Hugging Face hub.

        A directory without `tokenizer.json` is read from the other files that describe a
        tokenizer: `vocab.txt`, `vocab.json` with `merges.txt`, a SentencePiece `.model`, tiktoken
        ranks, `tokenizer_config.json`. A repository needs the package `huggingface_hub`.
        Raises `TokenizerFileError` where a file is missing or wrong, and
        `UnsupportedComponentError` where it asks for what this version does not implement.
        """
        path = Path(identifier)
        if path.is_dir():
            if (path / "tokenizer.json").exists():
                return cls.from_file(path / "tokenizer.json")
            from .other_files import read_directory  # here, because it is seldom needed

            return cls(read_document(read_directory(path)))
        if path.exists():
            return cls.from_file(path)
        return cls.from_file(_download(str(identifier), revision, token))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Tokenizer:
        """Load a `tokenizer.json`."""
        try:
            return cls.from_buffer(Path(path).read_bytes())
        except OSError as error:
            raise TokenizerFileError(str(path), "a readable file", error.strerror or "") from error
        except TokenizerFileError as error:
            kind, field = type(error), f"{path}: {error.field}"
            raise kind(field, error.expected, error.received, error.advice) from error.__cause__

    @classmethod
    def from_buffer(cls, buffer: bytes) -> Tokenizer:
        """Load the bytes of a `tokenizer.json`."""
        try:
            return cls.from_str(bytes(buffer).decode("utf-8"))
        except UnicodeDecodeError as error:
            raise TokenizerFileError("document", "UTF-8 text", f"byte {error.start}") from error

    @classmethod
    def from_str(cls, json: str) -> Tokenizer:
        """Load the text of a `tokenizer.json`."""
        return cls(parse_tokenizer_json(json))

    def to_str(self, pretty: bool = False) -> str:
        """The text of a `tokenizer.json` that describes this tokenizer."""
        document = write_document(self._parts)
        options: dict[str, Any] = {"indent": 2} if pretty else {"separators": (",", ":")}
        return json.dumps(document, ensure_ascii=False, **options)

    def save(self, path: str | os.PathLike[str], pretty: bool = True) -> None:
        """Write a `tokenizer.json` that describes this tokenizer."""
        Path(path).write_text(self.to_str(pretty), encoding="utf-8", newline="\n")

    def __getstate__(self) -> dict[str, Any]:
        return {"parts": self._parts, "encode_special_tokens": self._encode_special_tokens}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._parts = state["parts"]
        self._encode_special_tokens = state["encode_special_tokens"]
        self._prepare()

    # ---- the vocabulary

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """Token -> id."""
        vocab = dict(self._parts.model.vocab)
        if with_added_tokens:
            vocab.update(self._added_tokens.vocab)
        return vocab

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """The number of tokens, which is not the greatest id plus one where ids have holes."""
        vocab = self._parts.model.vocab
        if not with_added_tokens:
            return len(vocab)
        return len(vocab) + sum(content not in vocab for content in self._added_tokens.vocab)

    def get_added_tokens_decoder(self) -> dict[int, AddedToken]:
        """Id -> added token, by ascending ids."""
        return dict(self._parts.added_tokens)

    def token_to_id(self, token: str) -> int | None:
        """The id of `token`, or `None`."""
        token_id = self._added_tokens.vocab.get(token)
        return self._parts.model.vocab.get(token) if token_id is None else token_id

    def id_to_token(self, id: int) -> str | None:  # noqa: A002 -- the oracle's name
        """The token of `id`, or `None`."""
        token = self._added_tokens.spelling_of_id.get(id)
        return self._parts.model.id_to_token(id) if token is None else token

    def add_tokens(self, tokens: Iterable[str | AddedToken]) -> int:
        """Add tokens that are matched as a whole. Returns how many were new or changed.

        A token of the vocabulary keeps its id, any other gets the next free one. Not while other
        threads use the tokenizer.
        """
        added = [AddedToken(token) if isinstance(token, str) else token for token in tokens]
        return self._add(added)

    def add_special_tokens(self, tokens: Iterable[str | AddedToken]) -> int:
        """Add tokens as `add_tokens` does, each of them special."""
        added = [
            AddedToken(token, special=True)
            if isinstance(token, str)
            else replace(token, special=True)
            for token in tokens
        ]
        return self._add(added)

    def _add(self, tokens: list[AddedToken]) -> int:
        earlier = self._parts.added_tokens
        for place, token in enumerate(tokens):
            checked_text(token.content, f"tokens[{place}]")
        numbered = tuple(with_ids(tokens, earlier, self._parts.model.vocab))
        known = {token.content: token for _, token in earlier}
        changed = 0
        for token in tokens:
            if token.content and known.get(token.content) != token:
                changed += 1
                known[token.content] = token
        self._parts = replace(self._parts, added_tokens=numbered)
        self._prepare()
        return changed

    @property
    def encode_special_tokens(self) -> bool:
        """Whether special tokens written in a text are ordinary text; `False` at first."""
        return self._encode_special_tokens

    @encode_special_tokens.setter
    def encode_special_tokens(self, value: bool) -> None:
        self._encode_special_tokens = bool(value)
        self._prepare()

    # ---- truncation and padding

    @property
    def truncation(self) -> dict[str, Any] | None:
        """The options of `enable_truncation`, or `None`."""
        return self._parts.truncation.options() if self._parts.truncation else None

    def enable_truncation(
        self,
        max_length: int,
        stride: int = 0,
        strategy: str = "longest_first",
        direction: str = "right",
    ) -> None:
        """Cut what is encoded to `max_length` tokens, special tokens included.

        What is cut off follows in `Encoding.overflowing`, in parts that share `stride` tokens.
        `strategy`: "longest_first", "only_first" or "only_second" of a pair. `direction`: "right"
        or "left" is the side that is cut. Raises `EncodingOptionError`.
        """
        special_tokens = self.num_special_tokens_to_add(False)
        truncation = Truncation.from_options(
            max_length, stride, strategy, direction, special_tokens
        )
        self._parts = replace(self._parts, truncation=truncation)

    def no_truncation(self) -> None:
        """Cut nothing."""
        self._parts = replace(self._parts, truncation=None)

    @property
    def padding(self) -> dict[str, Any] | None:
        """The options of `enable_padding`, or `None`."""
        return self._parts.padding.options() if self._parts.padding else None

    def enable_padding(
        self,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
    ) -> None:
        """Fill what is encoded up to `length` tokens, or to the longest of a batch.

        Raises `EncodingOptionError`.
        """
        padding = Padding.from_options(
            direction, pad_id, pad_type_id, pad_token, length, pad_to_multiple_of
        )
        self._parts = replace(self._parts, padding=padding)

    def no_padding(self) -> None:
        """Fill up nothing."""
        self._parts = replace(self._parts, padding=None)

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """How many tokens the post-processor adds to a text, or to a pair."""
        post_processor = self._parts.post_processor
        return post_processor.num_special_tokens_to_add(is_pair) if post_processor else 0

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
        template = self._template(pair=False, add_special_tokens=add_special_tokens)
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

    def _template(self, *, pair: bool, add_special_tokens: bool) -> IdsTemplate:
        return ids_template(
            self._parts.post_processor, pair=pair, add_special_tokens=add_special_tokens
        )

    def _encode(self, inputs: list[Input], add_special_tokens: bool) -> list[Encoding]:
        """Ids and masks at once; tokens, offsets and words when somebody asks for them."""
        parts, stages = self._parts, self._stages
        ids_of_texts = self._ids_of_texts(
            [text for one in inputs for text in (*one.first, *(one.second or ()))]
        )
        templates: dict[bool, IdsTemplate] = {}
        encodings = []
        for one in inputs:
            pair = one.second is not None
            if pair not in templates:
                templates[pair] = self._template(pair=pair, add_special_tokens=add_special_tokens)
            template = templates[pair]
            texts = [
                list(chain.from_iterable(islice(ids_of_texts, len(words))))
                for words in (one.first, one.second)
                if words is not None
            ]
            lengths = [len(ids) for ids in texts]
            ids = template.ids(*texts)
            whole = partial(_encode_whole, parts, stages, one, add_special_tokens)
            if parts.truncation and len(ids) > parts.truncation.max_length:
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
            token = self.id_to_token(number)
            if token is not None and token not in special:
                tokens.append(token)
        decoder = self._parts.decoder
        return "".join(decoder.decode_chain(tokens)) if decoder else " ".join(tokens)

    def decode_batch(
        self, sequences: Iterable[Iterable[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """Ids of many texts -> texts."""
        return [self.decode(ids, skip_special_tokens) for ids in sequences]

    # ---- the parts, which can be replaced

    @property
    def normalizer(self) -> Normalizer | None:
        return self._parts.normalizer

    @normalizer.setter
    def normalizer(self, normalizer: Normalizer | None) -> None:
        self._parts = replace(self._parts, normalizer=normalizer)
        self._prepare()

    @property
    def pre_tokenizer(self) -> PreTokenizer | None:
        return self._parts.pre_tokenizer

    @pre_tokenizer.setter
    def pre_tokenizer(self, pre_tokenizer: PreTokenizer | None) -> None:
        self._parts = replace(self._parts, pre_tokenizer=pre_tokenizer)
        self._prepare()

    @property
    def model(self) -> Model:
        return self._parts.model

    @property
    def post_processor(self) -> PostProcessor | None:
        return self._parts.post_processor

    @post_processor.setter
    def post_processor(self, post_processor: PostProcessor | None) -> None:
        self._parts = replace(self._parts, post_processor=post_processor)

    @property
    def decoder(self) -> Decoder | None:
        return self._parts.decoder

    @decoder.setter
    def decoder(self, decoder: Decoder | None) -> None:
        self._parts = replace(self._parts, decoder=decoder)


def _encode_whole(
    parts: TokenizerParts, stages: Stages, one: Input, add_special_tokens: bool
) -> Encoding:
    """The readable way: every column, before padding."""
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


def _download(repository: str, revision: str, token: str | None) -> str:
    try:
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise TokenizerFileError(
            "identifier",
            "a directory, a tokenizer.json, or a repository where huggingface_hub is installed",
            repr(repository),
            "There is nothing at this path; pip install huggingface_hub to download repositories.",
        ) from None
    return hf_hub_download(repository, "tokenizer.json", revision=revision, token=token)
