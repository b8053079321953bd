"""Where everything lies in a store: one folder for all studies, `./mlruns` unless said otherwise."""

import os
from pathlib import Path

from study.errors import StoreError


def default_store() -> Path:
    """The store in use: STUDY_STORE, else `mlruns` in the current folder."""
    return Path(os.environ.get("STUDY_STORE") or "mlruns").absolute()


def study_folder(store: Path, name: str) -> Path:
    """The folder of one study; it need not exist."""
    return store / "studies" / name


def names(store: Path) -> list[str]:
    """The studies of a store, by name."""
    return sorted(folder.parent.name for folder in (store / "studies").glob("*/trials.journal"))


def make(folder: Path) -> None:
    """Make a folder of the store; StoreError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        message = f"{folder}: cannot be written ({error.strerror}); give another store with --store or STUDY_STORE"
        raise StoreError(message) from None
