"""Margins that are too wide to decide anything."""

import pytest

from study.space.margin import is_share, is_too_wide


def test_a_share_is_known_by_its_name() -> None:
    shares = ["val_acc", "accuracy", "val_binary_accuracy", "val_AUC", "val_number_acc", "precision_1"]
    assert all(map(is_share, shares))
    assert not any(map(is_share, ["val_loss", "mae", "factor", "accounts", "perplexity"]))


@pytest.mark.parametrize(
    ("margin", "low", "high", "expected"),
    [(3, 0.3, 0.5, True), (0.5, 0.3, 0.42, False), (0.01, 3e-5, 4e-5, False), (60, 40, 55, True), (60, -55, -40, True),
     (50, 40, 55, False), (60, -40, 55, False)],
)  # fmt: skip
def test_a_margin_is_too_wide_if_no_results_could_differ_so_much(
    margin: float, low: float, high: float, expected: bool
) -> None:
    assert is_too_wide(margin, low, high) == expected
