"""relay.accounting.ledger: received = relayed + dropped + duplicate + rejected."""

from dataclasses import replace

import pytest

from relay.accounting.ledger import Ledger, Line, Lost, add_line
from relay.errors import Reason
from relay.model import RejectedBy
from relay.state.store import Commit, LedgerKey, ObjectMark
from relay.telemetry import Telemetry

ACCOUNT, REGION = "111122223333", "eu-west-1"
MARK = ObjectMark(
    bucket="b",
    key="k",
    etag="e",
    relayed=False,
    records=9,
    account=ACCOUNT,
    region=REGION,
)


def lines(commit: Commit) -> dict[tuple[str, str], int]:
    """Return the records of each outcome and reason."""
    assert all(
        (line.account, line.region) == (ACCOUNT, REGION) for line in commit.ledger
    )
    return {(line.outcome, line.reason): n for line, n in commit.ledger.items()}


def settled(telemetry: Telemetry, **labels: str) -> dict[tuple[str, str], float]:
    """Return what the metrics show of each outcome and reason."""
    where = {"account": ACCOUNT, "region": REGION} | labels
    return {
        (sample.labels["outcome"], sample.labels["reason"]): sample.value
        for metric in telemetry.records_settled.collect()
        for sample in metric.samples
        if sample.name == "relay_records_total"
        and where.items() <= sample.labels.items()
    }


def received(telemetry: Telemetry, account: str, region: str) -> float | None:
    """Return the ledger's left side in the metrics."""
    return telemetry.registry.get_sample_value(
        "relay_records_received_total", {"account": account, "region": region}
    )


def test_settled_object_is_entered_by_outcome() -> None:
    """Each record in one line, here and in the metrics; the mark says it is relayed."""
    telemetry, commit = Telemetry(), Commit(at=1.0)

    Ledger(telemetry).relayed(
        commit,
        MARK,
        accepted=4,
        dropped=2,
        rejected={RejectedBy.TOO_OLD: 1, RejectedBy.TOO_LARGE: 2},
    )

    expected = {
        ("relayed", ""): 4,
        ("dropped", ""): 2,
        ("rejected", "too_old"): 1,
        ("rejected", "too_large"): 2,
    }
    assert lines(commit) == expected
    assert settled(telemetry) == expected
    assert [(mark.etag, mark.relayed) for mark in commit.objects] == [("e", True)]


def test_outcome_without_records_has_no_line() -> None:
    """Nothing dropped: no line and no series that says 0."""
    telemetry, commit = Telemetry(), Commit(at=1.0)

    Ledger(telemetry).relayed(
        commit, MARK, accepted=9, dropped=0, rejected={RejectedBy.EXPIRED: 0}
    )

    assert lines(commit) == {("relayed", ""): 9}
    assert settled(telemetry) == {("relayed", ""): 9}


def test_duplicate_is_on_both_sides() -> None:
    """Announced again: its records are received once more, and settled at once."""
    telemetry, commit = Telemetry(), Commit(at=1.0)

    Ledger(telemetry).duplicate(commit, MARK)

    assert lines(commit) == {("received", ""): 9, ("duplicate", ""): 9}
    assert received(telemetry, ACCOUNT, REGION) == 9
    assert settled(telemetry) == {("duplicate", ""): 9}
    assert commit.objects == []


def test_quarantined_object_is_in_flight_no_more() -> None:
    """Its mark keeps that it was counted, and has no records any more."""
    telemetry, commit = Telemetry(), Commit(at=1.0)

    Ledger(telemetry).quarantined(commit, MARK, Reason.ACCESS_DENIED)

    assert lines(commit) == {("quarantined", "access_denied"): 9}
    assert settled(telemetry) == {("quarantined", "access_denied"): 9}
    assert received(telemetry, ACCOUNT, REGION) == 9
    assert commit.objects == [replace(MARK, records=0)]


@pytest.mark.parametrize("reason", list(Lost))
def test_lost_object_is_dropped_with_the_reason(reason: Lost) -> None:
    """No route has dropped it: the line says what has."""
    telemetry, commit = Telemetry(), Commit(at=1.0)

    Ledger(telemetry).lost(commit, MARK, reason)

    assert lines(commit) == {("dropped", reason): 9}
    assert settled(telemetry) == {("dropped", reason): 9}
    assert received(telemetry, ACCOUNT, REGION) == 9
    assert commit.objects == [replace(MARK, records=0)]


def test_object_that_comes_back_is_received_again() -> None:
    """On both sides once more: set aside the first time, relayed the second."""
    telemetry = Telemetry()
    ledger, commit = Ledger(telemetry), Commit(at=1.0)

    ledger.received(MARK)
    ledger.quarantined(commit, MARK, Reason.TRUNCATED)
    ledger.returned(commit, MARK)
    ledger.received(MARK)
    ledger.relayed(commit, MARK, accepted=9, dropped=0, rejected={})

    expected = {("quarantined", "truncated"): 9, ("relayed", ""): 9}
    assert lines(commit) == {("received", ""): 9, **expected}
    assert settled(telemetry) == expected
    assert received(telemetry, ACCOUNT, REGION) == 18


def test_received_is_shown_by_account_and_region() -> None:
    """The metrics' left side; the durable line is written where it is counted."""
    telemetry = Telemetry()

    Ledger(telemetry).received(MARK)

    assert received(telemetry, ACCOUNT, REGION) == 9
    assert settled(telemetry) == {}


def test_series_stay_bounded_and_the_sum_right() -> None:
    """Past the limit an account is counted as "other"; the state keeps its name."""
    telemetry, commit = Telemetry(max_accounts=0), Commit(at=1.0)

    Ledger(telemetry).duplicate(commit, MARK)

    assert received(telemetry, "other", "other") == 9
    assert settled(telemetry, account="other", region="other") == {("duplicate", ""): 9}
    assert lines(commit) == {("received", ""): 9, ("duplicate", ""): 9}


def test_lines_add_up() -> None:
    """Several objects of one account in one commit share a line."""
    commit = Commit(at=1.0)

    add_line(commit, MARK, Line.REJECTED, 2, "too_old")
    add_line(commit, MARK, Line.REJECTED, 3, "too_old")
    add_line(commit, MARK, Line.REJECTED, 1)

    line = LedgerKey(account=ACCOUNT, region=REGION, outcome="rejected")
    assert commit.ledger == {
        LedgerKey(
            account=ACCOUNT, region=REGION, outcome="rejected", reason="too_old"
        ): 5,
        line: 1,
    }
