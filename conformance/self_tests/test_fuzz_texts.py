"""The generators: the same strings and documents everywhere, of every kind."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

import pytest

from ..fuzz.made_charsmap import charsmap
from ..fuzz.made_components import DECODERS, NORMALIZERS, PRE_TOKENIZERS
from ..fuzz.texts import GeneratedText, TextMaker, of_document
from ..fuzz.tokenizers_made import made_document
from ..tags import read_tags


def texts(seed: int, count: int) -> list[GeneratedText]:
    maker = TextMaker(seed, pieces=["ab", "##c", "\u2581d", "\u0120e"], added=["<mask>", "[SEP]"])
    return [maker.text() for _ in range(count)]


def digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def test_a_seed_gives_the_same_strings_on_every_python_and_machine() -> None:
    """The digest is frozen. It changes where the generator does, and only there."""
    assert digest(texts(1, 2000)) == "131281c16312c785"
    assert digest(texts(2, 2000)) != digest(texts(1, 2000))


def test_a_seed_gives_the_same_documents_on_every_python_and_machine() -> None:
    assert digest([made_document(1, number) for number in range(200)]) == "2335c58ef41689e4"


def test_texts_are_texts_mostly_short_some_long_and_of_known_tags() -> None:
    made = texts(3, 20_000)
    lengths = sorted(len(text) for text, _ in made)
    assert lengths[0] == 0
    assert lengths[len(lengths) // 2] < 30
    assert lengths[-1] > 1000
    assert {tag for _, tag in made} <= read_tags().keys()
    for text, _ in made:
        text.encode()  # no lone surrogate


@pytest.mark.parametrize(
    "wanted",
    [
        *("\u3099", "\u2581", "\r\n", "\ufeff", "\x00", "\u200d", "\u202b",
        "e\u0301", "é", "'s", "\u0120"),
        *("<mask>", " <mask>", "<mask>a", "<MASK>", "＜ｍａｓｋ＞", "https:", "\u1112", "ế", "##c"),
    ],
)  # fmt: skip
def test_what_is_hard_is_there(wanted: str) -> None:
    assert any(wanted in text for text, _ in texts(4, 30_000))


def test_every_plane_is_there() -> None:
    planes = {ord(character) >> 16 for text, _ in texts(5, 10_000) for character in text}
    assert planes == set(range(17))


def kinds(value: Any) -> set[str]:
    """Every type in a document, named by the stage that it stands in."""
    if not isinstance(value, dict):
        return set()
    found = {value["type"]} if "type" in value else set()
    for name in ("normalizers", "pretokenizers", "decoders", "processors"):
        for part in value.get(name, ()):
            found |= kinds(part)
    return found


def test_documents_have_every_component_and_option_of_the_format() -> None:
    documents = [made_document(6, number) for number in range(1500)]
    every = {
        "normalizer": {*NORMALIZERS, "Sequence"},
        "pre_tokenizer": {*PRE_TOKENIZERS, "Sequence"},
        "decoder": {*DECODERS, "Sequence"},
        "model": {"BPE", "Unigram", "WordLevel", "WordPiece"},
        "post_processor": {
            *("BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing")
        },
    }
    for stage, wanted in every.items():
        assert set().union(*(kinds(document[stage]) for document in documents)) == wanted
    tokens = [token for document in documents for token in document["added_tokens"]]
    for flag in ("single_word", "lstrip", "rstrip", "normalized", "special"):
        assert {token[flag] for token in tokens} == {True, False}
    for field, several in (("truncation", {"strategy", "direction"}), ("padding", {"direction"})):
        for option in several:
            assert len({d[field][option] for d in documents if d[field]}) > 1


def test_texts_know_the_pieces_of_a_document() -> None:
    document = made_document(7, 0)
    document["model"] = {"type": "Unigram", "vocab": [["qqpiece", 0.0]]}
    document["added_tokens"] = [{"content": "<zzadded>"}]
    maker = of_document(0, document)
    made = "".join(maker.text().text for _ in range(500))
    assert "qqpiece" in made
    assert "<zzadded>" in made


def test_a_charsmap_holds_its_replacements() -> None:
    """Read back with the steps of SentencePiece's double array."""
    replacements = {"ﬁ": "fi", "f": "g", "ﬂ": "", "漢字": "kanji"}
    content = base64.b64decode(charsmap(replacements))
    (size,) = struct.unpack_from("<I", content)
    units = struct.unpack_from(f"<{size // 4}I", content, 4)
    strings = content[4 + size :]

    def found(key: bytes) -> str | None:
        place = 0
        for byte in (*key, 0):
            unit = units[place]
            place ^= unit >> 10 << ((unit & 1 << 9) >> 6)
            if byte == 0:
                if not unit >> 8 & 1:
                    return None
                start = units[place] & ~(1 << 31)
                return strings[start : strings.index(0, start)].decode()
            place ^= byte
            if units[place] & (1 << 31 | 0xFF) != byte:
                return None
        return None

    for key, replacement in replacements.items():
        assert found(key.encode()) == replacement
    assert found("漢".encode()) is None
    assert found(b"x") is None
