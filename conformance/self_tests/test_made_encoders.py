"""`made/encoders.py`: the same bytes on every machine, and weights that keep every path alive.

The tensors do not depend on the tokenizer, so they can be made here without fixtures.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ..fixtures import read_manifest
from ..made.encoders import MADE, make_encoder

MANIFEST = {fixture.file.path: fixture.file for fixture in read_manifest()}
TOKENIZER = {
    "added_tokens": [{"content": "[PAD]", "id": 0, "special": True}],
    "truncation": {"max_length": 128},
    "padding": {},
    "model": {"vocab": {"[PAD]": 0, "[unused0]": 1}},
}


@pytest.fixture(scope="module", params=MADE)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory: Path = tmp_path_factory.mktemp("made") / request.param
    make_encoder(json.dumps(TOKENIZER).encode(), directory)
    return directory


def tensors_of(path: Path) -> dict[str, NDArray[np.float32]]:
    """All tensors of a safetensors file, by its definition."""
    content = path.read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header: dict[str, Any] = json.loads(content[8:start])
    del header["__metadata__"]
    tensors = {}
    end = start
    for name, entry in header.items():
        first, last = (start + offset for offset in entry["data_offsets"])
        assert first == end  # no hole, no overlap
        end = last
        data = content[first:last]
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
        else:
            values = np.frombuffer(data, {"F16": "<f2", "F32": "<f4"}[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).astype(np.float32)
    assert end == len(content)
    return tensors


def test_the_bytes_are_those_of_the_manifest(made: Path) -> None:
    written = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    known = {path.partition("/")[2] for path in MANIFEST if path.startswith(f"{made.name}/")}
    assert written == known
    for name in written - {"tokenizer.json", "tokenizer_config.json"}:  # of the given tokenizer
        digest = hashlib.sha256((made / name).read_bytes()).hexdigest()
        assert digest == MANIFEST[f"{made.name}/{name}"].sha256, name


def test_nothing_is_saturated_or_empty(made: Path) -> None:
    for path in made.rglob("*.safetensors"):
        for name, tensor in tensors_of(path).items():
            assert np.isfinite(tensor).all(), name
            assert 0.01 < np.abs(tensor).max() < 4, name
            assert np.unique(tensor).size > tensor.size**0.5 / 2, name


def test_an_index_names_every_tensor_of_every_shard(made: Path) -> None:
    index = made / "model.safetensors.index.json"
    assert index.exists() == (MADE[made.name].shards > 1)
    if index.exists():
        content = json.loads(index.read_text(encoding="utf-8"))
        held = {name: path.name for path in made.glob("*.safetensors") for name in tensors_of(path)}
        assert content["weight_map"] == held
        assert len(set(held.values())) == MADE[made.name].shards


def test_a_tokenizer_neither_cuts_nor_pads(made: Path) -> None:
    tokenizer = json.loads((made / "tokenizer.json").read_text(encoding="utf-8"))
    assert (tokenizer["truncation"], tokenizer["padding"]) == (None, None)
    ids = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    assert ids["[PAD]"] == tokenizer["model"]["vocab"]["[PAD]"]
    if made.name == "made-mpnet":  # its positions are counted from a padding id of 1
        assert ids["[PAD]"] == 1
