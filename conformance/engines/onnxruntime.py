"""ONNX Runtime, on the graph that torch exports of a model of the fixtures, pooling included.

Stage "vectors" alone: ONNX Runtime has no tokenizer. The graph is float32 and made anew for each
run, in a temporary folder, from the same weights that the other engines read.
"""

from __future__ import annotations

import tempfile
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from .hugging_face import open_pipeline
from .protocol import Question, UnsupportedError

__all__ = ["OnnxRuntimeEngine"]

_OPSET = 17


class OnnxRuntimeEngine:
    """A session per subject; the last one is kept."""

    def __init__(self) -> None:
        self._session = lru_cache(maxsize=1)(_session)

    def versions(self) -> dict[str, str]:
        return {
            "onnxruntime": onnxruntime.__version__,
            "onnx": onnx.__version__,
            "torch": torch.__version__.partition("+")[0],
        }

    def ask(self, question: Question) -> dict[str, Any]:
        if question.stage != "vectors":
            raise UnsupportedError(f"stage {question.stage}: ONNX Runtime has the model alone")
        ids = np.array([question.input["ids"]], np.int64)  # (1, T)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        session = self._session(question.subject)
        if isinstance(session, str):
            raise UnsupportedError(session)
        (vectors,) = session.run(None, inputs)  # (1, D)
        return {"vector": vectors[0].tolist()}

    def stop(self) -> None:
        self._session.cache_clear()


def _session(subject: str) -> Any:
    """A session, or why there is none: the exporter does not know every model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        try:
            _export(subject, path)
        except RuntimeError as error:
            return f"torch has no graph of {subject}: {error}"
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def _export(subject: str, path: Path) -> None:
    """The pipeline of a subject as a graph of any length."""
    pipeline = open_pipeline(subject, "float32")

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch has no types
        def __init__(self) -> None:
            super().__init__()
            self.pipeline = pipeline

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            return self.pipeline(features)["sentence_embedding"]

    input_ids = torch.ones(1, 7, dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter, whose graphs ONNX Runtime fuses more
        torch.onnx.export(
            Graph(),
            (input_ids, torch.ones_like(input_ids)),
            str(path),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={name: {1: "t"} for name in ("input_ids", "attention_mask")},
        )
