"""Each medium's markup."""

import pytest

from relay.notify.content.dialect import dialect_of
from relay.notify.content.media import Medium

URL = "https://wiki.example.com/a?b=1&c=2"


@pytest.mark.parametrize(
    ("medium", "bold", "code", "link"),
    [
        (Medium.TEXT, "a*", "a*", f"a*: {URL}"),
        (
            Medium.HTML,
            "<b>a*</b>",
            "<code>a*</code>",
            f'<a href="{URL.replace("&", "&amp;")}">a*</a>',
        ),
        (
            Medium.TELEGRAM,
            "<b>a*</b>",
            "<code>a*</code>",
            f'<a href="{URL.replace("&", "&amp;")}">a*</a>',
        ),
        (Medium.SLACK, "*a\u2217*", "`a*`", f"<{URL.replace('&', '&amp;')}|a\u2217>"),
        (Medium.MARKDOWN, r"**a\***", "`a*`", rf"[a\*]({URL})"),
        (Medium.DISCORD, r"**a\***", "`a*`", rf"[a\*]({URL})"),
        (Medium.TEAMS, r"**a\***", r"a\*", rf"[a\*]({URL})"),
        (Medium.JSON, "a*", "a*", f"a*: {URL}"),
    ],
)
def test_markup(medium: Medium, bold: str, code: str, link: str) -> None:
    """Text is escaped in it, the address so that it cannot end the link."""
    dialect = dialect_of(medium)

    assert (dialect.bold("a*"), dialect.code("a*")) == (bold, code)
    assert dialect.link("a*", URL) == link


@pytest.mark.parametrize("medium", list(Medium))
def test_what_is_no_web_address_is_no_link(medium: Medium) -> None:
    """The text stays, and where it led is not said."""
    dialect = dialect_of(medium)

    assert dialect.link("x", "javascript:alert(1)") == dialect.escape("x")


@pytest.mark.parametrize("medium", [Medium.SLACK, Medium.MARKDOWN, Medium.TEAMS])
def test_nothing_bold_is_nothing(medium: Medium) -> None:
    """Marks without text between them would be shown."""
    dialect = dialect_of(medium)

    assert (dialect.bold(" "), dialect.code("")) == ("", "")
