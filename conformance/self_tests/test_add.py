"""A case is added in its place, or refused with a reason and nothing written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ..add import AddError, add_case, new_id, open_case_set, unescaped
from ..cases import Case, CaseSet, case_set_files, read_case_set, replace_files
from ..engines.protocol import EngineBrokenError, Question
from ..lint import lint
from ..oracle import Oracle
from ..tags import read_tags


@dataclass
class FakeEngine:
    """Says of every text that its words are the tokens, and counts what it was asked.

    Of all ids it says that `vector` is theirs.
    """

    packages: dict[str, str]
    vector: list[float] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def versions(self) -> dict[str, str]:
        return self.packages

    def ask(self, question: Question) -> dict[str, Any]:
        self.asked.append(question.input)
        if question.stage == "vectors":
            return {"vector": self.vector}
        text = question.input["text"]
        tokens = text.split()
        ids = list(range(len(tokens)))
        if question.stage == "service":
            return {"ids": [101, *ids, 102], "vector": self.vector}
        places = [[0, 0] for _ in ids]
        zeros = [0 for _ in ids]
        return {
            "ids": ids[: question.input.get("max_tokens")],
            "tokens": tokens,
            "offsets": places,
            "type_ids": zeros,
            "decoded": text,
        }

    def stop(self) -> None:
        pass


class FakeOracle(Oracle):
    """Opens engines that have been made before; `asked` is what the first of them was asked."""

    def __init__(self, **engines: FakeEngine) -> None:
        super().__init__(lambda name: engines[name.replace("-", "_")])
        self.asked = next(iter(engines.values())).asked


@pytest.fixture
def oracle(case_set: CaseSet) -> FakeOracle:
    return FakeOracle(tokenizers=FakeEngine(dict(case_set.source["oracle"])))


def added(root: Path, case_set: CaseSet, oracle: Oracle, text: str, **changed: Any) -> Case:
    options = {"tags": ["whitespace"], "why": "a text that came out wrong", **changed}
    asked = {"text": text, **options.pop("asked", {})}
    return add_case(case_set, asked, oracle=oracle, root=root, **options)


def test_the_case_stands_after_its_group_with_what_the_oracle_said(
    root: Path, folder: Path, case_set: CaseSet, oracle: FakeOracle
) -> None:
    case = added(root, case_set, oracle, "た\u3099 two words", tags=["kana", "whitespace"])
    read = read_case_set(folder)
    names = ["kana/mark", "kana/two-words", "whitespace/one", "whitespace/two"]
    assert [one.id for one in read.cases] == names
    assert read.cases[1] == case
    assert case.tags == ("kana", "whitespace")
    assert case.expect is not None
    assert case.expect["tokens"] == ["た\u3099", "two", "words"]
    assert lint(root) == []


def test_only_the_count_and_the_date_of_the_provenance_change(
    root: Path,
    folder: Path,
    case_set: CaseSet,
    oracle: FakeOracle,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conformance.add.today", lambda: "2031-02-03")
    before = read_case_set(folder).source
    added(root, case_set, oracle, "new")
    changed = {"cases": before["cases"] + 1, "recorded": "2031-02-03"}
    assert read_case_set(folder).source == before | changed


def test_a_group_of_its_own_stands_at_the_end(
    root: Path, folder: Path, case_set: CaseSet, oracle: FakeOracle
) -> None:
    added(root, case_set, oracle, "new", case_id="found/by-fuzzing")
    assert read_case_set(folder).cases[-1].id == "found/by-fuzzing"


@pytest.mark.parametrize(
    ("text", "changed", "told"),
    [
        (" ", {}, r"expected a new one, received that of whitespace/one \(.*cases\.jsonl:2\)"),
        ("new", {"tags": ["whitspace"]}, r"expected one of tags.toml \(whitespace\), received"),
        ("new", {"tags": ["zzz"]}, r"tags.toml \(kana, whitespace\), received 'zzz'"),
        ("new", {"tags": []}, "expected at least one, received none"),
        ("new", {"why": "  "}, "comment: expected pattern"),
        ("new", {"why": "a/b", "case_id": "a/b"}, "why: expected why the case exists"),
        ("new", {"case_id": "kana/mark"}, "id: expected a free one, received 'kana/mark'"),
        ("new", {"case_id": "No Group"}, "id: expected pattern"),
        ("\ud800", {}, "input.text: expected pattern"),
    ],
)
def test_what_is_refused_is_refused_before_the_oracle_is_asked(
    root: Path,
    folder: Path,
    case_set: CaseSet,
    oracle: FakeOracle,
    text: str,
    changed: dict[str, Any],
    told: str,
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(AddError, match=told):
        added(root, case_set, oracle, text, **changed)
    assert oracle.asked == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_options_that_exclude_each_other_are_refused(
    root: Path, case_set: CaseSet, oracle: FakeOracle
) -> None:
    asked = {"text": "a", "max_tokens": 8, "as_filed": True}
    with pytest.raises(AddError, match="input: expected enum"):
        add_case(case_set, asked, tags=["kana"], why="why", oracle=oracle, root=root)


def test_another_version_of_the_oracle_is_refused(
    root: Path, folder: Path, case_set: CaseSet
) -> None:
    before = (folder / "cases.jsonl").read_bytes()
    with pytest.raises(AddError, match=r"expected tokenizers 0\.\d+\.\d+, .*, received 0\.1\.0"):
        added(root, case_set, FakeOracle(tokenizers=FakeEngine({"tokenizers": "0.1.0"})), "new")
    assert (folder / "cases.jsonl").read_bytes() == before


def test_an_answer_that_is_no_expectation_is_refused(
    root: Path, folder: Path, case_set: CaseSet, oracle: FakeOracle
) -> None:
    before = (folder / "cases.jsonl").read_bytes()
    lacking = "oracle: expected attention_mask, special_tokens_mask, received no such key"
    with pytest.raises(EngineBrokenError, match=lacking):
        added(root, case_set, oracle, "a", asked={"as_filed": True})
    with pytest.raises(AddError, match=r"expect\.decoded: expected type"):
        added(root, case_set, _Numbers(case_set), "a")
    assert (folder / "cases.jsonl").read_bytes() == before


class _Numbers(FakeOracle):
    """Decodes to a number."""

    def __init__(self, case_set: CaseSet) -> None:
        super().__init__(tokenizers=FakeEngine(dict(case_set.source["oracle"])))

    def expect(self, case_set: CaseSet, case: Case) -> dict[str, Any]:
        return {**super().expect(case_set, case), "decoded": 1}


def in_precisions(case_set: CaseSet) -> FakeOracle:
    """Its float64 says 1 and then zeros, its float32 1e-4 in the place of the second number."""
    packages = dict(case_set.source["oracle"])
    del packages["decimals"]
    return FakeOracle(
        transformers=FakeEngine(packages, [1.0000000001, 0.0, 0.0]),
        transformers_float32=FakeEngine({**packages, "dtype": "float32"}, [1.0, 1e-4, 0.0]),
    )


# 1 - 1 / sqrt(1 + 1e-8) is 5e-9
MEASURED = {"max_abs_diff": 1e-4, "cosine_distance": 5e-9}


def test_a_vector_comes_with_the_error_of_float32(root: Path, vectors_folder: Path) -> None:
    case_set = read_case_set(vectors_folder)
    oracle = in_precisions(case_set)
    text = "word " * 300
    case = added(root, case_set, oracle, text, tags=["length"], why="longer than the limit")
    most = case_set.source["limit"]["max_tokens"]
    assert oracle.asked[0] == {"text": text, "max_tokens": most}
    expect = {"ids": list(range(most)), "vector": [1.0, 0.0, 0.0], "float32_error": MEASURED}
    assert case.expect == expect
    assert read_case_set(vectors_folder).cases[-1] == case
    assert lint(root) == []


def test_a_service_case_is_of_a_role(root: Path, service_folder: Path) -> None:
    case_set = read_case_set(service_folder)
    oracle = in_precisions(case_set)
    asked = {"role": "query"}
    case = added(root, case_set, oracle, "two words", tags=["kana"], asked=asked)
    assert oracle.asked == [{"text": "two words", "role": "query"}]
    ids = [101, 0, 1, 102]
    assert case.expect == {"ids": ids, "vector": [1.0, 0.0, 0.0], "float32_error": MEASURED}
    assert case.id == "kana/two-words"
    assert read_case_set(service_folder).cases[-1] == case
    for wrong, told in (
        ({"role": "query"}, "expected a new one, received that of kana/two-words"),
        ({"role": "document"}, "input.role: expected enum"),
        ({}, r'input: expected the fields \["text", "role"\]'),
    ):
        with pytest.raises(AddError, match=told):
            added(root, read_case_set(service_folder), oracle, "two words", asked=wrong)


@pytest.mark.parametrize("package", ["tokenizers", "torch", "transformers", "dtype"])
def test_vectors_of_another_oracle_are_refused(
    root: Path, vectors_folder: Path, package: str
) -> None:
    case_set = read_case_set(vectors_folder)
    packages = {**case_set.source["oracle"], package: "0.1.0"}
    before = (vectors_folder / "cases.jsonl").read_bytes()
    with pytest.raises(AddError, match=f"oracle: expected {package} .*, received 0.1.0"):
        added(root, case_set, FakeOracle(transformers=FakeEngine(packages)), "a", tags=["length"])
    assert (vectors_folder / "cases.jsonl").read_bytes() == before


def test_what_a_stage_does_not_ask_is_refused(root: Path, vectors_folder: Path) -> None:
    case_set = read_case_set(vectors_folder)
    oracle = in_precisions(case_set)
    for odd in ({"role": "query"}, {"pair": "b"}, {"max_tokens": 8}, {"as_filed": True}):
        with pytest.raises(AddError, match="input: expected only known fields"):
            added(root, case_set, oracle, "a", tags=["length"], asked=odd)
    assert oracle.asked == []


@pytest.mark.parametrize(
    ("stage", "subject", "told"),
    [
        ("tokens", "all-minilm-l6-v2", "expected one of tokenizer, vectors, service, received"),
        ("cache_key", "catalog", "expected one of tokenizer, vectors, service, received 'cache"),
        ("tokenizer", "minilm", "subject: expected one of all-minilm-l6-v2, received 'minilm'"),
    ],
)
def test_an_unknown_case_set_is_refused(root: Path, stage: str, subject: str, told: str) -> None:
    with pytest.raises(AddError, match=told):
        open_case_set(stage, subject, root=root)


def test_the_beginning_of_a_name_is_enough_if_it_is_one_set(root: Path, folder: Path) -> None:
    assert open_case_set("tokenizer", "all-min", root=root).subject == folder.name
    folder.rename(folder.with_name("all-mini"))
    case_set = open_case_set("tokenizer", "all-mini", root=root)
    replace_files(case_set_files(replace(case_set, subject="all-minilm"), root=root))
    assert open_case_set("tokenizer", "all-mini", root=root).subject == "all-mini"
    for several in ("all", ""):
        with pytest.raises(AddError, match="expected one of all-mini, all-minilm, received"):
            open_case_set("tokenizer", several, root=root)


def test_ids_are_readable_and_free() -> None:
    assert new_id("url", "https://example.org/a/b/c/d", []) == "url/https-example-org-a"
    assert new_id("accents", "Éa  b", ["accents/ea-b"]) == "accents/ea-b-1"
    assert new_id("kana", "が", []) == "kana/1"
    assert new_id("kana", "が", ["kana/1", "kana/2"]) == "kana/3"
    assert len(new_id("long-word", "a" * 200, [])) < 60


def test_texts_can_be_written_with_escapes() -> None:
    assert unescaped(r"a\u3099") == "a\u3099"
    assert unescaped(r"\ud83d\ude00\n\t\\u0041") == "😀\n\t\\u0041"
    assert unescaped('say "\\"a\\""') == 'say ""a""'
    assert unescaped("plain\ttab") == "plain\ttab"
    for wrong in (r"\x41", "a\\", r"\u30"):
        with pytest.raises(AddError, match="expected a text with JSON escapes"):
            unescaped(wrong)


def test_tags_know_what_they_guard(root: Path) -> None:
    assert read_tags(root)["kana"].guards == ("F4",)
