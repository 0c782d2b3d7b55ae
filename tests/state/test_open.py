"""relay.state.open: the URL chooses the store."""

from pathlib import Path

import pytest

from relay.config.schema import State
from relay.errors import ConfigError
from relay.state.open import open_store


@pytest.mark.parametrize("slashes", ["", "/"])
async def test_sqlite_url_is_an_absolute_path(tmp_path: Path, slashes: str) -> None:
    """Three slashes and four mean the same file, as people write both."""
    path = tmp_path / "state.db"

    async with open_store(State(url=f"sqlite://{slashes}{path}")) as store:
        ledger = await store.ledger()

    assert ledger == {}
    assert path.exists()


def test_unknown_scheme_is_refused() -> None:
    """A store that this version does not have is a configuration error."""
    state = State.model_construct(url="redis://localhost:6379/0")

    with pytest.raises(ConfigError, match=r"state\.url: redis"):
        open_store(state)
