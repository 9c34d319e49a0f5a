"""The tokenizer of Qwen3 -> that of the Qwen3-Embedding models.

They differ in the post-processor alone: the embedding models end every text with `<|endoftext|>`,
whose hidden state is the text's vector.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["make_qwen3_embedding"]

_END, _END_ID = "<|endoftext|>", 151643


def make_qwen3_embedding(tokenizer_json: bytes, directory: Path) -> None:
    """Write tokenizer.json into `directory`; `tokenizer_json` is that of Qwen3."""
    tokenizer = json.loads(tokenizer_json)
    tokens = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    if tokens.get(_END) != _END_ID:
        raise ValueError(f"added_tokens: expected {_END} with id {_END_ID}, received {tokens}")

    def text(name: str, type_id: int) -> list[dict[str, Any]]:
        end = {"SpecialToken": {"id": _END, "type_id": type_id}}
        return [{"Sequence": {"id": name, "type_id": type_id}}, end]

    template = {
        "type": "TemplateProcessing",
        "single": text("A", 0),
        "pair": [*text("A", 0), *text("B", 1)],
        "special_tokens": {_END: {"id": _END, "ids": [_END_ID], "tokens": [_END]}},
    }
    processors = [tokenizer["post_processor"], template]
    tokenizer["post_processor"] = {"type": "Sequence", "processors": processors}
    directory.mkdir(parents=True, exist_ok=True)
    content = json.dumps(tokenizer, ensure_ascii=False) + "\n"
    (directory / "tokenizer.json").write_bytes(content.encode("utf-8"))
