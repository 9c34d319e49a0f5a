"""Files of a Hugging Face repository at a revision -> the hub's cache on this machine.

`huggingface_hub` does the work, with its cache and its settings (HF_HOME, HF_HUB_CACHE,
HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT, proxies).
Differs on purpose: `refs` names a commit only once all its files are here; a file that is not what
the hub itself says it is does not stay in the cache; and where there is no hub, that is found out
with one question instead of many.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .file_hashes import Digest
from .hub_snapshots import blob_of, is_commit, published_digest, repository_folder
from .pinned_files import FetchRun, SourceError, WrongBytesError
from .repository_files import model_file_names

__all__ = ["ChangedFileError", "HubSource", "check_hub", "download_model", "is_offline"]

Result = TypeVar("Result")
_PAUSES_S = (0.5, 1.5)  # before a question is asked again that a busy hub did not answer
_BUSY = (429, 500, 502, 503, 504)
_LARGEST_JSON_BYTES = 64 << 20  # of modules.json or of an index of weights


class ChangedFileError(WrongBytesError):
    """A file that is what the hub publishes, and not what the catalog pins."""

    def __init__(self, filename: str, message: str) -> None:
        super().__init__(message)
        self.filename = filename


@dataclass(frozen=True)
class HubSource:
    """`filename` in `repo_id` at `revision`, a commit of that repository."""

    repo_id: str
    revision: str
    filename: str

    def __str__(self) -> str:
        return f"hub {self.repo_id}@{self.revision[:12]}"

    def stage(self, run: FetchRun) -> Path:
        cached = repository_folder(self.repo_id) / "snapshots" / self.revision / self.filename
        if cached.is_file():
            return cached
        run.once("the hub answers", check_hub)
        return _download(self.repo_id, self.revision, self.filename)


def is_offline() -> bool:
    """Whether the user has forbidden connections (`HF_HUB_OFFLINE`)."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def check_hub() -> None:
    """Raise `SourceError` unless the hub answers."""
    from huggingface_hub import constants, get_session

    _refuse_offline()
    _told(lambda: get_session().head(constants.ENDPOINT, timeout=constants.HF_HUB_ETAG_TIMEOUT))


def download_model(
    repo_id: str, revision: str, pinned: Mapping[str, Digest], *, again: Collection[str] = ()
) -> str:
    """Bring what a model is read from into the hub's cache; the commit that `revision` is.

    `pinned`: the digests that files must have, whatever the hub says of them. Files that are in
    the cache already are not asked for, but for those named in `again`. Raises `SourceError`, or
    `ModelFilesUnavailableError` for a `modules.json` or an index that is not as it must be.
    """
    _refuse_offline()
    commit, listed = _told(lambda: _list(repo_id, revision))
    if not is_commit(commit) or (is_commit(revision) and commit != revision):
        raise SourceError(f"the hub says that revision {revision} is commit {commit[:60]!r}")
    downloaded: dict[str, Path] = {}

    def bring(name: str) -> Path:
        if name not in downloaded:
            digests = (listed.get(name), pinned.get(name))
            downloaded[name] = _download(repo_id, commit, name, *digests, again=name in again)
        return downloaded[name]

    def read(name: str) -> bytes:
        path = bring(name)
        if path.stat().st_size > _LARGEST_JSON_BYTES:
            raise SourceError(f"{name} has {path.stat().st_size:,} bytes, too many for what it is")
        return path.read_bytes()

    lacks_modules = "modules.json" not in listed
    if lacks_modules:
        _remember_absence(repo_id, commit)
    names = model_file_names(listed.keys(), read, lacks_modules=lacks_modules)
    if names.missing:
        raise SourceError(_lacks(names.missing, listed.keys()))
    for name in names.present:
        bring(name)
    if not is_commit(revision):
        _told(lambda: _write_reference(repo_id, revision, commit))
    return commit


def _discard(path: Path) -> None:
    """Take a file out of the hub's cache, so that it will be downloaded again."""
    blob = blob_of(path)
    path.unlink(missing_ok=True)
    if blob is not None:
        blob.unlink(missing_ok=True)


def _refuse_offline() -> None:
    if is_offline():
        raise SourceError("not asked, HF_HUB_OFFLINE is set")


def _list(repo_id: str, revision: str) -> tuple[str, dict[str, Digest | None]]:
    """The commit, and every file of the repository with what the hub says of its content."""
    from huggingface_hub import HfApi, constants

    info = HfApi().model_info(
        repo_id,
        revision=revision,
        files_metadata=True,
        timeout=constants.HF_HUB_ETAG_TIMEOUT,
    )
    digests: dict[str, Digest | None] = {}
    for file in info.siblings or ():
        digest = Digest("git", file.blob_id) if file.blob_id else None
        digests[file.rfilename] = Digest("sha256", file.lfs.sha256) if file.lfs else digest
    return str(info.sha), digests


def _download(
    repo_id: str,
    commit: str,
    filename: str,
    listed: Digest | None = None,
    pinned: Digest | None = None,
    *,
    again: bool = False,
) -> Path:
    """A file in the hub's cache. `listed` and `pinned`: what the hub and the catalog say of it."""
    from huggingface_hub import hf_hub_download

    here = repository_folder(repo_id) / "snapshots" / commit / filename
    if here.is_file() and not again:  # as it is: what was not downloaded now is not ours to remove
        return here
    if again and not here.is_symlink():  # a copy, where links cannot be: it would be kept
        here.unlink(missing_ok=True)
    path = Path(
        _told(lambda: hf_hub_download(repo_id, filename, revision=commit, force_download=again))
    )
    published = listed or published_digest(path)
    for digest in (published, pinned):
        received = digest.of(path) if digest else ""
        if digest and received != digest.value:
            kind = "published" if digest is published else "pinned"
            told = (
                f"sent other bytes than the {kind} ones and was not used: {filename}, "
                f"expected {digest}, received {received}"
            )
            if digest is not published:
                raise ChangedFileError(filename, told)
            _discard(path)  # what the hub itself calls wrong is of no use to anybody
            raise WrongBytesError(told)
    return path


def _remember_absence(repo_id: str, commit: str) -> None:
    """Ask for modules.json, so that the hub's cache says that there is none, also offline."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    def ask() -> None:
        try:
            hf_hub_download(repo_id, "modules.json", revision=commit)
        except EntryNotFoundError:
            return

    _told(ask)


def _write_reference(repo_id: str, revision: str, commit: str) -> None:
    path = repository_folder(repo_id) / "refs" / revision
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(commit, encoding="utf-8")
    partial.replace(path)


def _lacks(missing: Collection[str], names: Collection[str]) -> str:
    told = f"the repository has no {', '.join(missing)}"
    pickles = sorted(name for name in names if name.endswith((".bin", ".pt", ".ckpt", ".pkl")))
    if pickles and any(name.endswith(".safetensors") for name in missing):
        told += (
            f", only the pickle {pickles[0]}, which can run code when opened and is never loaded"
        )
    return told


def _told(action: Callable[[], Result]) -> Result:
    """The result of `action`, tried again where the hub is busy; its failure as `SourceError`."""
    for pause_s in (*_PAUSES_S, None):
        try:
            return action()
        except SourceError:
            raise
        except Exception as error:  # those of its HTTP library come through as they are
            if pause_s is None or _status(error) not in _BUSY:
                raise SourceError(_sentence(error)) from error
            time.sleep(pause_s)
    raise AssertionError("the last pause is None")


def _status(error: BaseException) -> int | None:
    if isinstance(error, FileNotFoundError) and error.__cause__:  # "not in the cache, and not had"
        return _status(error.__cause__)
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    return status if isinstance(status, int) else None


def _sentence(error: Exception) -> str:
    """What went wrong, for the user."""
    from huggingface_hub.errors import (
        GatedRepoError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if isinstance(error, LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
        return _sentence(error.__cause__)  # it says only that there was some error
    if isinstance(error, GatedRepoError):
        return "the repository is gated: accept its terms on its page, and set HF_TOKEN"
    if isinstance(error, RepositoryNotFoundError):
        return "the hub has no such repository, or it is private: check the name, or set HF_TOKEN"
    if isinstance(error, RevisionNotFoundError):
        return "the repository has no such revision"
    if _status(error) is not None:
        return f"the hub answered with status {_status(error)} ({_first_line(error)})"
    if isinstance(error, OSError) and error.filename:
        return f"cannot write {error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno:
        return f"cannot write into {repository_folder('x').parent}: {error.strerror}"
    return f"the hub cannot be reached, or broke off ({_first_line(error)})"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
