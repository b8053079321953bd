"""Another order of a PyDataset's batches, and nothing else of it changes."""

from typing import Any

import keras

from study.training.ordered_batches import OrderedBatches


class Squares(keras.utils.PyDataset):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=5)
        self.events: list[str] = []

    def __len__(self) -> int:
        return 4

    def __getitem__(self, number: int) -> Any:
        return number**2

    def on_epoch_begin(self) -> None:
        self.events.append("begin")

    def on_epoch_end(self) -> None:
        self.events.append("end")


def test_the_batches_come_in_the_given_order() -> None:
    inner = Squares()
    ordered = OrderedBatches(inner, [2, 0, 3, 1], told=False)
    assert [ordered[number] for number in range(len(ordered))] == [4, 0, 9, 1]
    assert (ordered.num_batches, ordered.workers, ordered.max_queue_size) == (4, 2, 5)
    ordered.on_epoch_begin()
    ordered.on_epoch_end()
    assert inner.events == ["begin", "end"]


def test_the_end_of_an_epoch_that_the_data_know_of_is_not_told_again() -> None:
    inner = Squares()
    ordered = OrderedBatches(inner, [0], told=True)
    ordered.on_epoch_end()
    assert inner.events == []
    ordered.on_epoch_end()
    assert inner.events == ["end"]
