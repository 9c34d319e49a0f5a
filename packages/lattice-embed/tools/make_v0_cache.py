"""Write the cache file that releases before roles wrote (v0) -> `tests/v0_cache.sqlite3`.

    python tools/make_v0_cache.py tests/v0_cache.sqlite3

It uses nothing of the package, so that it goes on writing v0 whatever becomes of the package. The
numbers are made up and exact in float32: what matters is that these bytes are found again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
import sys
from pathlib import Path

TEXTS = [
    "",
    "one text",
    "Ärger, naïve 日本語 🙂",
    "a text that ends like a key: bge-small-en-v1.5:v1.5:384",
]
# name, version in the key, dimensions
MODELS = [
    ("all-minilm-l6-v2", "v2", 384),
    ("bge-small-en-v1.5", "v1.5", 384),
    ("multilingual-e5-small", "v1.5", 384),
    ("paraphrase-multilingual-minilm-l12-v2", "v2", 384),
    ("qwen3-embedding-0.6b", "v3", 1024),
]


def vector_of(model: int, text: int, dimensions: int) -> bytes:
    """Multiples of 1/256, others for each row."""
    numbers = [((37 * i + 11 * text + 5 * model) % 256 - 128) / 256 for i in range(dimensions)]
    return struct.pack(f"<{dimensions}f", *numbers)


def write(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size=1024")  # a small file
    connection.execute(
        "CREATE TABLE vectors (\n"
        "    key BLOB NOT NULL PRIMARY KEY,\n"
        "    model TEXT NOT NULL,\n"
        "    dimensions INTEGER NOT NULL,\n"
        "    vector BLOB NOT NULL\n"
        ")"
    )
    for m, (model, key_version, dimensions) in enumerate(MODELS):
        for t, text in enumerate(TEXTS):
            hashed = hashlib.sha256(text.encode("utf-8"))
            hashed.update(f"{model}:{key_version}:{dimensions}".encode())
            row = (hashed.digest(), model, dimensions, vector_of(m, t, dimensions))
            connection.execute("INSERT INTO vectors VALUES (?, ?, ?, ?)", row)
    connection.commit()
    connection.close()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.unlink(missing_ok=True)
    write(target)
