"""Does to the layers of a built model what a point of a study asks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
from keras.src import backend

from study.data.nest import map_nest
from study.errors import SurgeryError
from study.space.cell_key import digest
from study.space.hints import some
from study.space.surgery import REFUSED, Kind, Operation
from study.training import keras_state
from study.training.surgery.activations import answering, exchange, hidden
from study.training.surgery.compiling import compile_like
from study.training.surgery.fresh_weights import draw_anew
from study.training.surgery.layer_graph import Changes, rebuilt
from study.training.surgery.layer_names import NamedLayer, all_layers, find, graph_of
from study.training.surgery.misfit import MisfitError, reason_of

_Work = Sequence[tuple[Operation, Sequence[NamedLayer]]]
"""Operations, each with the layers that it is about."""
_WORDS: dict[Kind, str] = {
    "remove": "removed",
    "identity": "replaced by the identity",
    "freeze": "frozen",
    "reinitialise": "drawn anew",
    "activation": "given another activation",
}


def operate(model: Any, operations: Sequence[Operation], *, seed: int) -> Any:
    """Returns the model after these operations, compiled as it was. Weights that are drawn follow from the seed.

    Layers that stay keep their weights. Raises SurgeryError with the reason if an operation is impossible, and
    TaskError if one names a layer that the model does not have.
    """
    whole = _Layers(model)
    work = [(operation, whole.chosen(operation)) for operation in operations]
    replaced, drawn = _exchange(work), _draw_anew(work, seed)
    changed = _cut(whole, work, replaced, seed)
    _freeze(changed, work)
    if changed is not model or (model.optimizer is not None and model.optimizer.built):
        with _refusing(*work[0]):
            compile_like(changed, model, forget=drawn)
    return changed


def check_runs(model: Any, inputs: Any) -> None:
    """Raise SurgeryError if a changed model does not take inputs like these. Nothing is computed, and no state changes.

    A layer of the user's may find out only now that a shape does not fit.
    """
    try:
        symbolic = map_nest(lambda one: keras.KerasTensor(one.shape, backend.standardize_dtype(one.dtype)), inputs)
        backend.compute_output_spec(model, symbolic, training=False)
    except Exception as error:
        raise SurgeryError(f"{REFUSED}the changed model does not take the data: {reason_of(error)}") from error


class _Layers:
    """The layers of a model before anything is done to them."""

    def __init__(self, model: Any) -> None:
        self.model, self.layers = model, all_layers(model)
        self.ends = {id(layer) for layer in answering(model)}

    def chosen(self, operation: Operation) -> list[NamedLayer]:
        """Returns the layers that an operation is about."""
        if operation.layers:
            return find(self.layers, operation.layers)
        return hidden(self.model, self.layers)

    def check_removable(self, layers: Sequence[NamedLayer]) -> None:
        """Raise MisfitError if a layer cannot be left out, whatever the shapes are."""
        if graph_of(self.model) is None:
            kind = type(self.model).__name__
            raise MisfitError(f"{kind} is neither functional nor sequential, so that only its code knows its layers")
        for named in layers:
            if isinstance(named.layer, keras.layers.InputLayer):
                raise MisfitError(f"{named.path} is an input of the model")
            if id(named.layer) in self.ends:
                raise MisfitError(f"{named.path} gives the model's answer")


def _exchange(work: _Work) -> dict[int, Any]:
    """Exchange activations. Returns the layers that must be replaced for that, by the `id` of the old one."""
    replaced: dict[int, Any] = {}
    for operation, layers in work:
        if operation.kind == "activation":
            with _refusing(operation, layers):
                if not layers:
                    raise MisfitError("none is hidden, and other than linear, sigmoid or softmax")
                replaced |= exchange(layers, operation.activation)
    return replaced


def _draw_anew(work: _Work, seed: int) -> set[int]:
    """Draw weights anew. Returns the `id` of each."""
    drawn: set[int] = set()
    for operation, layers in work:
        if operation.kind == "reinitialise":
            with _refusing(operation, layers):
                drawn |= {
                    id(weight) for named in layers for weight in draw_anew(named.layer, seed=_seed(seed, named.path))
                }
    return drawn


def _seed(seed: int, what: str) -> int:
    """Returns the 32-bit seed of one thing that is drawn, so that it does not depend on what else is drawn."""
    return int(digest({"seed": seed, "surgery": what})[:8], 16)


def _cut(whole: _Layers, work: _Work, replaced: dict[int, Any], seed: int) -> Any:
    """Returns the model without the layers that are left out, and with the replaced ones."""
    cuts = [(operation, layers) for operation, layers in work if operation.kind in ("remove", "identity")]
    for operation, layers in cuts:
        with _refusing(operation, layers):
            whole.check_removable(layers)
    gone: dict[str, frozenset[int]] = {
        kind: frozenset(id(named.layer) for o, layers in cuts if o.kind == kind for named in layers)
        for kind in ("remove", "identity")
    }
    if not replaced and not any(gone.values()):
        return whole.model
    changes = Changes(gone["remove"], gone["identity"] - gone["remove"], replaced)
    with _refusing(*(cuts or work)[0]):
        return _fitted(whole.model, changes, mend=any(operation.mend == "project" for operation, _ in cuts), seed=seed)


def _fitted(model: Any, changes: Changes, *, mend: bool, seed: int) -> Any:
    """Returns the changed model. It is mended if that is allowed and it does not fit without."""
    try:
        return rebuilt(model, changes)
    except MisfitError as error:
        if not error.mendable:
            raise
        if not mend:
            way = "ask for mend = 'project', or change the layers together that depend on each other (a group)"
            raise MisfitError(f"{error}; {way}") from error
    keras_state.seed(_seed(seed, "projections"))
    return rebuilt(model, changes.mended())


def _freeze(model: Any, work: _Work) -> None:
    for operation, layers in work:
        if operation.kind == "freeze":
            with _refusing(operation, layers):
                if not any(getattr(named.layer, "trainable_weights", ()) for named in layers):
                    raise MisfitError("nothing in it is trained")
                for named in layers:
                    named.layer.trainable = False
                if not model.trainable_weights:
                    raise MisfitError("nothing would be left to train")


@contextmanager
def _refusing(operation: Operation, layers: Sequence[NamedLayer]) -> Iterator[None]:
    """Turn the reason for which an operation is impossible into a SurgeryError that names the layers."""
    try:
        yield
    except MisfitError as error:
        which = some([named.path for named in layers]) or "the activations"
        text = f"{REFUSED}{which} cannot be {_WORDS[operation.kind]}: {error}"
        raise SurgeryError(text) from error
