"""What a trained model looks at: the saliency maps of a cell's model, which a worker makes."""

import tempfile
from pathlib import Path

from study.data.nest_file import read_nest
from study.errors import StudyError
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.running.replay import alone
from study.training.saliency_maps import MAPS, SaliencyMaps
from study.training.worker_functions import FIND_IMAGE, MAP_SALIENCY
from study.winner.weights import Print, has_weights, run_on_model


def saliency(ledger: Ledger, cell: Cell, *, say: Print) -> SaliencyMaps:
    """Returns the maps of a complete cell's model on validation examples. If its weights are lost, it is trained again.

    Raises StudyError if the inputs of its task hold no image, or if its model does not reproduce its numbers.
    """
    with tempfile.TemporaryDirectory() as name:
        if not has_weights(ledger, cell):
            _find_image(ledger, cell, Path(name))
        run_on_model(ledger, cell, MAP_SALIENCY, folder=Path(name), say=say)
        return SaliencyMaps.of_nest(read_nest(Path(name) / MAPS))


def _find_image(ledger: Ledger, cell: Cell, folder: Path) -> None:
    """Raise StudyError if there is no image, because nobody shall wait for a training that is of no use."""
    result = alone(ledger, cell, FIND_IMAGE, folder=folder)
    if result.state == "failed":
        raise StudyError(f"{cell.point}, seed {cell.config.seed}: {result.reason}")
