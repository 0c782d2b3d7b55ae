"""How bad it is: words, colours and an order for states and severities."""

from relay.model import AlarmState

RESOLVED_COLOR = "#1a7f37"
UNKNOWN_COLOR = "#6e7781"

_LABELS = {
    AlarmState.ALARM: "ALARM",
    AlarmState.OK: "RESOLVED",
    AlarmState.INSUFFICIENT_DATA: "NO DATA",
}
# White text on each of these has a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
_COLORS = {
    "critical": "#a40e26",
    "high": "#cf222e",
    "medium": "#bc4c00",
    "low": "#0969da",
    "info": "#57606a",
}
_ALIASES = {
    "crit": "critical",
    "error": "high",
    "warning": "medium",
    "warn": "medium",
    "informational": "info",
}
_OTHER = "#cf222e"
_ICONS = {
    "medium": "\N{LARGE ORANGE CIRCLE}",
    "low": "\N{LARGE BLUE CIRCLE}",
    "info": "\N{LARGE BLUE CIRCLE}",
}


def label_of(state: AlarmState) -> str:
    """Return the word that people read: ``ALARM``, ``RESOLVED`` or ``NO DATA``."""
    return _LABELS[state]


def color_of(state: AlarmState, severity: str | None) -> str:
    """Return the colour, ``#rrggbb``; a severity of the operator's own is red."""
    if state is AlarmState.OK:
        return RESOLVED_COLOR
    if state is AlarmState.INSUFFICIENT_DATA:
        return UNKNOWN_COLOR
    return _COLORS.get(_known(severity), _OTHER)


def icon_of(state: AlarmState, severity: str | None) -> str:
    """Return a coloured circle, for where there is no other colour: chat, push."""
    if state is AlarmState.OK:
        return "\N{LARGE GREEN CIRCLE}"
    if state is AlarmState.INSUFFICIENT_DATA:
        return "\N{MEDIUM WHITE CIRCLE}"
    return _ICONS.get(_known(severity), "\N{LARGE RED CIRCLE}")


def rank_of(severity: str | None) -> int:
    """Return 0 for the worst; severities that are not known stand between."""
    names = list(_COLORS)
    known = _known(severity)
    return names.index(known) if known in names else names.index("medium")


def _known(severity: str | None) -> str:
    name = (severity or "").lower()
    return _ALIASES.get(name, name)
