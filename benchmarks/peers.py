"""Model directory -> the engines that are compared, each behind the same few methods.

All get the same texts, truncation and cores; batch size, sorting and fusion are what is best for
each. Packages are imported where they are used, because a process start is measured too.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from machine import cores

if TYPE_CHECKING:
    from lattice_models import KernelChoice

__all__ = ["ENGINES", "IMPORTS", "PACKAGES"]


def seconds_of(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    result = work()
    stop = time.perf_counter()
    del result  # freeing it is not part of the work
    return stop - start


def best_s(work: Callable[[], Any]) -> float:
    """The shortest of the calls that a second holds, and of three at least."""
    end = time.perf_counter() + 1
    tries = [seconds_of(work) for _ in range(3)]
    while time.perf_counter() < end:
        tries.append(seconds_of(work))
    return min(tries)


class Engine(ABC):
    """What is measured of an engine that gives vectors. Its model is loaded when it is made."""

    @abstractmethod
    def embed(self, texts: list[str], batch_size: int) -> Any:
        """Vectors, float32 `(n, D)`."""

    @abstractmethod
    def ids(self, texts: list[str]) -> list[list[int]]:
        """What the model is given."""

    def ready(self) -> None:
        """Nothing more: what answers is loaded."""
        return

    def forget(self) -> None:
        """Drop what is remembered of earlier texts, so that each round meets new ones."""
        return  # most remember nothing

    def embed_s(self, texts: list[str], batch_size: int) -> float:
        self.forget()
        return seconds_of(lambda: self.embed(texts, batch_size))

    def latencies_s(self, query: str, calls: int) -> list[float]:
        for _ in range(max(2, calls // 15)):  # wakes the threads
            self.embed([query], 1)
        return [seconds_of(lambda: self.embed([query], 1)) for _ in range(calls)]


class Lattice(Engine):
    """`lattice-embed[compiled]`: NumPy for the first text, compiled kernels when there are more.

    It sorts and cuts batches itself, whatever `batch_size` says.
    """

    kernels: KernelChoice = "compiled"

    def __init__(self, model: str, onnx_file: str) -> None:
        from lattice_embed import NativeEmbeddingService

        self._model = model
        self._service = NativeEmbeddingService(model)

    def ready(self) -> None:
        from lattice_embed import NativeEmbeddingService

        self._service = NativeEmbeddingService(self._model, kernels=self.kernels)
        self._service.embed("what is done at the first text")  # which is measured as the start

    def forget(self) -> None:
        self.ready()
        # what is done once in a process, which the peers did before the first round: kernels are
        # compiled, and of a vocabulary a table is built after some thousand new words
        self._service.embed([f"text {n} of the first batch " * 9 for n in range(90)])
        self._service.tokenize([f"{n:b}" for n in range(1 << 16, (1 << 16) + 9000)])

    def latencies_s(self, query: str, calls: int) -> list[float]:
        self.forget()
        return super().latencies_s(query, calls)

    def embed(self, texts: list[str], batch_size: int) -> Any:
        return self._service.embed(texts)

    def ids(self, texts: list[str]) -> list[list[int]]:
        return [ids.tolist() for ids in self._service.tokenize(texts)]

    def libraries(self) -> list[dict[str, Any]]:
        """The matrix libraries of the process."""
        from threadpoolctl import threadpool_info

        return [dict(library) for library in threadpool_info()]

    def matmul_s(self, rows: int, inner: int, outer: int) -> float:
        """The best time of a float32 `(rows, inner) @ (inner, outer)` with NumPy, on all cores."""
        import numpy as np

        left, right = np.ones((rows, inner), np.float32), np.ones((inner, outer), np.float32)
        result = np.empty((rows, outer), np.float32)
        return best_s(lambda: np.matmul(left, right, out=result))

    def wall_and_cpu_s(self, texts: list[str], calls: int, threads: int) -> tuple[float, float]:
        """Seconds of the encoder alone with `threads=`, and the seconds of all cores together."""
        import numpy as np

        sequences = self._service.tokenize(texts)
        ids = np.concatenate(sequences)
        cu_seqlens = np.cumsum([0, *map(len, sequences)])
        start = time.perf_counter(), time.process_time()
        for _ in range(calls):
            self._service.encoder.encode(ids, cu_seqlens, threads=threads)
        return time.perf_counter() - start[0], time.process_time() - start[1]


class LatticeNumPy(Lattice):
    """`lattice-embed`"""

    kernels: KernelChoice = "numpy"


class OnnxRuntime(Engine):
    def __init__(self, model: str, onnx_file: str) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(onnx_file, options, providers=providers)
        settings = (Path(model) / "sentence_bert_config.json").read_text(encoding="utf-8")
        self._tokenizer = Tokenizer.from_file(str(Path(model) / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(json.loads(settings)["max_seq_length"])

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
        rows, masks = features["input_ids"].tolist(), features["attention_mask"].tolist()
        return [
            [token for token, real in zip(row, mask, strict=True) if real]
            for row, mask in zip(rows, masks, strict=True)
        ]

    def matmul_s(self, rows: int, inner: int, outer: int) -> float:
        """As `Lattice.matmul_s`, with torch."""
        import torch

        left, right, result = torch.ones(rows, inner), torch.ones(inner, outer), torch.empty(0)
        return best_s(lambda: torch.mm(left, right, out=result))


ENGINES: dict[str, type[Engine]] = {
    "Lattice": Lattice,
    "Lattice, NumPy": LatticeNumPy,
    "ONNX Runtime": OnnxRuntime,
    "sentence-transformers": SentenceTransformers,
}
# what a process imports before it can load a model; the encoder alone as well
IMPORTS = {
    "Lattice": "lattice_embed",
    "Lattice, the encoder alone": "lattice_models",
    "ONNX Runtime": "numpy, onnxruntime, tokenizers",
    "sentence-transformers": "sentence_transformers",
}
# name on the index -> module
PACKAGES = {
    "lattice-embed": "lattice_embed",
    "lattice-models": "lattice_models",
    "lattice-tokenize": "lattice_tokenize",
    "numpy": "numpy",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "sentence-transformers": "sentence_transformers",
    "threadpoolctl": "threadpoolctl",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "transformers": "transformers",
}
