"""`component.py`: classes that are the schema of what `tokenizer.json` says."""

from __future__ import annotations

import pickle

import pytest
from lattice_tokenize.component import OptionlessComponent, component_to_json, read_component
from lattice_tokenize.errors import UnsupportedComponentError
from lattice_tokenize.normalizers import NFC, NFD, NORMALIZERS


def test_what_has_no_options_is_equal_to_its_like_alone() -> None:
    assert NFC() == NFC()
    assert len({NFC(), NFC(), NFD()}) == 2
    assert repr(NFC()) == "NFC()"
    assert pickle.loads(pickle.dumps(NFC())) == NFC()


def test_what_has_no_options_is_read_and_written_like_any_other() -> None:
    value = {"type": "NFC"}
    read = read_component(value, "normalizer", NORMALIZERS)
    assert isinstance(read, OptionlessComponent)
    assert (read, component_to_json(read)) == (NFC(), value)
    with pytest.raises(UnsupportedComponentError) as caught:
        read_component({"type": "NFC", "form": "C"}, "normalizer", NORMALIZERS)
    assert caught.value.field == "normalizer.form"
