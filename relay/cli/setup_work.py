"""What ``relay setup`` does and prints, once its words are understood."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from relay.clock import SystemClock
from relay.setup.cloudformation import cloudformation
from relay.setup.report import (
    removal_line,
    removals_document,
    step_lines,
    steps_document,
    summary,
)
from relay.setup.resource import Kind
from relay.setup.run import Removal, apply, destroy, plan_steps
from relay.setup.session import Session
from relay.setup.steps import Step, of_others, refused
from relay.setup.template import Template
from relay.setup.terraform import terraform

INVALID: Final = 2


async def show_plan(session: Session, *, as_json: bool, exit_code: bool) -> bool:
    """Print what is to be done; tell whether that ends well.

    It does not when something is in the way, or with ``exit_code`` when there is
    anything to do at all.
    """
    with Console(stderr=True).status("asking AWS what there is"):
        steps = await plan_steps(session.resources, clock=SystemClock())
    if as_json:
        _print_json(steps_document(session.plan, steps))
    else:
        for step in steps:
            typer.echo("\n".join(step_lines(step)))
        typer.echo(summary(steps))
    is_change = any(step.is_change for step in steps)
    return not (refused(steps) or (exit_code and is_change))


async def print_template(session: Session, *, template: Template) -> bool:
    """Print the setup for another tool; tell whether it can be one."""
    steps = await plan_steps(session.resources, clock=SystemClock())
    for step in of_others(steps):
        typer.echo(
            f"{step.title}: exists already; a template would replace its policy, which "
            "only apply can merge",
            err=True,
        )
    if of_others(steps):
        return False
    match template:
        case Template.CLOUDFORMATION:
            typer.echo(cloudformation(session.plan), nl=False)
        case Template.TERRAFORM:
            typer.echo(terraform(session.plan), nl=False)
    for title in (step.title for step in steps if step.title.kind is Kind.KEY_POLICY):
        typer.echo(f"{title}: not in the template; apply merges it", err=True)
    return True


async def apply_plan(session: Session, *, as_json: bool, write: Path | None) -> bool:
    """Make what is missing and print it; tell whether ``write`` could be written."""

    def show(step: Step) -> None:
        typer.echo("\n".join(step_lines(step, is_done=True)), err=as_json)

    steps = await apply(session.resources, clock=SystemClock(), on_step=show)
    if as_json:
        _print_json(steps_document(session.plan, steps))
    return write is None or _write(write, await session.relay_yaml())


async def destroy_setup(
    session: Session, *, as_json: bool, is_sure: bool, delete_data: str | None
) -> bool:
    """Ask, remove and print; tell whether the answer was yes.

    Raises typer.Exit when ``delete_data`` is not the name of the bucket.
    """
    plan = session.plan
    if delete_data not in (None, plan.bucket):
        typer.echo(f"--delete-objects: the bucket is {plan.bucket}", err=True)
        raise typer.Exit(INVALID)
    what = f"all that setup {plan.setup} made in account {plan.account}, {plan.region}"
    also = " with all log files and log events" if delete_data else ""
    if not is_sure and not typer.confirm(f"Remove {what}{also}?", err=True):
        return False

    def show(removal: Removal) -> None:
        typer.echo(removal_line(removal), err=as_json)

    removals = await destroy(
        session.resources,
        with_data=delete_data is not None,
        clock=SystemClock(),
        on_removal=show,
    )
    if as_json:
        _print_json(removals_document(plan, removals))
    return True


def _write(path: Path, text: str) -> bool:
    """Write ``text`` into a new file; one that is there is never overwritten."""
    if path.exists():
        if path.read_text() == text:
            return True
        typer.echo(f"{path}: exists with other content; left as it is", err=True)
        return False
    path.write_text(text)
    typer.echo(f"wrote {path}", err=True)
    return True


def _print_json(document: Mapping[str, object]) -> None:
    typer.echo(json.dumps(document, indent=2))
