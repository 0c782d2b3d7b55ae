"""Text that came out of a log, made harmless for a terminal.

Whoever calls an API chooses user agent, user names and most parameters. An escape
sequence there must not move the cursor, nor a direction override hide what follows.
"""

import os
from pathlib import Path

from relay.match.event_files import STDIN, Event


def visible(text: str) -> str:
    r"""Return ``text`` with all that is not printable as ``\uXXXX``, line ends too."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _escape(character)
        for character in text
    )


def visible_json(document: str) -> str:
    """Return the JSON ``document`` on one line, the same JSON, as ``visible`` does."""
    # Between tokens there may stand these three; in a string none of them may.
    return visible(document.replace("\t", " ").replace("\r", " ").replace("\n", " "))


def file_name(path: Path) -> str:
    """Return what messages and programs call the file at ``path``."""
    if path == STDIN:
        return "(standard input)"
    return os.fsencode(path).decode(errors="replace")


def place(path: Path, event: Event) -> str:
    """Return where ``event`` stands: ``logs/a.json.gz record 3``, ``a.txt line 7``."""
    name = visible(file_name(path))
    return f"{name} {event.unit} {event.number}"


def _escape(character: str) -> str:
    """Return JSON's escape of ``character``: two of them beyond the first plane."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
