"""A BERT small enough to compute by loops, as a Hugging Face directory."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from lattice_models import SentenceEncoder
from lattice_models.compiled import Kernels, compiled_kernels
from lattice_models.kernels import using
from numpy.typing import NDArray
from safetensors.numpy import save_file

# the same examples in every run, and no failure because a machine is slow
settings.register_profile(
    "lattice", derandomize=True, deadline=None, max_examples=100, database=None
)
settings.load_profile("lattice")

_CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "vocab_size": 40,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 80,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-3,  # large, so that leaving it out shows
}


def _random_tensors() -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    hidden, inner = _CONFIG["hidden_size"], _CONFIG["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (_CONFIG["vocab_size"], hidden),
        "embeddings.position_embeddings.weight": (_CONFIG["max_position_embeddings"], hidden),
        "embeddings.token_type_embeddings.weight": (_CONFIG["type_vocab_size"], hidden),
    }
    norms = ["embeddings.LayerNorm"]
    for index in range(_CONFIG["num_hidden_layers"]):
        layer = f"encoder.layer.{index}"
        linears = {
            "attention.self.query": (hidden, hidden),
            "attention.self.key": (hidden, hidden),
            "attention.self.value": (hidden, hidden),
            "attention.output.dense": (hidden, hidden),
            "intermediate.dense": (inner, hidden),
            "output.dense": (hidden, inner),
        }
        for name, shape in linears.items():
            shapes[f"{layer}.{name}.weight"] = shape
            shapes[f"{layer}.{name}.bias"] = shape[:1]
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (hidden,)
    tensors = {name: rng.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()}
    for norm in norms:
        tensors[f"{norm}.weight"] += 1
    return tensors


def _compiled(most_lanes: int = 16) -> Kernels:
    """The compiled kernels: a test that wants them fails where they can be had and are not."""
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("kernels are compiled for x86-64 only")
    kernels = compiled_kernels(most_lanes)
    assert kernels is not None, "pip install llvmlite; the processor must have AVX2"
    return kernels


@pytest.fixture(scope="session")
def compiled() -> Kernels:
    """Those that users get."""
    return _compiled()


@pytest.fixture(scope="session", params=[8, 16], ids=["8 lanes", "up to 16 lanes"])
def kernels(request: pytest.FixtureRequest) -> Kernels:
    return _compiled(request.param)


@pytest.fixture(scope="module", params=["numpy", "compiled"])
def each_kernels(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs a test twice, once with each kind of kernels."""
    with using(_compiled() if request.param == "compiled" else None):
        yield


@pytest.fixture
def config() -> dict[str, Any]:
    """A `config.json` of its own for each test."""
    return dict(_CONFIG)


@pytest.fixture
def tensors() -> dict[str, NDArray[np.float32]]:
    """The weights that belong to `config`; seeded, so always the same."""
    return _random_tensors()


@pytest.fixture(scope="session")
def write_model() -> Callable[..., Path]:
    """Write a model directory; what is not given is right."""

    def write(
        directory: Path,
        *,
        config: dict[str, Any] | None = None,
        tensors: dict[str, NDArray[Any]] | None = None,
        pooling: str | None = "mean",
        normalize: bool = True,
    ) -> Path:
        (directory / "1_Pooling").mkdir(parents=True, exist_ok=True)
        files: dict[str, object] = {"config.json": _CONFIG if config is None else config}
        if pooling:
            kinds = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
            files["modules.json"] = [
                {"idx": index, "path": path, "type": f"sentence_transformers.models.{kind}"}
                for index, (kind, path) in enumerate(kinds.items())
                if normalize or kind != "Normalize"
            ]
            flag = {"cls": "cls_token", "mean": "mean_tokens"}[pooling]
            files["1_Pooling/config.json"] = {f"pooling_mode_{flag}": True}
        for name, content in files.items():
            (directory / name).write_text(json.dumps(content), encoding="utf-8")
        save_file(
            _random_tensors() if tensors is None else tensors, directory / "model.safetensors"
        )
        return directory

    return write


@pytest.fixture(scope="session")
def model_directory(
    tmp_path_factory: pytest.TempPathFactory, write_model: Callable[..., Path]
) -> Path:
    """A whole and right model; not to be changed."""
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def encoder(model_directory: Path) -> SentenceEncoder:
    return SentenceEncoder.from_pretrained(model_directory, kernels="numpy")
