"""Families with rotary positions: their windows and types of layers, and configs that are wrong.

`rotary_families.json` was recorded by `tools/record_families.py`. What holds for every family, that
it is what Hugging Face computes and that no tensor is missed, is tested in `test_families.py`.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lattice_models import ConfigError, ModelError, UnsupportedModelError, WeightsError
from lattice_models.encoder import Encoder
from lattice_models.families import read_encoder
from numpy.typing import NDArray
from safetensors.numpy import save_file

pytestmark = pytest.mark.usefixtures("each_kernels")

HERE = Path(__file__).resolve().parent
RECORDED: dict[str, Any] = json.loads((HERE / "rotary_families.json").read_text(encoding="utf-8"))
WINDOWED = [name for name, entry in RECORDED.items() if "nomic" not in name]
GROUPED = ["gemma3_text", "qwen3"]
Tensors = dict[str, NDArray[np.float32]]


def _load_seeded_tensors() -> Callable[[dict[str, Any], dict[str, list[int]]], Tensors]:
    """The function that filled the checkpoints when they were recorded."""
    path = HERE.parent / "tools" / "record_families.py"
    spec = importlib.util.spec_from_file_location("record_families", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[dict[str, Any], dict[str, list[int]]], Tensors] = module.seeded_tensors
    return function


seeded_tensors = _load_seeded_tensors()


def checkpoint(name: str) -> tuple[dict[str, Any], Tensors]:
    config = json.loads(json.dumps(RECORDED[name]["config"]))
    return config, seeded_tensors(config, RECORDED[name]["shapes"])


def load(directory: Path, config: dict[str, Any], tensors: Tensors) -> Encoder:
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(tensors, directory / "model.safetensors")
    return read_encoder(directory)


def packed(texts: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.array([token for text in texts for token in text], np.int64)
    return ids, np.cumsum([0, *map(len, texts)])


def texts_of(name: str) -> list[list[int]]:
    return [case["ids"] for case in RECORDED[name]["cases"]]


def first_and_last(encoder: Encoder, texts: list[list[int]]) -> NDArray[np.float32]:
    """Hidden states of the first and the last token of each text, `(n, 2, D)`."""
    ids, cu_seqlens = packed(texts)
    hidden = encoder(ids, cu_seqlens)
    assert (hidden.dtype.name, hidden.shape) == ("float32", (len(ids), encoder.hidden_size))
    return np.stack([hidden[cu_seqlens[:-1]], hidden[cu_seqlens[1:] - 1]], axis=1)


@pytest.fixture(params=RECORDED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_sizes_are_those_of_the_config(tmp_path: Path, name: str) -> None:
    config, tensors = checkpoint(name)
    encoder = load(tmp_path, config, tensors)
    sizes = encoder.hidden_size, encoder.vocab_size, encoder.max_positions
    assert sizes == (12, 30, 40)


def test_a_text_is_what_it_is_alone(tmp_path: Path, name: str) -> None:
    encoder = load(tmp_path, *checkpoint(name))
    rng = np.random.default_rng(0)
    texts = [rng.integers(0, 30, length).tolist() for length in (3, 3, 1, 39, 8, 3, 40, 40)]
    together = encoder(*packed(texts))
    alone = np.concatenate([encoder(*packed([text])) for text in texts])
    assert np.abs(together - alone).max() < 3e-6


def test_no_texts(tmp_path: Path, name: str) -> None:
    encoder = load(tmp_path, *checkpoint(name))
    assert encoder(np.array([], np.int64), np.array([0])).shape == (0, 12)


def test_the_first_layer_of_modernbert_has_no_norm_of_attention() -> None:
    shapes = RECORDED["modernbert"]["shapes"]
    assert "layers.1.attn_norm.weight" in shapes
    assert "layers.0.attn_norm.weight" not in shapes


def test_the_authors_names_of_the_sizes_of_nomic_bert(tmp_path: Path) -> None:
    config, tensors = checkpoint("nomic_bert, another base")
    texts = texts_of("nomic_bert, another base")
    expected = first_and_last(load(tmp_path, config, tensors), texts)
    theirs = {
        "model_type": "nomic_bert",
        "activation_function": "swiglu",
        "layer_norm_epsilon": 1e-3,
        "max_trained_positions": 20,
        "n_embd": 12,
        "n_head": 3,
        "n_inner": 20,
        "n_layer": 4,
        "n_positions": 40,
        "prenorm": False,
        "qkv_proj_bias": False,
        "rotary_emb_base": 40,
        "rotary_emb_fraction": 1,
        "rotary_emb_scale_base": None,
        "rotary_scaling_factor": None,
        "type_vocab_size": 2,
        "vocab_size": 30,
    }
    encoder = load(tmp_path, theirs, tensors)
    assert np.array_equal(first_and_last(encoder, texts), expected)
    assert encoder.max_positions == 40
    # beyond this length their code changes the angles
    stretched = load(tmp_path, {**theirs, "rotary_scaling_factor": 2}, tensors)
    assert np.array_equal(first_and_last(stretched, texts), expected)
    assert stretched.max_positions == 20


def refusal(directory: Path, config: dict[str, Any], tensors: Tensors) -> ModelError:
    with pytest.raises(ModelError) as caught:
        load(directory, config, tensors)
    return caught.value


def sizes_of(config: dict[str, Any]) -> list[str]:
    """Keys whose value is a number of things, but for ids, and a base that may be whole."""
    others = ("token_id", "rope_theta", "_sliding_window_pattern")
    return [key for key, value in config.items() if type(value) is int and not key.endswith(others)]


@pytest.mark.parametrize("value", [-1, True, 12.0, "12", [12], {}, 1 << 40, 10**300])
def test_a_size_that_cannot_be_is_named(tmp_path: Path, name: str, value: object) -> None:
    config, tensors = checkpoint(name)
    without_effect = ("max_position_embeddings", "max_window_layers", "sliding_window",
                      "local_attention", "global_attn_every_n_layers", "sliding_window_pattern",
                      "query_pre_attn_scalar")  # fmt: skip
    for key in sizes_of(config):
        wrong = {**config, key: value}
        if type(value) is int and value > 0:
            if key not in without_effect:  # no file has tensors of that size
                assert isinstance(refusal(tmp_path, wrong, tensors), ConfigError | WeightsError)
            elif key != "query_pre_attn_scalar":
                load(tmp_path, wrong, tensors)
        else:
            error = refusal(tmp_path, wrong, tensors)
            assert isinstance(error, ConfigError)
            assert error.field == f"{tmp_path / 'config.json'}: {key}"


def test_a_missing_size_is_named(tmp_path: Path, name: str) -> None:
    config, tensors = checkpoint(name)
    for key in ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
                "intermediate_size", "max_position_embeddings"):  # fmt: skip
        rest = {other: value for other, value in config.items() if other != key}
        error = refusal(tmp_path, rest, tensors)
        assert isinstance(error, ConfigError)
        assert (error.field, error.received) == (f"{tmp_path / 'config.json'}: {key}", "nothing")


@pytest.mark.parametrize("family", GROUPED)
def test_key_heads_must_divide_the_heads(tmp_path: Path, family: str) -> None:
    config, tensors = checkpoint(family)
    error = refusal(tmp_path, {**config, "num_attention_heads": 5, "num_key_value_heads": 2},
                    tensors)  # fmt: skip
    assert error.field == f"{tmp_path / 'config.json'}: num_attention_heads"
    assert error.expected == "a multiple of num_key_value_heads, 2"


@pytest.mark.parametrize("family", GROUPED)
def test_an_odd_head_size_has_no_pairs(tmp_path: Path, family: str) -> None:
    config, tensors = checkpoint(family)
    error = refusal(tmp_path, {**config, "head_dim": 7}, tensors)
    assert isinstance(error, ConfigError)
    assert (error.field, error.expected, error.received) == (
        f"{tmp_path / 'config.json'}: head_dim", "an even number", "7",
    )  # fmt: skip


@pytest.mark.parametrize("family", ["modernbert", "nomic_bert"])
def test_heads_must_divide_the_hidden_size_evenly(tmp_path: Path, family: str) -> None:
    config, tensors = checkpoint(family)
    error = refusal(tmp_path, {**config, "num_attention_heads": 5}, tensors)
    assert error.field == f"{tmp_path / 'config.json'}: hidden_size"
    assert error.expected == "a multiple of num_attention_heads, 5"
    odd = refusal(tmp_path, {**config, "num_attention_heads": 4}, tensors)
    assert isinstance(odd, ConfigError)
    assert odd.field == f"{tmp_path / 'config.json'}: hidden_size"
    assert odd.expected == "an even number of dimensions for each head"
    assert odd.received.startswith("3, ")


@pytest.mark.parametrize(
    ("types", "expected", "received"),
    [
        (["full_attention"] * 3, "4 names, as many as num_hidden_layers", "3"),
        (["full_attention"] * 3 + ["chunked_attention"], None, "'chunked_attention'"),
        (["full_attention"] * 3 + [None], None, "None"),
        ("full_attention", "a list of names", "'full_attention'"),
        ({}, "a list of names", "{}"),
    ],
)
def test_types_of_layers_that_cannot_be_are_named(
    tmp_path: Path, types: object, expected: str | None, received: str
) -> None:
    for family in WINDOWED:
        config, tensors = checkpoint(family)
        error = refusal(tmp_path, {**config, "layer_types": types}, tensors)
        assert isinstance(error, ConfigError)
        assert isinstance(error, UnsupportedModelError) == (expected is None)
        assert error.field == f"{tmp_path / 'config.json'}: layer_types"
        assert error.expected == (expected or "full_attention or sliding_attention")
        assert error.received == received


@pytest.mark.parametrize("extra", [{}, {"use_sliding_window": True, "sliding_window": None}])
def test_a_layer_of_qwen3_with_a_window_needs_one(tmp_path: Path, extra: dict[str, Any]) -> None:
    config, tensors = checkpoint("qwen3")
    types = ["full_attention"] * 3 + ["sliding_attention"]
    error = refusal(tmp_path, {**config, **extra, "layer_types": types}, tensors)
    assert error.field == f"{tmp_path / 'config.json'}: layer_types"
    assert error.received == "sliding_attention"


def test_a_window_that_is_switched_off_is_none(tmp_path: Path) -> None:
    config, tensors = checkpoint("qwen3")
    expected = first_and_last(load(tmp_path, config, tensors), texts_of("qwen3"))
    off = {**config, "use_sliding_window": False, "sliding_window": 3, "max_window_layers": 0}
    assert np.array_equal(first_and_last(load(tmp_path, off, tensors), texts_of("qwen3")), expected)


@pytest.mark.parametrize(
    ("family", "key", "value"),
    [
        ("gemma3_text", "attn_logit_softcapping", 50.0),
        ("nomic_bert", "activation_function", "geglu"),
        ("nomic_bert", "causal", True),
        ("nomic_bert", "mlp_fc1_bias", True),
        ("nomic_bert", "parallel_block", True),
        ("nomic_bert", "prenorm", True),
        ("nomic_bert", "qkv_proj_bias", True),
        ("nomic_bert", "rotary_emb_fraction", 0.5),
        ("nomic_bert", "rotary_emb_interleaved", True),
        ("nomic_bert", "rotary_emb_scale_base", 512),
        ("nomic_bert", "use_rms_norm", True),
    ],
)
def test_variants_that_are_not_computed_are_refused(
    tmp_path: Path, family: str, key: str, value: object
) -> None:
    config, tensors = checkpoint(family)
    error = refusal(tmp_path, {**config, key: value}, tensors)
    assert isinstance(error, UnsupportedModelError)
    assert (error.field, error.received) == (f"{tmp_path / 'config.json'}: {key}", repr(value))


@pytest.mark.parametrize("value", ["geglu", "GELU", None, 3, ["gelu"]])
def test_an_unknown_activation_is_named(tmp_path: Path, name: str, value: object) -> None:
    config, tensors = checkpoint(name)
    gelu_families = ("gemma3_text", "modernbert")
    key = "hidden_activation" if config["model_type"] in gelu_families else "hidden_act"
    error = refusal(tmp_path, {**config, key: value}, tensors)
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / 'config.json'}: {key}"


KEYS = [
    "hidden_act", "hidden_activation", "layer_types", "rope_parameters", "rope_scaling",
    "rope_theta", "local_rope_theta", "rope_local_base_freq", "sliding_window", "local_attention",
    "use_sliding_window", "use_bidirectional_attention", "attention_bias", "norm_bias",
    "query_pre_attn_scalar", "head_dim", "rotary_scaling_factor", "sliding_window_pattern",
]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_config_is_an_answer(tmp_path: Path, data: st.DataObject) -> None:
    config, tensors = checkpoint(data.draw(st.sampled_from(sorted(RECORDED))))
    numbers = st.integers(-3, 60) | st.integers() | st.floats()
    values: st.SearchStrategy[Any]
    values = numbers | st.none() | st.booleans() | st.text(max_size=5) | st.lists(numbers)
    names = st.sampled_from(["full_attention", "sliding_attention", "rope_type", "rope_theta"])
    values |= st.lists(names, max_size=4) | st.dictionaries(names, values, max_size=2)
    keys = st.sampled_from([*set(config) - {"model_type"}, *KEYS])
    config.update(data.draw(st.dictionaries(keys, values, max_size=4)))
    try:
        encoder = load(tmp_path, config, tensors)
    except ModelError:
        return
    limit = min(encoder.max_positions or 9, 9)
    with np.errstate(all="ignore"):  # a huge eps
        hidden = encoder(np.arange(limit) % encoder.vocab_size, np.array([0, limit]))
    assert hidden.shape == (limit, encoder.hidden_size)
    assert np.isfinite(hidden).all()
