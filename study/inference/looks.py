"""The rule by which a study with looks judges its variants: who is decided at a look, and who gets more seeds.

**Error.** The 5 % are split over the looks by the square of the share of information: a look at share t may spend
5 % · (t² − t'²), where t' is the share at the look before. Bonferroni adds them up, so the error holds however the
looks depend on each other, and whoever stops. Information is 1 / (1/n + 1/m), with the seeds of a variant and of the
baseline.

**Difference.** At each look step-down of the smallest p over all variants that are not shown to differ yet. Those
called "no difference" and those given up stay in the family, with the seeds that they have. The p is the larger one of
t (`study.inference.t_tests`) and of the permutation test.

**No difference.** Two one-sided tests for each variant alone, with the same split. What may be a mixture of seeds that
learned and seeds that did not is never called so.

**Given up.** A variant stops if any verdict by the last look has a predictive probability below 10 %, or if no seed of
it has a value. Nothing rests on this: the error holds if it goes on.

Decisions follow from the values alone. So a study that was killed takes the same way again. Values are given as
[..., point, seed] with the baseline first, and seeds count from 0. A seed that has no value is NaN, or infinite if it
diverged. Results are [..., variant].
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from study.inference.multiplicity import Array
from study.inference.permutation import permutation_ps
from study.inference.t_tests import ERROR, Comparisons, compare
from study.inference.two_groups import chance_end, failed_end, may_fall_apart
from study.inference.verdict_rule import ENOUGH_SEEDS
from study.space.looks import Look
from study.space.search_space import Method, SearchSpace

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

FUTILE = 0.1
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Plan(NamedTuple):
    """How a study looks: at how many seeds, and how it compares."""

    looks: tuple[Look, ...]
    method: Method
    margin: float | None
    sign: int
    """1 if more of the objective is better, else -1."""
    chance: float | None = None
    """What a model reaches that has learned nothing. None if nobody says it."""

    @classmethod
    def of(cls, space: SearchSpace) -> "Plan":
        """Returns the plan of a study that declares looks."""
        return cls(space.look_seeds, space.comparison, space.margin, space.objective.sign, space.chance)

    def share(self, turn: int) -> float:
        """Returns the share of the error that a look may spend. `turn` counts from 0."""
        return self._information(turn) ** 2 - (self._information(turn - 1) ** 2 if turn else 0.0)

    def _information(self, turn: int) -> float:
        def of(look: Look) -> float:
            return 1 / (1 / look.variants + 1 / look.baseline)

        return of(self.looks[turn]) / of(self.looks[-1])


class Standing(NamedTuple):
    """What the looks so far say of each variant."""

    stopped: Whole
    """The look at which a variant got its last seeds, from 0. -1 if it goes on."""
    found: Whole
    """1 if it is shown to be more than the baseline, -1 if less, else 0."""
    within: Flags
    """Whether the difference is shown to be smaller than the margin."""
    adjusted: Array
    """The smallest p of a look over the look's share of the error. Below `ERROR` if a difference is found."""

    @property
    def goes_on(self) -> Flags:
        """Whether each variant gets more seeds at the next look."""
        going: Flags = self.stopped < 0
        return going


class Course(NamedTuple):
    """How far a study is."""

    standing: Standing
    done: int
    """How many looks are complete."""

    def is_over(self, plan: Plan) -> bool:
        """Whether no look follows."""
        return self.done == len(plan.looks) or not self.standing.goes_on.any()

    def turn(self, plan: Plan) -> int:
        """Returns the look that the study is at, from 0: the one that is not complete, or the last one of all."""
        return max(self.done - 1, 0) if self.is_over(plan) else self.done


def start(*shape: int) -> Standing:
    """Returns the standing before the first look. The last axis of the shape is that of the variants."""
    return Standing(np.full(shape, -1), np.zeros(shape, int), np.zeros(shape, bool), np.ones(shape))


def follow(values: "ArrayLike", over: "ArrayLike", plan: Plan) -> Course:
    """Returns how far one study, [point, seed], is. `over` says which cells will not run any more.

    A look counts once each cell that it needs is over.
    """
    numbers = np.asarray(values, float)
    ended = np.broadcast_to(np.asarray(over, bool), numbers.shape)
    course = Course(start(len(numbers) - 1), 0)
    while not course.is_over(plan) and _is_complete(ended, course.standing, plan, course.done):
        course = Course(judge(course.standing, numbers, plan, course.done), course.done + 1)
    return course


def seeds_needed(course: Course, plan: Plan) -> Whole:
    """Returns how many seeds each point needs so far, the baseline first."""
    return _seeds_at(course.standing, plan, course.turn(plan))


def _seeds_at(standing: Standing, plan: Plan, turn: int) -> Whole:
    """Returns the seeds of each point at a look, [..., point]. A variant that stopped keeps those that it has."""
    seeds = np.array([look.variants for look in plan.looks])
    variants = seeds[np.where(standing.goes_on, turn, np.minimum(standing.stopped, turn))]
    baseline = np.full((*variants.shape[:-1], 1), plan.looks[turn].baseline)
    return np.concatenate([baseline, variants], axis=-1)


def _at_look(shape: tuple[int, ...], standing: Standing, plan: Plan, turn: int) -> Flags:
    """Returns which cells of [..., point, seed] belong to a look."""
    belongs: Flags = np.arange(shape[-1]) < _seeds_at(standing, plan, turn)[..., None]
    return belongs


def _is_complete(over: Flags, standing: Standing, plan: Plan, turn: int) -> bool:
    return bool(over[_at_look(over.shape, standing, plan, turn)].all())


def judge(before: Standing, values: Array, plan: Plan, turn: int) -> Standing:
    """Returns the standing after one more look, at which every cell that it needs is over. `turn` counts from 0."""
    seen = np.where(_at_look(values.shape, before, plan, turn), values, np.nan)
    seeds, share = _fewest(seen, plan.method), plan.share(turn)
    enough = seeds >= ENOUGH_SEEDS
    ready = before.goes_on & enough
    compared = compare(np.where(np.isfinite(seen), seen, np.nan), method=plan.method)
    compared = compared._replace(
        error=np.where(before.found != 0, np.nan, compared.error), permuted=np.where(enough, 0.0, 1.0)
    )
    adjusted = _guarded(compared, seen, ready, plan, share).adjusted / share
    found = ready & (adjusted < ERROR)
    mixed = _Mixed(seen, plan)
    within = ready & ~found & _is_within(compared, plan, share)
    within &= ~mixed.of(within, sure=False)
    open_ = before.goes_on & ~found & ~within
    hopeless = open_ & (_hopeless(compared, plan, turn, open_, mixed) | (seeds == 0))
    return Standing(
        stopped=np.where(found | within | hopeless, turn, before.stopped),
        found=np.where(found, np.sign(np.nan_to_num(compared.value)).astype(int), before.found),
        within=before.within | within,
        adjusted=np.where(ready, np.fmin(before.adjusted, adjusted), before.adjusted),
    )


def _fewest(seen: Array, method: Method) -> Whole:
    """Returns how many seeds each comparison rests on: pairs, or those of the point that has fewer."""
    present = np.isfinite(seen)
    if method == "paired":
        return np.asarray((present[..., 1:, :] & present[..., :1, :]).sum(-1))
    return np.asarray(np.minimum(present[..., 1:, :].sum(-1), present[..., :1, :].sum(-1)))


def _guarded(compared: Comparisons, seen: Array, ready: Flags, plan: Plan, share: float) -> Comparisons:
    """Returns the comparisons with the permutation test's p, where t alone finds a difference.

    Elsewhere it could change nothing.
    """
    if plan.method != "welch":
        return compared
    permuted = np.array(compared.permuted)
    asked = np.nonzero(ready & (compared.adjusted / share < ERROR))
    pairs = [(seen[(*family, variant + 1)], seen[(*family, 0)]) for *family, variant in zip(*asked, strict=True)]
    permuted[asked] = permutation_ps(pairs)
    return compared._replace(permuted=permuted)


def _is_within(compared: Comparisons, plan: Plan, share: float) -> Flags:
    if plan.margin is None:
        return np.zeros(compared.value.shape, bool)
    within: Flags = compared.equivalence(plan.margin) / share < ERROR
    return within


class _Mixed:
    """Which variants are mixtures of seeds that learned and seeds that did not, or are compared with one."""

    def __init__(self, seen: Array, plan: Plan) -> None:
        self._seen, self._sign, self._chance = seen, plan.sign, plan.chance

    def of(self, asked: Flags, *, sure: bool) -> Flags:
        """Returns which of the variants that are asked for are mixtures, or may be. Looks only at their families."""
        mixed = np.zeros(asked.shape, bool)
        possible = asked.any(-1) & (may_fall_apart(self._seen) | (self._chance is not None))
        for family in np.ndindex(asked.shape[:-1]):
            if possible[family]:
                mixed[family] = self._in_family(self._seen[family], sure)
        return asked & mixed

    def _in_family(self, values: Array, sure: bool) -> Flags:
        samples = {str(row): sample[np.isfinite(sample)] for row, sample in enumerate(values)}
        if self._chance is None:
            end = failed_end(samples, sign=self._sign, sure=sure)
        else:
            end = chance_end(samples, self._chance, sign=self._sign)
        seeds = (~np.isnan(values)).sum(-1)
        with np.errstate(invalid="ignore"):
            learned = (np.isfinite(values) & (self._sign * values > end)).sum(-1)
        mixed: Flags = (learned > 0) & (learned < seeds)
        variants: Flags = mixed[1:] | mixed[0]
        return variants


def _hopeless(compared: Comparisons, plan: Plan, turn: int, asked: Flags, mixed: _Mixed) -> Flags:
    """Returns which variants will probably have no verdict by the last look. None at the last look itself."""
    if turn == len(plan.looks) - 1:
        return np.zeros(asked.shape, bool)
    different, same = _chances(compared, plan, turn)
    hopeless: Flags = different + same < FUTILE
    in_doubt = asked & ~hopeless & (different < FUTILE)
    return hopeless | mixed.of(in_doubt, sure=True)


def _chances(compared: Comparisons, plan: Plan, turn: int) -> tuple[Array, Array]:
    """Returns the predictive probability that the last look finds a difference, and that it finds none.

    The prior is flat, and the spread that was observed is taken as true. NaN if no seed differs from another.
    """
    now, last, share = plan.looks[turn], plan.looks[-1], plan.share(len(plan.looks) - 1)
    variance = compared.error**2
    theirs = variance * compared.weight**2
    final = theirs * now.baseline / last.baseline + (variance - theirs) * now.variants / last.variants
    freedom = compared.rate * (last.variants - 1.0)
    family = np.maximum(np.isfinite(compared.error).sum(-1), 1)[..., None]
    from_here = -stdtrit(freedom, share * ERROR / family / 2) * np.sqrt(final)
    move = np.sqrt(np.maximum(variance - final, 0))

    def below(bound: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            chance: Array = stdtr(compared.freedom, (bound - compared.value) / move)
        return chance

    different = 1 - below(from_here) + below(-from_here)
    if plan.margin is None:
        return different, np.zeros_like(different)
    room = np.maximum(plan.margin + stdtrit(freedom, share * ERROR) * np.sqrt(final), 0)
    return different, below(room) - below(-room)


def to_the_end(values: Array, plan: Plan) -> Standing:
    """Returns the standing of whole studies, [study, point, seed], at their ends."""
    standing = start(len(values), values.shape[1] - 1)
    for turn in range(len(plan.looks)):
        going = standing.goes_on.any(-1)
        if going.any():
            before = Standing(**{name: part[going] for name, part in standing._asdict().items()})
            for part, new in zip(standing, judge(before, values[going], plan, turn), strict=True):
                part[going] = new
    return standing


def trials(standing: Standing, plan: Plan) -> Whole:
    """Returns how many trials each study needs, [study]. `standing` is that at its end."""
    turn = np.where(standing.goes_on, len(plan.looks) - 1, standing.stopped)
    variants, baseline = (np.array(seeds) for seeds in zip(*plan.looks, strict=True))
    total: Whole = variants[turn].sum(-1) + baseline[turn.max(-1)]
    return total
