"""A text, and what its vector depends on besides -> the key of that vector.

    sha256(text as UTF-8, then "{model}:{key_version}:{dimensions}")              no role
    sha256(text as UTF-8, then "{model}:{key_version}:{dimensions}:{role}")       a role, a prompt

The first line is what caches held before there were roles (v0), and stays (F7). Nothing stands
between text and suffix, so two of them could meet: the text "a my-" for a model "x" and the text
"a " for a model "my-x" would be the same bytes. They cannot here, since no suffix ends with
another one: see `KeySpace.suffix`. So a key alone says whose vector it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property

from .catalog import find_model
from .errors import EmbedError
from .role import EmbeddingRole

__all__ = ["CacheIdentity", "KeySpace", "key_version_of"]


def key_version_of(model: str) -> str | None:
    """The version in the keys of a catalog model, `None` for any other name.

    >>> key_version_of("bge-small-en-v1.5")
    'v1.5'
    """
    record = find_model(model)
    return record.key_version if record is not None and record.name == model else None


@dataclass(frozen=True)
class CacheIdentity:
    """Which model's vectors: two identities are equal only if the vectors are.

    A catalog model at its pinned files has the `key_version` of the catalog. Any other has
    `weights_sha256`, and `settings_sha256` of all that also shapes its vectors (tokenizer,
    pooling, lengths, instructions), so that changed files never meet old vectors. `variant` names
    what a service does otherwise than its files say, in lower-case letters. Raises `EmbedError`
    for what is neither.
    """

    model: str
    key_version: str | None
    weights_sha256: str | None = None
    settings_sha256: str | None = None
    variant: str = ""

    def __post_init__(self) -> None:
        if self.key_version is None and self.weights_sha256 is None:
            raise EmbedError(
                f"identity of {self.model!r}", "a key version or the hash of its weights", "neither"
            )
        if self.key_version not in (None, key_version_of(self.model)):
            raise EmbedError(
                f"key version of {self.model!r}",
                f"{key_version_of(self.model)!r}, the catalog's",
                repr(self.key_version),
                "Models outside the catalog are known by the hash of their weights.",
            )
        if self.variant and not (self.variant.isascii() and self.variant.isalpha()):
            raise EmbedError(f"variant of {self.model!r}", "letters a-z", repr(self.variant))

    @property
    def version(self) -> str:
        """The catalog's key version, or 64 hexadecimal digits that name the model's files."""
        if self.key_version is not None:
            return self.key_version
        # the name too: equal digits then mean equal names, which `KeySpace.suffix` relies on
        named = json.dumps([self.model, self.weights_sha256, self.settings_sha256])
        return hashlib.sha256(named.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class KeySpace:
    """All that the texts of one call have in common; `prompt` is one given in place of the role's.

    >>> space = KeySpace(CacheIdentity("all-minilm-l6-v2", "v2"), 384)
    >>> space.suffix
    b'all-minilm-l6-v2:v2:384'
    >>> space.key("one text").hex()[:16]
    '64e6530e3e6b1d05'
    """

    identity: CacheIdentity
    dimensions: int
    role: EmbeddingRole = EmbeddingRole.GENERIC
    prompt: str | None = None

    @property
    def label(self) -> str:
        """The role, or `prompt-` and the sha256 of the prompt; then `+` and the variant."""
        label = self.role.value
        if self.prompt is not None:
            prompt = self.prompt.encode("utf-8", "surrogatepass")
            label = f"prompt-{hashlib.sha256(prompt).hexdigest()}"
        return f"{label}+{self.identity.variant}" if self.identity.variant else label

    @property
    def short_label(self) -> str:
        """The label for people: eight digits tell prompts apart."""
        return re.sub(r"^(prompt-.{8})[0-9a-f]*", r"\1", self.label)

    @cached_property
    def suffix(self) -> bytes:
        """What is hashed after the text. No suffix ends with another one.

        Read from the right, by colons: a label that is no number, or none; the dimensions; the
        version. None of them holds a colon, so two suffixes of which one ends with the other
        have them in common. What is left is the name. 64 digits belong to one name only; and no
        name of the catalog ends with another one of its version.
        """
        parts = [self.identity.model, self.identity.version, str(self.dimensions)]
        if self.label != EmbeddingRole.GENERIC.value:
            parts.append(self.label)
        return ":".join(parts).encode("utf-8", "surrogatepass")

    def key(self, text: str) -> bytes:
        """The 32 bytes of the key. Raises `UnicodeEncodeError` for a text that is not Unicode."""
        return hashlib.sha256(text.encode() + self.suffix).digest()
