"""relay.source.flights: bounded, counted, and each message in flight once."""

import anyio

from relay.model import Message
from relay.source.flights import Flights
from relay.telemetry import Telemetry
from tests.source.waiting import settle
from tests.support.clock import FakeClock


def message(id_: str, receipt_handle: str = "receipt-1") -> Message:
    """Return a message received now."""
    return Message(
        id=id_,
        receipt_handle=receipt_handle,
        body="",
        sent_at=0.0,
        received_at=0.0,
    )


def make(limit: int = 100) -> tuple[Flights, Telemetry, FakeClock]:
    """Return flights with room for ``limit`` and what they report to."""
    telemetry, clock = Telemetry(), FakeClock()
    return Flights(limit, telemetry=telemetry, clock=clock), telemetry, clock


async def test_no_more_slots_are_taken_than_are_free() -> None:
    """A poller gets as many as it asks for, or all that are left."""
    flights, _, _ = make(limit=12)

    assert await flights.take_slots(10) == 10
    assert await flights.take_slots(10) == 2


async def test_poller_waits_while_none_is_free() -> None:
    """The limit holds receiving back until a message lands."""
    flights, _, _ = make(limit=1)
    await flights.take_slots(10)
    (flight,) = flights.admit([message("a")])
    taken: list[int] = []

    async def take() -> None:
        taken.append(await flights.take_slots(10))

    async with anyio.create_task_group() as tg:
        tg.start_soon(take)
        await settle()
        before = list(taken)
        flights.land(flight)

    assert (before, taken) == ([], [1])


async def test_slots_that_are_freed_together_go_to_one_poller() -> None:
    """Several wait, ten messages land: one receive of ten, not ten of one."""
    flights, _, _ = make(limit=10)
    await flights.take_slots(10)
    landing = flights.admit([message(str(number)) for number in range(10)])
    taken: list[int] = []

    async def take() -> None:
        taken.append(await flights.take_slots(10))

    async with anyio.create_task_group() as tg:
        for _ in range(3):
            tg.start_soon(take)
        await settle()
        for flight in landing:
            flights.land(flight)
        await settle()
        tg.cancel_scope.cancel()

    assert taken == [10]


async def test_slots_without_a_message_are_free_again() -> None:
    """A receive that brings less than asked for gives the rest back."""
    flights, _, _ = make(limit=10)
    await flights.take_slots(10)
    flights.give_back_slots(7)

    assert await flights.take_slots(10) == 7


async def test_message_in_flight_is_not_handled_twice() -> None:
    """A redelivery only renews the receipt and takes no slot."""
    flights, _, clock = make(limit=2)
    await flights.take_slots(1)
    (flight,) = flights.admit([message("a")])
    flight.is_lost = True
    clock.advance(60)
    await flights.take_slots(1)
    admitted = flights.admit([message("a", "receipt-2")])

    assert admitted == []
    assert (flight.receipt_handle, flight.is_lost) == ("receipt-2", False)
    assert flight.received_at == flight.extended_at == clock.monotonic()
    assert await flights.take_slots(1) == 1


async def test_number_and_age_are_known() -> None:
    """The gauge follows every change; the age is of the first receive."""
    flights, telemetry, clock = make()
    await flights.take_slots(2)
    first, second = flights.admit([message("a"), message("b")])
    clock.advance(5)
    shown = [telemetry.registry.get_sample_value("relay_messages_in_flight")]
    ages = [flights.oldest_age_secs()]
    flights.land(first)
    flights.land(second)
    shown.append(telemetry.registry.get_sample_value("relay_messages_in_flight"))
    ages.append(flights.oldest_age_secs())

    assert shown == [2, 0]
    assert ages == [5.0, 0.0]
    assert len(flights) == 0
