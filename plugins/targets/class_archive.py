"""An archive of Kafka's classes in the user's cache: with it a start of Kafka takes one second, without it three.

Nearly all of a start's time is the loading and verifying of some 7000 classes. A JVM can write what it loaded at its
orderly end (`-XX:ArchiveClassesAtExit`, Java 13 or newer) and map that file when it starts the next time. What Kafka
does is the same either way. A JVM does not survive a damaged archive, so each is tried, in 0.15 s, before it is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

TRY_WITHIN_S = 30.0


class ClassArchive:
    """The archive for one Kafka version as one command starts it. At most one is kept for each version."""

    def __init__(self, version: str, java: Sequence[str], scratch: Path, *, cache: Path | None = None) -> None:
        """`java` is the command without a main class; `scratch` a directory for what is given up afterwards."""
        self._java = java
        self._scratch = scratch
        self._draft = scratch / "classes.jsa"
        self._family = f"kafka-{version}-"
        digest = hashlib.sha256("\0".join(java).encode()).hexdigest()
        self.path = (cache or cache_directory()) / f"{self._family}{digest[:16]}.jsa"

    def options(self) -> list[str]:
        """What makes Java use the archive: nothing where there is none, or none that this Java accepts as it is."""
        return _use(self.path) if self.path.exists() and self._accepted(_use(self.path)) else []

    def can_be_written(self) -> bool:
        """Whether it is worth the try: the cache can be written to, and this Java has an archive to build on."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        return os.access(self.path.parent, os.W_OK) and self._accepted([])

    def writing(self) -> list[str]:
        """What makes Java write the archive when it ends orderly; `keep` it then."""
        return [f"-XX:ArchiveClassesAtExit={self._draft}"]

    def keep(self) -> None:
        """Puts what was written into the cache; does nothing where it was not, or cannot be used."""
        if not self._draft.exists() or not self._accepted(_use(self._draft)):
            return
        with contextlib.suppress(OSError):
            copy = self.path.with_suffix(f".{os.getpid()}")
            try:
                shutil.copyfile(self._draft, copy)
                for older in self.path.parent.glob(f"{self._family}*.jsa"):
                    older.unlink(missing_ok=True)
                copy.replace(self.path)
            finally:
                copy.unlink(missing_ok=True)

    def _accepted(self, options: Sequence[str]) -> bool:
        """Whether Java starts with these options when it must not do without an archive, having read all of it."""
        strict = ["-Xshare:on", "-XX:+VerifySharedSpaces", "-XX:-CreateCoredumpOnCrash"]
        command = [*self._java, *options, *strict, "-version"]
        try:
            # its working directory: where a JVM that crashes leaves its report
            tried = subprocess.run(command, capture_output=True, check=False, cwd=self._scratch, timeout=TRY_WITHIN_S)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return tried.returncode == 0


def cache_directory() -> Path:
    """Where this user's caches are, by the XDG base directory specification."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kafka-conformance"


def _use(path: Path) -> list[str]:
    return [f"-XX:SharedArchiveFile={path}"]
