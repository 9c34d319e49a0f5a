"""A file of a Hugging Face repository at a pinned revision -> a local path.

`huggingface_hub` does the work, with its cache and its settings (HF_HOME, HF_ENDPOINT, HF_TOKEN,
HF_HUB_OFFLINE, proxies). What it does not do is give up quickly where there is no hub, so the hub
is asked once whether it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .pinned_files import FetchRun, SourceError

__all__ = ["HubSource", "check_hub", "first_line", "is_offline"]

_PROBE_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class HubSource:
    """`filename` in `repo_id` at `revision`, a commit of that repository."""

    repo_id: str
    revision: str
    filename: str

    def __str__(self) -> str:
        return f"hub {self.repo_id}@{self.revision[:12]}"

    def stage(self, run: FetchRun) -> Path:
        from huggingface_hub import hf_hub_download, try_to_load_from_cache

        cached = try_to_load_from_cache(self.repo_id, self.filename, revision=self.revision)
        if isinstance(cached, str):
            return Path(cached)
        run.once("the hub answers", check_hub)
        try:
            return Path(hf_hub_download(self.repo_id, self.filename, revision=self.revision))
        except Exception as error:  # errors of its HTTP library come through as they are
            raise SourceError(first_line(error)) from error


def is_offline() -> bool:
    """Whether the user has forbidden connections (`HF_HUB_OFFLINE`)."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def check_hub() -> None:
    """Raise `SourceError` unless the hub answers."""
    from huggingface_hub import constants, get_session

    if is_offline():
        raise SourceError("not asked, HF_HUB_OFFLINE is set")
    try:
        get_session().head(constants.ENDPOINT, timeout=_PROBE_TIMEOUT_S)
    except Exception as error:  # the HTTP library under huggingface_hub differs between releases
        raise SourceError(f"the hub cannot be reached ({first_line(error)})") from error


def first_line(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
