"""Sending alerts: each function returns when the other side has taken the message, else raises DeliveryError."""

from __future__ import annotations

import email.message
import email.utils
import hashlib
import hmac
import json
import os
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from index.store import Store
from netdocket.errors import ConfigurationError, NetdocketError
from netdocket.records import utc_now
from streams.alerts import messages
from streams.alerts.documents import alerts as stored_alerts
from streams.alerts.messages import Alert
from streams.alerts.rules import Channel, Feed, Mail, Notify, Webhook

SECONDS: Final = 15.0
"""How long the other side has to answer."""


class DeliveryError(NetdocketError):
    """A channel did not take a message; it is tried again."""


def send(channel: Channel, alerts: Sequence[Alert], store: Store) -> None:
    """Raises DeliveryError; ConfigurationError for a secret that is not there."""
    match channel:
        case Mail():
            send_mail(channel, alerts)
        case Webhook():
            for alert in alerts:
                post(channel, alert)
        case Feed():
            write_feed(channel, store)
        case Notify():
            notify(channel, alerts)
        case _:
            raise ConfigurationError("nothing is known about this kind of channel", where=channel.id)


def send_mail(channel: Mail, alerts: Sequence[Alert]) -> None:
    message = email.message.EmailMessage()
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.to)
    message["Subject"] = messages.subject(alerts)
    message["Date"] = email.utils.formatdate()
    message["Message-ID"] = messages.message_id(alerts)
    message.set_content(messages.text(alerts))
    try:
        with smtplib.SMTP(channel.host, channel.port, timeout=SECONDS) as server:
            if channel.starttls:
                server.starttls(context=ssl.create_default_context())
            if channel.user:
                server.login(channel.user, _secret(channel, channel.password_env))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(str(error), where=channel.id) from error


def post(channel: Webhook, alert: Alert) -> None:
    """`Netdocket-Signature: t=<Unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`; `Netdocket-Alert`: the id, to tell
    a repetition by."""
    body = json.dumps(messages.payload(alert), ensure_ascii=False, sort_keys=True).encode()
    now = str(int(time.time()))
    request = urllib.request.Request(  # noqa: S310 - the pattern of the setting allows http(s) only
        channel.url,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "netdocket",
            "Netdocket-Alert": alert["alert_id"],
            "Netdocket-Signature": f"t={now},v1={signature(_secret(channel, channel.secret_env), now, body)}",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        with error:
            raise DeliveryError(f"answered {error.code}", where=channel.id) from error
    except OSError as error:
        raise DeliveryError(str(error), where=channel.id) from error


def signature(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def write_feed(channel: Feed, store: Store) -> None:
    """The newest alerts that are not muted, whatever was delivered before."""
    store.refresh()
    newest: list[Alert] = []
    for alert in stored_alerts(store, [{"terms": {"state": ["open", "acked"]}}]):
        newest.append(alert)
        if len(newest) == channel.entries:
            break
    path = Path(channel.path)
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.write_text(messages.atom(newest, channel.address, utc_now()), encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise DeliveryError(f"{path}: {error.strerror}", where=channel.id) from error


def notify(channel: Notify, alerts: Sequence[Alert]) -> None:
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            "this channel needs Apprise: install netdocket[notify]", where=channel.id
        ) from error
    service = apprise.Apprise()
    if not service.add(_secret(channel, channel.url_env)):
        raise ConfigurationError(f"{channel.url_env} holds no address that Apprise knows", where=channel.id)
    if not service.notify(body=messages.text(alerts), title=messages.subject(alerts)):
        raise DeliveryError("the service did not take the message", where=channel.id)


def _secret(channel: Channel, variable: str | None) -> str:
    value = os.environ.get(variable or "")
    if not value:
        raise ConfigurationError(f"the environment variable {variable} is not set", where=channel.id)
    return value
