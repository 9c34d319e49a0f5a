"""The parts of tokenizer.json that must be noticed are all that the oracle has."""

from __future__ import annotations

import pytest
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

from ..coverage import FORMAT

MODULES = {
    "normalizer": (normalizers, {"Normalizer"}),
    "pre_tokenizer": (pre_tokenizers, {"PreTokenizer"}),
    "model": (models, {"Model"}),
    "post_processor": (processors, {"PostProcessor"}),
    "decoder": (decoders, {"Decoder", "DecodeStream"}),
}


@pytest.mark.parametrize("field", MODULES)
def test_every_component_of_the_oracle_is_a_part(field: str) -> None:
    module, beside = MODULES[field]
    kinds = {name for name in dir(module) if isinstance(getattr(module, name), type)}
    assert set(FORMAT[field]) == kinds - beside
