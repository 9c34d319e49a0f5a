"""A float64 model of transformers -> the same model with all of its arithmetic in float64.

Even in a float64 model, transformers computes RMS norms, softmax, cosines of angles and the
turning of ModernBERT's heads in float32. What comes out is off by about a third of what its float32
is off by. Here all of these are computed in float64. The angles themselves stay as they are,
products of float32 numbers: models were trained with these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["all_in_float64"]


@contextmanager
def all_in_float64() -> Iterator[None]:
    """What transformers computes in float32 whatever the model is in, in float64 for a while.

    Angles that are scaled are not meant: the scale of their cosines is left out.
    """
    import torch
    from transformers.models.gemma3 import modeling_gemma3 as gemma3
    from transformers.models.modernbert import modeling_modernbert as modernbert
    from transformers.models.nomic_bert import modeling_nomic_bert as nomic_bert
    from transformers.models.qwen3 import modeling_qwen3 as qwen3

    softmax = torch.nn.functional.softmax

    def double_softmax(x: Any, dim: int, **_: Any) -> Any:  # dtype=float32 is what is left out
        return softmax(x, dim=dim)

    def qwen3_norm(self: Any, x: Any) -> Any:
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)
        return self.weight * (x * scale)

    def gemma3_norm(self: Any, x: Any) -> Any:
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return x * scale * (1 + self.weight)

    def angles(self: Any, _: Any, positions: Any, layer_type: str | None = None) -> Any:
        frequencies = getattr(self, f"{layer_type}_inv_freq" if layer_type else "inv_freq")
        half = (positions[..., None].float() * frequencies.float()).double()
        both = torch.cat((half, half), dim=-1)
        return both.cos(), both.sin()

    replaced: list[tuple[Any, str, Callable[..., Any]]] = [
        (torch.nn.functional, "softmax", double_softmax),
        (qwen3.Qwen3RMSNorm, "forward", qwen3_norm),
        (gemma3.Gemma3RMSNorm, "forward", gemma3_norm),
        (modernbert, "apply_rotary_pos_emb", qwen3.apply_rotary_pos_emb),
        (qwen3.Qwen3RotaryEmbedding, "forward", angles),
        (modernbert.ModernBertRotaryEmbedding, "forward", angles),
        (nomic_bert.NomicBertRotaryEmbedding, "forward", angles),
        (gemma3.Gemma3RotaryEmbedding, "forward", angles),
    ]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    try:
        for owner, name, function in replaced:
            setattr(owner, name, function)
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)
