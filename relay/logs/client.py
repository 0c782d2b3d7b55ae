"""What the log branch needs of a CloudWatch Logs client; aiobotocore's has it."""

from typing import Any, Protocol

from relay.logs.encode import EventSystem


class ClientMeta(Protocol):
    """``client.meta``."""

    @property
    def events(self) -> EventSystem:
        """Return the emitter that handlers register on."""
        ...


class LogsClient(Protocol):
    """The operations used here; arguments and answers are AWS's JSON."""

    @property
    def meta(self) -> ClientMeta:
        """Return what the client knows of itself."""
        ...

    @property
    def exceptions(self) -> Any:  # noqa: ANN401 - classes that botocore makes up at run time
        """Return the namespace of the service's own exception classes."""
        ...

    async def put_log_events(self, **arguments: object) -> dict[str, Any]:
        """Send one batch."""
        ...

    async def create_log_stream(self, **arguments: object) -> dict[str, Any]:
        """Make a log stream."""
        ...

    async def create_log_group(self, **arguments: object) -> dict[str, Any]:
        """Make a log group."""
        ...

    async def put_retention_policy(self, **arguments: object) -> dict[str, Any]:
        """Set how long a log group keeps its events."""
        ...
