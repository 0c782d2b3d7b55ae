"""Escapes text for a medium, so that it says what it says and does nothing.

Whatever a record holds must stay text: no tag, no link, no mention of people, no bold
word, no line of its own, no spreadsheet formula. Where a medium has no escape for a
character (Slack for ``*``), one that looks like it stands in its place.
"""

import re
from collections.abc import Callable

import msgspec
from markupsafe import escape as escape_html

from relay.notify.content.media import Medium
from relay.notify.plain import visible, well_formed

Escape = Callable[[str], str]

ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"

# CommonMark, section 2.4: these may stand behind a backslash, and then mean themselves.
# Without brackets no parenthesis, without a line of its own no table or heading.
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~|&])")
# At the beginning they would make a heading, a list, a quotation or a rule.
_MARKDOWN_START = re.compile(r"^(\s*)([-+=#])|^(\s*\d{1,9})([.)])(?=\s|$)")
# Four blanks there would make it code.
_INDENT = re.compile(r"^ {2,}")
_SLACK = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "*": "\N{ASTERISK OPERATOR}",
        "~": "\N{TILDE OPERATOR}",
    }
)
# Between letters and digits Slack takes an underscore for what it is.
_SLACK_ITALIC = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_TELEGRAM = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
# What the services find by themselves, wherever it stands.
_MENTION = re.compile(r"@(?=[\w!&])")
_COMMAND = re.compile(r"(?<!\S)([/#])(?=\w)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def text(raw: str) -> str:
    """Return ``raw`` for plain text: on one line, with nothing invisible."""
    return visible(raw)


def html(raw: str) -> str:
    """Return ``raw`` for an HTML element or a quoted attribute."""
    return str(escape_html(visible(raw)))


def slack(raw: str) -> str:
    """Return ``raw`` for Slack's mrkdwn, without mentions, links or formatting."""
    escaped = defanged(visible(raw)).translate(_SLACK)
    return _SLACK_ITALIC.sub("\N{FULLWIDTH LOW LINE}", escaped)


def markdown(raw: str) -> str:
    """Return ``raw`` for CommonMark and what extends it (GitHub's, Mattermost's)."""
    shown = _INDENT.sub(" ", unmentioned(defanged(visible(raw))))
    escaped = _MARKDOWN.sub(r"\\\1", shown)
    return _MARKDOWN_START.sub(r"\1\3\\\2\4", escaped)


def telegram(raw: str) -> str:
    """Return ``raw`` for Telegram's HTML, without mentions, tags or commands."""
    shown = _COMMAND.sub(rf"\1{ZERO_WIDTH_SPACE}", defanged(visible(raw)))
    return unmentioned(shown).translate(_TELEGRAM)


def subject(raw: str) -> str:
    """Return ``raw`` for a mail's subject: on one line, white space gathered."""
    return " ".join(visible(raw).split())


def json_text(raw: str) -> str:
    """Return ``raw`` for the inside of a JSON string's quotes."""
    return msgspec.json.encode(well_formed(raw)).decode()[1:-1]


def csv_cell(raw: str) -> str:
    """Return ``raw`` as one quoted cell that no spreadsheet takes for a formula."""
    shown = visible(raw)
    # Asked of the raw text as well: a tab at its beginning is a blank by now.
    if raw.startswith(_FORMULA) or shown.lstrip().startswith(_FORMULA):
        shown = f"'{shown}"
    return '"' + shown.replace('"', '""') + '"'


def defanged(raw: str) -> str:
    """Return ``raw`` with no address that a chat service would make a link of.

    The way that security people write such addresses: ``https[:]//evil.example``.
    """
    broken = raw.replace("://", "[:]//")
    return re.sub(r"\bwww\.", "www[.]", broken, flags=re.IGNORECASE)


def unmentioned(raw: str) -> str:
    """Return ``raw`` with nobody mentioned: a zero width space stands behind ``@``."""
    return _MENTION.sub(f"@{ZERO_WIDTH_SPACE}", raw)


ESCAPES: dict[Medium, Escape] = {
    Medium.TEXT: text,
    Medium.HTML: html,
    Medium.SUBJECT: subject,
    Medium.SLACK: slack,
    Medium.MARKDOWN: markdown,
    Medium.TELEGRAM: telegram,
    Medium.TEAMS: markdown,
    Medium.DISCORD: markdown,
    Medium.JSON: json_text,
    Medium.CSV: csv_cell,
}
"""The escape of each medium."""
