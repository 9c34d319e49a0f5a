"""Vectors are as near to the float64 of the oracle as its own float32 is, or nearly so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from lattice_embed import EmbeddingRole

from ..cases import Case, CaseSet, read_case_sets
from .distance import assert_near
from .engines import encoder, service
from .parameters import case_parameters

# Subjects whose tokenizer the engine has, so that a text can go all the way through the service.
THROUGH_SERVICE = ("all-minilm-l6-v2",)


@pytest.mark.parametrize(("case_set", "case"), case_parameters("vectors"))
def test_encoder(
    case_set: CaseSet, case: Case, record_property: Callable[[str, object], None]
) -> None:
    assert case.expect is not None, "the case has not been recorded"
    ids = np.array(case.expect["ids"])
    vectors = encoder(case_set.subject).encode(ids, [0, len(ids)])
    assert_near(vectors[0], case_set, case, record_property)
    record_property("case", f"vectors/{case_set.subject}/{case.id}")


@pytest.mark.parametrize(("case_set", "case"), case_parameters("vectors", subjects=THROUGH_SERVICE))
def test_service_feeds_the_encoder_what_the_oracle_feeds_its_own(
    case_set: CaseSet, case: Case, record_property: Callable[[str, object], None]
) -> None:
    assert case.expect is not None, "the case has not been recorded"
    engine = service(case_set.subject)
    (ids,) = engine.tokenize([case.input["text"]], role=EmbeddingRole.GENERIC)
    assert ids.tolist() == case.expect["ids"]
    assert_near(engine.embed(case.input["text"]), case_set, case, record_property)


@pytest.mark.parametrize(
    "case_set",
    [
        pytest.param(case_set, id=case_set.subject, marks=pytest.mark.fixtures(case_set.subject))
        for case_set in read_case_sets("vectors")
        if case_set.subject in THROUGH_SERVICE
    ],
)
def test_a_batch_gives_the_vectors_of_its_texts(
    case_set: CaseSet, record_property: Callable[[str, object], None]
) -> None:
    """All texts at once, in reverse: neighbours and order change nothing that matters."""
    cases = case_set.cases[::-1]
    vectors = service(case_set.subject).embed([case.input["text"] for case in cases])
    for case, vector in zip(cases, vectors, strict=True):
        assert_near(vector, case_set, case, record_property)
