"""Reads the table `[surgery]` of a search-space file: groups of layers, and what becomes of each."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, get_args

from study.errors import TaskError
from study.space import rules
from study.space.hints import did_you_mean
from study.space.surgery import AS_BUILT, KINDS, Kind, Mend, Operation, Surgery
from study.space.toml_table import Table

EACH = "each"
"""Stands for every layer, one at a time."""
_KEYS = ("groups", "mend", "file", *KINDS)
Groups = Mapping[str, tuple[str, ...]]
Layers = Callable[[Kind], Sequence[str]]
"""Returns the layers for which `each` stands. Raises TaskError if they are not known."""


def read_surgery(table: Table, *, each: Layers, settings: Container[str]) -> Surgery:
    """Read what is done to layers. `settings` are the task's own, whose names no factor may have."""
    groups = _groups(table.take_table("groups", rules.GROUPS))
    mend: Mend = table.take("mend", rules.MEND, get_args(Mend)[0])
    factors: dict[str, Mapping[str, Operation]] = {}
    for kind in (kind for kind in KINDS if kind in table):
        if kind in settings:
            table.pop(kind)
            table.complain(kind, "is a setting of the task, too; give the setting another name")
        elif kind == "activation":
            factors[kind] = dict(_activations(table, groups))
        else:
            factors[kind] = dict(_levels(table, kind, groups, mend=mend, each=each))
    table.refuse_rest(_KEYS)
    return Surgery({name: levels for name, levels in factors.items() if levels})


def _groups(table: Table) -> Groups:
    groups = {name: table.take(name, rules.LAYERS, []) for name, _ in list(table.items())}
    for name, layers in groups.items():
        if nested := [layer for layer in layers if layer in groups and layer != name]:
            table.complain(name, f"holds the group {nested[0]!r}; a group lists layers, so write its layers here")
    return {name: tuple(layers) for name, layers in groups.items()}


def _levels(table: Table, kind: Kind, groups: Groups, *, mend: Mend, each: Layers) -> Iterator[tuple[str, Operation]]:
    """Yields the levels of a factor: a layer, a group or a pattern, with the operation on it."""
    asked = table.take(kind, rules.LAYERS_OR_EACH, [])
    try:
        names = each(kind) if asked == EACH else asked
    except TaskError as error:
        table.complain(kind, str(error))
        return
    for name in names:
        if name == AS_BUILT[kind]:
            table.complain(
                kind, f"{name!r} stands for the model as it is built; put the layer in a group and name that"
            )
            return
        layers = groups.get(name, (name,))
        yield name, Operation(kind, layers, mend=mend if kind in ("remove", "identity") else "none")


def _activations(table: Table, groups: Groups) -> Iterator[tuple[str, Operation]]:
    """Yields the levels of `activation`: a function for all hidden layers, or `layer:function` for some of them."""
    asked = table.take("activation", rules.ACTIVATIONS_BY_LAYERS, [])
    if isinstance(asked, list):
        yield from ((name, Operation("activation", (), name)) for name in _known(table, "activation", asked))
        return
    inner = table.inner("activation", asked)
    for layers, value in asked.items():
        for name in _known(inner, layers, [value] if isinstance(value, str) else value):
            yield f"{layers}:{name}", Operation("activation", groups.get(layers, (layers,)), name)


def _known(table: Table, key: str, asked: Any) -> Sequence[str]:
    """Returns the asked names of activations, or nothing if one is wrong."""
    if not rules.LAYERS.holds(asked):
        table.refuse(key, "must be an activation, or a list of different ones", asked)
        return ()
    if unknown := [name for name in asked if name not in rules.ACTIVATIONS]:
        near = did_you_mean(unknown[0], rules.ACTIVATIONS) or f"; known are {', '.join(rules.ACTIVATIONS)}"
        table.complain(key, f"Keras has no activation {unknown[0]!r}{near}")
        return ()
    return list(asked)
