"""Silences over HTTP: listed for this machine, made and ended by who has the token."""

import hmac
import uuid
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Final, Protocol

import msgspec
from aiohttp import web

from relay.clock import Clock, isoformat, parse_isoformat
from relay.config.matchers import Matcher, parse_matcher
from relay.config.secrets import Secret
from relay.model import Silence
from relay.patterns import PatternError
from relay.state.store import Commit
from relay.telemetry import get_log

MAX_SILENCES: Final = 200
"""Silences that have not ended, at most."""
MAX_MATCHERS: Final = 50
MAX_BODY_BYTES: Final = 64 * 1_024
MAX_TEXT: Final = 1_000
"""Characters of a comment or an author."""

_log = get_log("web")


class SilenceState(StrEnum):
    """Alertmanager's words for how far a silence has come."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class NewSilence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a silence is made of. Times are ISO 8601; without ``starts_at``: now."""

    matchers: tuple[str, ...]
    ends_at: str
    created_by: str
    comment: str
    starts_at: str | None = None


class ShownSilence(msgspec.Struct, frozen=True, kw_only=True):
    """A silence as it is listed."""

    id: str
    state: SilenceState
    matchers: tuple[str, ...]
    starts_at: str
    ends_at: str
    created_by: str
    comment: str


class Books(Protocol):
    """Where silences are kept."""

    def silences(self) -> Sequence[Silence]:
        """Return all silences that there are."""
        ...

    async def commit(self, commit: Commit) -> None:
        """Make it durable, and in force."""
        ...


class SilenceApi:
    """``/api/silences``. ``token`` is what writes must bring; None: nobody may write.

    The token is in a header that no web page can send from elsewhere unasked.
    """

    def __init__(self, books: Books, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self.token: Secret | None = None

    def show(self) -> web.Response:
        """Answer with all silences."""
        now = self._clock.now()
        return _json([_shown(each, now) for each in self._books.silences()])

    async def add(self, request: web.Request) -> web.Response:
        """Make a silence of the request's body; the answer has its id."""
        return await self._write(request, self._add)

    async def expire(self, request: web.Request) -> web.Response:
        """End the silence that the address names."""
        return await self._write(request, self._expire)

    async def _write(
        self,
        request: web.Request,
        work: Callable[[web.Request], Awaitable[web.Response]],
    ) -> web.Response:
        if self.token is None or not self.token.is_known:
            return _refusal(
                HTTPStatus.FORBIDDEN,
                "nobody may change anything: telemetry.token is not set",
            )
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        expected = self.token.reveal()
        is_right = hmac.compare_digest(given.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not is_right:
            answer = _refusal(
                HTTPStatus.UNAUTHORIZED,
                "needs the header Authorization: Bearer <telemetry.token>",
            )
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        return await work(request)

    async def _add(self, request: web.Request) -> web.Response:
        now = self._clock.now()
        unended = sum(each.ends_at > now for each in self._books.silences())
        if unended >= MAX_SILENCES:
            return _refusal(
                HTTPStatus.CONFLICT,
                f"there are {MAX_SILENCES} silences already; expire some first",
            )
        try:
            asked = msgspec.json.decode(await request.read(), type=NewSilence)
            silence = _silence(asked, now)
        except (msgspec.MsgspecError, PatternError, ValueError) as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        await self._books.commit(Commit(at=now, silences=[silence]))
        _log.info(
            "silence added",
            id=silence.id,
            matchers=list(silence.matchers),
            ends_at=isoformat(silence.ends_at),
            created_by=silence.created_by,
        )
        return _json(_shown(silence, self._clock.now()), HTTPStatus.CREATED)

    async def _expire(self, request: web.Request) -> web.Response:
        now = self._clock.now()
        silence_id = request.match_info["id"]
        found = next(
            (each for each in self._books.silences() if each.id == silence_id), None
        )
        if found is None:
            return _refusal(HTTPStatus.NOT_FOUND, "there is no silence of this id")
        if found.ends_at <= now:
            return _refusal(HTTPStatus.CONFLICT, "this silence has ended already")
        ended = msgspec.structs.replace(
            found, starts_at=min(found.starts_at, now), ends_at=now
        )
        await self._books.commit(Commit(at=now, silences=[ended]))
        _log.info("silence expired", id=silence_id)
        return _json(_shown(ended, now))


def _silence(asked: NewSilence, now: float) -> Silence:
    """Return the silence that is asked for; raises ValueError or PatternError."""
    matchers = tuple(map(parse_matcher, asked.matchers))
    if not 1 <= len(matchers) <= MAX_MATCHERS:
        raise ValueError(
            f"matchers: {len(matchers)} of them; write 1 to {MAX_MATCHERS}"
        )
    if all(map(_takes_nothing, matchers)):
        raise ValueError(
            "matchers: all of them fit alarms without these labels; name a value"
        )
    for name, text in (("created_by", asked.created_by), ("comment", asked.comment)):
        if not text.strip() or len(text) > MAX_TEXT:
            raise ValueError(f"{name}: write 1 to {MAX_TEXT} characters")
    starts_at = now if asked.starts_at is None else parse_isoformat(asked.starts_at)
    ends_at = parse_isoformat(asked.ends_at)
    if ends_at <= max(now, starts_at):
        raise ValueError("ends_at: is not after starts_at and now")
    return Silence(
        id=str(uuid.uuid4()),
        matchers=tuple(map(str, matchers)),
        starts_at=max(starts_at, now),
        ends_at=ends_at,
        created_by=asked.created_by,
        comment=asked.comment,
    )


def _takes_nothing(matcher: Matcher) -> bool:
    """Tell whether it fits labels of which there are none: Alertmanager's rule."""
    return matcher.matches({})


def _shown(silence: Silence, now: float) -> ShownSilence:
    if silence.ends_at <= now:
        state = SilenceState.EXPIRED
    elif silence.starts_at > now:
        state = SilenceState.PENDING
    else:
        state = SilenceState.ACTIVE
    return ShownSilence(
        id=silence.id,
        state=state,
        matchers=silence.matchers,
        starts_at=isoformat(silence.starts_at),
        ends_at=isoformat(silence.ends_at),
        created_by=silence.created_by,
        comment=silence.comment,
    )


def _json(value: object, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _refusal(status: HTTPStatus, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n")
