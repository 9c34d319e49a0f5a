"""A tokenizer.json, as an object that can be loaded, asked, changed and saved.

    tokenizer.json --> TokenizerParts --> TokenizerDescription --> tokenizer.json

Names, signatures and results are those of `Tokenizer` of Hugging Face tokenizers. What a tokenizer
does to texts is in `tokenizer.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from .added_tokens import AddedToken, AddedTokens, read_tokens, with_ids
from .decoders import Decoder
from .document_text import document_text
from .errors import TokenizerFileError
from .inputs import checked_text
from .models import Model
from .normalizers import Normalizer
from .pad import Padding
from .post_processors import PostProcessor
from .pre_tokenizers import PreTokenizer
from .token_positions import natural
from .tokenizer_json import (
    TokenizerParts,
    bare_parts,
    parse_tokenizer_json,
    read_document,
    write_document,
)
from .truncate import Truncation

__all__ = ["TokenizerDescription"]

Self = TypeVar("Self", bound="TokenizerDescription")


class TokenizerDescription:
    """The parts of a tokenizer.

    >>> from lattice_tokenize import Tokenizer
    >>> tokenizer = Tokenizer.from_pretrained(minilm)
    >>> tokenizer.get_vocab_size(), tokenizer.token_to_id("[MASK]")
    (30522, 103)
    """

    def __init__(self, model: Model | TokenizerParts) -> None:
        """A model and nothing around it; most tokenizers are made by `from_file` and its like."""
        self._parts = model if isinstance(model, TokenizerParts) else bare_parts(model)
        self._encode_special_tokens = False
        self._prepare()

    def _prepare(self) -> None:
        """Everything that follows from the parts."""
        self._added_tokens = AddedTokens(
            self._parts.added_tokens,
            self._parts.normalizer,
            encode_special_tokens=self._encode_special_tokens,
        )

    # ---- from files, and to them

    @classmethod
    def from_pretrained(
        cls: type[Self],
        identifier: str | os.PathLike[str],
        revision: str = "main",
        token: str | None = None,
    ) -> Self:
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
    def from_file(cls: type[Self], path: str | os.PathLike[str]) -> Self:
        """Load a `tokenizer.json`."""
        try:
            content = Path(path).read_bytes()
        except (OSError, ValueError) as error:  # the latter if no file can be called so
            name = str(path).encode(errors="backslashreplace").decode()
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise TokenizerFileError(name, "a readable file", reason or "") from error
        try:
            return cls.from_buffer(content)
        except TokenizerFileError as error:
            kind, field = type(error), f"{path}: {error.field}"
            raise kind(field, error.expected, error.received, error.advice) from error.__cause__

    @classmethod
    def from_buffer(cls: type[Self], buffer: bytes) -> Self:
        """Load the bytes of a `tokenizer.json`."""
        return cls(parse_tokenizer_json(bytes(buffer)))

    @classmethod
    def from_str(cls: type[Self], json: str) -> Self:
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

    def __repr__(self) -> str:
        return document_text(write_document(self._parts), items=99)

    def __str__(self) -> str:
        return document_text(write_document(self._parts), items=5, characters=100)

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
        """The id of `token`, or `None`. Raises `TextError` for what is not text."""
        checked_text(token, "token")
        token_id = self._added_tokens.vocab.get(token)
        return self._parts.model.vocab.get(token) if token_id is None else token_id

    def id_to_token(self, id: int) -> str | None:  # noqa: A002 -- the oracle's name
        """The token of `id`, or `None`. Raises `EncodingOptionError` for what can be no id."""
        return self._token_of(natural(id, "id"))

    def _token_of(self, id: int) -> str | None:  # noqa: A002 -- as above
        token = self._added_tokens.spelling_of_id.get(id)
        return self._parts.model.id_to_token(id) if token is None else token

    def add_tokens(self, tokens: Iterable[str | AddedToken]) -> int:
        """Add tokens that are matched as a whole. Returns how many were new or changed.

        A token of the vocabulary keeps its id, any other gets the next free one. Not while other
        threads use the tokenizer. Raises `TextError` for what is no text and no `AddedToken`.
        """
        return self._add(read_tokens(tokens))

    def add_special_tokens(self, tokens: Iterable[str | AddedToken]) -> int:
        """Add tokens as `add_tokens` does, each of them special."""
        return self._add(read_tokens(tokens, special=True))

    def _add(self, tokens: list[AddedToken]) -> int:
        earlier = self._parts.added_tokens
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

    @model.setter
    def model(self, model: Model) -> None:
        self._parts = replace(self._parts, model=bare_parts(model).model)
        self._prepare()

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
    try:
        return hf_hub_download(repository, "tokenizer.json", revision=revision, token=token)
    except (OSError, ValueError) as error:
        raise TokenizerFileError(
            "identifier",
            "a directory, a tokenizer.json, or a repository that has one and can be reached",
            f"{repository!r}, revision {revision!r}: {error}",
        ) from error
