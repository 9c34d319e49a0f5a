"""Text -> token ids, through all stages.

    text --added tokens--> stretches --normalize--> --pre-tokenize--> words --model--> ids
         --truncate--> --post-process--> sequence [--pad--> rectangle | --pack--> PackedIds]

`encode` follows `Tokenizer.encode` of Hugging Face tokenizers; `encode_packed` is what models are
fed, and goes the same way up to the last step.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .added_tokens import AddedMatch, AddedTokens
from .encoding import Encoding
from .errors import EncodingOptionError, TextError, TokenizerFileError
from .packed_ids import PackedIds
from .post_process import WITHOUT_SPECIAL_TOKENS, SpecialPiece, TemplateProcessing
from .tokenizer_json import TokenizerParts, read_tokenizer_json
from .truncate import Truncation

__all__ = ["Tokenizer"]


def _checked(text: object, field: str) -> str:
    if not isinstance(text, str):
        raise TextError(field, "a str", type(text).__name__)
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise TextError(
                field,
                "Unicode text",
                f"a lone surrogate U+{ord(text[error.start]):04X} at index {error.start}",
                "Decode the bytes that it came from with errors='replace'.",
            ) from None
    return text


class Tokenizer:
    """A tokenizer, as `tokenizer.json` describes it. Safe to use from several threads.

    >>> tokenizer = Tokenizer.from_pretrained(minilm)  # a directory or a tokenizer.json
    >>> tokenizer.encode("Lattices, everywhere!").tokens[:6]
    ['[CLS]', 'lattice', '##s', ',', 'everywhere', '!']
    """

    def __init__(self, parts: TokenizerParts) -> None:
        self._parts = parts
        self._added_tokens = AddedTokens(parts.added_tokens, parts.normalize)
        self._vocab = dict(parts.model.vocab)
        self._vocab.update({token.content: token.id for token in parts.added_tokens})
        self._token_of_id = {token_id: token for token, token_id in self._vocab.items()}
        self._special_ids = {token.id for token in parts.added_tokens if token.special}

    @classmethod
    def from_pretrained(cls, path: str | os.PathLike[str]) -> Tokenizer:
        """Load a Hugging Face model directory, or a `tokenizer.json` itself.

        Raises `TokenizerFileError` where the file is missing or wrong, and
        `UnsupportedComponentError` where it asks for what this version does not implement.
        """
        file = Path(path)
        if file.is_dir():
            file = file / "tokenizer.json"
            if not file.exists():
                raise TokenizerFileError(
                    str(path),
                    "a directory with tokenizer.json",
                    "one without",
                    "Save the tokenizer with tokenizers or transformers to make the file.",
                )
        elif not file.exists():
            raise TokenizerFileError(
                str(path), "a model directory or a tokenizer.json", "nothing at this path"
            )
        return cls(read_tokenizer_json(file))

    @property
    def vocab_size(self) -> int:
        """The number of tokens, added ones included."""
        return len(self._vocab)

    @property
    def truncation(self) -> Truncation | None:
        """What `tokenizer.json` says of over-long input; `max_tokens` overrides it."""
        return self._parts.truncation

    def token_to_id(self, token: str) -> int | None:
        """The id of `token`, or `None`."""
        return self._vocab.get(token)

    def id_to_token(self, token_id: int) -> str | None:
        """The token of `token_id`, or `None`."""
        return self._token_of_id.get(token_id)

    def encode(
        self, text: str, pair: str | None = None, add_special_tokens: bool = True
    ) -> Encoding:
        """One text, or a pair, with the truncation and the padding that the file asks for.

        Raises `TextError` for what is not text.
        """
        first = self._tokens_of_text(_checked(text, "text"))
        second = None if pair is None else self._tokens_of_text(_checked(pair, "pair"))
        template = self._template(add_special_tokens)
        if self._parts.truncation:
            special_tokens = template.special_tokens(pair=second is not None)
            first, second = self._parts.truncation.apply(
                first, second, special_tokens=special_tokens
            )
        encoding = _assemble(template, first, second)
        padding = self._parts.padding
        return padding.apply(encoding, len(encoding)) if padding else encoding

    def encode_packed(
        self,
        texts: Sequence[str],
        *,
        max_tokens: int | None = None,
        add_special_tokens: bool = True,
    ) -> PackedIds:
        """A batch for a model: never padded.

        `max_tokens`: cut each text from its end so that, special tokens included, no more than
        this remains; `None` leaves it to the truncation of the file. Raises `TextError` naming
        the text, and `EncodingOptionError`.

        >>> packed = Tokenizer.from_pretrained(minilm).encode_packed(["one", "two words"])
        >>> packed.ids.tolist(), packed.cu_seqlens.tolist()
        ([101, 2028, 102, 101, 2048, 2616, 102], [0, 3, 7])
        """
        if isinstance(texts, str):
            raise TextError("texts", "a sequence of str", "one str", "Write [text].")
        template = self._template(add_special_tokens)
        special_tokens = template.special_tokens(pair=False)
        truncation = self._parts.truncation
        if max_tokens is not None:
            if type(max_tokens) is not int or max_tokens < max(1, special_tokens):
                least = max(1, special_tokens)
                raise EncodingOptionError(
                    "max_tokens", f"None or an int from {least} up", repr(max_tokens)
                )
            truncation = Truncation(max_tokens)
        lists: list[list[int]] = []
        truncated: list[bool] = []
        for index, text in enumerate(texts):
            ids = whole = self._ids_of_text(_checked(text, f"texts[{index}]"))
            if truncation:
                ids, _ = truncation.apply(whole, None, special_tokens=special_tokens)
            sequence: list[int] = []
            for piece in template.single:
                sequence += piece.ids if isinstance(piece, SpecialPiece) else ids
            lists.append(sequence)
            truncated.append(len(ids) < len(whole))
        return PackedIds.from_lists(lists, truncated)

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """Ids -> text. Ids that no token has are left out, as the oracle does.

        >>> Tokenizer.from_pretrained(minilm).decode([101, 7592, 1010, 2088, 999, 102])
        'hello, world!'
        """
        tokens = [
            self._token_of_id[token_id]
            for token_id in ids
            if token_id in self._token_of_id
            and not (skip_special_tokens and token_id in self._special_ids)
        ]
        return self._parts.decoder(tokens) if self._parts.decoder else " ".join(tokens)

    def _parts_of_text(self, text: str) -> Iterator[tuple[Sequence[int], str | None]]:
        """(ids, what they look like in the text if that is not their spelling)"""
        for part in self._added_tokens.split(text):
            if isinstance(part, AddedMatch):
                yield (part.token.id,), part.text
            else:
                yield self._parts.model.ids(self._parts.pre_tokenize(part)), None

    def _ids_of_text(self, text: str) -> list[int]:
        return [token_id for ids, _ in self._parts_of_text(text) for token_id in ids]

    def _tokens_of_text(self, text: str) -> list[tuple[int, str]]:
        return [
            (token_id, self._token_of_id[token_id] if seen is None else seen)
            for ids, seen in self._parts_of_text(text)
            for token_id in ids
        ]

    def _template(self, add_special_tokens: bool) -> TemplateProcessing:
        return self._parts.post_processor if add_special_tokens else WITHOUT_SPECIAL_TOKENS


def _assemble(
    template: TemplateProcessing,
    first: list[tuple[int, str]],
    second: list[tuple[int, str]] | None,
) -> Encoding:
    """The texts, as (id, token), in the places that the template has for them."""
    ids: list[int] = []
    type_ids: list[int] = []
    tokens: list[str] = []
    special_tokens_mask: list[int] = []
    for piece in template.pieces(pair=second is not None):
        if isinstance(piece, SpecialPiece):
            ids += piece.ids
            tokens += piece.tokens
        else:
            text = (first, second or [])[piece.index]
            ids += (token_id for token_id, _ in text)
            tokens += (token for _, token in text)
        added = len(ids) - len(type_ids)
        type_ids += [piece.type_id] * added
        special_tokens_mask += [int(isinstance(piece, SpecialPiece))] * added
    return Encoding(ids, type_ids, tokens, [1] * len(ids), special_tokens_mask)
