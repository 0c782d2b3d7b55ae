"""relay.accounting.balance: the ledger in rows, each with its sum checked."""

from relay.accounting.balance import Balance, balances_of
from relay.accounting.ledger import SETTLED, Line
from relay.state.store import LedgerKey, Statement
from relay.telemetry import OUTCOMES

PLACE = ("111122223333", "eu-west-1")


def statement(
    lines: dict[tuple[str, str], int],
    *,
    in_flight: int = 0,
    place: tuple[str, str] = PLACE,
) -> Statement:
    """Return a statement of one account and region."""
    account, region = place
    return Statement(
        lines={
            LedgerKey(account=account, region=region, outcome=outcome, reason=reason): n
            for (outcome, reason), n in lines.items()
        },
        in_flight={place: in_flight} if in_flight else {},
        outbox_pending=0,
        outbox_oldest_at=None,
    )


def test_row_has_every_line() -> None:
    """By reason where there are reasons; what is repeated is outside of the sum."""
    lines = {
        ("received", ""): 100,
        ("relayed", ""): 40,
        ("dropped", ""): 10,
        ("dropped", "overwritten"): 3,
        ("dropped", "expired"): 2,
        ("duplicate", ""): 15,
        ("rejected", "too_old"): 7,
        ("rejected", "expired"): 8,
        ("quarantined", "truncated"): 9,
        ("repeated", ""): 33,
    }

    (row,) = balances_of(statement(lines, in_flight=6))

    assert row == Balance(
        account="111122223333",
        region="eu-west-1",
        received=100,
        relayed=40,
        dropped=10,
        lost={"expired": 2, "overwritten": 3},
        duplicate=15,
        rejected={"expired": 8, "too_old": 7},
        quarantined={"truncated": 9},
        in_flight=6,
        repeated=33,
        balances=True,
    )


def test_missing_record_is_noticed() -> None:
    """One of a hundred that is nowhere: the row says that it does not add up."""
    lines = {("received", ""): 100, ("relayed", ""): 99, ("repeated", ""): 1}

    (row,) = balances_of(statement(lines))

    assert not row.balances


def test_record_too_many_is_noticed() -> None:
    """Settled twice is as wrong as not at all."""
    lines = {("received", ""): 100, ("relayed", ""): 100}

    (row,) = balances_of(statement(lines, in_flight=1))

    assert not row.balances


def test_what_is_in_flight_has_a_row_of_its_own() -> None:
    """Also without any line, which can not be."""
    (row,) = balances_of(statement({}, in_flight=4))

    assert (row.in_flight, row.received, row.balances) == (4, 0, False)


def test_rows_are_in_order() -> None:
    """By account, then region, so that two looks can be compared."""
    places = [("2", "a"), ("1", "b"), ("1", "a")]
    parts = [statement({("received", ""): 1}, place=place) for place in places]
    whole = Statement(
        lines={key: n for part in parts for key, n in part.lines.items()},
        in_flight={},
        outbox_pending=0,
        outbox_oldest_at=None,
    )

    rows = balances_of(whole)

    assert [(row.account, row.region) for row in rows] == sorted(places)


def test_metrics_name_the_same_outcomes() -> None:
    """The series has the right side of the sum, as the ledger has it."""
    assert set(OUTCOMES) == set(SETTLED)
    assert set(Line) - set(SETTLED) == {Line.RECEIVED, Line.REPEATED}
