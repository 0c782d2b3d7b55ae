"""Message attributes and what FIFO wants."""

from relay.model import Bundle
from relay.notify.receivers.attributes import fifo_arguments, message_attributes
from tests.notify.examples import bundle, notification


def test_attributes_are_what_filters_want() -> None:
    """All strings."""
    attributes = message_attributes(bundle())

    assert {name: value["StringValue"] for name, value in attributes.items()} == {
        "id": "1f" * 32,
        "alarm": "console-login-failures",
        "state": "ALARM",
        "severity": "high",
    }
    assert {value["DataType"] for value in attributes.values()} == {"String"}


def test_without_a_severity_there_is_no_such_attribute() -> None:
    """An empty one would be refused."""
    assert "severity" not in message_attributes(bundle(severity=None))


def test_what_no_attribute_may_hold_is_replaced() -> None:
    """One character must not keep a notification from being sent."""
    attributes = message_attributes(bundle(alarm="a\ufffeb\ud800c\N{BELL}"))

    shown = attributes["alarm"]["StringValue"]
    assert shown == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\N{BELL}"


def test_a_standard_queue_needs_nothing_more() -> None:
    """And no ``.fifo`` in the middle of a name misleads."""
    assert fifo_arguments("https://example.com/1/my.fifo.queue", bundle()) == {}


def test_fifo_keeps_each_alarm_in_order_and_drops_repeats() -> None:
    """The group is the alarm's, the de-duplication id the bundle's."""
    first = fifo_arguments("q.fifo", bundle(id="a"))
    second = fifo_arguments("q.fifo", bundle(id="b"))
    other = fifo_arguments("q.fifo", bundle(alarm="n" * 255))

    assert first["MessageGroupId"] == second["MessageGroupId"]
    assert first["MessageDeduplicationId"] == "a"
    assert second["MessageDeduplicationId"] == "b"
    assert other["MessageGroupId"] != first["MessageGroupId"]
    assert len(other["MessageGroupId"]) <= 128


def test_alarms_of_another_region_are_others() -> None:
    """The group is made of the alarm's ARN, as CloudWatch makes it."""
    here = fifo_arguments("q.fifo", bundle())
    there = fifo_arguments("q.fifo", bundle(region="us-east-1"))

    assert here["MessageGroupId"] != there["MessageGroupId"]


def test_fifo_keeps_what_a_route_groups_in_order() -> None:
    """Whichever alarm of the group is the newest."""

    def grouped(alarm: str, account: str) -> Bundle:
        return Bundle(
            id="b",
            receiver="security",
            notifications=(notification(alarm=alarm),),
            group_labels={"account": account},
        )

    groups = [
        fifo_arguments("q.fifo", each)["MessageGroupId"]
        for each in (grouped("a", "1"), grouped("b", "1"), grouped("a", "2"))
    ]
    assert groups[0] == groups[1] != groups[2]
