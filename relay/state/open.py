"""Opens the state store that the configuration names: the one list of back ends."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from relay.config.schema import State
from relay.errors import ConfigError
from relay.state.sqlite import open_sqlite
from relay.state.store import Store


def open_store(state: State) -> AbstractAsyncContextManager[Store]:
    """Return the store at ``state.url``, to be entered.

    ``sqlite:///var/lib/relay/state.db`` is the file /var/lib/relay/state.db. Entering
    raises StateError when the store cannot be used.
    """
    scheme, _, rest = state.url.partition("://")
    match scheme:
        case "sqlite":
            return open_sqlite(Path("/" + rest.lstrip("/")))
        case _:
            raise ConfigError([f"state.url: {scheme} is not available in this version"])
