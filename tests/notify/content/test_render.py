"""The default templates, and what the configuration puts in their place."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from relay.config.template_files import TemplateFile
from relay.model import AlarmState, Bundle, Evidence
from relay.notify.content.faults import BadTemplateError
from relay.notify.content.media import Flavour, Medium
from relay.notify.content.render import Templates
from relay.notify.content.samples import Sample, sample_bundle
from relay.notify.content.view import Background
from tests.notify.content.test_escape import HOSTILE, elements, markdown_tokens
from tests.notify.examples import bundle, notification

DATA = Path(__file__).parent / "data"
TEMPLATES = Templates(
    background=Background(
        accounts={"111122223333": "prod"}, log_groups=("/relay/cloudtrail",)
    )
)


def file(name: str, text: str) -> TemplateFile:
    """Return a template of the configuration."""
    return TemplateFile(name=name, file=f"templates/{name}", text=text)


def rendered(medium: Medium, wanted: Bundle, templates: Templates = TEMPLATES) -> str:
    """Return what the default template of ``medium`` makes of a bundle."""
    view = templates.view(wanted)
    match medium:
        case Medium.TEXT:
            return templates.text(view)
        case Medium.HTML:
            return templates.html(view)
        case Medium.SUBJECT:
            return templates.subject(view)
        case _:
            return templates.chat(view, Flavour(medium.value))


MEDIA = [Medium.TEXT, Medium.HTML, *(flavour.medium for flavour in Flavour)]


@pytest.mark.parametrize(
    ("sample", "medium"),
    list(itertools.product(Sample, [Medium.TEXT, Medium.HTML, Medium.SLACK])),
)
def test_samples_are_the_golden_texts(sample: Sample, medium: Medium) -> None:
    """Line for line: what people get. Look at a change, then store it."""
    text = rendered(medium, sample_bundle(sample))

    assert text.strip() == (DATA / f"{sample}.{medium}").read_text().strip()


@pytest.mark.parametrize("medium", MEDIA)
def test_one_look_tells_all(medium: Medium) -> None:
    """What fired and how bad, who, what, where, from where, when, result, count."""
    text = rendered(medium, sample_bundle(Sample.ALARM)).replace("\\", "")

    for fact in (
        "console-login-failures",
        "high",
        "user alice",
        "ConsoleLogin (signin)",
        "prod (111122223333), eu-west-1",
        "203.0.113.7, Chrome 140 on Linux",
        "2026-09-14 11:13:02 UTC, raised 5 min 42 s later",
        "failed: Failed authentication",
        "3 events",
        "https://wiki.example.com/console-login-failures",
        "/cloudtrailv2/home?region=eu-west-1#/events/5c5c1a53-",
        "#logsV2:logs-insights$3FqueryDetail$3D",
    ):
        assert fact in text


@pytest.mark.parametrize("medium", MEDIA)
def test_a_group_tells_each_and_what_is_missing(medium: Medium) -> None:
    """The worst first; how many a limit suppressed, how many there was no room for."""
    many = tuple(notification(alarm=f"alarm-{number}") for number in range(25))
    wanted = Bundle(id="b", receiver="r", notifications=many, suppressed=204)

    text = rendered(medium, wanted).replace("\\", "")

    assert text.count("alarm-2") >= 5
    assert "and 5 more" in text
    assert "204 similar suppressed" in text


@pytest.mark.parametrize("medium", MEDIA)
def test_a_runbook_that_is_no_address_is_told(medium: Medium) -> None:
    """Without a link."""
    text = rendered(medium, bundle(runbook_url="page 7"))

    assert "page 7" in text


HOSTILE_BUNDLES = st.lists(HOSTILE, min_size=6, max_size=6).map(
    lambda raw: bundle(
        alarm=f"a{raw[0]}",
        group={"$.x": raw[1]},
        description=raw[2],
        runbook_url=raw[3],
        evidence=(
            Evidence(
                principal=raw[4],
                event_name=raw[5],
                user_agent=raw[0],
                error_message=raw[1],
                source_ip=raw[2],
            ),
        )
        * 2,
    )
)


@settings(max_examples=40)
@given(HOSTILE_BUNDLES)
def test_no_record_changes_the_html(hostile: Bundle) -> None:
    """A parser finds the elements of a harmless one, and only addresses of ours."""
    found = elements(TEMPLATES.html(TEMPLATES.view(hostile)))

    known = elements(TEMPLATES.html(TEMPLATES.view(bundle()))).tags
    assert set(found.tags) <= {*known, "p", "/p", "b", "/b", "br", "h2", "/h2"}
    for name, value in found.attributes:
        assert name in {"style", "class", "href", "lang", "charset", "name"} | {
            "content", "role", "cellpadding", "cellspacing", "width", "align"
        }  # fmt: skip
        assert name != "href" or (value or "").startswith(("https://", "http://"))


@settings(max_examples=40)
@given(HOSTILE_BUNDLES)
def test_no_record_changes_the_chat(hostile: Bundle) -> None:
    """Markdown has no other elements, Slack only links of ours."""
    view = TEMPLATES.view(hostile)
    links = {link.url for alarm in view.alarms for link in alarm.links}

    tokens = markdown_tokens(TEMPLATES.chat(view, Flavour.MARKDOWN))
    slack = TEMPLATES.chat(view, Flavour.SLACK_MRKDWN)

    assert {token.type for token in tokens} <= {
        "paragraph_open", "paragraph_close", "inline", "text", "hardbreak",
        "softbreak", "strong_open", "strong_close", "code_inline",
        "link_open", "link_close",
    }  # fmt: skip
    # The parser writes some characters of an address as %XX: then it is longer.
    addresses = [t.attrGet("href") for t in tokens if t.type == "link_open"]
    assert len(addresses) == len(links)
    assert slack.count("<") == slack.count(">") == len(links)
    assert "<!" not in slack
    assert "<@" not in slack


@settings(max_examples=40)
@given(HOSTILE_BUNDLES)
def test_no_record_adds_a_line(hostile: Bundle) -> None:
    """To plain text, whatever it holds; the subject is one line."""
    harmless = bundle(
        description="x",
        evidence=hostile.newest.evidence[:1] * 2,
        runbook_url="https://a.example/",
        group={"$.x": "x"},
    )
    view = TEMPLATES.view(hostile)

    text = TEMPLATES.text(view)

    assert text.replace("\n", "").isprintable()
    own = view.alarms[0].description.count("\n")
    assert text.count("\n") - own <= rendered(Medium.TEXT, harmless).count("\n")
    assert TEMPLATES.subject(view).isprintable()


def test_the_largest_view_is_rendered() -> None:
    """The default templates never meet their limit: nothing else could be sent."""
    evil = "&\"'<>" * 200
    evidence = Evidence(
        principal=evil, event_name=evil, user_agent=evil, source_ip=evil,
        error_code=evil, account=evil, region=evil, bucket=evil, key=evil,
    )  # fmt: skip
    largest = notification(
        alarm=evil, reason=evil * 9, description="\n".join([evil] * 9),
        group={f"$.{number}{evil}": evil for number in range(9)},
        evidence=(evidence,) * 100,
    )  # fmt: skip

    for count in (1, 30):
        wanted = Bundle(id="b", receiver=evil, notifications=(largest,) * count)
        for medium in MEDIA:
            assert rendered(medium, wanted)


def test_a_template_of_the_configuration_goes_before_the_default_one() -> None:
    """By its name, for the media that it has files for."""
    templates = Templates(
        [
            file("pager.txt.j2", "P {{ alarm.name }}\n\n\n\nend"),
            file("default.subject.j2", "{{ view.label }}\n {{ alarm.name }}"),
            file("pager.slack.j2", "{% include 'relay/chat.j2' %}{% include 'x.j2' %}"),
            file("x.j2", "extra *{{ '*' }}"),
        ]
    )
    view = templates.view(bundle())

    assert templates.text(view, template="pager") == (
        "P console-login-failures\n\nend\n"
    )
    assert templates.text(view).startswith("ALARM (high): console-login-failures")
    assert templates.subject(view) == "ALARM console-login-failures"
    assert templates.subject(view, template="pager") == "ALARM console-login-failures"
    chat = templates.chat(view, Flavour.SLACK_MRKDWN, template="pager")
    assert chat.endswith("extra *\u2217")
    assert templates.html(view, template="pager") == templates.html(view)
    assert templates.has("pager", Medium.TEXT)
    assert not templates.has("pager", Medium.HTML)


def test_a_template_that_fails_does_not_lose_the_notification() -> None:
    """The default one takes its place, and the log says so."""
    templates = Templates(
        [
            file("pager.txt.j2", "\n{{ alarm.rows[0].who }}"),
            file("default.txt.j2", "{{ nothing }}"),
        ]
    )
    view = templates.view(bundle(evidence=(), state=AlarmState.OK))

    with capture_logs() as logs:
        text = templates.text(view, template="pager")

    assert text == Templates().text(view)
    assert [each["error"].split(": ")[0] for each in logs] == [
        "templates/pager.txt.j2:2",
        "templates/default.txt.j2:1",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\n{{ alarm.x }}", r"templates/bad\.txt\.j2:2: 'AlarmView' has no"),
        ("a\n\n{% if %}", r"templates/bad\.txt\.j2:3: Expected an expression"),
        ("{% include 'part.j2' %}", r"templates/part\.j2:1: 'oops' is undefined"),
        ("{% extends 'gone.j2' %}", r"templates/bad\.txt\.j2:1: .*gone\.j2"),
    ],
)
def test_a_fault_has_its_line(text: str, problem: str) -> None:
    """Of the file that it is in, which may be another one."""
    templates = Templates([file("bad.txt.j2", text), file("part.j2", "{{ oops }}")])

    with pytest.raises(BadTemplateError, match=problem):
        templates.named("bad", Medium.TEXT, templates.view(bundle()))


def test_a_template_that_is_not_there_is_a_fault() -> None:
    """Targets name only templates that there are; the command line may not."""
    with pytest.raises(BadTemplateError, match=r"gone\.md\.j2: there is no template"):
        TEMPLATES.named("gone", Medium.MARKDOWN, TEMPLATES.view(bundle()))


def test_a_template_in_the_configuration_itself_is_for_json() -> None:
    """The bodies of webhooks; nothing in it ends a string."""
    view = TEMPLATES.view(bundle(alarm='a"b\\'))

    assert TEMPLATES.custom('{"t": "{{ alarm.name }}"}', view) == r'{"t": "a\"b\\"}'
    with pytest.raises(BadTemplateError, match=r"<template>:2: "):
        TEMPLATES.custom("\n{{ x }}", view)
