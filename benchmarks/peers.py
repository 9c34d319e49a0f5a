"""Model directory -> the engines that are compared, each behind the same few methods.

All get the same texts, truncation and cores; batch size, sorting and fusion are what is best for
each. Packages are imported where they are used, because a process start is measured too.
"""

from __future__ import annotations

import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["ENGINES", "TOKENIZERS", "cores"]


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def max_tokens(model: str) -> int:
    text = (Path(model) / "sentence_bert_config.json").read_text(encoding="utf-8")
    return int(json.loads(text)["max_seq_length"])


def _hub_tokenizer(model: str) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens(model))
    return tokenizer


def seconds_of(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    result = work()
    stop = time.perf_counter()
    del result  # freeing it is not part of the work
    return stop - start


class Engine(ABC):
    """What is measured of an engine that gives vectors."""

    batch_sizes: tuple[int, ...] = (4, 8, 16, 32, 64)

    @abstractmethod
    def embed(self, texts: list[str], batch_size: int) -> Any:
        """Vectors, float32 `(n, D)`."""

    def forget(self) -> None:
        """Drop what is remembered of earlier texts, so that each round meets new ones."""
        return  # most remember nothing

    def embed_s(self, texts: list[str], batch_size: int) -> float:
        self.forget()
        return seconds_of(lambda: self.embed(texts, batch_size))

    def latencies_s(self, query: str, calls: int) -> list[float]:
        for _ in range(20):  # wakes the threads
            self.embed([query], 1)
        return [seconds_of(lambda: self.embed([query], 1)) for _ in range(calls)]


class Lattice(Engine):
    batch_sizes = (0,)  # it sorts and cuts chunks itself

    def __init__(self, model: str, onnx_file: str) -> None:
        self._model = model
        self.forget()

    def forget(self) -> None:
        from lattice_embed import NativeEmbeddingService

        self._service = NativeEmbeddingService(self._model)
        self._service.load()  # at the first text otherwise, which is measured

    def embed(self, texts: list[str], batch_size: int) -> Any:
        return self._service.embed(texts)

    def ids(self, texts: list[str]) -> list[list[int]]:
        return [ids.tolist() for ids in self._service.tokenize(texts)]

    def blas(self) -> list[dict[str, Any]]:
        from threadpoolctl import threadpool_info

        return [dict(library) for library in threadpool_info()]

    def matmul_s(self, rows: int, inner: int, outer: int) -> float:
        """The best time of a float32 `(rows, inner) @ (inner, outer)` with NumPy, on all cores."""
        import numpy as np

        left, right = np.ones((rows, inner), np.float32), np.ones((inner, outer), np.float32)
        result = np.empty((rows, outer), np.float32)
        return min(seconds_of(lambda: np.matmul(left, right, out=result)) for _ in range(100))


class OnnxRuntime(Engine):
    def __init__(self, model: str, onnx_file: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(onnx_file, options, providers=providers)
        self._tokenizer = _hub_tokenizer(model)

    def embed(self, texts: list[str], batch_size: int) -> Any:
        import numpy as np

        ids = self.ids(texts)
        order = sorted(range(len(ids)), key=lambda text: -len(ids[text]))
        vectors: list[Any] = [None] * len(ids)
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            input_ids = np.zeros((len(batch), len(ids[batch[0]])), np.int64)
            attention_mask = np.zeros_like(input_ids)
            for row, text in enumerate(batch):
                input_ids[row, : len(ids[text])] = ids[text]
                attention_mask[row, : len(ids[text])] = 1
            inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
            for text, vector in zip(batch, self._session.run(None, inputs)[0], strict=True):
                vectors[text] = vector
        return np.stack(vectors)

    def ids(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]


class SentenceTransformers(Engine):
    def __init__(self, model: str, onnx_file: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(cores())
        self._model = SentenceTransformer(model, device="cpu")

    def embed(self, texts: list[str], batch_size: int) -> Any:
        return self._model.encode(texts, batch_size=batch_size, show_progress_bar=False)

    def ids(self, texts: list[str]) -> list[list[int]]:
        features = self._model.preprocess(texts)
        rows, lengths = features["input_ids"].tolist(), features["attention_mask"].sum(1).tolist()
        return [row[:length] for row, length in zip(rows, lengths, strict=True)]

    def matmul_s(self, rows: int, inner: int, outer: int) -> float:
        """As `Lattice.matmul_s`, with torch."""
        import torch

        left, right, result = torch.ones(rows, inner), torch.ones(inner, outer), torch.empty(0)
        return min(seconds_of(lambda: torch.mm(left, right, out=result)) for _ in range(100))


class LatticeTokenizer:
    """What is measured of a tokenizer alone."""

    def __init__(self, model: str) -> None:
        self._model = model

    def load(self) -> Callable[[list[str]], Any]:
        """A tokenizer that has seen no text: texts -> ids, as it likes to give them."""
        from lattice_tokenize import Tokenizer

        tokenizer, limit = Tokenizer.from_pretrained(self._model), max_tokens(self._model)
        return lambda texts: tokenizer.encode_packed(texts, max_tokens=limit)

    def ids(self, texts: list[str]) -> list[list[int]]:
        return [list(map(int, ids)) for ids in self.load()(texts)]

    def passes_s(self, texts: list[str]) -> tuple[float, float]:
        """Seconds of the first pass over `texts`, and of a second one over the same."""
        tokenize = self.load()
        return seconds_of(lambda: tokenize(texts)), seconds_of(lambda: tokenize(texts))


class HubTokenizer(LatticeTokenizer):
    def load(self) -> Callable[[list[str]], Any]:
        tokenizer = _hub_tokenizer(self._model)
        # the quickest way to the ids: without offsets
        return lambda texts: [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]


class OneThreadHubTokenizer(HubTokenizer):
    def load(self) -> Callable[[list[str]], Any]:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # read at each call
        return super().load()


ENGINES: dict[str, type[Engine]] = {
    "Lattice": Lattice,
    "ONNX Runtime": OnnxRuntime,
    "sentence-transformers": SentenceTransformers,
}
TOKENIZERS: dict[str, type[LatticeTokenizer]] = {
    "Lattice": LatticeTokenizer,
    "tokenizers, 1 thread": OneThreadHubTokenizer,
    "tokenizers, all cores": HubTokenizer,
}
