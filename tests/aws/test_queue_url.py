"""relay.aws.queue_url: region and account of every form of queue URL."""

import pytest

from relay.aws.queue_url import queue_account, queue_region

URLS = {
    "standard": (
        "https://sqs.eu-west-1.amazonaws.com/123456789012/relay",
        "eu-west-1",
        "123456789012",
    ),
    "china": (
        "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/relay",
        "cn-north-1",
        "123456789012",
    ),
    "govcloud fips": (
        "https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/relay",
        "us-gov-west-1",
        "123456789012",
    ),
    "dual stack": (
        "https://sqs.us-east-1.api.aws/123456789012/relay",
        "us-east-1",
        "123456789012",
    ),
    "interface endpoint": (
        "https://vpce-0a1.sqs.us-east-2.vpce.amazonaws.com/123456789012/relay/",
        "us-east-2",
        "123456789012",
    ),
    "legacy": (
        "https://ap-southeast-2.queue.amazonaws.com/123456789012/relay",
        "ap-southeast-2",
        "123456789012",
    ),
    "legacy without region": (
        "https://queue.amazonaws.com/123456789012/relay",
        None,
        "123456789012",
    ),
    "emulator": ("http://127.0.0.1:5000/123456789012/relay", None, "123456789012"),
    "no account": ("http://localhost:4566/queue/relay", None, None),
    "region only in the path": (
        "http://localhost/sqs.eu-west-1.x/123456789012/relay",
        None,
        "123456789012",
    ),
    "not a URL": ("relay", None, None),
}


@pytest.mark.parametrize(("url", "region", "account"), URLS.values(), ids=URLS)
def test_url_names_region_and_account(
    url: str, region: str | None, account: str | None
) -> None:
    """Both are read where the URL holds them, and None where it does not."""
    found = (queue_region(url), queue_account(url))

    assert (region, account) == found
