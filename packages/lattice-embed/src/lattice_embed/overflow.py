"""Texts of any number of tokens -> sequences that the model takes.

    ids of a text --cut or split--> its windows --template of special tokens--> sequences

Of a text that is split, every window has the instruction's tokens before it, so that all of them
mean what the whole text would have meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from lattice_tokenize import PackedIds
from lattice_tokenize.post_processors import IdsTemplate
from numpy.typing import NDArray

from .errors import EmbedError

__all__ = ["OVERFLOWS", "ModelInput", "OnOverflow", "fit", "windows"]

OnOverflow = Literal["error", "truncate", "chunk"]
OVERFLOWS: tuple[OnOverflow, ...] = get_args(OnOverflow)


@dataclass(frozen=True)
class ModelInput:
    """What the encoder is given for `n` texts: `w` sequences, in the order of the texts.

    `sequences`: the packed ids. `chunks`: int64 `(n,)`, how many sequences each text has.
    `weights`: int64 `(w,)`, how many tokens of its text a sequence holds, special tokens and
    instruction left out; of texts of one sequence they mean nothing. `token_counts`: int64
    `(n,)`, how many tokens each text has, instruction and special tokens included, before anything
    is cut. `truncated`: bool `(n,)`.
    """

    sequences: PackedIds
    chunks: NDArray[np.int64]
    weights: NDArray[np.int64]
    token_counts: NDArray[np.int64]
    truncated: NDArray[np.bool_]

    def merge(self, vectors: NDArray[np.float32], *, normalize: bool) -> NDArray[np.float32]:
        """The vectors `(w, D)` of the sequences -> those of the texts `(n, D)`.

        That of a text of several windows is their mean, each as heavy as it has tokens;
        `normalize` scales it to length 1.
        """
        if len(vectors) == len(self.chunks):
            return vectors
        starts = np.cumsum(self.chunks) - self.chunks
        weights = self.weights.astype(np.float64)
        means = np.add.reduceat(vectors * weights[:, None], starts, axis=0)
        means /= np.add.reduceat(weights, starts)[:, None]
        if normalize:
            lengths = np.linalg.norm(means, axis=1, keepdims=True)
            means /= np.where(lengths > 0, lengths, 1)
        merged: NDArray[np.float32] = np.where(
            (self.chunks > 1)[:, None], means.astype(np.float32), vectors[starts]
        )
        return merged


def windows(length: int, room: int) -> list[tuple[int, int]]:
    """`length` tokens in the fewest windows of at most `room`, as equal as can be.

    >>> windows(10, 4)
    [(0, 4), (4, 7), (7, 10)]
    """
    count = -(-length // room)
    base, longer = divmod(length, count)
    ends = np.cumsum([base + (index < longer) for index in range(count)]).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


def fit(
    packed: PackedIds,
    template: IdsTemplate,
    *,
    max_tokens: int,
    chunk: bool,
    instruction_ids: Sequence[int],
) -> ModelInput:
    """`packed`, uncut texts with special tokens, made to fit into `max_tokens`.

    `template`: where their special tokens are. `chunk`: split what is too long; otherwise cut it
    from its end. `instruction_ids`: those of the instruction alone. Raises `EmbedError` where an
    instruction leaves no room for what follows it.
    """
    token_counts = np.diff(packed.cu_seqlens)
    too_long = token_counts > max_tokens
    ones = np.ones(len(packed), np.int64)
    if not too_long.any():
        return ModelInput(packed, ones, ones, token_counts, too_long)
    before, behind = len(template.prefix_ids), len(template.suffix_ids)
    room = max_tokens - before - behind
    if not template.is_one_text or room < 0:
        raise EmbedError(
            "texts",
            f"texts of at most {max_tokens} tokens",
            f"one of {token_counts.max()}, and a tokenizer whose special tokens leave no room",
        )
    sequences: list[list[int]] = []
    chunks: list[int] = []
    weights: list[int] = []
    for row, is_long in zip(packed, too_long.tolist(), strict=True):
        ids = row.tolist()
        if not is_long:
            parts = [ids]
            weights.append(1)
        else:
            content = ids[before : len(ids) - behind]
            if chunk:
                head = _shared(instruction_ids, content)
                if room <= len(head):
                    raise EmbedError(
                        "prompt",
                        f"an instruction that leaves room for a text within {max_tokens} tokens",
                        f"one of {len(head)} tokens",
                    )
                rest = content[len(head) :]
                places = windows(len(rest), room - len(head))
                parts = [template.ids([*head, *rest[start:stop]]) for start, stop in places]
                weights += [stop - start for start, stop in places]
            else:
                parts = [template.ids(content[:room])]
                weights.append(1)
        sequences += parts
        chunks.append(len(parts))
    return ModelInput(
        PackedIds.from_lists(sequences, [False] * len(sequences)),
        np.array(chunks, np.int64),
        np.array(weights, np.int64),
        token_counts,
        np.zeros_like(too_long) if chunk else too_long,
    )


def _shared(instruction_ids: Sequence[int], content: list[int]) -> list[int]:
    """The instruction's tokens as they begin `content`.

    The last one may have become another where a text follows it.
    """
    count = 0
    for wanted, received in zip(instruction_ids, content, strict=False):
        if wanted != received:
            break
        count += 1
    return content[:count]
