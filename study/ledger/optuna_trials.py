"""The trials of a study in Optuna's storage, as its only writer starts and ends them."""

import optuna
from optuna.trial import TrialState, create_trial

from study.ledger.cell import Phase
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from study.sweep.distributions import distributions
from study.sweep.tried_point import Suggestion

_OPTUNA_STATE = {
    "complete": TrialState.COMPLETE,
    # A diverged trial is a result. Samplers count a pruned trial against its point, but ignore a failed one.
    "pruned": TrialState.PRUNED,
    "refused": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


def start_trial(
    study: optuna.Study, space: SearchSpace, config: TrialConfig, *, phase: Phase, suggestion: Suggestion | None
) -> optuna.Trial:
    """Add a trial of a cell and start it. It is added in one line of the journal, and so whole or not at all."""
    levels = config.levels()
    # A trial of another machine may have a level that is not (yet) in this study's file.
    existing = {f.name for f in space.factors if f.exists(levels) and f.holds(levels[f.name])}
    asked = {name: distribution for name, distribution in distributions(space).items() if name in existing}
    drawn = {"draws": suggestion.draws, "drawn": suggestion.origin} if suggestion and suggestion.origin else {}
    point = config.changes(space.config({}, seed=0))
    cell = {"key": config.key, "point": point, "seed": config.seed, "phase": phase}
    study.add_trial(
        create_trial(
            state=TrialState.WAITING,
            params={name: levels[name] for name in asked},
            distributions=asked,
            user_attrs={"cell": cell, **drawn},
            system_attrs=dict(suggestion.marks) if suggestion else None,
        )
    )
    return study.ask()


def finish_trial(study: optuna.Study, space: SearchSpace, number: int, result: TrialResult) -> None:
    """Tell Optuna how a trial ended."""
    reached = (objective.of(result) for objective in space.objectives)
    values = [value for value in reached if value is not None] if result.state == "complete" else None
    study.tell(number, values, state=_OPTUNA_STATE[result.state])


def lose_trial(study: optuna.Study, number: int) -> None:
    """Tell Optuna that a trial has no result. Its cell is missing again."""
    study.tell(number, state=TrialState.FAIL)


def start_waiting_trials(study: optuna.Study) -> None:
    """Start every trial that a dead launcher added but did not start. Only started trials can be ended."""
    while any(trial.state == TrialState.WAITING for trial in study.get_trials(deepcopy=False)):
        study.ask()
