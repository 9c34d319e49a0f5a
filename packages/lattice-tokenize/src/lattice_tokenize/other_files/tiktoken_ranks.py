"""A `.tiktoken` file of ranks, a pattern, special tokens -> the byte-level BPE document.

A line is a token in base64, a space, and its rank, which is its id. tiktoken joins the two
neighbours that make the token of the lowest rank; tokenizer.json has a list of pairs instead, and
here it is every pair of tokens that makes another, by the rank of what it makes. Only one pair of
each token can ever come up, so the order among pairs of one token does not matter. A whole word
that is a token is taken as it is (`ignore_merges`), as tiktoken does.

The file has no pattern and no special tokens; they are part of the model that it was made for, and
those of some are in `PATTERNS`. The pattern is one of the format (Oniguruma), in which two
spellings of tiktoken's mean something else and are refused: `{1,3}+` repeats there, and `$` is the
end of any line. As everywhere in the format, special tokens are found in text:
tiktoken's `allowed_special="all"`.
"""

from __future__ import annotations

import binascii
import re
from codecs import charmap_decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..byte_alphabet import BYTE_TO_CHARACTER
from ..errors import TokenizerFileError
from ..json_fields import MAX_TOKEN_ID
from .gpt2_files import byte_level
from .merge_places import merge_places
from .text_file import read_bytes
from .tokenizer_config import ConfigToken
from .tokenizer_document import make_document

__all__ = ["PATTERNS", "read_tiktoken_ranks", "tiktoken_document"]

#: The patterns of some models, in the spelling of the format.
PATTERNS = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s+\z|\s*[\r\n]|\s+(?!\S)|\s"
    ),
    "o200k_base": "|".join(
        [
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    ),
    "qwen": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "llama3": (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
}

_ADVICE = "The file is damaged, or is no file of ranks; fetch it again."


def read_tiktoken_ranks(path: Path) -> dict[bytes, int]:
    """Token -> rank. Raises `TokenizerFileError` naming the line.

    >>> import base64, tempfile
    >>> lines = [f"{base64.b64encode(bytes([byte])).decode()} {byte}" for byte in range(256)]
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "x.tiktoken").write_text("\\n".join(lines))
    ...     read_tiktoken_ranks(Path(name) / "x.tiktoken")[b"a"]
    97
    """
    ranks: dict[bytes, int] = {}
    taken: dict[int, int] = {}
    for number, line in enumerate(read_bytes(path).splitlines(), start=1):
        if not line:
            continue
        where = f"{path}: line {number}"
        parts = line.split()
        if len(parts) != 2:
            raise TokenizerFileError(
                where, "a token in base64, a space and a rank", repr(line[:60]), _ADVICE
            )
        try:
            token = binascii.a2b_base64(parts[0])
        except binascii.Error:
            token = b""
        if not token or binascii.b2a_base64(token, newline=False) != parts[0]:
            raise TokenizerFileError(where, "a token in base64", repr(parts[0][:60]), _ADVICE)
        if not parts[1].isdigit() or len(parts[1]) > 10 or int(parts[1]) > MAX_TOKEN_ID:
            raise TokenizerFileError(
                where, f"a rank from 0 to {MAX_TOKEN_ID}", repr(parts[1][:60]), _ADVICE
            )
        rank = int(parts[1])
        if token in ranks:
            raise TokenizerFileError(where, "a token that is new", f"{token[:60]!r} again", _ADVICE)
        other = taken.setdefault(rank, number)
        if other != number:
            raise TokenizerFileError(where, "a rank that is new", f"{rank}, as in line {other}")
        ranks[token] = rank
    for byte in range(256):
        if bytes([byte]) not in ranks:
            raise TokenizerFileError(
                str(path), "each of the 256 bytes as a token", f"none for 0x{byte:02X}", _ADVICE
            )
    return ranks


def tiktoken_document(
    ranks: Mapping[bytes, int],
    *,
    pattern: str,
    special_tokens: Mapping[str, int],
    normalizer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The document whose ids are those of `tiktoken.Encoding` with the same parts.

    `special_tokens` have the ids that they are given, as in tiktoken. Raises `TokenizerFileError`
    where one has the id of another token, and for a pattern with spellings that are refused.

    >>> ranks = {bytes([byte]): byte for byte in range(256)} | {b"ab": 256}
    >>> document = tiktoken_document(ranks, pattern=PATTERNS["gpt2"], special_tokens={"<end>": 300})
    >>> document["model"]["merges"], document["added_tokens"][0]["id"]
    ([['a', 'b']], 300)
    """
    _check_pattern(pattern)
    text_of = {token: charmap_decode(token, "strict", _ALPHABET)[0] for token in ranks}
    vocab = {text_of[token]: rank for token, rank in ranks.items()}
    _add_special_tokens(vocab, special_tokens)
    added = [
        ConfigToken(content, normalized=False, special=True).entry(token_id)
        for content, token_id in sorted(special_tokens.items(), key=lambda item: item[1])
    ]
    split = {
        "type": "Split",
        "pattern": {"Regex": pattern},
        "behavior": "Isolated",
        "invert": False,
    }
    return make_document(
        added_tokens=added,
        normalizer=dict(normalizer) if normalizer else None,
        pre_tokenizer={
            "type": "Sequence",
            "pretokenizers": [split, byte_level(add_prefix_space=False, use_regex=False)],
        },
        decoder=byte_level(add_prefix_space=True, use_regex=True),
        model={
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,
            "vocab": vocab,
            "merges": _merges(ranks, text_of),
        },
    )


_ALPHABET = "".join(BYTE_TO_CHARACTER)


def _add_special_tokens(vocab: dict[str, int], special_tokens: Mapping[str, int]) -> None:
    """Put them into the vocabulary, where their ids are believed."""
    token_of_id = {token_id: token for token, token_id in vocab.items()}
    for content, token_id in special_tokens.items():
        field = f"special_tokens: {content!r}"
        if type(token_id) is not int or not 0 <= token_id <= MAX_TOKEN_ID:
            raise TokenizerFileError(field, f"an id from 0 to {MAX_TOKEN_ID}", repr(token_id))
        if not content or content in vocab:
            raise TokenizerFileError(field, "a token that is new", "one of the vocabulary")
        if token_id in token_of_id:
            raise TokenizerFileError(
                field, "an id of its own", f"{token_id}, which {token_of_id[token_id]!r} has"
            )
        vocab[content] = token_id
        token_of_id[token_id] = content


def _merges(ranks: Mapping[bytes, int], text_of: Mapping[bytes, str]) -> list[list[str]]:
    merges = []
    text = text_of.get
    places = merge_places(map(len, ranks))
    for token in sorted(ranks, key=ranks.__getitem__):
        for place in places[len(token)]:
            # the right side first: fewer ends than beginnings of tokens are tokens
            right = text(token[place:])
            if right is not None:
                left = text(token[:place])
                if left is not None:
                    merges.append([left, right])
    return merges


# a quantifier in braces with + after it, or an anchor of lines, outside of [...] and not escaped
_REFUSED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(\{\d*,?\d*\}\+|[\^$])", re.DOTALL)


def _check_pattern(pattern: str) -> None:
    for match in _REFUSED.finditer(pattern):
        if match.group(1):
            raise TokenizerFileError(
                f"pattern: character {match.start()}",
                "a pattern of tokenizer.json",
                repr(match.group(1)),
                "Write {1,3} without the +, and \\A and \\z for the ends of the text.",
            )
