"""A PyDataset whose batches come in a given order. This module loads Keras, so that a launcher must not import it."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


class OrderedBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """The batches of another PyDataset, in this order. Workers, and what it does between epochs, stay its own.

    A `fit` of one epoch tells the data twice that an epoch ends: before it begins, and at its end. A `fit` of all
    epochs does the former only before the first epoch, so `told` says that the data know of the epoch before.
    """

    def __init__(self, batches: Any, order: "Sequence[int] | np.ndarray", *, told: bool) -> None:
        super().__init__(batches.workers, batches.use_multiprocessing, batches.max_queue_size)
        self._batches, self._order, self._told = batches, order, told

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, number: int) -> Any:
        return self._batches[int(self._order[number])]

    def on_epoch_begin(self) -> None:
        self._batches.on_epoch_begin()

    def on_epoch_end(self) -> None:
        if not self._told:
            self._batches.on_epoch_end()
        self._told = False
