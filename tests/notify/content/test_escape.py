"""Whatever a record holds stays text in every medium."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from relay.notify.content import escape
from relay.notify.content.dialect import dialect_of
from relay.notify.content.escape import ESCAPES, ZERO_WIDTH_SPACE
from relay.notify.content.media import Flavour, Medium

Z = ZERO_WIDTH_SPACE
SLACK_LOOKALIKES = "\u2217b\u2217 \u02cbc\u02cb \u223cs\u223c \uff3fi\uff3f"

CONSTRUCTS = """
<!channel> <@U1> @everyone @here <b> </td> &lt; &#60; **x** ~~x~~ _x_ ||x|| ` \\
https://evil.example www.evil.example <https://e.example|x> javascript: /start
[x](https://e.example) ![x](y)
"""

HOSTILE = st.text(
    st.characters(codec=None)
    | st.sampled_from("<>&\"'`*_~|[]()!#@\\/:=+-.0 \n\r\t\x1b\u202e\u2066\u2028"),
    max_size=60,
) | st.lists(
    st.sampled_from([*CONSTRUCTS.split(), "# x", "- x", "1. x", "> x", "---", "\n"]),
    max_size=6,
).map("".join)


@pytest.mark.parametrize(
    ("medium", "raw", "expected"),
    [
        (Medium.TEXT, "a\r\nb\x1b[31m\u202egnp", "a  b\ufffd[31m\ufffdgnp"),
        (Medium.HTML, "<b>\"&'</b>", "&lt;b&gt;&#34;&amp;&#39;&lt;/b&gt;"),
        (Medium.HTML, "\u2066x\x00", "\ufffdx\ufffd"),
        (Medium.SUBJECT, "x\r\nBcc: y  z ", "x Bcc: y z"),
        (Medium.SLACK, "<!channel> <@U1>", "&lt;!channel&gt; &lt;@U1&gt;"),
        (Medium.SLACK, "*b* `c` ~s~ _i_", SLACK_LOOKALIKES),
        (Medium.SLACK, "snake_case", "snake_case"),
        (Medium.SLACK, "https://e.example", "https[:]//e.example"),
        (Medium.SLACK, "a & b &amp;", "a &amp; b &amp;amp;"),
        (Medium.MARKDOWN, "[x](https://e)", r"\[x\](https\[:\]//e)"),
        (Medium.MARKDOWN, "**b** <i>", r"\*\*b\*\* \<i\>"),
        (Medium.MARKDOWN, "# x", r"\# x"),
        (Medium.MARKDOWN, "1. x", r"1\. x"),
        (Medium.MARKDOWN, "203.0.113.7", "203.0.113.7"),
        (Medium.MARKDOWN, "2026-09-14", "2026-09-14"),
        (Medium.MARKDOWN, "www.e.example", r"www\[.\]e.example"),
        (Medium.TEAMS, "- x", r"\- x"),
        (Medium.TEAMS, "\n\n\n\nx", " x"),
        (Medium.DISCORD, "@everyone <@1>", rf"@{Z}everyone \<@{Z}1\>"),
        (Medium.DISCORD, "||spoiler||", r"\|\|spoiler\|\|"),
        (Medium.TELEGRAM, '<b>"&', "&lt;b&gt;&quot;&amp;"),
        (Medium.TELEGRAM, "@eve /stop #x a/b", f"@{Z}eve /{Z}stop #{Z}x a/b"),
        (Medium.JSON, 'a"b\\c\nd\ud800', 'a\\"b\\\\c\\nd?'),
        (Medium.CSV, "plain", '"plain"'),
        (Medium.CSV, 'say "x", y', '"say ""x"", y"'),
        (Medium.CSV, "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
        (Medium.CSV, "+1", '"\'+1"'),
        (Medium.CSV, "-1", '"\'-1"'),
        (Medium.CSV, "@SUM(A1)", '"\'@SUM(A1)"'),
        (Medium.CSV, " =1", '"\' =1"'),
        (Medium.CSV, "\t=1", '"\' =1"'),
        (Medium.CSV, "\uff1d1", '"\'\uff1d1"'),
    ],
)
def test_table(medium: Medium, raw: str, expected: str) -> None:
    """One construct a line: what it looks like once it does nothing."""
    assert ESCAPES[medium](raw) == expected


def test_every_medium_has_an_escape() -> None:
    """A medium that is added cannot be forgotten."""
    assert set(ESCAPES) == set(Medium)
    assert {flavour.medium for flavour in Flavour} < set(Medium)


@pytest.mark.parametrize("medium", [each for each in Medium if each != Medium.JSON])
@given(raw=HOSTILE)
def test_nothing_is_invisible_and_no_line_ends(medium: Medium, raw: str) -> None:
    """No control character, direction override or lone surrogate gets through."""
    text = ESCAPES[medium](raw).replace(Z, "")

    assert text.isprintable()
    text.encode()


class Elements(HTMLParser):
    """What a real parser sees in HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """Note it."""
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        """Note it."""
        self.text += data

    def handle_comment(self, data: str) -> None:
        """Note it."""
        self.tags.append("!--")

    def handle_decl(self, decl: str) -> None:
        """Note it."""
        self.tags.append("!")


def elements(html: str) -> Elements:
    """Return what a parser sees in ``html``."""
    parser = Elements()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.parametrize("medium", [Medium.HTML, Medium.TELEGRAM])
@given(raw=HOSTILE)
def test_html_has_no_element_of_the_records(medium: Medium, raw: str) -> None:
    """As text and in an attribute: a parser finds the elements that were written."""
    escaped = ESCAPES[medium](raw)

    found = elements(f'<p title="{escaped}">{escaped}</p>')

    assert found.tags == ["p", "/p"]
    assert [name for name, _ in found.attributes] == ["title"]
    assert found.attributes[0][1] == found.text


@given(HOSTILE)
def test_html_shows_the_text_as_it_is(raw: str) -> None:
    """Escaping changes nothing that a reader sees, but what is invisible."""
    assert elements(escape.html(raw)).text == escape.text(raw)


def markdown_tokens(text: str) -> list[Token]:
    """Return all tokens of ``text``, with what GitHub adds to CommonMark."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [
        inner
        for token in parser.parse(text)
        for inner in (token, *(token.children or ()))
    ]


@pytest.mark.parametrize("medium", [Medium.MARKDOWN, Medium.TEAMS, Medium.DISCORD])
@given(raw=HOSTILE)
def test_markdown_is_only_text(medium: Medium, raw: str) -> None:
    """A CommonMark parser sees one paragraph of text, and nothing else."""
    tokens = markdown_tokens(ESCAPES[medium](raw))

    kinds = {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "inline", "text", "paragraph_close"}


@given(HOSTILE)
def test_markdown_shows_the_text_as_it_is(raw: str) -> None:
    """But for mentions and addresses, which are broken on purpose."""
    expected = escape.unmentioned(escape.defanged(escape.text(raw)))

    shown = "".join(
        token.content
        for token in markdown_tokens(escape.markdown(raw))
        if token.type == "text"
    )

    assert shown.strip() == expected.strip()


@given(HOSTILE)
def test_markdown_code_is_one_span(raw: str) -> None:
    """No text ends its own code."""
    code = dialect_of(Medium.MARKDOWN).code(raw)

    kinds = [token.type for token in markdown_tokens(f"x {code} y")]

    expected = ["text", "code_inline", "text"] if code else ["text"]
    assert kinds == ["paragraph_open", "inline", *expected, "paragraph_close"]


@given(HOSTILE)
def test_slack_has_nothing_to_act_on(raw: str) -> None:
    """No angle bracket, no bare ampersand, no formatting, no address."""
    for text in (escape.slack(raw), dialect_of(Medium.SLACK).code(raw)[1:-1]):
        assert not set(text) & set("<>`")
        assert re.sub(r"&(amp|lt|gt);", "", text).count("&") == 0
    text = escape.slack(raw)
    assert not set(text) & set("*~")
    assert "://" not in text
    assert re.search(r"(^|\W)_|_(\W|$)", text) is None


@given(HOSTILE)
def test_nobody_is_mentioned(raw: str) -> None:
    """Discord and Telegram read an @ wherever it stands."""
    for medium in (Medium.DISCORD, Medium.TELEGRAM, Medium.MARKDOWN):
        assert re.search(r"@[\w!&]", ESCAPES[medium](raw)) is None


@given(HOSTILE)
def test_json_stays_one_string(raw: str) -> None:
    """Inside of quotes, whatever it holds."""
    assert (
        json.loads(f'"{escape.json_text(raw)}"')
        == raw.encode("utf-8", "replace").decode()
    )


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_csv_cells_stay_cells_and_no_formula(row: list[str]) -> None:
    """A reader finds as many cells, and none that a spreadsheet would work out."""
    line = ",".join(map(escape.csv_cell, row))

    (cells,) = csv.reader(io.StringIO(line), strict=True)

    assert len(cells) == len(row)
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
