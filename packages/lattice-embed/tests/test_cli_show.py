"""What commands show of texts, models and this machine."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from lattice_embed import EmbeddingRole, NativeEmbeddingService
from lattice_embed.cli import main
from lattice_embed.effective_settings import effective_settings
from lattice_models import SentenceEncoder
from safetensors.numpy import load_file, save_file

EXIT_MISTAKE, EXIT_USAGE = 1, 2
# the package's attribute of that name is the command
DOCTOR = sys.modules["lattice_embed.cli.doctor"]
LONG = "a b c d e f g h i j k l m n o p q r s t u v w x y z"  # 26 tokens and two special ones


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
    assert "Traceback" not in result.output
    assert max(map(len, result.stdout.splitlines()), default=0) <= 80 or "json" in str(arguments)
    return result


# ---- similarity


def test_similarity_is_the_cosine_of_each_two(model: Path) -> None:
    texts = ["one", "two words", "one"]
    result = run("similarity", *texts, "--json", "--model", model)
    received = np.array([json.loads(line) for line in result.stdout.splitlines()])
    vectors = NativeEmbeddingService(model).embed(texts)
    np.testing.assert_allclose(received, vectors @ vectors.T, atol=2e-6)
    assert received.max() <= 1
    assert received[0, 2] == 1


def test_similarity_of_vectors_that_have_not_length_one(model: Path) -> None:
    modules = json.loads((model / "modules.json").read_text())
    (model / "modules.json").write_text(json.dumps(modules[:2]))
    result = run("similarity", "one", "two", "--json", "--model", model)
    assert [json.loads(line)[i] for i, line in enumerate(result.stdout.splitlines())] == [1, 1]


def test_similarity_shows_a_table(model: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('text\n"two\nlines \x1b[31m"\n' + "word " * 50 + "\n")
    lines = run("similarity", "-f", tmp_path / "t.csv", "--model", model).stdout.splitlines()
    assert lines[0].split() == ["1", "2"]
    assert lines[1].startswith(r" 1 two\nlines \x1b[31m")
    assert re.search(r"word wor\S* +-?\d\.\d\d +1\.00$", lines[2])
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize(
    ("texts", "code", "told"),
    [
        (["one"], EXIT_USAGE, "Expected two texts or more, received 1"),
        ([str(n) for n in range(11)], EXIT_USAGE, "11 texts do not fit into a table of 80"),
    ],
)
def test_similarity_of_too_few_or_too_many(
    model: Path, texts: list[str], code: int, told: str
) -> None:
    result = run("similarity", *texts, "--model", model)
    assert result.exit_code == code
    assert told in re.sub(r"\s+", " ", result.stderr)
    if len(texts) > 1:
        assert run("similarity", *texts, "--json", "--model", model).exit_code == 0
        assert run("similarity", *texts[:10], "--model", model).exit_code == 0


# ---- tokenize


@pytest.mark.parametrize("role", EmbeddingRole)
@pytest.mark.parametrize("text", ["a lattice", "", LONG, "naïve\n x"])
def test_tokenize_shows_what_the_model_is_given(
    model: Path, role: EmbeddingRole, text: str
) -> None:
    result = run("tokenize", text, "--role", role.value, "--json", "--model", model)
    shown = json.loads(result.stdout)
    service = NativeEmbeddingService(model)
    (ids,) = service.tokenize([text], role=role)
    assert shown["ids"] == ids.tolist()
    assert shown["text"] == service.instruction(role) + text
    assert len(shown["tokens"]) == len(shown["offsets"]) == len(ids)
    for token, (start, stop) in zip(shown["tokens"], shown["offsets"], strict=True):
        if token not in ("[CLS]", "[SEP]", "[UNK]"):
            stands_for = shown["text"][start:stop].lower().replace("ï", "i")
            assert token.removeprefix("##") == stands_for
    assert shown["token_count"] == service.embed_detailed([text], role=role).token_counts[0]


def test_tokenize_shows_a_table(model: Path) -> None:
    lines = run("tokenize", "Ab, c", "--model", model).stdout.splitlines()
    assert lines[0] == "tiny-model: 6 tokens"
    assert [line.split() for line in lines[1:]] == [
        ["token", "id", "offsets", "text"],
        ["[CLS]", "2"],
        ["a", "4", "0-1", "A"],
        ["##b", "48", "1-2", "b"],
        [",", "41", "2-3", ","],
        ["c", "6", "4-5", "c"],
        ["[SEP]", "3"],
    ]


def test_tokenize_says_what_is_cut_off(model: Path) -> None:
    lines = run("tokenize", LONG, "--model", model).stdout.splitlines()
    assert lines[0] == "tiny-model: 28 tokens, of which the last 8 of the text are cut off"
    assert [line.split()[0] for line in lines[-2:]] == ["r", "[SEP]"]


def test_tokenize_compares_two_models(model: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(model, tmp_path / "other"))
    tokenizer = json.loads((other / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["##bc"] = tokenizer["model"]["vocab"].pop("##z")
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    prompts = other / "config_sentence_transformers.json"
    prompts.write_text(json.dumps({"prompts": {"query": "q "}}))
    arguments = ("tokenize", "abc d", "--compare", other, "--model", model)
    lines = [line.split() for line in run(*arguments).stdout.splitlines()]
    assert lines[:2] == [["tiny-model:", "6", "tokens"], ["other:", "5", "tokens"]]
    assert lines[2] == ["text", "tiny-model", "other"]
    assert lines[3] == ["[CLS]", "2", "[CLS]", "2"]
    assert lines[4] == ["a", "a", "4", "a", "4"]
    assert lines[5] == ["bc", "##b", "48", "##c", "49", "##bc", "72"]
    assert lines[6] == ["d", "d", "7", "d", "7"]
    assert lines[7] == ["[SEP]", "3", "[SEP]", "3"]
    # instructions of different length, and the rest is side by side all the same
    lines = [line.split() for line in run(*arguments, "--role", "query").stdout.splitlines()]
    assert lines[-2] == ["d", "d", "7", "d", "7"]


# ---- info


def test_info_names_the_file_of_every_setting(model: Path) -> None:
    result = run("info", model, "--json")
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    settings = {setting["name"]: (setting["value"], setting["source"]) for setting in shown}
    assert settings == {
        "model": ("tiny-model", "its name"),
        "directory": (str(model), "given"),
        "weights": ("float32", "model.safetensors"),
        "architecture": ("bert", "config.json"),
        "dimensions": (8, "config.json"),
        "pooling": ("mean", "1_Pooling/config.json"),
        "normalize": (True, "modules.json"),
        "max_tokens": (20, "sentence_bert_config.json"),
        "query_instruction": ("ask: ", "config_sentence_transformers.json"),
        "passage_instruction": ("say: ", "config_sentence_transformers.json"),
        "generic_instruction": ("", "config_sentence_transformers.json"),
        "tokenizer": ("WordPiece", "tokenizer.json"),
        "vocabulary": (73, "tokenizer.json"),
    }


def test_info_names_other_files_where_those_are_not_there(model: Path) -> None:
    (model / "sentence_bert_config.json").unlink()
    (model / "config_sentence_transformers.json").unlink()
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    tokenizer["truncation"] = {
        "max_length": 7, "stride": 0, "strategy": "LongestFirst", "direction": "Right",
    }  # fmt: skip
    (model / "tokenizer.json").write_text(json.dumps(tokenizer))
    effective = effective_settings(model)
    assert effective.problems == ()
    settings = {s.name: (s.value, s.source) for s in effective.settings}
    assert settings["max_tokens"] == (24, "config.json")
    assert settings["query_instruction"] == ("", "not stated")
    limit = ("7 tokens, not obeyed: max_tokens holds", "tokenizer.json")
    assert settings["tokenizer_limit"] == limit


def change_config(model: Path, **values: object) -> None:
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, **values}))


@pytest.mark.parametrize(("positions", "loads"), [(24, True), (28, False)])
def test_info_reads_the_weights_only_where_positions_may_be_short(
    model: Path, monkeypatch: pytest.MonkeyPatch, positions: int, loads: bool
) -> None:
    """20 tokens, and 8 positions that an architecture might keep."""
    change_config(model, max_position_embeddings=positions)
    tensors = load_file(model / "model.safetensors")
    name = "embeddings.position_embeddings.weight"
    tensors[name] = np.resize(tensors[name], (positions, 8))
    save_file(tensors, model / "model.safetensors")
    loaded = []
    from_pretrained = SentenceEncoder.from_pretrained

    def watched(path: Path) -> SentenceEncoder:
        loaded.append(path)
        return from_pretrained(path)

    monkeypatch.setattr(SentenceEncoder, "from_pretrained", watched)
    settings = effective_settings(model).settings
    assert loaded == ([model] if loads else [])
    # what the model says of itself when it is loaded
    assert set(settings) >= set(from_pretrained(model).settings)


def test_info_of_a_limit_that_the_positions_do_not_allow(model: Path) -> None:
    (model / "sentence_bert_config.json").write_text('{"max_seq_length": 500}')
    settings = {s.name: s for s in effective_settings(model).settings}
    assert str(settings["max_tokens"]) == "max_tokens = 24 (config.json)"


@pytest.mark.parametrize(
    ("damage", "told", "shown"),
    [
        (
            lambda model: change_config(model, model_type="mamba"),
            "model_type: expected one of bert, .*received 'mamba'",
            ["architecture +mamba +config.json", "pooling +mean", "max_tokens +20", "WordPiece"],
        ),
        (
            lambda model: (model / "modules.json").unlink(),
            "no word on how token vectors become one vector",
            ["architecture +bert", "weights +float32", "WordPiece"],
        ),
        (
            lambda model: (model / "tokenizer.json").write_text("{}"),
            "tokenizer.json: model",
            ["pooling +mean", "query_instruction +'ask: '"],
        ),
    ],
)
def test_info_of_a_model_that_cannot_be_loaded_tells_why_and_what_is_known(
    model: Path, damage: Callable[[Path], object], told: str, shown: list[str]
) -> None:
    damage(model)
    result = run("info", model)
    assert result.exit_code == EXIT_MISTAKE
    assert re.search(told, result.stderr)
    for line in shown:
        assert re.search(line, result.stdout), result.stdout


def test_info_shows_a_table(model: Path) -> None:
    lines = run("info", model).stdout.splitlines()
    assert any(re.fullmatch(r"query_instruction +'ask: ' +config_sent\S+ *", s) for s in lines)
    assert any(re.fullmatch(r"generic_instruction +none +config_sent\S+ *", s) for s in lines)


# ---- models and doctor


def test_models_as_json() -> None:
    rows = [json.loads(line) for line in run("models", "--json").stdout.splitlines()]
    assert len(rows) == 9
    (bge,) = [row for row in rows if "bge-small" in row["aliases"]]
    assert bge["query_instruction"].startswith("Represent this sentence")
    assert bge["here"] is False


def test_doctor_finds_nothing_wrong(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DOCTOR, "_SPEED_TEST_S", 0.05)
    result = run("doctor", "--model", model)
    assert result.exit_code == 0, result.output
    for told in ("numpy", "GFLOP/s", "cores for this process", "tiny-model", "tokens/s", "OFFLINE"):
        assert told in result.stdout


@pytest.mark.parametrize("model", ["all-minilm-l6-v2", "owner/model"])
def test_doctor_without_the_model_says_how_to_bring_it(
    monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    downloads: list[object] = []
    monkeypatch.setattr("lattice_embed.model_download.download_model", downloads.append)
    result = run("doctor", "--model", model)
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert f"{model} is not here: lattice-embed pull {model}" in told
    assert downloads == []


@pytest.mark.parametrize("model", ["no-such-model", "./nothing", "."])
def test_doctor_of_what_is_no_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("doctor", "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    assert re.search(r"wrong\s+self-test\s+model", result.stdout)


def test_doctor_finds_damaged_weights(model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    result = run("doctor", "--model", model)
    assert result.exit_code == EXIT_MISTAKE
    told = " ".join(result.stdout.split())  # lines are broken where the terminal ends
    assert re.search(r"wrong self-test .*cut off or changed", told)
    assert "Something is wrong" in result.stderr


def test_doctor_finds_wrong_vectors(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published numbers are those of the default model, which this is not."""
    monkeypatch.setattr(DOCTOR, "_SPEED_TEST_S", 0.05)
    monkeypatch.setattr(DOCTOR, "is_present", lambda _: True)
    local = NativeEmbeddingService(model).local_model
    monkeypatch.setattr("lattice_embed.loaded_model.locate_model", lambda _: local)
    result = run("doctor")
    assert result.exit_code == EXIT_MISTAKE
    assert re.search(r"^wrong +vectors .*from the published model", result.stdout, re.M)
