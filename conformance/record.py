"""Cases -> the same cases with what the oracle, Hugging Face, says of them.

Token ids come from `tokenizers`. Vectors come from the `transformers` model in float64, rounded to
a fixed number of decimals, so that every machine records the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import tokenizers
import torch
import transformers
from lattice_embed.pinned_files import sha256_of
from numpy.typing import NDArray

from .cases import CASES, Case, CaseSet, case_set_files, read_case_sets
from .fixtures import FIXTURES
from .unicode_digests import BLOCKS, DIGESTS, digest, digests_file

__all__ = ["check_all", "record_all"]

_DECIMALS = 8


def record_all() -> None:
    """Write every file of the suite that holds what the oracle says."""
    for path, content in _recorded():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(f"recorded {path.relative_to(CASES)}")


def check_all() -> bool:
    """Ask the oracle twice; whether both answers are the committed bytes (F10)."""
    same = True
    for turn in ("first", "second"):
        for path, content in _recorded():
            if path.read_bytes() != content:
                same = False
                click.echo(f"{path.relative_to(CASES)}: the {turn} recording differs", err=True)
    if same:
        click.echo("Two recordings are the committed files, byte for byte.")
    return same


def _recorded() -> Iterator[tuple[Path, bytes]]:
    for case_set in read_case_sets():
        recorded = {"tokenizer": _record_tokenizer, "vectors": _record_vectors}[case_set.stage]
        yield from case_set_files(recorded(case_set)).items()
    for path in sorted(DIGESTS.glob("*.json")):
        yield _record_unicode(path.stem)


def _record_unicode(subject: str) -> tuple[Path, bytes]:
    oracle = _tokenizer(FIXTURES / subject)

    def ids_of(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in oracle.encode_batch_fast(texts)]

    values = [digest(block, ids_of) for block in range(BLOCKS)]
    return digests_file(subject, values, oracle=f"tokenizers {tokenizers.__version__}")


def _source(case_set: CaseSet, oracle: dict[str, str], files: tuple[str, ...]) -> dict[str, Any]:
    folder = FIXTURES / case_set.subject
    return {
        **{key: case_set.source[key] for key in ("about", "limit") if key in case_set.source},
        "oracle": oracle,
        "sha256": {name: sha256_of(folder / name) for name in files},
    }


def _tokenizer(folder: Path) -> Any:
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _record_tokenizer(case_set: CaseSet) -> CaseSet:
    folder = FIXTURES / case_set.subject
    bare, as_filed = _tokenizer(folder), tokenizers.Tokenizer.from_file(
        str(folder / "tokenizer.json")
    )  # fmt: skip

    def expect(case: Case) -> dict[str, Any]:
        text, pair = case.input["text"], case.input.get("pair")
        if case.input.get("as_filed"):
            encoding = as_filed.encode(text, pair)
            return {
                "ids": encoding.ids,
                "tokens": encoding.tokens,
                "type_ids": encoding.type_ids,
                "attention_mask": encoding.attention_mask,
                "special_tokens_mask": encoding.special_tokens_mask,
            }
        max_tokens = case.input.get("max_tokens")
        if max_tokens is not None:
            bare.enable_truncation(max_tokens)
        encoding = bare.encode(text, pair)
        bare.no_truncation()
        return {
            "ids": encoding.ids,
            "tokens": encoding.tokens,
            "type_ids": encoding.type_ids,
            "decoded": bare.decode(encoding.ids),
        }

    return replace(
        case_set,
        source=_source(case_set, {"tokenizers": tokenizers.__version__}, ("tokenizer.json",)),
        cases=tuple(replace(case, expect=expect(case)) for case in case_set.cases),
    )


def _record_vectors(case_set: CaseSet) -> CaseSet:
    folder = FIXTURES / case_set.subject
    tokenizer = _tokenizer(folder)
    tokenizer.enable_truncation(case_set.source["limit"]["max_tokens"])
    torch.set_num_threads(1)  # one order of summation
    truth, usual = (_model(folder, dtype) for dtype in (torch.float64, torch.float32))
    worst = 0.0
    cases = []
    for case in case_set.cases:
        ids = tokenizer.encode(case.input["text"]).ids
        vector = _mean_vector(truth, ids)
        worst = max(worst, float(np.abs(_mean_vector(usual, ids) - vector).max()))
        rounded = [round(float(value), _DECIMALS) for value in vector]
        cases.append(replace(case, expect={"ids": ids, "vector": rounded}))
    click.echo(f"{case_set.subject}: float32 of the oracle differs by at most {worst:.2e}")
    oracle = {
        "transformers": transformers.__version__,
        "torch": torch.__version__.partition("+")[0],
        "tokenizers": tokenizers.__version__,
        "dtype": "float64",
        "decimals": str(_DECIMALS),
    }
    files = ("config.json", "tokenizer.json", "model.safetensors")
    return replace(case_set, source=_source(case_set, oracle, files), cases=tuple(cases))


def _model(folder: Path, dtype: Any) -> Any:
    model = transformers.AutoModel.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager", add_pooling_layer=False
    )
    return model.eval()


def _mean_vector(model: Any, ids: list[int]) -> NDArray[np.float64]:
    """Mean over the tokens, length 1: what `modules.json` of both models asks for."""
    with torch.no_grad():
        hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0].double()
    mean = hidden.mean(dim=0)
    vector: NDArray[np.float64] = (mean / mean.norm()).numpy()
    return vector
