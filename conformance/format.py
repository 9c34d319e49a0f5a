"""Case files -> the same in canonical form, with true counts and hashes where there are none.

A hash that is there and is not that of the input stays an error: the expectation beside it may
belong to the earlier input. Take the hash out and record.
"""

from __future__ import annotations

from pathlib import Path

from .cases import CASES, case_set_files, case_set_folders, read_case_set, replace_files

__all__ = ["format_cases"]


def format_cases(root: Path = CASES) -> list[Path]:
    """The files that were rewritten. Raises `ValueError` naming a line that is no case."""
    changed = {
        path: content
        for folder in case_set_folders(root=root)
        for path, content in case_set_files(read_case_set(folder), root=root).items()
        if path.read_bytes() != content
    }
    replace_files(changed)
    return list(changed)
