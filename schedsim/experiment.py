"""One call for each thing one does with a mix: run it, compare policies on it, explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from schedsim.choices import SYNONYMS, policy_choice
from schedsim.errors import SchedsimError, UsageError
from schedsim.jobs import Mix, PolicyChoice
from schedsim.policies import NAMES
from schedsim.policies.base import Policy
from schedsim.policies.options import describe_options, make_policy
from schedsim.results import Comparison, Origin, Run
from schedsim.scheduler.conventions import CONVENTIONS, conventions_named
from schedsim.times import parse_duration
from schedsim.trace import Header, Trace, TracedJob

if TYPE_CHECKING:
    from schedsim.observed import Observed, Overheads
    from schedsim.scheduler.observer import Observer

DEFAULT_ALGO = "rr"
MIX_OPTIONS = ("cpus", "degree", "switch_cost", "charge_first_switch", "grace", "conventions", "until")
_SECOND_OPINION_ROWS = 20_000
"""Up to so many rows of trace a run is made again under the other conventions, to warn of a difference."""


Algo = str | Policy | type[Policy] | PolicyChoice | Mapping[str, Any]
"""A policy as users name it: text, an object, a class, or ``{"algo": "rr", "quantum": 3}``."""


def run(mix: object, algo: Algo | None = None, *, notes: bool = True, **options: Any) -> Run:
    """Simulate ``mix`` under ``algo`` and return the result.

    Args:
        mix: a Mix, a path, a shipped mix's name, a list of jobs, or a DataFrame.
        algo: a policy's name, also with options (``rr:quantum=4``), ``FILE.py:CLASS``, or a policy object; None: what the mix says.
        notes: whether to find out, by a second run, whether other conventions would change the answer.
        **options: the policy's parameters, and how the mix is to be run (``cpus``, ``degree``,
            ``switch_cost``, ``charge_first_switch``, ``grace``, ``conventions``, ``until``, ``tickets``,
            ``seed``). Bare numbers are in the mix's unit; they win over what the mix says.

    Raises:
        MixError, UsageError, PolicyError: for what cannot be used; nothing has run then.
    """
    loaded, policy, seed = prepare(mix, algo, options)
    trace = simulate_trace(loaded, policy, seed)
    said = _second_opinion(loaded, policy, trace) if notes else ()
    return Run(trace, said, Origin(loaded, policy, seed))


def prepare(mix: object, algo: Algo | None, options: Mapping[str, Any]) -> tuple[Mix, Policy, int | None]:
    """Return the mix, the policy and the seed that ``run`` would simulate."""
    loaded = load_mix(mix)
    choice = _choose(loaded, algo)
    loaded, policy_options, seed = configure(loaded, {**choice.options, **options})
    policy = _make(_itself(algo) or choice.algo, policy_options, loaded.unit, seed)
    return loaded, policy, seed


def compare(
    mix: object,
    algos: Algo | Iterable[Algo] | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    notes: bool = False,
    **options: Any,
) -> Comparison:
    """Simulate ``mix`` under each of ``algos``; None: those the mix names, or else every policy.

    ``options`` that are the policy's go to the policies that have them; one that no policy has is
    refused. Those of a PolicyChoice in ``algos`` are said of it alone and win over them.
    ``progress`` is called before each run with how many are done, of how many, and the next one's name.
    ``notes`` finds out for each whether other conventions would change the answer, as ``run`` does.
    """
    loaded = load_mix(mix)
    chosen: list[Algo]
    if algos is None:
        chosen = list(loaded.policies) or [*NAMES]
    elif isinstance(algos, str | Policy | type | PolicyChoice | Mapping):
        chosen = [algos]
    else:
        chosen = [*algos]
    runs, used = [], set()
    for number, each in enumerate(chosen):
        choice = _choose(loaded, each)
        if progress is not None:
            progress(number, len(chosen), choice.algo)
        own_wins = algos is not None and isinstance(each, PolicyChoice | Mapping)
        said = {**options, **choice.options} if own_wins else {**choice.options, **options}
        own, policy_options, seed = configure(loaded, said)
        named = _itself(each) or choice.algo
        fields = _fields(named)
        kept = {key: value for key, value in policy_options.items() if key in fields or key in choice.options}
        used |= set(kept)
        policy = _make(named, kept, own.unit, seed)
        trace = simulate_trace(own, policy, seed)
        opinion = _second_opinion(own, policy, trace) if notes else ()
        runs.append(Run(trace, opinion, Origin(own, policy, seed)))
    unused = [
        key for key in options if key not in used and _plain(key) not in (*MIX_OPTIONS, "tickets", "seed")
    ]
    if unused:
        raise UsageError(f"none of these policies has the option {unused[0]!r}")
    return Comparison(runs)


def load_mix(mix: object) -> Mix:
    """Return the Mix that ``mix`` is or names."""
    from schedsim.cooperation import checked

    if isinstance(mix, Mix):
        return checked(mix)
    from schedsim.mixfile import load

    return load(mix)


def configure(mix: Mix, options: Mapping[str, Any]) -> tuple[Mix, dict[str, Any], int | None]:
    """Return the mix as ``options`` want it run, the options that are the policy's, and the seed.

    Raises UsageError for values that cannot be.
    """
    rest: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    seed: int | None = None
    for raw, value in options.items():
        name = _plain(raw)
        if value is None:
            continue
        if name in MIX_OPTIONS:
            changes[name] = _mix_value(name, value, mix.unit)
        elif name == "tickets":
            changes["jobs"] = _with_tickets(mix, value)
        elif name == "seed":
            seed = _whole(name, value)
        else:
            rest[raw] = value
    return mix._replace(**changes), rest, seed


def simulate_trace(
    mix: Mix,
    policy: Policy,
    seed: int | None = None,
    observer: Observer | None = None,
    *,
    overheads: Overheads | None = None,
    observed: Observed | None = None,
) -> Trace:
    """Simulate, with ``overheads`` or ``observed`` as on a real machine, and return the trace."""
    from schedsim.engines.simulated import simulate

    if any(job.period is not None for job in mix.jobs):
        raise UsageError("jobs with a period are not released again in this version; leave the period out")
    trace = Trace(header_of(mix, policy, seed))
    return simulate(mix, policy, trace, observer=observer, overheads=overheads, observed=observed)


def header_of(mix: Mix, policy: Policy, seed: int | None) -> Header:
    """Return the trace's header for a run of ``mix`` under ``policy``."""
    unit = mix.unit
    return Header(
        jobs=tuple(
            TracedJob(
                id=job.id,
                arrival=job.arrival,
                priority=job.priority,
                nice=job.nice,
                tickets=job.tickets,
                deadline=job.deadline,
                spawned=job.spawned,
                program="; ".join([operation.text(unit) for operation in job.operations]),
            )
            for job in mix.jobs
        ),
        algo=policy.label(),
        options=describe_options(policy, unit),
        mix=mix.name,
        unit=unit,
        cpus=mix.cpus,
        degree=mix.degree,
        switch_cost=mix.switch_cost,
        charge_first_switch=mix.charge_first_switch,
        conventions=mix.conventions,
        until=mix.until,
        seed=seed,
        clairvoyant=bool(policy.clairvoyant),
        grace=mix.grace,
        queues=dict(mix.queues),
        variables=dict(mix.variables),
    )


def _itself(algo: Algo | None) -> Policy | type[Policy] | None:
    """Return ``algo`` if it is a policy object or class, and not only names one."""
    if isinstance(algo, Policy) or (isinstance(algo, type) and issubclass(algo, Policy)):
        return algo
    return None


def _choose(mix: Mix, algo: Algo | None) -> PolicyChoice:
    """Return the policy's name and the options that come with it, from the caller or from the mix."""
    itself = _itself(algo)
    if itself is not None:
        return PolicyChoice(itself.label())
    if isinstance(algo, PolicyChoice):
        return _parsed(algo)
    if isinstance(algo, Mapping):
        rest = dict(algo)
        if "algo" not in rest:
            raise UsageError(f'{rest!r} names no policy; write for instance {{"algo": "rr", "quantum": 4}}')
        return _parsed(PolicyChoice(str(rest.pop("algo")), rest))
    own = [_parsed(choice) for choice in mix.policies]
    if algo is None:
        return own[0] if own else PolicyChoice(DEFAULT_ALGO)
    if not isinstance(algo, str):
        raise UsageError(f"{algo!r} is no policy; write a name such as 'rr', or a policy object or class")
    named = policy_choice(algo)
    # What the mix says of the same policy stands, unless the caller says otherwise.
    for choice in own:
        if _same(choice.algo, named.algo):
            return PolicyChoice(named.algo, {**choice.options, **named.options})
    return named


def _parsed(choice: PolicyChoice) -> PolicyChoice:
    """Return a choice whose name may carry options of its own (``rr:quantum=4``) with them unpacked."""
    named = policy_choice(choice.algo)
    return PolicyChoice(named.algo, {**named.options, **choice.options})


def _same(one: str, other: str) -> bool:
    from schedsim.policies import ALIASES

    def plain(name: str) -> str:
        name = name.strip().lower().replace("_", "-")
        return ALIASES.get(name, name)

    return plain(one) == plain(other)


def _make(
    algo: str | Policy | type[Policy], options: Mapping[str, Any], unit: str, seed: int | None
) -> Policy:
    if isinstance(algo, Policy):
        if options:
            raise UsageError(f"a policy object has its options already; leave {next(iter(options))!r} out")
        return algo
    if seed is not None and "seed" in _fields(algo):
        options = {**options, "seed": seed}
    return make_policy(algo, options, unit)


def _fields(algo: str | Policy | type[Policy]) -> Mapping[str, object]:
    from schedsim.policies import policy_class

    return policy_class(algo).fields if isinstance(algo, str) else algo.fields


def _plain(name: str) -> str:
    plain = name.strip().replace("-", "_")
    return SYNONYMS.get(plain, plain)


def _whole(name: str, value: object) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        return int(str(value))
    except ValueError:
        raise UsageError(f"{name} is {value!r}; write a whole number") from None


def _mix_value(name: str, value: Any, unit: str) -> Any:
    if name in ("cpus", "degree"):
        number = _whole(name, value)
        if number < 1 or (name == "cpus" and number > 1024):
            raise UsageError(
                f"{name} is {number}; write 1 or more" + (" (at most 1024)" if name == "cpus" else "")
            )
        return number
    if name == "conventions":
        return conventions_named(str(value)).name
    if name == "charge_first_switch":
        text = str(value).strip().lower()
        if text not in ("true", "false", "1", "0", "yes", "no"):
            raise UsageError(f"{name} is {value!r}; write true or false")
        return text in ("true", "1", "yes")
    try:
        length = parse_duration(value, unit)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    if length < 0 or (name == "until" and length == 0):
        raise UsageError(f"{name} is {value}; write {'more than 0' if name == 'until' else '0 or more'}")
    return length


def _with_tickets(mix: Mix, value: Any) -> Any:
    """Return the jobs with tickets from a mapping, its JSON text, or ``A=3/B=2``."""
    if isinstance(value, str) and value.strip().startswith("{"):
        import json

        try:
            value = json.loads(value)
        except ValueError as error:
            raise UsageError(f"tickets: is no JSON ({error})") from None
    if isinstance(value, str) and "=" not in value and ":" not in value:
        raise UsageError(f"tickets is {value!r}; write whose they are, as in tickets=A=3/B=2")
    if isinstance(value, str):
        pairs = [
            part.replace("=", ":").rpartition(":")
            for part in value.replace(",", "/").split("/")
            if part.strip()
        ]
        value = {name.strip(): number for name, _, number in pairs}
    if not isinstance(value, Mapping):
        raise UsageError(f"tickets is {value!r}; write for instance tickets=A=3/B=2")
    tickets = {str(name): _whole("tickets", number) for name, number in value.items()}
    known = {job.id for job in mix.jobs}
    for name, number in tickets.items():
        if name not in known:
            raise UsageError(f"tickets names {name!r}, and there is no such job in {mix.name}")
        if number < 1:
            raise UsageError(f"tickets of {name!r} is {number}; write 1 or more")
    return tuple(job._replace(tickets=tickets.get(job.id, job.tickets)) for job in mix.jobs)


def _second_opinion(mix: Mix, policy: Policy, trace: Trace) -> tuple[str, ...]:
    """Return a sentence if the answer would be another one under the other conventions."""
    # A generator program may do anything when it is run, so it is not run a second time unasked.
    if len(trace) > _SECOND_OPINION_ROWS or any(not isinstance(job.program, tuple) for job in mix.jobs):
        return ()
    other = next(name for name in CONVENTIONS if name != mix.conventions)
    try:
        second = simulate_trace(mix._replace(conventions=other), policy)
    except SchedsimError:  # what the other conventions break is not what was asked for
        return ()
    if Run(second).joined_slices() == Run(trace).joined_slices():
        return ()
    return (f"the answer depends on the conventions: {mix.conventions} here; {other} gives another schedule",)
