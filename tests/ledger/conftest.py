"""A fixture that all tests of the ledger use."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the forced writes to the disk. They take most of the time, and only guard against power cuts."""
    monkeypatch.setattr(os, "fsync", lambda file: None)
