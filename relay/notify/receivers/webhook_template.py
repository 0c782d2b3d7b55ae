"""The body that a webhook's own template makes, and the proof that it makes one.

What fails on a sample would fail when something has happened, which is the worst time.
"""

import msgspec

from relay.config.http_targets import WebhookTarget
from relay.config.problems import Problem
from relay.config.schema import Loaded
from relay.errors import Reason, RejectedError
from relay.model import Bundle
from relay.notify.content.media import Medium
from relay.notify.content.proof import background_of
from relay.notify.content.render import Templates
from relay.notify.content.samples import Sample, sample_bundle
from relay.notify.webhook_body import render_body


def webhook_body(target: WebhookTarget, templates: Templates, bundle: Bundle) -> bytes:
    """Return what ``target`` is sent.

    Raises RejectedError when its template fails, or calls JSON what is none.
    """
    if target.body is None and target.template is None:
        return render_body(bundle)
    view = templates.view(bundle)
    if target.body is not None:
        text = templates.custom(target.body, view, escape=Medium.JSON)
    else:
        text = templates.named(str(target.template), Medium.JSON, view)
    body = text.encode()
    if target.is_json and not _is_json(body):
        message = "what the template makes is no JSON"
        raise RejectedError(message, reason=Reason.INVALID)
    return body


def template_fault(target: WebhookTarget, templates: Templates) -> str | None:
    """Return what is wrong with the template of ``target``, tried on the samples."""
    for sample in Sample:
        try:
            webhook_body(target, templates, sample_bundle(sample))
        except RejectedError as error:
            return f"{error} (sample: {sample})"
    return None


def webhook_problems(loaded: Loaded, *, file: str) -> list[Problem]:
    """Return what is wrong with the templates of all webhooks of ``file``."""
    templates = Templates(loaded.templates, background=background_of(loaded))
    return [
        Problem(
            file=file,
            line=None,
            location=("notify", "receivers", position, "webhook", at, option(target)),
            message=fault,
        )
        for position, receiver in enumerate(loaded.config.notify.receivers)
        for at, target in enumerate(receiver.webhook)
        if (fault := template_fault(target, templates)) is not None
    ]


def option(target: WebhookTarget) -> str:
    """Return the name of the option that says what the body is."""
    return "template" if target.body is None else "body"


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
