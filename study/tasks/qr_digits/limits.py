"""Numbers by which settings are checked, stated without a library so that a search space is checked quickly."""

SIZES = {"pool": 30_000, "validation": 10_000, "test": 10_000}
MOST_SEEDS = 2**32
"""Every `data_seed` is below this number, so no data set draws from a seed above it."""
DOWNSAMPLED = (2, 4)
"""The numbers of the convolutions after which downsampling, if any, makes the map smaller."""
