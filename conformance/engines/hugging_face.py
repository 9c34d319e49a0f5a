"""Hugging Face: the oracle itself, its float32 and its bfloat16, as engines.

The float64 engine, in float64 throughout, must pass every case whose expectation it gave.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import huggingface_hub
import tokenizers
from huggingface_hub.errors import LocalEntryNotFoundError

from ..asked_folder import asked_folder
from ..fixtures import folder_of
from ..hub_cache import REPOSITORY
from .double_precision import all_in_float64
from .protocol import Question, UnsupportedError
from .tokenized import tokenized

__all__ = [
    "HuggingFaceEngine",
    "TokenizersEngine",
    "cache_versions",
    "open_pipeline",
    "open_tokenizer",
]


@cache
def open_tokenizer(subject: str, *, as_filed: bool) -> Any:
    """The tokenizer of a fixture folder, with or without its own truncation and padding."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder_of(subject) / "tokenizer.json"))
    if not as_filed:
        tokenizer.no_padding()
        tokenizer.no_truncation()
    return tokenizer


class TokenizersEngine:
    """Hugging Face tokenizers."""

    def versions(self) -> dict[str, str]:
        return {"tokenizers": tokenizers.__version__}

    def ask(self, question: Question) -> dict[str, Any]:
        if question.stage != "tokenizer":
            raise UnsupportedError(f"stage {question.stage}")
        as_filed = bool(question.input.get("as_filed"))
        return tokenized(open_tokenizer(question.subject, as_filed=as_filed), question.input)

    def stop(self) -> None:
        open_tokenizer.cache_clear()


def open_pipeline(subject: str, dtype: str) -> Any:
    """The `SentenceTransformer` of a fixture folder, on the CPU, in "float32" or another dtype."""
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    # heads of other tasks are left out, and the bars of loading would hide what is told
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    folder = str(folder_of(subject))
    options = {"dtype": getattr(torch, dtype), "attn_implementation": "eager"}
    model = transformers.MODEL_MAPPING[type(transformers.AutoConfig.from_pretrained(folder))]
    if "add_pooling_layer" in inspect.signature(model).parameters:
        options["add_pooling_layer"] = False  # its weights would be random
    return SentenceTransformer(
        folder, device="cpu", model_kwargs=options, local_files_only=True
    ).eval()


class HuggingFaceEngine(TokenizersEngine):
    """Hugging Face tokenizers, and sentence-transformers in the given precision."""

    def __init__(self, dtype: str) -> None:
        import sentence_transformers
        import torch
        import transformers

        torch.set_num_threads(1)  # one order of summation
        self._dtype = dtype
        self._libraries = {
            module.__name__.replace("_", "-"): module.__version__.partition("+")[0]
            for module in (sentence_transformers, torch, transformers)
        }
        self._pipeline = lru_cache(maxsize=1)(lambda subject: open_pipeline(subject, dtype))

    def versions(self) -> dict[str, str]:
        return {**super().versions(), **self._libraries, "dtype": self._dtype}

    def ask(self, question: Question) -> dict[str, Any]:
        if question.stage == "vectors":
            return {"vector": self._vector(question.subject, question.input["ids"])}
        if question.stage == "service":
            pipeline = self._pipeline(question.subject)
            prompt = _prompt(pipeline.prompts, question.input["role"])
            features = pipeline.preprocess([prompt + question.input["text"]])
            length = int(features["attention_mask"][0].sum())
            ids = features["input_ids"][0, :length].tolist()
            return {"ids": ids, "vector": self._vector(question.subject, ids)}
        if question.stage == "model_files":
            return {"commit": _cached_commit(question)}
        return super().ask(question)

    def _arithmetic(self) -> AbstractContextManager[None]:
        if self._dtype == "float64":
            return all_in_float64()
        return _own_kernels() if self._dtype == "bfloat16" else nullcontext()

    def _vector(self, subject: str, ids: list[int]) -> list[float]:
        import torch

        input_ids = torch.tensor([ids])
        with torch.no_grad(), self._arithmetic():
            features = self._pipeline(subject)(
                {"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids)}
            )
        vector: list[float] = features["sentence_embedding"][0].tolist()
        return vector


@contextmanager
def _own_kernels() -> Iterator[None]:
    """Torch's own sums in bfloat16: those of oneDNN differ between kinds of processors."""
    import torch

    kept = torch.backends.mkldnn.enabled
    torch.backends.mkldnn.enabled = False
    try:
        yield
    finally:
        torch.backends.mkldnn.enabled = kept


def cache_versions() -> dict[str, str]:
    """Of the library whose cache the cases of the stage "model_files" describe."""
    return {"huggingface-hub": huggingface_hub.__version__}


def _cached_commit(question: Question) -> str:
    """The snapshot that `refs` names; without one, the library's own listing says what is newest.

    The library itself takes none where `refs` names none.
    """
    with asked_folder(question) as folder:
        try:
            found = huggingface_hub.snapshot_download(
                REPOSITORY, revision="main", cache_dir=folder, local_files_only=True
            )
            return Path(found).name
        except LocalEntryNotFoundError:
            (repository,) = huggingface_hub.scan_cache_dir(folder).repos
            return max(repository.revisions, key=lambda r: r.last_modified).commit_hash


def _prompt(prompts: dict[str, str], role: str) -> str:
    """What goes before a text of that role, under either of the usual names for passages."""
    names = {"generic": (), "query": ("query",), "passage": ("passage", "document")}[role]
    return next((prompts[name] for name in names if prompts.get(name)), "")
