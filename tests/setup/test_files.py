"""Tests of the setup file, and of what the command line puts over it."""

from pathlib import Path

import pytest

from relay.config.setup_schema import SetupFile, SetupTrail
from relay.errors import ConfigError
from relay.setup.files import read_setup

EMPTY: dict[str, object] = {}


def test_without_a_file_all_is_default() -> None:
    """What is not given changes nothing."""
    assert read_setup(None, {"name": None, "bucket.name": None}) == SetupFile()


def test_file_and_options_become_one(tmp_path: Path) -> None:
    """An option goes before the file's, and leaves the rest of its section."""
    path = tmp_path / "setup.yaml"
    path.write_text("region: eu-west-1\ntrail: {name: a, multi_region: false}\n")

    found = read_setup(path, {"trail.name": "org", "bucket.name": "logs"})

    assert found.region == "eu-west-1"
    assert found.trail == SetupTrail(name="org", multi_region=False)
    assert found.bucket.name == "logs"


def test_role_is_made_when_it_is_named() -> None:
    """The section is there as soon as an option of it is."""
    found = read_setup(None, {"role.name": "relay-runner"})

    assert found.role is not None
    assert found.role.service == "ec2.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nmae: x\n", "setup.yaml:1: nmae: is no known key; did you mean name?"),
        ("name: A\n", "setup.yaml:1: name: 'A' is no setup name"),
        ("trail: {name: a..b}\n", "is no trail's name"),
        ("bucket: {prefix: /x}\n", "is no prefix"),
        ("- name\n", "is no mapping"),
        ("name: [\n", "setup.yaml:2"),
    ],
    ids=["unknown key", "name", "trail", "prefix", "list", "no yaml"],
)
def test_problems_say_where(tmp_path: Path, text: str, problem: str) -> None:
    """As in every other file."""
    path = tmp_path / "setup.yaml"
    path.write_text(text)

    with pytest.raises(ConfigError) as refused:
        read_setup(path, EMPTY)

    assert problem in refused.value.problems[0]


def test_problem_of_an_option_names_the_command_line() -> None:
    """There is no line to name."""
    with pytest.raises(ConfigError, match="the command line"):
        read_setup(None, {"bucket.name": "Not_A_Bucket"})
