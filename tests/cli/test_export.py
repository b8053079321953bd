"""`study export`."""

from pathlib import Path

import pandas as pd

from tests.conftest import export_smoke


def test_export_has_the_promised_columns(smoke: tuple[Path, str]) -> None:
    table = pd.read_csv(export_smoke(smoke[0], "cells.csv"))
    promised = (
        "study key point seed state objective direction epochs train_examples validation_examples parameters flops"
    )
    levels = ["level.conv_depth", "level.width", "level.pooling", "metric.val_acc", "metric.val_number_acc"]
    assert {*promised.split(), "seconds", "backend", "device", "threads", *levels} <= set(table)
    assert len(table) == 8
    epochs = pd.read_parquet(export_smoke(smoke[0], "epochs.parquet", "--epochs"))
    assert len(epochs) == 16
    last = epochs[epochs.epoch == 2].set_index("key")["metric.val_acc"]
    assert (last == table.set_index("key")["metric.val_acc"]).all()
