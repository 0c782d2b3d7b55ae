"""``relay template``: see what a template of notifications makes of samples."""

from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer

from relay.config.load import load
from relay.config.template_files import TemplateFile, read_template
from relay.errors import ConfigError
from relay.model import Bundle
from relay.notify.content.faults import BadTemplateError
from relay.notify.content.media import Medium
from relay.notify.content.proof import background_of
from relay.notify.content.render import Templates
from relay.notify.content.samples import Sample, sample_bundle
from relay.notify.content.sources import medium_of

FAILED: Final = 1
INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")
SAMPLES: Final = ", ".join(Sample)

template = typer.Typer(
    no_args_is_help=True,
    help="See what templates of notifications (Jinja2) make of samples.\n\n"
    "A template's file name says what it is for: pager.html.j2 is the template pager "
    "for HTML mail.",
)


@template.command()
def render(
    file: Annotated[Path, typer.Argument(help="The template, such as pager.html.j2.")],
    flavour: Annotated[
        Medium | None,
        typer.Option(
            "--flavour", "-f", help="What to write it for; by default its name says."
        ),
    ] = None,
    receiver: Annotated[
        str | None,
        typer.Option(
            "--receiver",
            "-r",
            help="A receiver of the configuration, whose accounts' names, log groups "
            "and other templates are used then.",
            show_default=False,
        ),
    ] = None,
    sample: Annotated[
        str,
        typer.Option(
            "--sample",
            "-s",
            help=f"What is told: {SAMPLES}, or a file as the command sample prints it.",
        ),
    ] = Sample.ALARM,
    config: Annotated[
        Path,
        typer.Option(
            "--config", "-c", help="The configuration file.", envvar="RELAY_CONFIG"
        ),
    ] = DEFAULT_CONFIG,
) -> None:
    """Print what the template makes of a sample.

    Exit status: 0; 1 when the template fails, with the line that it fails at; 2 when a
    file or the configuration cannot be used.
    """
    source = _source(file)
    medium = flavour or _medium(source)
    templates = _templates(source, receiver, config)
    bundle = _bundle(sample, receiver or "sample")
    try:
        text = templates.from_file(source.name, medium, templates.view(bundle))
    except BadTemplateError as error:
        _stop(str(error), FAILED)
    typer.echo(text, nl=not text.endswith("\n"))


@template.command("sample")
def print_sample(
    name: Annotated[Sample, typer.Argument(help="Which sample.")] = Sample.ALARM,
) -> None:
    """Print a sample as JSON, to be changed and rendered with --sample FILE."""
    encoded = msgspec.json.encode(sample_bundle(name))
    typer.echo(msgspec.json.format(encoded, indent=2))


def _source(file: Path) -> TemplateFile:
    try:
        return read_template(file)
    except ValueError as error:
        _stop(f"{file} {error}", INVALID)


def _medium(source: TemplateFile) -> Medium:
    try:
        medium = medium_of(source.name)
    except ValueError as error:
        _stop(f"{source.file}: {error}", INVALID)
    if medium is None:
        _stop(f"{source.file} does not say what it is for; add --flavour", INVALID)
    return medium


def _templates(source: TemplateFile, receiver: str | None, config: Path) -> Templates:
    """Return the templates; the file given goes before what the configuration has."""
    if receiver is None:
        return Templates([source])
    try:
        loaded = load(config)
    except ConfigError as error:
        _stop(str(error), INVALID)
    names = [each.name for each in loaded.config.notify.receivers]
    if receiver not in names:
        known = ", ".join(names) or "none"
        _stop(f"{receiver} is no receiver; known are: {known}", INVALID)
    return Templates([*loaded.templates, source], background=background_of(loaded))


def _bundle(sample: str, receiver: str) -> Bundle:
    if sample in set(Sample):
        return sample_bundle(Sample(sample), receiver=receiver)
    try:
        bundle = msgspec.json.decode(Path(sample).read_bytes(), type=Bundle)
    except OSError as error:
        _stop(f"{sample} is no sample ({SAMPLES}), nor a file: {error}", INVALID)
    except (msgspec.DecodeError, ValueError) as error:
        _stop(f"{sample}: {error}", INVALID)
    if not bundle.notifications:
        _stop(f"{sample}: notifications is empty", INVALID)
    return bundle


def _stop(message: str, status: int) -> NoReturn:
    typer.echo(f"relay template: {message}", err=True)
    raise typer.Exit(status)
