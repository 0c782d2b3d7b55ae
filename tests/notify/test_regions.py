"""What a region's code says."""

import pytest
from botocore.loaders import Loader

from relay.notify.regions import display_name, event_url, partition


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("us-east-1", "US East (N. Virginia)"),
        ("eu-west-1", "EU (Ireland)"),
        ("eu-south-1", "EU (Milan)"),
        ("ap-northeast-1", "Asia Pacific (Tokyo)"),
        ("xx-future-9", "xx-future-9"),
    ],
)
def test_display_name_is_cloudwatchs(region: str, expected: str) -> None:
    """A region that is not known shows its code."""
    assert display_name(region) == expected


def aws_regions() -> list[tuple[str, str, str]]:
    """Return (partition, region, description) of all regions that the SDK knows."""
    data = Loader().load_data("endpoints")
    return [
        (part["partition"], region, about["description"])
        for part in data["partitions"]
        for region, about in part["regions"].items()
    ]


def test_partitions_are_the_sdks() -> None:
    """Every region that the SDK knows is in the partition that the SDK says."""
    assert {r: partition(r) for _, r, _ in aws_regions()} == {
        r: p for p, r, _ in aws_regions()
    }


def test_public_regions_have_names() -> None:
    """Names are the SDK's, but for the older European ones."""
    for part, region, description in aws_regions():
        if part in {"aws", "aws-cn", "aws-us-gov"}:
            assert display_name(region).replace("EU (", "Europe (") == description


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (
            "eu-west-1",
            "https://eu-west-1.console.aws.amazon.com/cloudtrailv2/home"
            "?region=eu-west-1#/events/ab-12",
        ),
        (
            "cn-north-1",
            "https://cn-north-1.console.amazonaws.cn/cloudtrailv2/home"
            "?region=cn-north-1#/events/ab-12",
        ),
        ("us-iso-east-1", None),
        ("evil.example.com/", None),
    ],
)
def test_links_lead_to_the_console_of_a_known_region(
    region: str, expected: str | None
) -> None:
    """A region that a hostile record made up gives no link."""
    assert event_url(region, "ab-12") == expected


@pytest.mark.parametrize("event_id", ["", "a/../b", "x y", "ä"])
def test_a_strange_event_id_gives_no_link(event_id: str) -> None:
    """Only letters, digits and dashes can stand in the address."""
    assert event_url("eu-west-1", event_id) is None
