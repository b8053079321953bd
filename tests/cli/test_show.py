"""`study show`."""

import re
from pathlib import Path

import pandas as pd

from tests.conftest import export_smoke, study


def test_show_gives_settings_curve_and_where_the_time_went(smoke: tuple[Path, str]) -> None:
    store = str(smoke[0])
    key = pd.read_csv(export_smoke(smoke[0], "show.csv")).key[0]
    out = study("show", "smoke", key[:10], "--store", store)
    assert out.startswith(f"baseline, seed 0: complete, trial 0\nkey {key}")
    assert "batch_norm_momentum  0.8" in out
    assert re.search(r"epoch +loss +val_loss +acc +val_acc\n +1( +\d\.\d{4}){4}\n +2", out)
    assert re.search(r"\ndigit_6_acc( +\d\.\d{4}){2}\n", out)
    assert "validate" in out
    unknown = study("show", "smoke", "zzz", "--store", store, status=2)
    assert "no cell has the key 'zzz'" in unknown
