"""Which trials of a sweep end early: a thin use of Optuna's pruners."""

import warnings
from collections.abc import Iterable, Mapping
from statistics import fmean

import optuna
from optuna.trial import TrialState, create_trial

from study.space.search_space import SearchSpace
from study.sweep.sampler import no_experimental_warnings
from study.sweep.tried_point import TriedPoint

_REDUCTION = 3
"""One in this many trials goes on, as in the Hyperband paper."""
_PATIENCE = 1
"""A trial may go on for this many epochs without a new best value, as in Optuna's own example."""
_NO_SAMPLER = optuna.samplers.RandomSampler(seed=0)
"""For Optuna studies that only prune and never sample."""


def make_pruner(space: SearchSpace) -> optuna.pruners.BasePruner:
    """Returns the pruner of the search. It is `NopPruner` if the study names none.

    Optuna's own default would be a median pruner, and a pruned variant would bias every effect.
    """
    with no_experimental_warnings():
        match space.design.pruner:
            case "median":
                return optuna.pruners.MedianPruner()
            case "hyperband":
                most = space.fidelity.epochs
                return optuna.pruners.HyperbandPruner(max_resource=most, reduction_factor=_REDUCTION)
            case "successive_halving":
                return optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=_REDUCTION)
            case "patient":
                return optuna.pruners.PatientPruner(optuna.pruners.MedianPruner(), patience=_PATIENCE)
            case "none" | "wilcoxon":
                return optuna.pruners.NopPruner()


class SearchPruner:
    """Prunes the points of a search, and keeps one Optuna trial for each point, in the order of their start.

    A point whose trial was lost and run again counts once, so that a kill changes no later decision.
    """

    def __init__(self, space: SearchSpace, tried: Iterable[TriedPoint]) -> None:
        # Hyperband assigns points to brackets by the study's name and their number.
        name = f"seed {space.design.seed}"
        self._study = optuna.create_study(
            study_name=name, direction=space.objective.direction, pruner=make_pruner(space), sampler=_NO_SAMPLER
        )
        self._trials: dict[str, optuna.Trial] = {}
        for point in tried:
            self._add(point)

    def start(self, key: str) -> None:
        """Add a point that starts. If its last trial failed, the point keeps its old number."""
        if key not in self._trials:
            self._trials[key] = self._study.ask()

    def goes_on(self, key: str, epoch: int, value: float) -> bool:
        """Whether a point that has this value after this epoch goes on."""
        self._trials[key].report(value, step=epoch)
        return not self._trials[key].should_prune()

    def finish(self, point: TriedPoint) -> None:
        """Note that a point is complete or was ended early."""
        values = point.values if point.state == TrialState.COMPLETE else None
        self._study.tell(self._trials[point.key], values, state=point.state)

    def _add(self, point: TriedPoint) -> None:
        self.start(point.key)
        if point.state == TrialState.FAIL:  # It will run again.
            return
        for epoch, value in point.curve.items():
            self.goes_on(point.key, epoch, value)
        if point.state.is_finished():
            self.finish(point)


def worse_than_best(space: SearchSpace, results: Mapping[str, Mapping[int, float]]) -> dict[str, str]:
    """Returns the points that Wilcoxon's test finds worse than the best point, each with the reason in words.

    `results` holds the objective of each point by seed.
    """
    measured = {point: values for point, values in results.items() if values}
    if not measured:
        return {}
    best = max(measured, key=lambda point: space.objective.sign * fmean(measured[point].values()))
    study = optuna.create_study(direction=space.objective.direction, sampler=_NO_SAMPLER)
    study.add_trial(create_trial(value=fmean(measured[best].values()), intermediate_values=dict(measured[best])))
    worse = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pruner = optuna.pruners.WilcoxonPruner(p_threshold=0.1)
        for point, values in measured.items():
            if pruner.prune(study, create_trial(state=TrialState.RUNNING, intermediate_values=dict(values))):
                worse[point] = f"worse than {best} on {len(values)} seeds (Wilcoxon, p < 0.1)"
    return worse
