"""Messages come more than once and in any order, and it is known who has them."""

import json

from tests.chaos.faults import Fault, seeded
from tests.chaos.receipts import Message, Receipts


def message(number: int) -> Message:
    """Return a message of an answer."""
    return {"MessageId": f"m{number}", "ReceiptHandle": f"r{number}"}


def answer(*numbers: int) -> bytes:
    """Return an answer to ReceiveMessage."""
    return json.dumps({"Messages": [message(number) for number in numbers]}).encode()


def receipts() -> Receipts:
    """Return new ones."""
    return Receipts(seeded("receipts"))


def test_outstanding_are_those_received_and_not_deleted() -> None:
    """A message that was received again counts with its newest receipt."""
    known = receipts()
    known.delivered(answer(1, 2))
    known.delivered(b'{"Messages":[{"MessageId":"m1","ReceiptHandle":"new"}]}')
    known.deleted(b'{"Entries":[{"Id":"0","ReceiptHandle":"r2"}]}')

    assert known.outstanding == ["new"]
    assert known.delivered(b"{}") == []


def test_a_duplicate_is_an_earlier_message_given_again() -> None:
    """Nothing can be given twice at first; then earlier messages come as well."""
    known = receipts()

    assert known.arrange([message(1)], Fault.DUPLICATE) == ([message(1)], False)
    given, is_changed = known.arrange([message(2)], Fault.DUPLICATE)
    assert given == [message(2), message(1)]
    assert is_changed


def test_out_of_order_holds_the_first_ones_back() -> None:
    """The first half comes after the second, which comes backwards; none is lost."""
    known = receipts()

    given, is_changed = known.arrange(
        [message(n) for n in range(4)], Fault.OUT_OF_ORDER
    )
    later, _ = known.arrange([message(9)], None)
    assert given == [message(3), message(2)]
    assert is_changed
    assert later == [message(9), message(0), message(1)]


def test_one_message_has_no_order() -> None:
    """A fault that changes nothing is not counted as one."""
    assert receipts().arrange([message(1)], Fault.OUT_OF_ORDER) == ([message(1)], False)


def test_an_answer_never_holds_more_than_ten() -> None:
    """What was held back waits until there is room."""
    known = receipts()
    known.arrange([message(n) for n in range(10)], Fault.OUT_OF_ORDER)

    full, _ = known.arrange([message(n) for n in range(20, 28)], None)
    rest, _ = known.arrange([], None)
    assert len(full) == 10
    assert len(rest) == 3
