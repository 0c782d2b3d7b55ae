"""Which file is which template."""

import pytest

from relay.config.template_files import TemplateFile
from relay.notify.content.media import Flavour, Medium
from relay.notify.content.sources import by_name, default_files, file_name, medium_of


@pytest.mark.parametrize(
    ("name", "medium"),
    [
        ("pager.html.j2", Medium.HTML),
        ("a.b.md.j2", Medium.MARKDOWN),
        ("parts.j2", None),
    ],
)
def test_the_name_says_the_medium(name: str, medium: Medium | None) -> None:
    """Without one it is there to be included."""
    assert medium_of(name) == medium


def test_what_is_no_medium_is_refused() -> None:
    """It would never be used."""
    with pytest.raises(ValueError, match="docx is no medium; known are txt, html"):
        medium_of("pager.docx.j2")


def test_there_is_a_default_one_for_all_that_is_sent() -> None:
    """Mail and every chat service."""
    names = {each.name for each in default_files()}

    media = {Medium.TEXT, Medium.HTML, Medium.SUBJECT, *(f.medium for f in Flavour)}
    assert {file_name("default", medium) for medium in media} <= names


def test_a_file_of_the_configuration_hides_the_default_one() -> None:
    """Which can still be had, to be extended or included."""
    own = TemplateFile(name="default.txt.j2", file="x/default.txt.j2", text="x")

    files = by_name([own])

    assert files["default.txt.j2"] is own
    assert files["relay/default.txt.j2"].file == "relay/default.txt.j2"
