"""ONNX Runtime, on the graph that torch exports of a model of the fixtures, pooling included.

Stage "vectors" alone: ONNX Runtime has no tokenizer. The graph is float32 and made anew for each
run, in a temporary folder, from the same weights that the other engines read.
"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from ..onnx_export import export_onnx
from .hugging_face import open_pipeline
from .protocol import Question, UnsupportedError

__all__ = ["OnnxRuntimeEngine"]


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
            export_onnx(open_pipeline(subject, "float32"), str(path))
        except RuntimeError as error:
            return f"torch has no graph of {subject}: {error}"
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
