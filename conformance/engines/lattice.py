"""The reference engine."""

from __future__ import annotations

import logging
import struct
from copy import copy
from functools import cached_property, lru_cache, partial
from typing import Any
from unittest import mock

import lattice_embed
import lattice_models
import lattice_tokenize
from lattice_embed import EmbeddingRole, NativeEmbeddingService
from lattice_embed.cache_key import CacheIdentity, KeySpace
from lattice_embed.model_files import locate_model
from lattice_embed.vector_cache import VectorCache
from lattice_models import KernelChoice, SentenceEncoder, UnsupportedModelError
from lattice_tokenize import Encoding, Tokenizer, UnsupportedComponentError

from ..asked_folder import asked_folder
from ..cache_files import NAME, fate_of
from ..fixtures import folder_of
from ..hub_cache import REPOSITORY
from .protocol import Question, UnsupportedError
from .tokenized import tokenized

__all__ = ["LatticeEngine", "Subject"]

# makes a batch large enough for the engine to take all of its texts at once
_BESIDE = "What stands beside a text must not change it. " * 40


class Subject:
    """A fixture folder, loaded part by part as it is asked for."""

    def __init__(self, name: str, kernels: KernelChoice) -> None:
        self.folder = folder_of(name)
        self.kernels: KernelChoice = kernels

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_pretrained(self.folder)

    @cached_property
    def unlimited_tokenizer(self) -> Tokenizer:
        """The same without the truncation and the padding of its file."""
        tokenizer = copy(self.tokenizer)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def encoder(self) -> SentenceEncoder:
        return SentenceEncoder.from_pretrained(self.folder, kernels=self.kernels)

    @cached_property
    def service(self) -> NativeEmbeddingService:
        return NativeEmbeddingService(self.folder, kernels=self.kernels)


class _Beside:
    """A tokenizer that encodes every text alone and in a large batch, which goes another way."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def encode(self, text: str, pair: str | None) -> Encoding:
        encoding = self._tokenizer.encode(text, pair)
        truncation = self._tokenizer.truncation
        if truncation and truncation["strategy"] != "longest_first":
            return encoding  # which a text that is too long may not suit
        batch = self._tokenizer.encode_batch([text if pair is None else (text, pair), _BESIDE])
        in_batch = batch[0].ids[: len(encoding) if self._tokenizer.padding else None]
        if in_batch != encoding.ids:
            raise ValueError(f"ids {encoding.ids} alone, and {in_batch} in a batch")
        return encoding


class LatticeEngine:
    """All stages, in this process. Weights are kept from one question to the next."""

    def __init__(self, kernels: KernelChoice = "numpy") -> None:
        self.subject = lru_cache(maxsize=None)(partial(Subject, kernels=kernels))
        # (stage, subject) -> why; their files need not be read again for every question
        self._unsupported: dict[tuple[str, str], str] = {}
        # some cases are too long for their model, which the service would warn of
        logging.getLogger("lattice_embed").setLevel(logging.ERROR)

    def versions(self) -> dict[str, str]:
        modules = (lattice_tokenize, lattice_models, lattice_embed)
        return {module.__name__.replace("_", "-"): module.__version__ for module in modules}

    def ask(self, question: Question) -> dict[str, Any]:
        if question.stage == "cache_key":
            return {"key": _space(question.input).key(question.input["text"]).hex()}
        if question.stage == "cache_file":
            return _cached_vectors(question)
        subject, place = self.subject(question.subject), (question.stage, question.subject)
        if place in self._unsupported:
            raise UnsupportedError(self._unsupported[place])
        try:
            if question.stage == "tokenizer":
                return self._tokenize(subject, question.input)
            if question.stage == "vectors":
                ids = question.input["ids"]
                return {"vector": subject.encoder.encode(ids, [0, len(ids)])[0].tolist()}
            if question.stage == "service":
                return self._embed(subject, question.input)
            if question.stage == "model_files":
                return {"commit": _cached_commit(question)}
        except (UnsupportedComponentError, UnsupportedModelError) as error:
            self._unsupported[place] = str(error)
            raise UnsupportedError(str(error)) from error
        raise UnsupportedError(f"stage {question.stage}")

    def stop(self) -> None:
        self.subject.cache_clear()

    def _tokenize(self, subject: Subject, asked: dict[str, Any]) -> dict[str, Any]:
        tokenizer = subject.tokenizer if asked.get("as_filed") else subject.unlimited_tokenizer
        return tokenized(_Beside(tokenizer), asked)

    def _embed(self, subject: Subject, asked: dict[str, Any]) -> dict[str, Any]:
        service, text, role = subject.service, asked["text"], EmbeddingRole(asked["role"])
        embed = {
            EmbeddingRole.GENERIC: service.embed,
            EmbeddingRole.QUERY: service.embed_query,
            EmbeddingRole.PASSAGE: service.embed_passage,
        }[role]
        (ids,) = service.tokenize([text], role=role)
        return {"ids": ids.tolist(), "vector": embed(text).tolist()}


def _cached_commit(question: Question) -> str | None:
    """The snapshot that is read where the hub's cache is as the case describes it."""
    with asked_folder(question) as cache:
        settings: dict[str, Any] = {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": True}
        with (
            mock.patch.multiple("huggingface_hub.constants", **settings),
            mock.patch.dict("os.environ", {"LATTICE_CACHE_DIR": str(cache / "lattice")}),
        ):
            return locate_model(REPOSITORY).revision


def _space(asked: dict[str, Any]) -> KeySpace:
    identity = CacheIdentity(asked["model"], asked["key_version"])
    return KeySpace(identity, asked["dimensions"], EmbeddingRole(asked["role"]))


def _cached_vectors(question: Question) -> dict[str, Any]:
    """What a cache finds in the file that the case describes, and what becomes of that."""
    asked = question.input
    with asked_folder(question) as folder:
        path = folder / NAME
        before = path.read_bytes() if path.exists() else None
        if "put" in asked:
            with VectorCache(path) as cache:
                for row in asked["put"]:
                    space, numbers = _space(row), row["vector"]
                    vector = struct.pack(f"<{len(numbers)}f", *numbers)
                    cache.put(space, {space.key(row["text"]): vector})
        with VectorCache(path) as cache:
            found = [_found(cache, text) for text in asked["asked"]]
        return {"found": found, **fate_of(folder, asked, before)}


def _found(cache: VectorCache, asked: dict[str, Any]) -> list[float] | None:
    space = _space(asked)
    key = space.key(asked["text"])
    vector = cache.get(space, [key]).get(key)
    return None if vector is None else list(struct.unpack(f"<{len(vector) // 4}f", vector))
