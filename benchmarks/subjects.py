"""What is embedded, and with which models.

Real weights where they can be had; a random checkpoint of the real size where they cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

__all__ = ["QUERY", "SUBJECTS", "Subject", "paragraphs"]

QUERY = "how do I open a file for reading and writing?"


def paragraphs(count: int | None = None, *, longest: int = 2000) -> list[str]:
    """The first `count` paragraphs of CPython's help topics, by name of the topic, or all.

    Prose, lists and code of 20 to `longest` characters. None comes twice: a tokenizer that
    remembers what it has seen would be flattered. The wording changes with the version of Python.
    """
    parts = (part.strip() for name in sorted(topics) for part in topics[name].split("\n\n"))
    return list(dict.fromkeys(part for part in parts if 20 <= len(part) <= longest))[:count]


@dataclass(frozen=True)
class Subject:
    """One model, and how much of everything is affordable with it.

    `calls`: of the short query in each round. `batch_sizes`: which a peer tries.
    """

    title: str
    about: str
    texts: int
    longest: int  # characters
    calls: int
    batch_sizes: tuple[int, ...]
    random: bool = False

    def corpus(self) -> list[str]:
        return paragraphs(self.texts, longest=self.longest)

    def directory(self, name: str, fixtures: Path, temporary: Path) -> Path:
        """The model's files, which are written now if they are random."""
        if not self.random:
            return fixtures / name
        from random_checkpoints import write_qwen3

        write_qwen3(temporary / name, tokenizer=fixtures / "qwen3-embedding" / "tokenizer.json")
        return temporary / name


# the name of a fixture, or of what is made -> what it is
SUBJECTS = {
    "all-minilm-l6-v2": Subject(
        title="all-MiniLM-L6-v2",
        about="the published weights",
        texts=400,
        longest=2000,
        calls=300,
        batch_sizes=(4, 8, 16, 32, 64),
    ),
    "multilingual-e5-small-q4": Subject(
        title="multilingual-e5-small",
        about="the published weights, rounded to 4 bits and widened to float32 again",
        texts=200,
        longest=2000,
        calls=200,
        batch_sizes=(4, 8, 16, 32, 64),
    ),
    "qwen3-0.6b-random": Subject(
        title="Qwen3-Embedding-0.6B, random",
        about="random weights, all 28 layers of real size; vocabulary cut to 32,769 rows",
        texts=20,
        longest=400,
        calls=20,
        batch_sizes=(1, 2, 4, 8),
        random=True,
    ),
}
