"""The ledger, a row for each account and region, and whether the row adds up; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from relay.accounting.ledger import SETTLED, Line
from relay.state.store import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The records of one account and region since the state store was made.

    received = relayed + dropped + lost + duplicate + rejected + quarantined + in flight
    when it ``balances``. ``lost`` are those that dropped for another reason than a
    route; ``repeated`` ones are in the others too. ``in_flight`` is known on its own,
    from the marks of the objects.
    """

    account: str
    region: str
    received: int
    relayed: int
    dropped: int
    lost: Mapping[str, int]
    duplicate: int
    rejected: Mapping[str, int]
    quarantined: Mapping[str, int]
    in_flight: int
    repeated: int
    balances: bool


def balances_of(statement: Statement) -> list[Balance]:
    """Return the rows of the ledger, by account and region."""
    rows: dict[tuple[str, str], dict[tuple[str, str], int]] = {
        place: {} for place in statement.in_flight
    }
    for key, records in statement.lines.items():
        rows.setdefault((key.account, key.region), {})[key.outcome, key.reason] = (
            records
        )
    return [
        _balance(place, lines, statement.in_flight.get(place, 0))
        for place, lines in sorted(rows.items())
    ]


def _balance(
    place: tuple[str, str], lines: Mapping[tuple[str, str], int], in_flight: int
) -> Balance:
    def plain(line: Line) -> int:
        return lines.get((line, ""), 0)

    def by_reason(line: Line) -> dict[str, int]:
        return {
            reason: records
            for (outcome, reason), records in sorted(lines.items())
            if outcome == line and reason
        }

    settled = sum(
        records for (outcome, _), records in lines.items() if outcome in SETTLED
    )
    return Balance(
        account=place[0],
        region=place[1],
        received=plain(Line.RECEIVED),
        relayed=plain(Line.RELAYED),
        dropped=plain(Line.DROPPED),
        lost=by_reason(Line.DROPPED),
        duplicate=plain(Line.DUPLICATE),
        rejected=by_reason(Line.REJECTED),
        quarantined=by_reason(Line.QUARANTINED),
        in_flight=in_flight,
        repeated=plain(Line.REPEATED),
        balances=plain(Line.RECEIVED) == settled + in_flight,
    )
