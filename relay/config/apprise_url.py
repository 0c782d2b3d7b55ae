"""Loads apprise, an extra that takes its time, and has it judge a URL."""

import logging
from importlib.util import find_spec
from typing import Protocol

MISSING = "needs the extra: pip install 'cloudtrail-relay[apprise]'"


class Service(Protocol):
    """What is used of ``apprise.Apprise``."""

    def notify(self, body: str, title: str, *, notify_type: str) -> object:
        """Send; return something true when all went well."""
        ...


def is_apprise_installed() -> bool:
    """Tell whether the extra is there, without loading it."""
    return find_spec("apprise") is not None


def apprise_service(url: str) -> Service | None:
    """Return what sends to ``url``; None when apprise does not know such a one.

    Loads about a hundred plugins the first time: a second or more, so in a thread.
    Raises ImportError when the extra is missing.
    """
    from apprise import Apprise  # noqa: PLC0415 - an extra, and slow to load

    # It logs addresses, which hold passwords.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    service = Apprise()
    return service if service.add(url) else None
