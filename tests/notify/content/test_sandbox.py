"""What a template may do, and what it may not."""

import time
from typing import Any

import pytest
from hypothesis import given, settings

from relay.notify.content.faults import BadTemplateError
from relay.notify.content.media import Medium
from relay.notify.content.render import Templates
from tests.notify.content.test_escape import HOSTILE, elements, markdown_tokens
from tests.notify.examples import bundle

TEMPLATES = Templates()


def rendered(
    template: str,
    medium: Medium = Medium.TEXT,
    **changes: Any,  # noqa: ANN401 - any member
) -> str:
    """Return what ``template`` makes of the example, with other members of it."""
    view = TEMPLATES.view(bundle(**changes))
    return TEMPLATES.custom(template, view, escape=medium)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ alarm.name }}", "console-login-failures"),
        ("{{ view.alarms[0].title.upper() }}", None),
        ("{{ alarm.name.removesuffix('-failures') }}", "console-login"),
        ("{{ alarm.rows | length }}", "1"),
        ("{% for n in range(3) %}{{ n }}{% endfor %}", "012"),
        ("{% for r in alarm.rows %}{{ loop.index }}{{ r.who }}{% endfor %}", None),
        ("{{ alarm.links | map(attribute='text') | join(', ') }}", None),
        ("{{ 2 + 3 * 4 }}{{ 7 % 4 }}", "143"),
        ("{{ 'a' + 'b' ~ 1 }}", "ab1"),
        ("{{ none }}", ""),
        ("{{ alarm.name | fit(10) | lower | trim }}", "..."),
        ("{% set ns = namespace(x=1) %}{% set ns.x = 2 %}{{ ns.x }}", "2"),
        ("{{ {'a': 1}.get('a') }}", "1"),
        ("{{ link('Runbook', alarm.runbook_url) }}", None),
        ("{% include 'relay/default.subject.j2' %}", None),
        ("{{ alarm.severity | upper }}", "HIGH"),
    ],
)
def test_what_a_template_may(template: str, expected: str | None) -> None:
    """The view's members, some methods of texts, arithmetic, loops, includes."""
    text = rendered(template)

    assert text == expected if expected is not None else text


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ alarm.titel }}", "'AlarmView' has no attribute 'titel'"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ alarm.__class__ }}", "unsafe"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ alarm.name.format() }}", "unsafe"),
        ("{{ alarm.name.encode() }}", "unsafe"),
        ("{{ (alarm.name | e).upper() }}", "unsafe"),
        ("{{ alarm.rows.count(1) }}", "unsafe"),
        ("{{ {}.update(a=1) }}", "unsafe"),
        ("{{ view.alarms[0].__init__ }}", "unsafe"),
        ("{{ '{:1000000000}'.format(1) }}", "unsafe"),
        ("{{ alarm.name | reverse }}", "No filter named 'reverse'"),
        ("{{ alarm.name | safe }}", "No filter named 'safe'"),
        ("{{ alarm.name | attr('x') }}", "No filter named 'attr'"),
        ("{{ alarm.name | center(9) }}", "No filter named 'center'"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ("{{ self }}", "cannot be shown"),
        ("{{ alarm.rows }}", "a tuple cannot be shown as text"),
        ("{{ [1] | tojson }}", "a list cannot be shown as JSON"),
        ("{{ range(10**9) }}", "takes numbers only|not allowed"),
        ("{% for x in range(1000000000) %}{% endfor %}", "more than 1,000 numbers"),
        ("{{ 'x' * 1000000000 }}", "takes numbers only"),
        ("{{ '%1000000000d' % 1 }}", "takes numbers only"),
        ("{{ 9 ** 9 }}", "not allowed"),
        ("{{ 10000000000000000 * 2 }}", "not allowed"),
        ("{{ [1] + [2] }}", "takes numbers only"),
        ("{% include 'other.j2' %}", "other.j2"),
        ("{% include '/etc/passwd' %}", "/etc/passwd"),
        ("{{ alarm.name[ }}", "unexpected"),
        ("{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}", "nested too deeply"),
        (
            "{% if 1 %}" * 500 + "{% endif %}" * 500,
            "nested too deeply",
        ),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too deeply|too long"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_what_a_template_may_not(template: str, problem: str) -> None:
    """Internals, files, bombs; it says what is wrong."""
    with pytest.raises(BadTemplateError, match=problem):
        rendered(template)


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='x') %}{% for a in range(99) %}"
        "{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='x') %}{% for a in range(99) %}"
        "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='x') %}{% for a in range(99) %}"
        "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
        "{% macro a(n) %}{% if n %}{{ a(n - 1) }}{{ a(n - 1) }}{% endif %}"
        "{% endmacro %}"
        "{{ a(60) }}",
        "{% for a in range(1000) %}" + "x" * 1_000 + "{% endfor %}",
        "{% for a in range(1000) %}{% for b in range(400) %}"
        "{{ 'a' }}{% endfor %}{% endfor %}",
    ],
    ids=["loops", "plus", "tilde", "set", "macros", "static text", "output"],
)
def test_a_rendering_ends_soon(template: str) -> None:
    """Time and memory have a bound, whatever the template does."""
    started_at = time.process_time()

    with pytest.raises(BadTemplateError, match="takes too long, or becomes too large"):
        rendered(template)

    assert time.process_time() - started_at < 5.0


def test_the_next_rendering_has_its_whole_allowance() -> None:
    """One that was stopped takes nothing from others."""
    with pytest.raises(BadTemplateError):
        rendered("{% for a in range(1000) %}" + "x" * 1_000 + "{% endfor %}")

    assert rendered("{{ 'x' }}") == "x"


WAYS = (
    "{{ alarm.who }}",
    "{{ alarm.who | e }}",
    "{{ '' ~ alarm.who ~ '' }}",
    "{{ br ~ alarm.who }}",
    "{{ alarm.who + '' }}",
    "{{ [alarm.who, br] | join }}",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(alarm.who) }}",
    "{% set x %}{{ alarm.who }}{% endset %}{{ x }}",
    "{% set x %}{{ alarm.who }}{% endset %}{{ x[1:] }}",
    "{% set x %}{{ alarm.who }}{% endset %}{{ x | lower }}",
    "{% set x %}{{ alarm.who }}{% endset %}{{ x + alarm.who }}",
    "{% filter upper %}{{ alarm.who }}{% endfilter %}",
    "{% autoescape false %}{{ alarm.who }}{% endautoescape %}",
    "{{ alarm.who | bold }}{{ alarm.who | code }}",
    "{{ link(alarm.who, alarm.who) }}",
)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40)
@given(raw=HOSTILE)
def test_html_is_escaped_however_it_is_written(way: str, raw: str) -> None:
    """There is no way around it: a parser sees no element of the record's."""
    evidence = bundle().newest.evidence[0]
    hostile = type(evidence)(principal=raw)

    text = rendered(f"<p>{way}</p>", Medium.HTML, evidence=(hostile,))

    own = {"p", "/p", "b", "/b", "code", "/code", "br", "a", "/a"}
    assert set(elements(text).tags) <= own
    assert elements(text).tags[0] == "p"
    assert elements(text).tags[-1] == "/p"
    assert {name for name, _ in elements(text).attributes} <= {"href"}


@pytest.mark.parametrize("way", [way for way in WAYS if "link(" not in way])
@settings(max_examples=40)
@given(raw=HOSTILE)
def test_markdown_is_escaped_however_it_is_written(way: str, raw: str) -> None:
    """A CommonMark parser finds no link, tag or image; bold and code are ours."""
    evidence = bundle().newest.evidence[0]
    hostile = type(evidence)(principal=raw)

    text = rendered(f"x {way} x", Medium.MARKDOWN, evidence=(hostile,))

    kinds = {token.type for token in markdown_tokens(text)}
    assert kinds <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "hardbreak",
        "softbreak",
        *(("strong_open", "strong_close", "code_inline") if "bold" in way else ()),
    }


def test_constants_are_escaped_like_everything() -> None:
    """What is not markup of the template itself is text."""
    assert rendered("*a* {{ '*b*' }}", Medium.MARKDOWN) == r"*a* \*b\*"


def test_json_of_the_view_is_json() -> None:
    """For bodies of webhooks: parts of the view, or single texts."""
    text = rendered(
        '{"v": {{ view | tojson }}, "n": "{{ alarm.reason }}"}', Medium.JSON
    )

    assert text.startswith('{"v": {"id":"1f1f')
    assert rendered("{{ alarm.links | tojson }}", Medium.JSON).startswith('[{"text":')
