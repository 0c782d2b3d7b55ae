"""Template files are found, read, and named by targets that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from relay.config.load import examine, load
from relay.config.template_files import MAX_BYTES, read_template

BASE: dict[str, Any] = {
    "source": {"queue_url": "http://localhost/1/q", "buckets": ["abc"]},
    "logs": {"group": "/x"},
}


def write(folder: Path, templates: list[str], template: str | None = None) -> Path:
    """Write a configuration with mail by ``template``."""
    mail = {"to": ["a@example.com"], "from": "b@example.com", "smtp": {"host": "h"}}
    if template:
        mail["template"] = template
    notify = {
        "receivers": [{"name": "r", "email": [mail]}],
        "route": {"receiver": "r"},
        "templates": templates,
    }
    path = folder / "relay.yaml"
    path.write_text(yaml.safe_dump({**BASE, "notify": notify}))
    return path


def problems(path: Path) -> list[str]:
    """Return what is said of the configuration, without its place."""
    report = examine(path)
    return [each.message for each in report.problems]


def test_templates_are_read(tmp_path: Path) -> None:
    """Each file once, whichever glob finds it."""
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "pager.html.j2").write_text("<p>")
    (tmp_path / "t" / "parts.j2").write_text("\ufeffö", encoding="utf-8")

    loaded = load(write(tmp_path, ["t/*.j2", "t/pager*"], "pager"))

    found = [(each.name, each.text) for each in loaded.templates]
    assert found == [("pager.html.j2", "<p>"), ("parts.j2", "ö")]
    assert loaded.templates[0].file == str(tmp_path / "t" / "pager.html.j2")


def test_a_target_names_a_template_that_there_is(tmp_path: Path) -> None:
    """Or the default one."""
    (tmp_path / "pager.html.j2").write_text("x")

    assert problems(write(tmp_path, ["*.j2"], "pager")) == []
    assert problems(write(tmp_path, [], "default")) == []
    assert problems(write(tmp_path, ["*.j2"], "pagr")) == [
        "'pagr' is none of notify.templates; it would be a file such as pagr.html.j2"
    ]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """Nobody could say which one is meant."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt.j2").write_text("x")

    (problem,) = problems(write(tmp_path, ["*/x.txt.j2"]))

    assert problem == f"{tmp_path}/b/x.txt.j2 has the name of {tmp_path}/a/x.txt.j2"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.txt", b"x", "is no template: its name must end with .j2"),
        ("x.txt.j2", b"\xff", "cannot be read: it is no UTF-8 text"),
        ("x.txt.j2", b"x" * (MAX_BYTES + 1), "is too large"),
    ],
)
def test_what_cannot_be_used_is_said(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    """With the file's name."""
    (tmp_path / name).write_bytes(content)

    (found,) = problems(write(tmp_path, [name]))

    assert found.startswith(f"{tmp_path}/{name} {problem}")


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    """It may vanish between the glob and the reading."""
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        read_template(tmp_path / "x.j2")


@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        ({"111122223333": "prod"}, None),
        ({"1111": "prod"}, "the key '1111' is no account id: 12 digits"),
        ({"111122223333": ""}, "'' is empty"),
    ],
)
def test_accounts_have_names(
    tmp_path: Path, accounts: dict[str, str], problem: str | None
) -> None:
    """By their ids."""
    path = tmp_path / "relay.yaml"
    path.write_text(yaml.safe_dump({**BASE, "notify": {"accounts": accounts}}))

    assert problems(path) == ([] if problem is None else [problem])


def test_an_account_id_needs_no_quotes(tmp_path: Path) -> None:
    """And keeps its leading zero."""
    path = tmp_path / "relay.yaml"
    text = yaml.safe_dump(BASE) + "notify: {accounts: {012345678901: prod}}\n"
    path.write_text(text)

    assert load(path).config.notify.accounts == {"012345678901": "prod"}
