"""`families.py`: every family against what Hugging Face computed, and configs that are wrong.

`families.json` and `rotary_families.json` were recorded by `tools/record_families.py`; they hold no
weights, only their seed. What only families with rotary positions have is tested in
`test_rotary_families.py`.
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
from lattice_models.families import FAMILIES, read_encoder
from numpy.typing import NDArray
from safetensors.numpy import save_file

pytestmark = pytest.mark.usefixtures("each_kernels")

HERE = Path(__file__).resolve().parent
RECORDED: dict[str, Any] = json.loads((HERE / "families.json").read_text(encoding="utf-8"))
ROTARY: dict[str, Any] = json.loads((HERE / "rotary_families.json").read_text(encoding="utf-8"))
EVERY = {**RECORDED, **ROTARY}
# What the states of these checkpoints move by, at most of eight tries, if word embeddings are off
# by one unit in the last place; those of the others move by up to 4e-6.
LIMITS = {
    "modernbert, biases, an odd window, types of layers listed": 5.6e-6,
    "nomic_bert": 7.2e-6,
}
_LM_HEAD = ["lm_head.dense.weight"]
# what stands before every name where a task head shares the file, and tensors of such heads
HEADS = {
    "bert": ("bert.", ["cls.predictions.bias", "bert.pooler.dense.weight"]),
    "camembert": ("roberta.", [*_LM_HEAD, "roberta.pooler.dense.bias"]),
    "distilbert": (
        "distilbert.",
        ["vocab_transform.weight", "vocab_layer_norm.bias", "vocab_projector.bias"],
    ),
    "gemma3_text": ("model.", ["lm_head.weight"]),
    "modernbert": ("model.", ["head.dense.weight", "head.norm.weight", "decoder.bias"]),
    "mpnet": ("mpnet.", [*_LM_HEAD, "mpnet.pooler.dense.bias"]),
    "nomic_bert": ("bert.", ["cls.predictions.decoder.bias", "bert.pooler.dense.weight"]),
    "qwen3": ("model.", ["lm_head.weight"]),
    "roberta": ("roberta.", [*_LM_HEAD, "roberta.pooler.dense.bias"]),
    "xlm-roberta": ("roberta.", [*_LM_HEAD, "roberta.pooler.dense.bias"]),
}
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


def write(directory: Path, config: dict[str, Any], tensors: Tensors) -> Path:
    (directory / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(tensors, directory / "model.safetensors")
    return directory


def checkpoint(name: str) -> tuple[dict[str, Any], Tensors]:
    config = json.loads(json.dumps(EVERY[name]["config"]))
    return config, seeded_tensors(config, EVERY[name]["shapes"])


def packed(texts: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.array([token for text in texts for token in text], np.int64)
    return ids, np.cumsum([0, *map(len, texts)])


def texts_of(name: str) -> list[list[int]]:
    return [case["ids"] for case in EVERY[name]["cases"]]


def first_and_last(encoder: Encoder, texts: list[list[int]]) -> NDArray[np.float32]:
    """Hidden states of the first and the last token of each text, `(n, 2, D)`."""
    ids, cu_seqlens = packed(texts)
    hidden = encoder(ids, cu_seqlens)
    assert (hidden.dtype.name, hidden.shape) == ("float32", (len(ids), encoder.hidden_size))
    return np.stack([hidden[cu_seqlens[:-1]], hidden[cu_seqlens[1:] - 1]], axis=1)


@pytest.fixture(params=EVERY)
def every(request: pytest.FixtureRequest) -> str:
    """Of every family."""
    return str(request.param)


@pytest.fixture(params=RECORDED)
def name(request: pytest.FixtureRequest) -> str:
    """Of the families without rotary positions."""
    return str(request.param)


def test_every_family_was_recorded() -> None:
    recorded = {entry["config"]["model_type"] for entry in EVERY.values()}
    assert recorded == set(FAMILIES) == set(HEADS)


def test_same_as_hugging_face_in_float64(tmp_path: Path, every: str) -> None:
    encoder = read_encoder(write(tmp_path, *checkpoint(every)))
    expected = np.array([[case["first"], case["last"]] for case in EVERY[every]["cases"]])
    together = first_and_last(encoder, texts_of(every))
    limit = LIMITS.get(every, 3e-6)
    assert np.abs(together - expected).max() < limit
    for text, states in zip(texts_of(every), expected, strict=True):
        assert np.abs(first_and_last(encoder, [text])[0] - states).max() < limit


def test_the_longest_text_that_was_recorded_is_the_limit(tmp_path: Path, name: str) -> None:
    # the oracle fails with one token more: there is no row for its position
    config, tensors = checkpoint(name)
    encoder = read_encoder(write(tmp_path, config, tensors))
    assert encoder.max_positions == max(map(len, texts_of(name)))
    assert encoder.vocab_size == config["vocab_size"]


def test_prefix_and_other_heads_change_nothing(tmp_path: Path, every: str) -> None:
    config, tensors = checkpoint(every)
    texts = texts_of(every)
    bare = first_and_last(read_encoder(write(tmp_path, config, tensors)), texts)
    prefix, heads = HEADS[config["model_type"]]
    if every in RECORDED:
        heads = [*heads, "classifier.weight", "qa_outputs.bias", f"{prefix}embeddings.position_ids"]
    renamed = {f"{prefix}{key}": tensor for key, tensor in tensors.items()}
    renamed.update({head: np.ones(3, np.float32) for head in heads})
    encoder = read_encoder(write(tmp_path, config, renamed))
    assert np.array_equal(first_and_last(encoder, texts), bare)


def test_norms_may_have_their_old_names(tmp_path: Path, name: str) -> None:
    config, tensors = checkpoint(name)
    texts = texts_of(name)
    new = first_and_last(read_encoder(write(tmp_path, config, tensors)), texts)
    old_names = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    renamed = {}
    for key, tensor in tensors.items():
        for now, then in old_names.items():
            key = key.replace(now, then)
        renamed[key] = tensor
    assert renamed.keys() != tensors.keys()
    encoder = read_encoder(write(tmp_path, config, renamed))
    assert np.array_equal(first_and_last(encoder, texts), new)


def test_every_tensor_is_missed_by_name(tmp_path: Path, every: str) -> None:
    config, tensors = checkpoint(every)
    for missing in tensors:
        rest = {key: tensor for key, tensor in tensors.items() if key != missing}
        with pytest.raises(WeightsError) as caught:
            read_encoder(write(tmp_path, config, rest))
        assert caught.value.field == missing


def test_every_tensor_of_the_wrong_shape_is_named(tmp_path: Path, every: str) -> None:
    config, tensors = checkpoint(every)
    for wrong, tensor in tensors.items():
        longer = np.concatenate([tensor, tensor[:1]])
        with pytest.raises(WeightsError) as caught:
            read_encoder(write(tmp_path, config, {**tensors, wrong: longer}))
        assert caught.value.field == wrong
        assert str(tensor.shape) in caught.value.expected
        assert str(longer.shape) in caught.value.received


def test_a_tensor_without_a_place_is_refused(tmp_path: Path, every: str) -> None:
    config, tensors = checkpoint(every)
    (layers,) = {key.partition(".1.")[0] for key in tensors if ".1." in key}
    count = config.get("num_hidden_layers") or config["n_layers"]
    tensors[f"{layers}.{count}.new.bias"] = np.zeros(1, np.float32)
    with pytest.raises(WeightsError) as caught:
        read_encoder(write(tmp_path, config, tensors))
    assert caught.value.field == f"{layers}.{count}.new.bias"


def test_calling_twice_gives_the_same_bits(tmp_path: Path, every: str) -> None:
    # kernels work in place: none may write into a weight
    encoder = read_encoder(write(tmp_path, *checkpoint(every)))
    batch = packed(texts_of(every))
    assert np.array_equal(encoder(*batch), encoder(*batch))


@pytest.mark.parametrize("model_type", ["gpt2", "", "BERT", None, 3, ["bert"]])
def test_an_unknown_model_type_is_named_with_those_that_are_known(
    tmp_path: Path, model_type: object
) -> None:
    config, tensors = checkpoint("bert")
    with pytest.raises(UnsupportedModelError) as caught:
        read_encoder(write(tmp_path, {**config, "model_type": model_type}, tensors))
    error = caught.value
    assert error.field == f"{tmp_path / 'config.json'}: model_type"
    assert error.expected == f"one of {', '.join(FAMILIES)}"
    assert error.received == ("nothing" if model_type is None else repr(model_type))


def sizes_of(config: dict[str, Any]) -> list[str]:
    return [key for key, value in config.items() if type(value) is int and key != "pad_token_id"]


def refusal(directory: Path, config: dict[str, Any], tensors: Tensors) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_encoder(write(directory, config, tensors))
    return caught.value


@pytest.mark.parametrize("value", [0, -1, True, 12.0, "12", [12], {}, 1 << 40, 10**300])
def test_a_size_that_cannot_be_is_named(tmp_path: Path, name: str, value: object) -> None:
    config, tensors = checkpoint(name)
    for key in sizes_of(config):
        error = refusal(tmp_path, {**config, key: value}, tensors)
        if type(value) is int and value > 0:  # no file of that size: a tensor is named, or a size
            assert isinstance(error, ConfigError | WeightsError)
        else:
            assert isinstance(error, ConfigError)
            assert error.field == f"{tmp_path / 'config.json'}: {key}"


def test_a_size_that_the_tensors_contradict_is_an_error(tmp_path: Path, name: str) -> None:
    config, tensors = checkpoint(name)
    for key in sizes_of(config):
        if key not in ("num_attention_heads", "n_heads"):  # 12 has other divisors than 3
            assert isinstance(
                refusal(tmp_path, {**config, key: config[key] + 1}, tensors),
                ConfigError | WeightsError,
            )


def test_a_missing_size_is_named(tmp_path: Path, name: str) -> None:
    config, tensors = checkpoint(name)
    for key in set(sizes_of(config)) - {"type_vocab_size", "relative_attention_num_buckets"}:
        rest = {other: value for other, value in config.items() if other != key}
        error = refusal(tmp_path, rest, tensors)
        assert isinstance(error, ConfigError)
        assert (error.field, error.received) == (f"{tmp_path / 'config.json'}: {key}", "nothing")


def test_heads_must_divide_the_hidden_size(tmp_path: Path, name: str) -> None:
    config, tensors = checkpoint(name)
    whole, part = ("dim", "n_heads") if "dim" in config else ("hidden_size", "num_attention_heads")
    error = refusal(tmp_path, {**config, part: 5}, tensors)
    assert isinstance(error, ConfigError)
    assert error.field == f"{tmp_path / 'config.json'}: {whole}"
    assert (error.expected, error.received) == (f"a multiple of {part}, 5", "12")


@pytest.mark.parametrize("value", ["geglu", "GELU", None, 3, ["gelu"]])
def test_an_unknown_activation_is_named(tmp_path: Path, name: str, value: object) -> None:
    config, tensors = checkpoint(name)
    key = "activation" if config["model_type"] == "distilbert" else "hidden_act"
    error = refusal(tmp_path, {**config, key: value}, tensors)
    assert isinstance(error, UnsupportedModelError)
    assert error.field == f"{tmp_path / 'config.json'}: {key}"
    assert error.expected.startswith("one of gelu, ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_config_is_an_answer(tmp_path: Path, data: st.DataObject) -> None:
    config, tensors = checkpoint(data.draw(st.sampled_from(sorted(RECORDED))))
    keys = st.sampled_from([*config, "hidden_act", "activation", "is_decoder", "pad_token_id"])
    numbers = st.integers(-3, 60) | st.integers() | st.floats()
    values = numbers | st.none() | st.booleans() | st.text(max_size=5) | st.lists(numbers)
    types = st.sampled_from(list(FAMILIES))
    config.update(data.draw(st.dictionaries(keys, values | types, max_size=4)))
    try:
        encoder = read_encoder(write(tmp_path, config, tensors))
    except ModelError:
        return
    limit = min(encoder.max_positions or 9, 9)
    with np.errstate(all="ignore"):  # a huge eps
        hidden = encoder(np.arange(limit) % encoder.vocab_size, np.array([0, limit]))
    assert hidden.shape == (limit, encoder.hidden_size)
    assert np.isfinite(hidden).all()
