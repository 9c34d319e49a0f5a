"""The reference engine, loaded once per process for each subject."""

from __future__ import annotations

from functools import lru_cache

from lattice_embed import NativeEmbeddingService
from lattice_models import SentenceEncoder
from lattice_tokenize import Tokenizer

from ..fixtures import FIXTURES

__all__ = ["encoder", "service", "tokenizer"]


@lru_cache
def tokenizer(subject: str) -> Tokenizer:
    return Tokenizer.from_pretrained(FIXTURES / subject)


@lru_cache
def encoder(subject: str) -> SentenceEncoder:
    return SentenceEncoder.from_pretrained(FIXTURES / subject)


@lru_cache
def service(subject: str) -> NativeEmbeddingService:
    return NativeEmbeddingService(FIXTURES / subject)
