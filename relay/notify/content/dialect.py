"""How a medium writes bold words, code, links and the ends of lines."""

from collections.abc import Callable
from dataclasses import dataclass

from relay.notify.content.escape import ESCAPES, Escape, unmentioned
from relay.notify.content.links import safe_url
from relay.notify.content.media import Medium
from relay.notify.plain import visible

_BACKTICK = str.maketrans({"`": "\N{MODIFIER LETTER GRAVE ACCENT}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One medium's markup. All but ``line_end`` take raw text and escape it.

    ``link`` takes text and address; where the address is no http(s) URL the text stays.
    """

    escape: Escape
    bold: Callable[[str], str]
    code: Callable[[str], str]
    link: Callable[[str, str], str]
    line_end: str = "\n"


def dialect_of(medium: Medium) -> Dialect:
    """Return the markup of ``medium``."""
    escape = ESCAPES[medium]
    match medium:
        case Medium.HTML:
            return _tagged(escape, line_end="<br>\n")
        case Medium.TELEGRAM:
            return _tagged(escape, line_end="\n")
        case Medium.SLACK:
            return Dialect(
                escape=escape,
                bold=lambda raw: _around("*", escape(raw)),
                code=lambda raw: _around("`", _slack_code(raw)),
                link=lambda raw, url: _linked(
                    escape(raw), url, "<{url}|{text}>", ampersand="&amp;"
                ),
            )
        case Medium.MARKDOWN | Medium.DISCORD:
            return Dialect(
                escape=escape,
                bold=lambda raw: _around("**", escape(raw)),
                code=lambda raw: _around("`", _markdown_code(raw)),
                link=lambda raw, url: _linked(escape(raw), url, "[{text}]({url})"),
                line_end="\n" if medium is Medium.DISCORD else "  \n",
            )
        case Medium.TEAMS:
            # An Adaptive Card's text knows no code, and ends lines with an empty one.
            return Dialect(
                escape=escape,
                bold=lambda raw: _around("**", escape(raw)),
                code=escape,
                link=lambda raw, url: _linked(escape(raw), url, "[{text}]({url})"),
                line_end="\n\n",
            )
        case _:
            return Dialect(
                escape=escape,
                bold=escape,
                code=escape,
                link=lambda raw, url: escape(_named(raw, safe_url(url))),
            )


def _tagged(escape: Escape, *, line_end: str) -> Dialect:
    return Dialect(
        escape=escape,
        bold=lambda raw: f"<b>{escape(raw)}</b>",
        code=lambda raw: f"<code>{escape(raw)}</code>",
        link=lambda raw, url: _linked(
            escape(raw), url, '<a href="{url}">{text}</a>', ampersand="&amp;"
        ),
        line_end=line_end,
    )


def _named(text: str, url: str) -> str:
    return f"{text}: {url}" if url else text


def _linked(text: str, url: str, form: str, *, ampersand: str = "&") -> str:
    url = safe_url(url).replace("&", ampersand)
    return form.format(text=text, url=url) if url else text


def _around(mark: str, text: str) -> str:
    """Return ``text`` between two of ``mark``; nothing when there is nothing."""
    stripped = text.strip()
    return f"{mark}{stripped}{mark}" if stripped else ""


def _slack_code(raw: str) -> str:
    # In code Slack formats nothing, but reads <...> as anywhere.
    shown = visible(raw).translate(_BACKTICK).replace("&", "&amp;")
    return shown.replace("<", "&lt;").replace(">", "&gt;")


def _markdown_code(raw: str) -> str:
    return unmentioned(visible(raw).translate(_BACKTICK))
