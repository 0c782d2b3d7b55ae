"""What can keep the demo from being played."""

from relay.errors import RelayError


class DemoError(RelayError):
    """The demo cannot go on; the message says what is missing or what failed."""
