"""Which margins can decide nothing, because no two results could differ by more."""

import re

_SHARE = re.compile(r"(?:^|_)(?:acc|accuracy|precision|recall|auc|iou|f1)(?:_|$)")
"""Names of metrics that are shares: between 0 and 1."""


def is_share(metric: str) -> bool:
    """Whether a metric of this name lies between 0 and 1, such as `val_acc` or `val_binary_accuracy`."""
    return bool(_SHARE.search(metric.lower()))


def are_shares(metric: str, low: float, high: float) -> bool:
    """Whether values from `low` to `high` are shares: the metric's name says so, and they lie between 0 and 1."""
    return is_share(metric) and low >= 0 and high <= 1


def is_too_wide(margin: float, low: float, high: float) -> bool:
    """Whether a margin is wider than results between `low` and `high` can differ. Results of 0 to 1 may be shares."""
    if low < 0 < high:
        return False
    return margin >= max(abs(low), abs(high), 1.0)
