"""Resolves composite alarms and mute rules against the alarms that they name."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from relay.config.composite_schema import CompositeEntry, SuppressorEntry
from relay.config.fingerprint import composite_fingerprint
from relay.config.mute_schema import MuteEntry
from relay.config.problems import Problem
from relay.config.rule_files import Entries, Placed
from relay.config.rules import CompositeDefinition, MuteRule, Suppressor
from relay.patterns.globs import Glob

MAX_PARENTS = 150
"""Composite alarms that AWS lets one alarm be a child of (PutCompositeAlarm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAlarms:
    """What is about alarms, and what is wrong with it; ``names`` of the composites."""

    composites: tuple[CompositeDefinition, ...]
    mute_rules: tuple[MuteRule, ...]
    names: Sequence[tuple[Placed[CompositeEntry], str]]
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


def resolve_composites(
    entries: Entries, metric_alarms: Iterable[str], *, is_complete: bool
) -> OnAlarms:
    """Return what the entries come to; ``metric_alarms`` are names.

    Unless the rule files ``is_complete``, unknown names are no problem.
    """
    named = [(placed, placed.entry.name) for placed in entries.composites]
    names = dict.fromkeys([*metric_alarms, *(name for _, name in named)])
    problems = list(_cycles(entries.composites))
    warnings = list(_crowds(entries.composites))
    if is_complete:
        problems += _unknown_children(entries.composites, names)
        problems += _unknown_suppressors(entries.composites, names)
        for placed, name in _unmatched(entries.mute_rules, names):
            if "*" in name:
                text = f"{name!r} fits no alarm's name"
                warnings.append(placed.problem(text, at="alarms"))
            else:
                text = f"{name!r} is no alarm{_near(name, names)}"
                problems.append(placed.problem(text, at="alarms"))
    return OnAlarms(
        composites=tuple(map(_composite, entries.composites)),
        mute_rules=tuple(_mute_rule(each, names) for each in entries.mute_rules),
        names=named,
        problems=problems,
        warnings=warnings,
    )


def _composite(placed: Placed[CompositeEntry]) -> CompositeDefinition:
    entry = placed.entry
    return CompositeDefinition(
        name=entry.name,
        rule=entry.rule,
        fingerprint=composite_fingerprint(entry.rule),
        suppressor=_suppressor(entry.actions_suppressor),
        evidence=entry.evidence,
        actions_enabled=entry.actions_enabled,
        notify_on=frozenset(entry.notify_on),
        staged=entry.staged,
        description=entry.description,
        severity=entry.resolved_severity,
        runbook_url=entry.runbook_url,
        runbook=entry.runbook,
        labels=entry.resolved_labels(entry.name),
        origin=placed.origin,
    )


def _suppressor(entry: SuppressorEntry | None) -> Suppressor | None:
    if entry is None:
        return None
    return Suppressor(
        alarm=entry.alarm,
        wait_secs=entry.wait_period,
        extension_secs=entry.extension_period,
    )


def _mute_rule(placed: Placed[MuteEntry], names: Collection[str]) -> MuteRule:
    entry = placed.entry
    return MuteRule(
        name=entry.name,
        alarms=frozenset(
            name for pattern in entry.alarms for name in _named(pattern, names)
        ),
        schedule=entry.schedule,
        duration_secs=entry.duration,
        start=entry.start,
        expire=entry.expire,
        origin=placed.origin,
    )


def _unknown_children(
    composites: Sequence[Placed[CompositeEntry]], names: Collection[str]
) -> Iterator[Problem]:
    for placed in composites:
        for child in placed.entry.rule.children:
            if child not in names:
                text = f"refers to {child!r}, which is no alarm{_near(child, names)}"
                yield placed.problem(text, at="rule")


def _unknown_suppressors(
    composites: Sequence[Placed[CompositeEntry]], names: Collection[str]
) -> Iterator[Problem]:
    for placed in composites:
        suppressor = placed.entry.actions_suppressor
        if suppressor is None:
            continue
        inner, name = placed.inner("actions_suppressor", suppressor), suppressor.alarm
        if name == placed.entry.name:
            text = f"{name!r} cannot be suppressed by itself"
            yield inner.problem(text, at="alarm")
        elif name not in names:
            text = f"{name!r} is no alarm{_near(name, names)}"
            yield inner.problem(text, at="alarm")


def _cycles(composites: Sequence[Placed[CompositeEntry]]) -> Iterator[Problem]:
    """Yield each cycle of composite alarms once, at the first one that is in it.

    CloudWatch takes them, and then evaluates none of them.
    """
    children = {placed.entry.name: placed.entry.rule.children for placed in composites}
    told: set[str] = set()
    for placed in composites:
        way = _way_back(placed.entry.name, children)
        if way and told.isdisjoint(way):
            told.update(way)
            yield placed.problem(
                f"is a cycle: {' -> '.join(way)}; no alarm may depend on itself",
                at="rule",
            )


def _crowds(composites: Sequence[Placed[CompositeEntry]]) -> Iterator[Problem]:
    """Yield children of more composite alarms than AWS takes, once for each."""
    parents: dict[str, int] = {}
    for placed in composites:
        for child in placed.entry.rule.children:
            parents[child] = parents.get(child, 0) + 1
            if parents[child] == MAX_PARENTS + 1:
                yield placed.problem(
                    f"{child!r} is a child of more than {MAX_PARENTS} composite alarms;"
                    " AWS takes no more",
                    at="rule",
                )


def _unmatched(
    mute_rules: Sequence[Placed[MuteEntry]], names: Collection[str]
) -> Iterator[tuple[Placed[MuteEntry], str]]:
    for placed in mute_rules:
        for pattern in placed.entry.alarms:
            if not any(True for _ in _named(pattern, names)):
                yield placed, pattern


def _named(pattern: str, names: Iterable[str]) -> Iterator[str]:
    if "*" not in pattern:
        yield from (name for name in names if name == pattern)
        return
    matches = Glob(pattern).compile()
    yield from filter(matches, names)


def _near(name: str, names: Collection[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _way_back(
    start: str, children: Mapping[str, Sequence[str]]
) -> tuple[str, ...] | None:
    """Return a way from ``start`` over children to itself, or None without any."""
    came_from: dict[str, str] = {}
    open_names = [start]
    while open_names:
        name = open_names.pop()
        for child in children.get(name, ()):
            if child == start:
                return (*_way(name, came_from, start), start)
            if child not in came_from:
                came_from[child] = name
                open_names.append(child)
    return None


def _way(end: str, came_from: Mapping[str, str], start: str) -> Sequence[str]:
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
