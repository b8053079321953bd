"""Labels of factors, levels, points and metrics, and the format of numbers."""

import numpy as np
import pytest

from analysis.drawing import labels


@pytest.mark.parametrize(
    ("name", "columns", "text"),
    [
        ("val_acc", ["metric.val_number_acc"], "validation accuracy (share of digits)"),
        ("val_acc", [], "validation accuracy"),
        ("val_number_acc", ["metric.val_number_acc"], "validation accuracy (share of whole numbers)"),
        ("loss", [], "training loss"),
        ("val_top_k", [], "validation top k"),
        ("val_digit_1_acc", [], "validation digit 1 accuracy"),
    ],
)
def test_metrics_in_words(name: str, columns: list[str], text: str) -> None:
    assert labels.metric_label(name, columns) == text


def test_factors_levels_and_points_in_words() -> None:
    assert labels.factor_label("conv_depth") == "trunk depth"
    assert labels.factor_label("label_smoothing") == "label smoothing"
    assert [labels.level_label(level) for level in ("global_max", "true", "10000", "0.001")] == [
        "global max",
        "on",
        "10,000",
        "0.001",
    ]
    assert labels.point_label({"conv_depth": "2", "pooling": "flatten"}) == "trunk depth: 2, pooling: flatten"
    assert labels.point_label({}) == "baseline"


def test_a_level_reads_the_same_from_the_store_and_from_a_file() -> None:
    from_store: list[object] = [np.int64(7), np.float64(0.001), np.bool_(True), "flatten"]
    from_file: list[object] = [7, 0.001, True, "flatten"]
    assert list(map(labels.level_text, from_store)) == list(map(labels.level_text, from_file))
