"""The input of a cache-key case -> the key, from hashlib alone: what engines are held against.

    sha256(UTF-8 of the text, then of "{model}:{key_version}:{dimensions}")           generic
    sha256(UTF-8 of the text, then of "{model}:{key_version}:{dimensions}:{role}")    query, passage

The first line is the key that caches had before there were roles; it may never change (F7).
"""

from __future__ import annotations

import hashlib
from typing import Any

__all__ = ["DERIVATION", "derived_key"]

DERIVATION = "conformance/cache_keys.py"


def derived_key(asked: dict[str, Any]) -> str:
    """64 hexadecimal digits.

    >>> asked = {"model": "all-minilm-l6-v2", "key_version": "v2", "dimensions": 384}
    >>> derived_key({"text": "one text", **asked, "role": "generic"})[:16]
    '64e6530e3e6b1d05'
    """
    suffix = f"{asked['model']}:{asked['key_version']}:{asked['dimensions']}"
    if asked["role"] != "generic":
        suffix += f":{asked['role']}"
    return hashlib.sha256(asked["text"].encode("utf-8") + suffix.encode("utf-8")).hexdigest()
