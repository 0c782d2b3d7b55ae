"""Makes text that came out of a record harmless for what it is written into.

Whoever calls an API chooses user agent, user names and most parameters. A newline there
must not start a mail header or fake a line of a notification.
"""


def well_formed(text: str) -> str:
    """Return ``text`` with each lone surrogate replaced, so that UTF-8 can hold it."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def shorten(text: str, max_chars: int) -> str:
    """Return ``text``, or its beginning and ``...``, in at most ``max_chars``."""
    return text if len(text) <= max_chars else text[: max_chars - 3] + "..."


def one_line(text: str, max_chars: int = 500) -> str:
    """Return ``text`` on one line of at most ``max_chars``, with nothing invisible.

    White space becomes one blank; control characters, direction overrides and lone
    surrogates become U+FFFD, so that it shows that something was there.
    """
    # Cut before the work on each character, and again to put the dots.
    head = visible(text[: 4 * max_chars])
    return shorten(" ".join(head.split()), max_chars)


def visible(text: str) -> str:
    """Return ``text`` with nothing invisible, as ``one_line`` does; its length stays.

    Every kind of white space becomes a blank, a line's end as well.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
