"""Message attributes and what FIFO wants."""

from relay.notify.receivers.attributes import fifo_arguments, message_attributes
from tests.notify.examples import notification


def test_attributes_are_what_filters_want() -> None:
    """All strings."""
    attributes = message_attributes(notification())

    assert {name: value["StringValue"] for name, value in attributes.items()} == {
        "id": "1f" * 32,
        "alarm": "console-login-failures",
        "state": "ALARM",
        "severity": "high",
    }
    assert {value["DataType"] for value in attributes.values()} == {"String"}


def test_without_a_severity_there_is_no_such_attribute() -> None:
    """An empty one would be refused."""
    assert "severity" not in message_attributes(notification(severity=None))


def test_a_standard_queue_needs_nothing_more() -> None:
    """And no ``.fifo`` in the middle of a name misleads."""
    assert fifo_arguments("https://example.com/1/my.fifo.queue", notification()) == {}


def test_fifo_keeps_each_alarm_in_order_and_drops_repeats() -> None:
    """The group is the alarm's, the de-duplication id the notification's."""
    first = fifo_arguments("q.fifo", notification(id="a"))
    second = fifo_arguments("q.fifo", notification(id="b"))
    other = fifo_arguments("q.fifo", notification(alarm="n" * 255))

    assert first["MessageGroupId"] == second["MessageGroupId"]
    assert first["MessageDeduplicationId"] != second["MessageDeduplicationId"]
    assert other["MessageGroupId"] != first["MessageGroupId"]
    assert len(other["MessageGroupId"]) <= 128
