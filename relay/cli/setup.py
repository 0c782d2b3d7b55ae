"""``relay setup``: the AWS side of a relay - planned, made, and removed again."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import anyio
import typer

from relay.clock import SystemClock
from relay.config.load import load
from relay.errors import ConfigError, RelayError
from relay.setup.template import Template

if TYPE_CHECKING:  # the AWS SDK takes half a second that no other command needs
    from relay.config.setup_schema import SetupFile
    from relay.setup.session import Session

FAILED: Final = 1
INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")

setup = typer.Typer(
    no_args_is_help=True,
    help="Make the AWS side of a relay: bucket, topic, queue, log group, trail.\n\n"
    "Everything has a default; a setup file (--config) says the rest. What is named "
    "and exists already is used as it is; what setup makes it marks with the tags "
    "made-by and relay-setup, and only that is changed or removed later.",
)

_Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="A setup file.", show_default=False),
]
_Name = Annotated[
    str | None,
    typer.Option(
        help="The setup's name; without it cloudtrail-relay.", show_default=False
    ),
]
_Region = Annotated[
    str | None,
    typer.Option(
        help="The trail's home region; without it the environment's.",
        show_default=False,
    ),
]
_Use = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND=NAME",
        help="Use this bucket, topic, queue, trail, log-group or role, or make it "
        "under this name. An existing trail brings its bucket and topic. Repeatable.",
        show_default=False,
    ),
]
_Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object to standard output.")
]
_OPTIONS: Final = {
    "bucket": "bucket.name",
    "topic": "topic",
    "queue": "queue",
    "trail": "trail.name",
    "log-group": "logs.group",
    "role": "role.name",
}
"""What --use may name, and the option of the setup file that it stands for."""


@setup.command()
def plan(  # noqa: PLR0913 - typer makes each parameter an option
    config: _Config = None,
    name: _Name = None,
    region: _Region = None,
    use: _Use = None,
    as_json: _Json = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 when there is something.")
    ] = False,
    template: Annotated[
        Template | None,
        typer.Option(
            "--format",
            help="Print everything as a template for another tool instead; not when "
            "existing things are to be used.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what exists, what differs and what would be made; change nothing.

    Exit status: 0; with --exit-code 1 when apply would change something; 1 when AWS
    could not be asked, or something is in the way; 2 for wrong usage or a setup file
    that cannot be used.
    """
    from relay.cli import setup_work  # noqa: PLC0415 - the AWS SDK is slow to load

    file = _read(config, name, region, use)
    if template is not None:
        _run(file, partial(setup_work.print_template, template=template))
    else:
        _run(file, partial(setup_work.show_plan, as_json=as_json, exit_code=exit_code))


@setup.command()
def apply(
    config: _Config = None,
    name: _Name = None,
    region: _Region = None,
    use: _Use = None,
    as_json: _Json = False,
    write: Annotated[
        Path | None,
        typer.Option(help="Write a relay.yaml that fits here.", show_default=False),
    ] = None,
) -> None:
    """Make what is missing and change what differs; run it again after a failure.

    Policy statements are merged by their Sids: those of others stay as they are.

    Exit status: 0 when all is as planned; 1 when a call failed, something is in the way
    or the file to write exists with other content; 2 for wrong usage or a setup file
    that cannot be used.
    """
    from relay.cli import setup_work  # noqa: PLC0415 - the AWS SDK is slow to load

    file = _read(config, name, region, use)
    _run(file, partial(setup_work.apply_plan, as_json=as_json, write=write))


@setup.command()
def destroy(  # noqa: PLR0913 - typer makes each parameter an option
    config: _Config = None,
    name: _Name = None,
    region: _Region = None,
    use: _Use = None,
    as_json: _Json = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    delete_data: Annotated[
        str | None,
        typer.Option(
            "--delete-objects",
            metavar="BUCKET",
            help="Delete the log files as well, and the log group with its log events: "
            "the name of the bucket, to be sure.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Remove what this setup has made, as its tags and Sids say, and nothing else.

    A bucket that holds log files is kept, and a log group that holds log events, unless
    --delete-objects names the bucket.

    Exit status: 0 when everything of this setup is removed or kept for its data; 1 when
    a call failed or the answer was no; 2 for wrong usage or a setup file that cannot be
    used.
    """
    from relay.cli import setup_work  # noqa: PLC0415 - the AWS SDK is slow to load

    file = _read(config, name, region, use)
    work = partial(
        setup_work.destroy_setup, as_json=as_json, is_sure=yes, delete_data=delete_data
    )
    _run(file, work)


@setup.command("iam-policy")
def iam_policy(
    config: Annotated[
        Path,
        typer.Option(
            "--config",
            "-c",
            help="The daemon's configuration, relay.yaml.",
            envvar="RELAY_CONFIG",
        ),
    ] = DEFAULT_CONFIG,
    account: Annotated[
        str | None,
        typer.Option(
            help="The daemon's account; without it that of source.queue_url.",
            show_default=False,
        ),
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(
            help="What the keys of log files start with; without it anything.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARN",
            help="A KMS key of log files or of the queue. Repeatable.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the IAM policy that the daemon needs with this configuration, no more.

    AWS is not called. Exit status: 0; 2 when the configuration cannot be used, or does
    not say account and region.
    """
    from relay.setup.permissions import daemon_policy, scope_of  # noqa: PLC0415 - above

    try:
        loaded = load(config)
        policy = daemon_policy(
            loaded,
            scope=scope_of(loaded.config, account=account),
            key_arns=key or (),
            prefix=prefix,
        )
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(INVALID) from None
    typer.echo(json.dumps(policy, indent=2))


def _read(
    config: Path | None, name: str | None, region: str | None, use: list[str] | None
) -> "SetupFile":
    """Return the setup file with the options of the command line over it."""
    from relay.setup.files import read_setup  # noqa: PLC0415 - as above

    given: dict[str, object] = {"name": name, "region": region}
    for each in use or ():
        kind, has_name, value = each.partition("=")
        if kind not in _OPTIONS or not (has_name and value):
            raise typer.BadParameter(
                f"{each!r} is not KIND=NAME, of {', '.join(_OPTIONS)}",
                param_hint="--use",
            )
        given[_OPTIONS[kind]] = value
    try:
        return read_setup(config, given)
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(INVALID) from None


def _run(file: "SetupFile", work: Callable[["Session"], Awaitable[bool]]) -> None:
    """Do ``work``, which tells whether all went well, and end with its status."""

    async def main() -> bool:
        from relay.setup.session import open_session  # noqa: PLC0415 - as above

        async with open_session(file, clock=SystemClock()) as session:
            return await work(session)

    try:
        is_well = anyio.run(main)
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(INVALID) from None
    except RelayError as error:
        typer.echo(error, err=True)
        raise typer.Exit(FAILED) from None
    if not is_well:
        raise typer.Exit(FAILED)
