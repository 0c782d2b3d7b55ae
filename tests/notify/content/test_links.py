"""Links lead where they should, and nothing ends them early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.notify.content.links import links_of, safe_url
from tests.notify.examples import notification


def test_links_of_an_alarm() -> None:
    """The newest event, the runbook, the query."""
    links = links_of(
        notification(), log_groups=("/relay/x",), console_region="eu-west-1"
    )

    assert [link.text for link in links] == [
        "Event in CloudTrail",
        "Runbook",
        "Query the log",
    ]
    assert links[1].url == "https://wiki.example.com/cis-4-6"


def test_no_link_without_an_address() -> None:
    """No evidence, no log group, a runbook that is no address."""
    shown = notification(evidence=(), runbook_url="ask Bob")

    assert links_of(shown, log_groups=(), console_region="eu-west-1") == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?y=1&z=2#f", "https://a.example/x?y=1&z=2#f"),
        ("https://a.example/(x)[y]", "https://a.example/%28x%29%5By%5D"),
        ("https://a.example/a|b>c<d", "https://a.example/a%7Cb%3Ec%3Cd"),
        ("https://a.example/'\"`", "https://a.example/%27%22%60"),
        ("https://a.example/%20", "https://a.example/%20"),
        ("https://a.example/ö", "https://a.example/%C3%B6"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("ftp://a.example", ""),
        ("https://a.example/\u202ex", ""),
        ("https://a.example/" + "x" * 2_000, ""),
        ("", ""),
    ],
)
def test_addresses(url: str, expected: str) -> None:
    """Only http(s), with what could end a link percent-encoded."""
    assert safe_url(url) == expected


@given(st.text(max_size=40))
def test_no_address_ends_its_link(rest: str) -> None:
    """In HTML's quotes, Slack's brackets, Markdown's parentheses."""
    assert not set(safe_url(f"https://a.example/{rest}")) & set("\"'<>()[]|` \n")
