"""How a process starts: what it imports until it has its first vector, and Ctrl-C meanwhile.

Each module takes time at every start. What the packages import that we depend on is theirs to say,
so they are imported before.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import concurrent.futures, numpy, numpy.typing, safetensors, threadpoolctl
before = set(sys.modules)
from lattice_embed import NativeEmbeddingService
assert NativeEmbeddingService(sys.argv[1]).embed_query("why?").shape == (8,)
print(*set(sys.modules) - before)
"""
# what finds, reads and runs a model, and what stands beside the service in `lattice_embed`
OURS = {
    "cache_file", "cache_key", "cached_service", "catalog", "embeddings", "errors", "file_hashes",
    "hub_snapshots", "layered_cache", "loaded_model", "memory_cache", "model_files",
    "model_fingerprint", "model_names", "native_service", "overflow", "package_index",
    "pinned_files", "repository_files", "role", "service", "vector_cache",
}  # fmt: skip
OTHERS = {"lattice_embed", "lattice_models", "lattice_tokenize", "numpy", "regex"}
# of the standard library: what only a download, the command line or an event loop needs
NOT_NEEDED = {
    *("argparse", "asyncio", "bz2", "difflib", "email", "http", "importlib.metadata", "lzma"),
    *("multiprocessing", "shutil", "socket", "ssl", "subprocess", "tempfile", "urllib.request"),
    "zipfile",
}


def test_nothing_is_imported_that_the_first_vector_does_not_need(model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(model)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert done.stderr == ""
    imported = set(done.stdout.split())
    prefix = "lattice_embed."
    assert {n.removeprefix(prefix) for n in imported if n.startswith(prefix)} == OURS
    others = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert others <= OTHERS
    assert imported & NOT_NEEDED == set()


STOPPED_WHILE_IT_LOADS = """
import sys

class CtrlC:
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
from lattice_embed_command import main
main()
"""


@pytest.mark.parametrize("module", ["lattice_embed", "numpy", "click", "lattice_embed.cli.verify"])
def test_ctrl_c_while_the_command_is_loaded_is_no_traceback(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_IT_LOADS, module],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n")


def test_the_command_is_the_one_that_is_installed() -> None:
    project = Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")
    assert '\n[project.scripts]\nlattice-embed = "lattice_embed_command:main"\n' in project
    done = subprocess.run(
        [sys.executable, "-c", "from lattice_embed_command import main; main()", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("lattice-embed, version ")
