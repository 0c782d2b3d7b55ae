"""Any service that apprise knows; its own code makes the calls.

What is kept here for HTTP (no redirects, no link-local addresses) is apprise's affair
there, and it does not say why something failed: all failures may pass.
"""

import anyio

from relay.config.apprise_url import Service, apprise_service
from relay.config.chat_targets import AppriseTarget
from relay.config.template_files import DEFAULT
from relay.errors import Reason, TransientError
from relay.model import Bundle
from relay.notify.content.render import Templates


class AppriseSender:
    """Sends to one URL."""

    def __init__(
        self,
        target: AppriseTarget,
        templates: Templates,
        service: Service | None = None,
    ) -> None:
        """Make no call, and load nothing yet: that takes its time."""
        self._url = target.url.reveal()
        self._what = f"apprise {self._url.partition(':')[0]}"
        self._timeout_secs = target.timeout
        self._template = target.template or DEFAULT
        self._templates = templates
        self._service = service

    async def send(self, bundle: Bundle) -> str:
        """Send the text once. Raises TransientError when apprise says that it failed.

        After ``timeout`` it is given up, but goes on in its thread.
        """
        view = self._templates.view(bundle)
        text = self._templates.text(view, template=self._template)

        def notify() -> object:
            if self._service is None:
                self._service = apprise_service(self._url)
            if self._service is None:
                return False  # the configuration was checked by another version
            kind = "failure" if view.is_firing else "success"
            return self._service.notify(text, view.title, notify_type=kind)

        try:
            with anyio.fail_after(self._timeout_secs):
                is_sent = await anyio.to_thread.run_sync(notify, abandon_on_cancel=True)
        except TimeoutError as error:
            message = f"{self._what}: not sent within {self._timeout_secs:g} s"
            raise TransientError(message, reason=Reason.TIMEOUT) from error
        except Exception as error:  # noqa: BLE001 - plugins raise anything, with secrets
            message = f"{self._what}: {type(error).__name__}"
            raise TransientError(message, reason=Reason.INTERNAL) from None
        if not is_sent:
            message = f"{self._what}: was not sent"
            raise TransientError(message, reason=Reason.UNAVAILABLE)
        return "sent"
