"""relay.quarantine.session: the command opens what the configuration names."""

from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.config.logs_section import Logs
from relay.config.quarantine_section import Quarantine
from relay.config.schema import Config
from relay.config.source_section import Source
from relay.quarantine.session import open_session
from tests.quarantine.account import REGION, Account, made_account


def config(account: Account, quarantine: Quarantine | None) -> Config:
    """Return a configuration of the account."""
    return Config(
        aws=Aws(region=REGION, endpoint_url=account.url),
        source=Source(queue_url=account.queue_url, buckets=("trail-logs",)),
        logs=Logs(group="/relay/cloudtrail"),
        quarantine=quarantine,
    )


async def test_place_is_as_configured(moto: str) -> None:
    """The section's own; without one, or when asked to, the dead-letter queue."""
    async with made_account(moto) as account:
        kept = Quarantine(queue_url=account.quarantine_url)
        names = []
        for section, dead_letters in ((kept, False), (kept, True), (None, False)):
            async with open_session(
                config(account, section), SystemClock(), dead_letters=dead_letters
            ) as session:
                names.append(session.place.name)

    assert names == [
        account.quarantine_url,
        account.dead_letter_url,
        account.dead_letter_url,
    ]


async def test_items_are_sent_to_the_sources_queue(moto: str) -> None:
    """Whatever place they were kept in."""
    async with made_account(moto) as account:
        await account.send(account.dead_letter_url, "a dead letter")
        async with open_session(config(account, None), SystemClock()) as session:
            found = [held.item.body async for held in session.items(None)]
            results = [result async for result in session.replay(None)]
        bodies = await account.take(account.queue_url)

    assert found == ["a dead letter"]
    assert [result.error for result in results] == [None]
    assert bodies == ["a dead letter"]
