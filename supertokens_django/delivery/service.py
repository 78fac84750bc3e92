"""Delivery of mails and text messages: words, sender, the way out.  Each step is a method to be overridden."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.views.decorators.debug import sensitive_variables

from supertokens_django import conf, db, registry
from supertokens_django.delivery import languages, secrets, wording
from supertokens_django.delivery.conf import DeliveryConf, for_tenant
from supertokens_django.delivery.exceptions import DeliveryError, GatewayError
from supertokens_django.delivery.message import Draft, Message, Sms
from supertokens_django.delivery.signals import delivery_failed, message_sent
from supertokens_django.http.aftermath import after_answer

logger = logging.getLogger("supertokens_django")

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
"""So that nobody's holiday notice answers (RFC 3834; Exchange has a header of its own)."""


class DeliveryService:
    """What ``SUPERTOKENS["DELIVERY"]["SERVICE_CLASS"]`` may be a subclass of."""

    def send(self, draft: Draft) -> None:
        """Send a message once the transaction is committed and the draft's request is answered; never fails.

        What goes wrong is logged and told by ``delivery_failed``: whether an account exists must not be read from it.
        """
        spoken = replace(draft, language=self._language_or_default(draft))
        db.on_commit(lambda: after_answer(draft.request, lambda: self._hand_over(spoken)))

    @sensitive_variables()
    def perform(self, message: Mapping[str, Any]) -> None:
        """Send what ``DELIVERY["TASK"]`` was given; for a worker, which may try again when it fails.

        Raises:
            DeliveryError: the gateway did not take it; logged and told by ``delivery_failed`` already.
            ValueError: it is no message of ours.
        """
        self._deliver(Message.from_dict(message))

    def send_now(self, draft: Draft, *, by_task: bool = False) -> Message:
        """Send a message at once, or hand it to ``DELIVERY["TASK"]`` at once; gives it.

        Raises:
            DeliveryError: it could not be written, or the gateway did not take it.
        """
        return self._send(replace(draft, language=self._language_or_default(draft)), by_task=by_task)

    # To be overridden

    def language(self, draft: Draft) -> str:
        """The language of a message: one of ``LANGUAGES``."""
        return languages.choose(draft)

    def sender(self, draft: Draft) -> str | None:
        """Who it comes from; None: whoever is the default of the mail system or of the SMS backend."""
        settings = conf.section(DeliveryConf)
        return for_tenant(
            settings.from_email if draft.channel == "email" else settings.sms_sender, draft.tenant_id
        )

    def context(self, draft: Draft) -> dict[str, Any]:
        """What the templates know; called while the language of the message is active."""
        return wording.context(draft)

    def compose(self, draft: Draft) -> Message:
        """The message in its final words (SuperTokens' ``get_content``)."""
        values = self.context(draft)
        name = draft.template
        message = Message(
            id=draft.id,
            channel=draft.channel,
            template=name,
            tenant_id=draft.tenant_id,
            language=draft.language or "",
            to=draft.to,
            sender=self.sender(draft),
            text=wording.render(draft, f"{name}.txt", values).strip() + "\n",
            secrets=secrets.of_context(draft.context),
        )
        if draft.channel == "sms":
            return replace(message, text=message.text.strip())
        subject = " ".join(wording.render(draft, f"{name}_subject.txt", values).split())
        html = wording.render_if_any(draft, f"{name}.html", values)
        return replace(message, subject=subject, html=html, headers=HEADERS)

    @sensitive_variables()
    def deliver_email(self, message: Message) -> None:
        """Give a mail to Django's mail system (SuperTokens' ``send_raw_email``)."""
        mail = EmailMultiAlternatives(
            message.subject,
            message.text,
            from_email=message.sender,
            to=[message.to],
            headers=dict(message.headers),
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        _require_one(mail.send())

    @sensitive_variables()
    def deliver_sms(self, message: Message) -> None:
        """Give a text message to ``SMS_BACKEND`` (SuperTokens' ``send_raw_sms``)."""
        _require_one(sms_backend().send_messages([Sms.of(message)]))

    # The way

    def _language_or_default(self, draft: Draft) -> str:
        try:
            return self.language(draft)
        except Exception as error:  # a function of the project's own, which may ask anything
            text = secrets.trace(error, secrets.of_context(draft.context))
            logger.error("The language of a message cannot be told; the request's is taken.\n%s", text)
            return languages.of_request(draft.request)

    @sensitive_variables()
    def _hand_over(self, draft: Draft) -> None:
        with suppress(DeliveryError):
            self._send(draft, by_task=True)

    @sensitive_variables()
    def _send(self, draft: Draft, *, by_task: bool) -> Message:
        failure = None
        try:
            with translation.override(draft.language):
                message = self.compose(draft)
            task = conf.section(DeliveryConf).task if by_task else None
            if task is not None:
                task(message.as_dict())
                return message
        except Exception as error:
            failure = _failed(draft, error, secrets.of_context(draft.context))
        if failure is not None:
            raise failure  # out here, so that what it came from does not go along
        self._deliver(message)
        return message

    @sensitive_variables()
    def _deliver(self, message: Message) -> None:
        failure = None
        try:
            if message.channel == "email":
                self.deliver_email(message)
            else:
                self.deliver_sms(message)
        except Exception as error:
            failure = _failed(message, error, message.secrets)
        if failure is not None:
            raise failure
        message_sent.send_robust(DeliveryService, **_about(message))


@sensitive_variables()
def _failed(what: Draft | Message, error: Exception, hidden: tuple[str, ...]) -> DeliveryError:
    text = "The %s %r (%s) of tenant %r could not be sent.\n%s"
    kind = "mail" if what.channel == "email" else "text message"
    logger.error(text, kind, what.template, what.id, what.tenant_id, secrets.trace(error, hidden))
    failure = DeliveryError(secrets.summary(error, hidden))
    delivery_failed.send_robust(DeliveryService, error=failure, **_about(what))
    return failure


def _about(what: Draft | Message) -> dict[str, Any]:
    return {
        "channel": what.channel,
        "template": what.template,
        "to": what.to,
        "tenant_id": what.tenant_id,
        "language": what.language,
        "message_id": what.id,
    }


def _require_one(sent: object) -> None:
    """A backend says how many it has sent; one of somebody else may say nothing."""
    if sent == 0 and isinstance(sent, int):
        raise GatewayError("The backend says that it has sent nothing.")


def sms_backend() -> Any:
    """The configured SMS backend, made anew as Django makes its mail backends.

    Raises:
        ImproperlyConfigured: there is none, or its options are not what it takes.
    """
    app = conf.app()
    if app.sms_backend is None:
        raise ImproperlyConfigured("SUPERTOKENS['SMS_BACKEND'] is not set: text messages cannot be sent.")
    try:
        return app.sms_backend(**(app.sms_backend_options or {}))
    except TypeError as error:
        raise ImproperlyConfigured(f"SUPERTOKENS['SMS_BACKEND_OPTIONS']: {error}") from error


delivery = registry.lazy_service(DeliveryService, DeliveryConf)
