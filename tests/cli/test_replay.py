"""`study replay`."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import export_smoke, study


@pytest.mark.slow
@pytest.mark.slow
def test_a_replay_gives_every_number_again(smoke: tuple[Path, str]) -> None:
    store = str(smoke[0])
    key = pd.read_csv(export_smoke(smoke[0], "replay.csv")).key[3]
    assert study("replay", "smoke", key[:12], "--store", store).startswith("identical: 36 numbers of 2 epochs")
    curve = next((smoke[0] / "studies" / "smoke" / "cells" / key[:16]).glob("curve.jsonl"))
    kept = curve.read_text()
    try:
        curve.write_text(kept.replace('"val_acc": 0.', '"val_acc": 1.', 1))
        said = study("replay", "smoke", key[:12], "--store", store, status=2)
        assert said.startswith(f"{curve}: is not the curve that was recorded; put it back from a copy of the store")
    finally:
        curve.write_text(kept)
