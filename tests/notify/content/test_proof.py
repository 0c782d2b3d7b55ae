"""Templates are proved when the configuration is read."""

from pathlib import Path

import pytest

from relay.config.load import load
from relay.errors import ConfigError
from relay.notify.content.media import Medium
from relay.notify.content.proof import (
    background_of,
    load_templates,
    template_problems,
)
from relay.notify.content.samples import Sample, sample_bundle

CONFIG = """\
source: {queue_url: http://localhost/1/q, buckets: [abc]}
logs:
  group: /x
  routes:
    - {match: '{ $.a = 1 }', group: /y}
    - {match: '{ $.b = 1 }', drop: true}
notify: {accounts: {111122223333: prod}, templates: [templates/*]}
"""


def prepare(folder: Path, **templates: str) -> Path:
    """Write a configuration with ``templates``: ``a_txt`` is a.txt.j2."""
    (folder / "templates").mkdir()
    for name, text in templates.items():
        (folder / "templates" / f"{name.replace('_', '.')}.j2").write_text(text)
    path = folder / "relay.yaml"
    path.write_text(CONFIG)
    return path


def test_sound_templates_are_loaded(tmp_path: Path) -> None:
    """With the names and log groups of the configuration."""
    path = prepare(tmp_path, pager_html="<p>{{ alarm.where }}</p>", part="{{ x }}")

    templates = load_templates(load(path))

    view = templates.view(sample_bundle(Sample.ALARM))
    assert templates.named("pager", Medium.HTML, view) == (
        "<p>prod (111122223333), eu-west-1</p>"
    )


def test_queries_look_into_every_log_group(tmp_path: Path) -> None:
    """The main one first; those of routes as well."""
    assert background_of(load(prepare(tmp_path))).log_groups == ("/x", "/y")


def test_every_fault_is_found_with_its_line(tmp_path: Path) -> None:
    """Of syntax, of names, of what only some notifications lack; each once."""
    path = prepare(
        tmp_path,
        a_txt="\n{{ alarm.titel }}",
        b_html="{% endif %}",
        c_md="\n\n{{ alarm.rows[0].who }}",
        d_docx="x",
        e="{{",
        f_slack="{{ alarm.title }}",
    )

    problems = [str(each) for each in template_problems(load(path))]

    assert [each.removeprefix(f"{tmp_path}/templates/") for each in problems] == [
        "a.txt.j2:2: 'AlarmView' has no attribute 'titel'",
        "b.html.j2:1: Encountered unknown tag 'endif'.",
        "c.md.j2:3: tuple object has no element 0",
        "d.docx.j2: is for no medium: docx is no medium; known are txt, html, subject,"
        " slack, md, telegram, teams, discord, json, csv",
        "e.j2:1: unexpected 'end of template'",
    ]


def test_a_configuration_with_a_broken_template_is_refused(tmp_path: Path) -> None:
    """Nothing is put to work with half of it."""
    path = prepare(tmp_path, a_txt="{{ x }}")

    with pytest.raises(ConfigError, match=r"a\.txt\.j2:1: 'x' is undefined"):
        load_templates(load(path))
