"""What all tests of the ledger share."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the waiting for the disk: it guards only against power cuts, and takes most of the time."""
    monkeypatch.setattr(os, "fsync", lambda file: None)
