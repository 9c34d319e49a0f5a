"""A table of code points -> a pattern that finds where a text may hold one of them, quickly.

Python's `re` asks a set of the first plane through one look-up, and a set of many ranges above it
range by range, for every character of the text. So every character above the first plane is taken
for a candidate, and whoever searches looks closer at what was found.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["candidates"]


@cache
def candidates(ranges: str, at_least: int = 1) -> re.Pattern[str]:
    """Finds `at_least` neighbours that may be in `ranges`; what it does not find is not there.

    >>> bool(candidates("300-36F").search("e\\u0301")), bool(candidates("300-36F").search("é"))
    (True, False)
    """
    inside = ["\U00010000-\U0010ffff"]
    for part in ranges.split():
        first, _, last = part.partition("-")
        if int(first, 16) <= 0xFFFF:
            inside.append(f"\\u{first:0>4}-\\u{min(int(last or first, 16), 0xFFFF):04X}")
    # at most, too: a run is found by its beginning, and the search need not go to its end
    repeat = f"{{{at_least}}}" if at_least > 1 else ""
    return re.compile(f"[{''.join(inside)}]{repeat}")
