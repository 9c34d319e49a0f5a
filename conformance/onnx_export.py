"""A sentence-transformers pipeline -> one ONNX file, pooling included, of dynamic shape.

For the engine `onnxruntime` and for the benchmarks.
"""

from __future__ import annotations

import warnings
from typing import Any

__all__ = ["export_onnx"]


def export_onnx(pipeline: Any, onnx_file: str) -> None:
    """Write `onnx_file`; a graph and weights of 2 GB and more do not fit into one.

    The pipeline must have eager attention: products and softmax are what ONNX Runtime knows how to
    fuse. Raises `RuntimeError` for a model that torch has no graph of.
    """
    import torch

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch has no types
        def __init__(self) -> None:
            super().__init__()
            self.pipeline = pipeline

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            return self.pipeline(features)["sentence_embedding"]

    input_ids = torch.ones(2, 7, dtype=torch.int64)
    attention_mask = torch.ones_like(input_ids)
    attention_mask[0, 4:] = 0  # where nothing is padded, the trace would leave the mask out
    # Its graph is 10 to 15 % faster here than that of the newer exporter, where ONNX Runtime fuses
    # each sum into the layer norm after it; its own graph optimiser (Attention nodes) did not help.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Graph(),
            (input_ids, attention_mask),
            onnx_file,
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={name: {0: "n", 1: "t"} for name in ("input_ids", "attention_mask")},
        )
