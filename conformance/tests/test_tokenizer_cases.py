"""Token ids of every case are those of the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lattice_tokenize import Encoding

from ..cases import Case, CaseSet
from .engines import tokenizer
from .parameters import case_parameters

WITHOUT_LIMIT = 1 << 20


@pytest.mark.parametrize(("case_set", "case"), case_parameters("tokenizer"))
def test_ids_equal_the_oracles(
    case_set: CaseSet, case: Case, record_property: Callable[[str, object], None]
) -> None:
    engine = tokenizer(case_set.subject)
    text, pair = case.input["text"], case.input.get("pair")
    expect = case.expect
    assert expect is not None, "the case has not been recorded"
    if case.input.get("as_filed"):
        received = _fields(engine.encode(text, pair), expect)
    elif pair is not None:
        received = _unpadded(engine.encode(text, pair))
        received["decoded"] = engine.decode(received["ids"])
    else:
        max_tokens = case.input.get("max_tokens", WITHOUT_LIMIT)
        ids = engine.encode_packed([text], max_tokens=max_tokens).ids.tolist()
        received = {
            "ids": ids,
            "tokens": [engine.id_to_token(token_id) for token_id in ids],
            "type_ids": [0] * len(ids),
            "decoded": engine.decode(ids),
        }
    assert received == expect, case.comment
    record_property("case", f"tokenizer/{case_set.subject}/{case.id}")


def _fields(encoding: Encoding, names: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(encoding, name) for name in names}


def _unpadded(encoding: Encoding) -> dict[str, Any]:
    length = sum(encoding.attention_mask)
    fields = _fields(encoding, {"ids": None, "tokens": None, "type_ids": None})
    return {name: values[:length] for name, values in fields.items()}
