"""The search-space file of a study, which MLflow keeps."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StudyFile:
    """A search-space file as it was when the study was launched."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path | None) -> "StudyFile | None":
        """Returns the file; None if there is none, or if it was removed since the study was read from it."""
        try:
            return cls(path.absolute(), path.read_text(encoding="utf-8-sig")) if path else None
        except (OSError, UnicodeDecodeError):
            return None
