"""Parts of a tokenizer -> the document that tokenizer.json would be.

The readers of older files all end here: they give the stages as the format has them, and the
tokens that a configuration adds get their ids, as transformers 5 gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import TokenizerFileError
from .tokenizer_config import NAMED_TOKENS, ConfigToken, TokenizerConfig

__all__ = [
    "AddedTokenIds",
    "bos_eos_template",
    "describe_template",
    "make_document",
    "sequence_or_one",
    "template",
]

JsonObject = dict[str, Any]


def make_document(
    *,
    model: JsonObject,
    added_tokens: Sequence[JsonObject] = (),
    normalizer: JsonObject | None = None,
    pre_tokenizer: JsonObject | None = None,
    post_processor: JsonObject | None = None,
    decoder: JsonObject | None = None,
) -> JsonObject:
    """A whole document: no truncation, no padding.

    >>> make_document(model={"type": "WordLevel", "vocab": {}, "unk_token": "?"})["version"]
    '1.0'
    """
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": list(added_tokens),
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": post_processor,
        "decoder": decoder,
        "model": model,
    }


def sequence_or_one(parts: Sequence[JsonObject], field: str) -> JsonObject | None:
    """Several components as a Sequence whose list is `field`; one as itself; none as null."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"type": "Sequence", field: list(parts)}


class AddedTokenIds:
    """The added tokens of a tokenizer in the order in which transformers adds them, with their ids.

    First those of the configuration, by the id that it claims; then the special tokens by name,
    the defaults of the class among them; then all others. A token of the vocabulary has its id
    there, any other gets the next free one: what a configuration claims of ids is not believed.

    >>> ids = AddedTokenIds(TokenizerConfig(), {"a": 0, "[SEP]": 1}, {"sep_token": "[SEP]"})
    >>> ids.of("sep_token"), ids.entries()[0]["id"]
    (1, 1)
    """

    def __init__(
        self,
        config: TokenizerConfig,
        vocab: Mapping[str, int],
        defaults: Mapping[str, str | ConfigToken | None],
        extra: Iterable[ConfigToken] = (),
        *,
        vocab_size: int | None = None,
        plain_special: bool = False,
    ) -> None:
        """`defaults`: the named tokens of the class; `extra`: its others, if `config` has none.

        `vocab_size`: where it is not that of `vocab`, because tokens occur twice. `plain_special`:
        whatever flags a configuration gives to special tokens, they have those of a plain one.
        """
        self._where = config.where
        named: dict[str, ConfigToken | None] = dict.fromkeys(NAMED_TOKENS)
        for name, token in defaults.items():
            named[name] = ConfigToken(token, special=True) if isinstance(token, str) else token
        named.update(config.named)
        self._named = named
        tokens = {token.content: token for _, token in sorted(config.added.items())}
        others = config.extra if config.extra is not None else tuple(extra)
        special = {token.content for token in named.values() if token}
        plain = special | {token.content for token in others} if plain_special else set()
        for new in (*named.values(), *others):
            if new and new.content not in tokens:
                tokens[new.content] = new
        self._ids: dict[str, int] = {}
        self._entries: list[JsonObject] = []
        taken = set(vocab.values())
        next_id = len(vocab) if vocab_size is None else vocab_size
        for content, token in tokens.items():
            token_id = vocab.get(content)
            if token_id is None:
                token_id = next_id
                next_id += 1
                if token_id in taken:
                    raise TokenizerFileError(
                        config.where,
                        f"the token {content!r} in the vocabulary, or a free id {token_id}",
                        f"a vocabulary of {len(vocab)} tokens in which that id is taken",
                        "The vocabulary has a token twice, or leaves ids out; repair it.",
                    )
            self._ids[content] = token_id
            if content in plain:
                token = ConfigToken(content, special=True)
            elif content in special:
                token = replace(token, special=True)
            self._entries.append(token.entry(token_id))

    def entries(self) -> list[JsonObject]:
        """`added_tokens` of the document, by id."""
        return sorted(self._entries, key=lambda entry: int(entry["id"]))

    def content(self, name: str) -> str | None:
        """The special token of that name, if there is one."""
        token = self._named.get(name)
        return token.content if token else None

    def token(self, name: str) -> str:
        """The special token of that name, which must be there."""
        content = self.content(name)
        if content is None:
            raise TokenizerFileError(
                f"{self._where}: {name}", "a token, which this tokenizer needs", "null"
            )
        return content

    def of(self, name: str) -> int:
        """The id of the special token of that name."""
        return self._ids[self.token(name)]

    def pair(self, name: str) -> list[str | int]:
        """Token and id, as RobertaProcessing has them."""
        return [self.token(name), self.of(name)]


def describe_template(pieces: Sequence[tuple[str, int]]) -> list[JsonObject]:
    """Pieces of a template as (`"$A"`, `"$B"` or a token; type id) -> as the format has them."""
    return [
        {"Sequence": {"id": piece[1:], "type_id": type_id}}
        if piece in ("$A", "$B")
        else {"SpecialToken": {"id": piece, "type_id": type_id}}
        for piece, type_id in pieces
    ]


def template(
    single: Sequence[tuple[str, int]],
    pair: Sequence[tuple[str, int]],
    ids: Mapping[str, int],
) -> JsonObject:
    """A TemplateProcessing post-processor; `ids` of its special tokens.

    >>> template([("$A", 0), ("</s>", 0)], [("$A", 0), ("$B", 1)], {"</s>": 1})["single"][0]
    {'Sequence': {'id': 'A', 'type_id': 0}}
    """
    return {
        "type": "TemplateProcessing",
        "single": describe_template(single),
        "pair": describe_template(pair),
        "special_tokens": {
            token: {"id": token, "ids": [token_id], "tokens": [token]}
            for token, token_id in sorted(ids.items())
        },
    }


def bos_eos_template(config: TokenizerConfig, tokens: AddedTokenIds) -> JsonObject:
    """The template that `add_bos_token` and `add_eos_token` ask for; else it adds nothing."""
    ids = {}
    around: dict[str, list[str]] = {}
    for name in ("bos_token", "eos_token"):
        content = tokens.content(name)
        wanted = config.flag_or_null(f"add_{name}") and content is not None
        around[name] = [content] if wanted and content is not None else []
        ids.update({token: tokens.of(name) for token in around[name]})

    def side(sequence: str, type_id: int) -> list[tuple[str, int]]:
        pieces = [*around["bos_token"], sequence, *around["eos_token"]]
        return [(piece, type_id) for piece in pieces]

    return template(side("$A", 0), side("$A", 0) + side("$B", 1), ids)
