"""Every task of this repository has one name here; `nox` runs what CI runs.

nox -l                  all tasks
nox -s tests            one of them
nox -s tests -- -k gelu with arguments for pytest
nox -s conformance -- --require-all-cases --hypothesis-profile=deep    new examples, many
nox -s conformance -- --tier hub    the real Qwen3-Embedding-0.6B; fails without its weights
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "types", "tests", "conformance", "fuzz", "mutants", "docs", "build"]

ROOT = Path(__file__).parent
PACKAGES = ("lattice-tokenize", "lattice-models", "lattice-embed")
# where a provisioned model lies; a session that only needs the engine uses it without a download
MINILM = ROOT / "fixtures" / "all-minilm-l6-v2"
# what each package must be able to do where nothing but its wheel has been installed
USES = {
    "lattice-tokenize": """
import sys
from lattice_tokenize import Tokenizer
packed = Tokenizer.from_pretrained(sys.argv[1]).encode_packed(["hello world"])
assert packed.ids.tolist() == [101, 7592, 2088, 102], packed
""",
    "lattice-models": """
import sys
from lattice_models import SentenceEncoder
vectors = SentenceEncoder.from_pretrained(sys.argv[1]).encode([101, 7592, 2088, 102], [0, 4])
assert vectors.shape == (1, 384) and abs((vectors**2).sum() - 1) < 1e-5, vectors
""",
    "lattice-embed": """
import subprocess, sys
command = [sys.executable, "-m", "lattice_embed", "embed", "hello", "--model", sys.argv[1]]
output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
assert output.startswith('{"text": "hello", "embedding": ['), output
""",
}
# one thread of the matrix library per pytest worker; workers already use all cores
ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def install(session: nox.Session, *groups: str, editable: bool = True) -> None:
    """The three packages as they stand in the tree, and groups of pyproject.toml."""
    project = nox.project.load_toml(ROOT / "pyproject.toml")
    packages = [part for name in PACKAGES for part in ("-e", f"packages/{name}")]
    session.install(
        *(packages if editable else ()), *nox.project.dependency_groups(project, *groups)
    )


@nox.session
def provision(session: nox.Session) -> None:
    """Bring the fixtures: weights and tokenizers, from the DVC storage or from their sources."""
    install(session, "provision")
    session.run("python", "-m", "conformance", "provision")


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, and what is wrong with the workflow files, or not safe in them."""
    install(session, "lint", editable=False)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    workflows = sorted(str(path) for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    # what asks the hub whether a hash is that of its tag is left out
    session.run("zizmor", "--offline", "--quiet", "--pedantic", "--strict-collection", ".github")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict."""
    install(session, "types")
    session.run("mypy", "noxfile.py", "conformance", "benchmarks", "docs")
    for name in PACKAGES:
        session.run("mypy", f"packages/{name}")


@nox.session
def tests(session: nox.Session) -> None:
    """The packages' and the suite's own tests, and its case files: no fixtures, no network."""
    install(session, "test")
    session.run("python", "-m", "conformance", "lint")
    folders = [*(f"packages/{name}/tests" for name in PACKAGES), "conformance/self_tests"]
    session.run("pytest", "-n", "auto", *folders, *session.posargs, env=ONE_BLAS_THREAD)


@nox.session(requires=["provision"])
def conformance(session: nox.Session) -> None:
    """The suite: real models against the oracle."""
    arguments = session.posargs or ["--require-all-cases"]
    of_hub = "hub" in arguments or "--tier=hub" in arguments
    install(session, "test", "oracle" if of_hub else "tokenizer-oracle")
    workers = "0" if of_hub else "auto"  # each would load a model of gigabytes for itself
    session.run("pytest", "-n", workers, "conformance/tests", *arguments, env=ONE_BLAS_THREAD)


@nox.session
def coverage(session: nox.Session) -> None:
    """Which cases notice each component and option of tokenizer.json; every one must be noticed."""
    install(session, "test")
    session.run("python", "-m", "conformance", "coverage")


@nox.session(requires=["provision"], venv_backend="virtualenv")
def engines(session: nox.Session) -> None:
    """Other libraries held against the suite, and one page of all; what they fail is told there."""
    install(session, "test", "onnxruntime", "tiktoken", "sentencepiece")
    folder = Path(session.create_tmp())
    reports = []
    right = ("lattice", "lattice-compiled", "tokenizers", "transformers")
    others = ("transformers-float32", "onnxruntime", "tiktoken", "sentencepiece")
    for name in (*right, *others):
        reports.append(str(folder / f"{name}.json"))
        # 1: a case failed, which is a result; 2, a broken adapter, fails the session
        codes = [0] if name in right else [0, 1]
        command = ("python", "-m", "conformance", "run", "--engine", name, "--json", reports[-1])
        session.run(*command, success_codes=codes)
    page = str(folder / "report.html")
    session.run("python", "-m", "conformance", "report", *reports, "--html", page)
    session.log(f"the page is {page}")


@nox.session(requires=["provision"])
def fuzz(session: nox.Session) -> None:
    """Generated texts and tokenizers against the oracle; `-- --strings 1000000` for a long run."""
    install(session, "test", "tokenizer-oracle")
    if session.posargs:
        session.run("python", "-m", "conformance", "fuzz", *session.posargs)
        return
    session.run("python", "-m", "conformance", "fuzz", "--strings", "4000")
    session.run("python", "-m", "conformance", "fuzz", "--made", "--strings", "20000")


@nox.session(requires=["provision"])
def mutants(session: nox.Session) -> None:
    """The suite itself: every deliberately wrong engine must be caught."""
    install(session, "mutants")
    session.run("python", "-m", "conformance", "mutants")


@nox.session(requires=["provision"])
def docs(session: nox.Session) -> None:
    """Build the site, and run every example of the docs, the README and the docstrings."""
    install(session, "docs")
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build")
    environment = {"PYTHONPATH": str(ROOT / "docs"), **ONE_BLAS_THREAD}
    sources = [f"packages/{name}/src" for name in PACKAGES]
    session.run("pytest", "-p", "docstrings", "--doctest-modules", *sources, env=environment)
    readmes = [f"packages/{name}/README.md" for name in PACKAGES]
    documents = ("README.md", "CONTRIBUTING.md", "docs", *readmes)
    session.run(
        *("pytest", "-n", "auto", "--dist", "loadfile", "-p", "examples"),
        *documents,
        env=environment,
    )


@nox.session(requires=["provision"])
def build(session: nox.Session) -> None:
    """Build the wheels, and use each of them alone in an empty environment."""
    session.install("build", "twine", "virtualenv")
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    for name in PACKAGES:
        session.run("python", "-m", "build", "--outdir", str(dist), f"packages/{name}", silent=True)
    session.run("twine", "check", "--strict", *map(str, sorted(dist.iterdir())))
    for name in PACKAGES:
        environment = Path(session.create_tmp()) / name
        session.run("virtualenv", "--quiet", "--clear", str(environment))
        python = str(environment / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        wheel = next(dist.glob(f"{name.replace('-', '_')}-*.whl"))
        # its siblings, if it needs them, are the wheels that were just built
        install_wheel = ("-m", "pip", "install", "--quiet", "--find-links", str(dist), str(wheel))
        session.run(python, *install_wheel, external=True)
        session.run(python, "-c", USES[name], str(MINILM), external=True)


@nox.session(requires=["provision"], venv_backend="virtualenv")
def record(session: nox.Session) -> None:
    """Ask the oracle, with its pinned versions, for every expectation, and write the case files."""
    install(session, "oracle")
    session.run("python", "-m", "conformance", "record")


@nox.session(requires=["provision"], venv_backend="virtualenv")
def goldens(session: nox.Session) -> None:
    """Ask the oracle twice; both answers must be the committed files, byte for byte."""
    install(session, "oracle")
    session.run("python", "-m", "conformance", "record", "--check")


@nox.session(requires=["provision"])
def bench_tokenize(session: nox.Session) -> None:
    """Speed of tokenizing, side by side with the peers."""
    install(session, "bench-tokenize")
    unset = dict.fromkeys(("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"))
    session.run("python", "benchmarks/tokenize_texts.py", *session.posargs, env=unset)


@nox.session
def bench_cache(session: nox.Session) -> None:
    """How many texts per second the cache of vectors answers, from memory and from disk."""
    install(session)
    session.run("python", "benchmarks/cache.py", *session.posargs)


def bench_model(session: nox.Session, model: str) -> None:
    install(session, "oracle", "bench")
    session.run("python", "benchmarks/embed.py", "--model", model, *session.posargs)


@nox.session(requires=["provision"], venv_backend="virtualenv")
def bench(session: nox.Session) -> None:
    """Speed and memory with all-MiniLM-L6-v2, side by side with the peers."""
    bench_model(session, "all-minilm-l6-v2")


@nox.session(requires=["provision"], venv_backend="virtualenv")
def bench_e5(session: nox.Session) -> None:
    """The same with multilingual-e5-small."""
    bench_model(session, "multilingual-e5-small-q4")


@nox.session(requires=["provision"], venv_backend="virtualenv")
def bench_qwen3(session: nox.Session) -> None:
    """The same with random weights of Qwen3-Embedding-0.6B's size; 10 GB of memory, 4 on disk."""
    bench_model(session, "qwen3-0.6b-random")


@nox.session(requires=["provision"])
def bench_growth(session: nox.Session) -> None:
    """How the cost grows with the length of texts and with their number; Linux only."""
    install(session, "bench-growth")
    session.run("python", "benchmarks/growth.py", *session.posargs)
