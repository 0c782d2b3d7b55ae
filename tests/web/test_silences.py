"""Silences over real HTTP: who may do what, and what is refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from relay.clock import isoformat
from relay.config.secrets import Secret
from relay.telemetry import Telemetry
from relay.web.health import Health
from relay.web.silences import MAX_SILENCES, SilenceApi
from tests.notify.test_silences import SILENCE
from tests.support.clock import FakeClock
from tests.web.test_server import Shelf, serving

SECRET = "secret"
NOW = 1_700_000_000.0
TOKEN = {"Authorization": "Bearer secret"}


def wanted(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Return the body of a request for a silence of an hour."""
    return {
        "matchers": ["severity=low"],
        "ends_at": isoformat(NOW + 3_600),
        "created_by": "alice",
        "comment": "maintenance",
    } | changes


class Desk:
    """The API, its surroundings, and a client."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = f"{url}/api/silences"
        self.http = http
        self.shelf = Shelf()
        self.clock = FakeClock(now=NOW)
        self.api = SilenceApi(self.shelf, self.clock)

    async def ask(
        self,
        method: str,
        path: str = "",
        **options: Any,  # noqa: ANN401 - aiohttp's
    ) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        options.setdefault("headers", TOKEN)
        async with self.http.request(method, self.url + path, **options) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def at_work(token: str | None = SECRET) -> AsyncIterator[Desk]:
    """Serve the API for the length of the block."""
    async with aiohttp.ClientSession() as http:
        desk = Desk("", http)
        desk.api.token = None if token is None else Secret(token)
        health = Health(desk.clock)
        async with serving(health, Telemetry(), silences=desk.api) as url:
            desk.url = f"{url}/api/silences"
            yield desk


async def test_a_silence_is_made_listed_and_ended() -> None:
    """Alertmanager's states; times in ISO 8601."""
    async with at_work() as desk:
        status, body = await desk.ask("POST", json=wanted())
        made = msgspec.json.decode(body)
        before = msgspec.json.decode((await desk.ask("GET"))[1])
        desk.clock.advance(60)
        ended, _ = await desk.ask("DELETE", f"/{made['id']}")
        (after,) = msgspec.json.decode((await desk.ask("GET"))[1])

    assert status == 201
    assert made == {
        "id": made["id"],
        "state": "active",
        "matchers": ['severity="low"'],
        "starts_at": isoformat(NOW),
        "ends_at": isoformat(NOW + 3_600),
        "created_by": "alice",
        "comment": "maintenance",
    }
    assert before == [made]
    assert ended == 200
    assert (after["state"], after["ends_at"]) == ("expired", isoformat(NOW + 60))


async def test_a_silence_can_begin_later() -> None:
    """Ended before that, it never was in force."""
    async with at_work() as desk:
        starts_at = isoformat(NOW + 600)
        _, body = await desk.ask("POST", json=wanted(starts_at=starts_at))
        made = msgspec.json.decode(body)
        _, body = await desk.ask("DELETE", f"/{made['id']}")
        ended = msgspec.json.decode(body)

    assert (made["state"], made["starts_at"]) == ("pending", starts_at)
    assert (ended["state"], ended["starts_at"]) == ("expired", isoformat(NOW))


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic secret"}],
)
async def test_whoever_changes_something_needs_the_token(
    headers: dict[str, str],
) -> None:
    """Reading needs none, on this machine."""
    async with at_work() as desk:
        posted, text = await desk.ask("POST", json=wanted(), headers=headers)
        deleted, _ = await desk.ask("DELETE", "/1", headers=headers)
        listed, _ = await desk.ask("GET", headers=headers)

    assert (posted, deleted, listed) == (401, 401, 200)
    assert "telemetry.token" in text
    assert desk.shelf.kept == {}


@pytest.mark.parametrize("token", [None, "aws"])
async def test_without_a_token_nobody_may_change_anything(token: str | None) -> None:
    """Also when it is kept somewhere that was not read."""
    async with at_work(None) as desk:
        desk.api.token = Secret(None) if token else None
        status, text = await desk.ask("POST", json=wanted())

    assert status == 403
    assert "telemetry.token is not set" in text


async def test_silences_are_for_this_machine_alone() -> None:
    """A web page with a name that leads here does not see them."""
    async with at_work() as desk:
        status, _ = await desk.ask("GET", headers={"Host": "evil.example.com"})

    assert status == 403


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"matchers": ["severity"]}, "expected =, !=, =~ or !~"),
        ({"matchers": []}, "matchers: 0 of them; write 1 to 50"),
        ({"matchers": ["a=b"] * 51}, "matchers: 51 of them"),
        ({"matchers": ["a!=b", 'c=~".*"']}, "name a value"),
        ({"ends_at": isoformat(NOW)}, "ends_at: is not after"),
        ({"starts_at": isoformat(NOW + 7_200)}, "ends_at: is not after"),
        ({"ends_at": "soon"}, "Invalid isoformat string"),
        ({"comment": " "}, "comment: write 1 to 1000 characters"),
        ({"created_by": "x" * 1_001}, "created_by: write 1 to 1000 characters"),
        ({"comment": 3}, "Expected `str`, got `int`"),
        ({"endsAt": "x"}, "unknown field `endsAt`"),
    ],
)
async def test_what_is_no_silence_is_refused(
    body: dict[str, Any], message: str
) -> None:
    """With what is wrong; nothing is kept."""
    async with at_work() as desk:
        status, text = await desk.ask("POST", json=wanted(**body))

    assert status == 400
    assert message in text
    assert desk.shelf.kept == {}


async def test_there_is_a_limit() -> None:
    """To silences that have not ended, and to what one request may hold."""
    async with at_work() as desk:
        for number in range(MAX_SILENCES):
            other = msgspec.structs.replace(SILENCE, id=str(number))
            desk.shelf.kept[other.id] = other
        refused = await desk.ask("POST", json=wanted())
        desk.clock.advance(60)
        taken, _ = await desk.ask("POST", json=wanted())
        large, _ = await desk.ask("POST", json=wanted(comment="x" * 70_000))

    assert refused[0] == 409
    assert f"there are {MAX_SILENCES} silences already" in refused[1]
    assert (taken, large) == (201, 413)


async def test_what_is_not_there_cannot_be_ended() -> None:
    """Nor what has ended."""
    async with at_work() as desk:
        desk.shelf.kept = {"1": SILENCE}
        desk.clock.advance(60)
        unknown, _ = await desk.ask("DELETE", "/2")
        ended, text = await desk.ask("DELETE", "/1")

    assert (unknown, ended) == (404, 409)
    assert "has ended already" in text
