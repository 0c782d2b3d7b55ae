"""relay.source.delivery: every envelope is understood by its shape, nothing else is."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Reason, RejectedError
from relay.model import Delivery, DeliveryKind
from relay.source.delivery import VALIDATION_TEXT, Ignored, Notice, read_message
from tests.source.envelopes import (
    BUCKET,
    KEY,
    TOPIC_ARN,
    cloudtrail,
    confirmation,
    eventbridge,
    s3_event,
    s3_record,
    sns,
)


def delivery(key: str = KEY, kind: DeliveryKind = DeliveryKind.CLOUDTRAIL) -> Delivery:
    """Return the delivery that the makers above announce."""
    return Delivery(bucket=BUCKET, key=key, kind=kind)


def test_notice_of_cloudtrail_may_name_several_keys() -> None:
    """Each key is a delivery, in the notice's order."""
    notice = read_message(cloudtrail("a.json.gz", "b.json.gz"))

    assert notice == Notice(deliveries=(delivery("a.json.gz"), delivery("b.json.gz")))


def test_keys_of_cloudtrail_are_raw() -> None:
    """CloudTrail encodes nothing: a plus and a percent sign mean themselves."""
    notice = read_message(cloudtrail("pre+fix/100%25/x.json.gz"))

    assert notice.deliveries[0].key == "pre+fix/100%25/x.json.gz"


def test_envelope_of_sns_is_opened_and_its_topic_kept() -> None:
    """The usual way of a trail: its notice as a string inside SNS's envelope."""
    notice = read_message(sns(cloudtrail(KEY), Subject="any"))

    assert notice == Notice(deliveries=(delivery(),), topic_arn=TOPIC_ARN)


def test_envelope_inside_an_envelope_is_opened() -> None:
    """A message forwarded from topic to topic keeps the topic nearest to CloudTrail."""
    outer = "arn:aws:sns:eu-west-1:123456789012:hub"
    notice = read_message(sns(sns(cloudtrail(KEY)), topic_arn=outer))

    assert notice == Notice(deliveries=(delivery(),), topic_arn=TOPIC_ARN)


def test_envelopes_are_not_opened_without_end() -> None:
    """The third envelope is not understood: relay does not dig for ever."""
    with pytest.raises(RejectedError) as caught:
        read_message(sns(sns(sns(cloudtrail(KEY)))))

    assert caught.value.reason is Reason.UNKNOWN_ENVELOPE


@pytest.mark.parametrize("wrap", [str, sns], ids=["direct", "through SNS"])
def test_event_of_s3_is_a_delivery_with_hints(wrap: type[str]) -> None:
    """Size, etag and version come with the key; the key is form-encoded."""
    record = s3_record(
        "pre+fix/gr%C3%BC%C3%9Fe%2B.json.gz", size=1024, eTag="d41d8", versionId="v1"
    )
    notice = read_message(wrap(s3_event(record)))

    assert notice.deliveries == (
        Delivery(
            bucket=BUCKET,
            key="pre fix/grüße+.json.gz",
            kind=DeliveryKind.S3,
            size_bytes=1024,
            etag="d41d8",
            version_id="v1",
        ),
    )


def test_only_created_objects_of_an_s3_event_are_deliveries() -> None:
    """What else happened to objects is passed over beside them."""
    notice = read_message(
        s3_event(
            s3_record("gone", event="ObjectRemoved:Delete"),
            s3_record("new", event="ObjectCreated:CompleteMultipartUpload"),
        )
    )

    assert notice == Notice(deliveries=(delivery("new", DeliveryKind.S3),))


def test_s3_event_without_a_created_object_is_ignored() -> None:
    """A notification about deletions alone is understood and announces nothing."""
    notice = read_message(s3_event(s3_record(event="ObjectRemoved:Delete")))

    assert notice == Notice(ignored=Ignored.S3_OTHER_EVENT)


def test_event_of_eventbridge_is_a_delivery_with_a_plain_key() -> None:
    """EventBridge does not encode keys and names its members otherwise."""
    notice = read_message(
        eventbridge({"key": "a+b%20c", "size": 5, "etag": "b194", "version-id": "v2"})
    )

    assert notice.deliveries == (
        Delivery(
            bucket=BUCKET,
            key="a+b%20c",
            kind=DeliveryKind.EVENTBRIDGE,
            size_bytes=5,
            etag="b194",
            version_id="v2",
        ),
    )


def test_other_event_of_eventbridge_about_an_object_is_ignored() -> None:
    """``Object Deleted`` and its like are understood and announce nothing."""
    assert (
        read_message(eventbridge(kind="Object Deleted")).ignored
        is Ignored.S3_OTHER_EVENT
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (VALIDATION_TEXT, Notice(ignored=Ignored.CLOUDTRAIL_VALIDATION)),
        (f" {VALIDATION_TEXT}\n", Notice(ignored=Ignored.CLOUDTRAIL_VALIDATION)),
        (
            sns(VALIDATION_TEXT),
            Notice(ignored=Ignored.CLOUDTRAIL_VALIDATION, topic_arn=TOPIC_ARN),
        ),
        (
            json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
            Notice(ignored=Ignored.S3_TEST),
        ),
        (
            confirmation("SubscriptionConfirmation"),
            Notice(
                ignored=Ignored.SUBSCRIPTION_CONFIRMATION,
                topic_arn=TOPIC_ARN,
                subscribe_url="https://sns.eu-west-1.amazonaws.com/?Action=Confirm",
            ),
        ),
        (
            json.dumps(
                {
                    "Type": "SubscriptionConfirmation",
                    "TopicArn": TOPIC_ARN,
                    "SubscribeURL": 1,
                }
            ),
            Notice(ignored=Ignored.SUBSCRIPTION_CONFIRMATION, topic_arn=TOPIC_ARN),
        ),
        (
            confirmation("UnsubscribeConfirmation"),
            Notice(ignored=Ignored.UNSUBSCRIBE_CONFIRMATION, topic_arn=TOPIC_ARN),
        ),
    ],
    ids=[
        "validation raw",
        "validation with spaces",
        "validation through SNS",
        "test event of S3",
        "subscription",
        "subscription without URL",
        "unsubscription",
    ],
)
def test_message_that_announces_nothing_is_understood(
    body: str, expected: Notice
) -> None:
    """Validations, tests and confirmations may be deleted; an operator sees the URL."""
    assert read_message(body) == expected


def test_key_announced_twice_in_one_message_is_one_delivery() -> None:
    """The last notice of an object stands: its hints are the newest."""
    notice = read_message(
        s3_event(s3_record("a", eTag="1"), s3_record("b"), s3_record("a", eTag="2"))
    )

    assert [(each.key, each.etag) for each in notice.deliveries] == [
        ("a", "2"),
        ("b", None),
    ]


def test_versions_of_one_key_stay_apart() -> None:
    """Two versions are two objects."""
    notice = read_message(
        s3_event(s3_record("a", versionId="1"), s3_record("a", versionId="2"))
    )

    assert [each.version_id for each in notice.deliveries] == ["1", "2"]


NOT_JSON = {
    "text": "hello",
    "nothing": "",
    "cut off": cloudtrail(KEY)[:-5],
    "trailing text": cloudtrail(KEY) + "x",
    "lone surrogate": '{"s3Bucket": "b", "s3ObjectKey": ["\ud800"]}',
    "escaped lone surrogate": '{"s3Bucket": "b", "s3ObjectKey": ["\\ud800"]}',
    "too deep": "[" * 100_000 + "]" * 100_000,
    "text inside an envelope": sns("hello"),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_text_is_not_json(body: str) -> None:
    """What is no JSON at all is said to be that."""
    with pytest.raises(RejectedError) as caught:
        read_message(body)

    assert caught.value.reason is Reason.NOT_JSON


UNKNOWN = {
    "list": "[]",
    "number": "1",
    "null": "null",
    "empty object": "{}",
    "keys not a list": json.dumps({"s3Bucket": "b", "s3ObjectKey": "k"}),
    "no keys": json.dumps({"s3Bucket": "b", "s3ObjectKey": []}),
    "empty key": json.dumps({"s3Bucket": "b", "s3ObjectKey": [""]}),
    "null key": json.dumps({"s3Bucket": "b", "s3ObjectKey": [None]}),
    "bucket not text": json.dumps({"s3Bucket": 1, "s3ObjectKey": ["k"]}),
    "no records": json.dumps({"Records": []}),
    "records not a list": json.dumps({"Records": {}}),
    "record not an object": json.dumps({"Records": [1]}),
    "records of another service": json.dumps({"Records": [{"eventSource": "aws:ses"}]}),
    "one record of another service": s3_event(s3_record(), {"eventSource": "x"}),
    "record without an object": s3_event({"eventSource": "aws:s3", "eventName": "x"}),
    "record with a wrong size": s3_event(s3_record(size="big")),
    "key not UTF-8": s3_event(s3_record("%FF")),
    "envelope without a message": json.dumps(
        {"Type": "Notification", "TopicArn": TOPIC_ARN}
    ),
    "other event of S3": eventbridge(kind="AWS API Call via CloudTrail"),
    "EventBridge without an object": json.dumps(
        {"source": "aws.s3", "detail-type": "Object Created", "detail": {}}
    ),
    "a CloudTrail file": json.dumps({"Records": [{"eventVersion": "1.08"}]}),
}


@pytest.mark.parametrize("body", UNKNOWN.values(), ids=UNKNOWN)
def test_other_shape_is_not_understood(body: str) -> None:
    """A shape that relay does not know stays in the queue, whatever is wrong in it."""
    with pytest.raises(RejectedError) as caught:
        read_message(body)

    assert caught.value.reason is Reason.UNKNOWN_ENVELOPE


def test_error_names_keys_and_no_values() -> None:
    """The operator sees what kind of message it was; a secret in it is not shown."""
    members = {f"key-{number:02}": "secret" for number in range(12)}
    with pytest.raises(RejectedError) as caught:
        read_message(json.dumps({**members, "a" * 100: "secret"}))

    message = str(caught.value)
    assert f"an object with the keys {'a' * 40}, key-00, key-01" in message
    assert message.count("key-") == 9
    assert "secret" not in message


def test_error_says_where_a_known_shape_is_wrong() -> None:
    """A wrong member is named by its path."""
    with pytest.raises(RejectedError, match=r"\$\.s3ObjectKey\[1\]"):
        read_message(json.dumps({"s3Bucket": "b", "s3ObjectKey": ["k", 1]}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
MEMBERS = st.sampled_from(
    [
        ("s3Bucket", "b"),
        ("s3ObjectKey", ["k"]),
        ("Type", "Notification"),
        ("Type", "SubscriptionConfirmation"),
        ("TopicArn", TOPIC_ARN),
        ("Message", cloudtrail(KEY)),
        ("Records", [s3_record()]),
        ("Event", "s3:TestEvent"),
        ("source", "aws.s3"),
        ("detail-type", "Object Created"),
        ("detail", {"bucket": {"name": "b"}, "object": {"key": "k"}}),
    ]
)
NAMES = st.sampled_from(
    ["s3Bucket", "s3ObjectKey", "Type", "TopicArn", "Message", "Records", "detail"]
)


@given(
    st.text(st.characters(codec=None))
    | JSON.map(json.dumps)
    | st.builds(
        lambda known, wrong: json.dumps({**dict(known), **wrong}),
        st.lists(MEMBERS),
        st.dictionaries(NAMES, JSON, max_size=2),
    )
)
def test_any_text_is_a_notice_or_rejected(body: str) -> None:
    """No message, however wrong inside, raises anything but RejectedError."""
    try:
        notice = read_message(body)
    except RejectedError as error:
        assert error.reason in {Reason.NOT_JSON, Reason.UNKNOWN_ENVELOPE}
    else:
        assert bool(notice.deliveries) != (notice.ignored is not None)


TEXT = st.text(st.characters(codec="utf-8"), min_size=1)


@given(st.lists(TEXT, min_size=1, unique=True), st.booleans())
def test_keys_survive_every_envelope(keys: list[str], is_wrapped: bool) -> None:
    """Raw keys come out as they went in; form-encoded ones decoded."""
    raw = cloudtrail(*keys)
    encoded = s3_event(*(s3_record(quote_plus(key)) for key in keys))
    for body in (raw, encoded):
        notice = read_message(sns(body) if is_wrapped else body)

        assert [each.key for each in notice.deliveries] == keys
