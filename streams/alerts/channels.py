"""Sending alerts: each function returns when the other side has taken the message, else raises DeliveryError.

What it returns is what is worth knowing about a message that was taken: who of several did not get it.
"""

from __future__ import annotations

import email.message
import email.utils
import hashlib
import hmac
import http.client
import json
import os
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from index.store import Store
from netdocket.errors import ConfigurationError, NetdocketError
from netdocket.records import utc_now
from streams.alerts import messages
from streams.alerts.documents import alerts as stored_alerts
from streams.alerts.messages import Alert
from streams.alerts.rules import Channel, Feed, Mail, Notify, Webhook

SECONDS: Final = 15.0
"""How long the other side has to answer."""


PERMANENT: Final = 500
"""From here on an answer of a mail server means: never."""
LATER: Final = frozenset({408, 425, 429})
"""Answers of the 400s that say: not now."""


class DeliveryError(NetdocketError):
    """A channel did not take a message; it is tried again. `refused`: it will not have this message, and others it may;
    else nothing is to be had of it now. `left`: who has still to get it, where others have; without any, all have."""

    def __init__(
        self, what: str, *, where: str | None = None, refused: bool = False, left: Sequence[str] = ()
    ) -> None:
        super().__init__(what, where=where)
        self.refused = refused
        self.left = tuple(left)


def at_once(channel: Channel, most: int) -> int:
    """How many alerts go in one message: a webhook gets each by itself."""
    return 1 if isinstance(channel, Webhook) else most


def send(channel: Channel, alerts: Sequence[Alert], store: Store) -> str | None:
    """Raises DeliveryError; ConfigurationError for a secret that is not there."""
    match channel:
        case Mail():
            return send_mail(channel, alerts)
        case Webhook():
            for alert in alerts:
                post(channel, alert)
        case Feed():
            write_feed(channel, store)
        case Notify():
            notify(channel, alerts)
        case _:
            raise ConfigurationError("nothing is known about this kind of channel", where=channel.id)
    return None


def to_those(channel: Channel, left: Sequence[str]) -> Channel | None:
    """The channel with those of its recipients alone who are `left`, all where that is empty; None where none is."""
    if not left or not isinstance(channel, Mail):
        return channel
    to = tuple(name for name in channel.to if name in left)
    return msgspec.structs.replace(channel, to=to) if to else None


def send_mail(channel: Mail, alerts: Sequence[Alert]) -> str | None:
    """Those who were refused for good are named; those who were refused for now are left to get it, with the same id."""
    message = email.message.EmailMessage()
    message["From"] = channel.sender
    message["To"] = ", ".join(channel.to)
    message["Subject"] = messages.subject(alerts)
    message["Date"] = email.utils.formatdate()
    message["Message-ID"] = messages.message_id(alerts)
    message.set_content(messages.text(alerts))
    try:
        with _mail_server(channel) as server:
            if channel.user:
                server.login(channel.user, _secret(channel, channel.password_env))
            refused = server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        never = error.smtp_code >= PERMANENT
        raise DeliveryError(str(error), where=channel.id, refused=never) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryError(str(error), where=channel.id) from error
    said = ", ".join(
        f"{name} ({code} {reason.decode('utf-8', 'replace')})" for name, (code, reason) in refused.items()
    )
    later = [name for name, (code, _) in refused.items() if code < PERMANENT]
    if later or refused.keys() >= set(channel.to):
        raise DeliveryError(f"not taken for {said}", where=channel.id, refused=True, left=later)
    return f"{channel.id}: refused for {said}" if refused else None


def _mail_server(channel: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if channel.tls:
        return smtplib.SMTP_SSL(channel.host, channel.port, timeout=SECONDS, context=context)
    server = smtplib.SMTP(channel.host, channel.port, timeout=SECONDS)
    if channel.starttls:
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


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
        with DIRECT.open(request, timeout=SECONDS):
            pass
    except urllib.error.HTTPError as error:
        with error:
            refused = 400 <= error.code < 500 and error.code not in LATER
            said = f"answered {error.code}" + (": redirects are not followed" if error.code < 400 else "")
            raise DeliveryError(said, where=channel.id, refused=refused) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(str(error) or type(error).__name__, where=channel.id) from error


class _Unredirected(urllib.request.HTTPRedirectHandler):
    """Followed, a redirect would turn the message into a question without it, at an address that somebody else names."""

    def redirect_request(self, *_: Any) -> None:
        return None


DIRECT: Final = urllib.request.build_opener(_Unredirected())


def signature(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def write_feed(channel: Feed, store: Store) -> None:
    """The newest alerts of its rules that are not muted, whatever was delivered before."""
    store.refresh()
    clauses: list[dict[str, Any]] = [{"terms": {"state": ["open", "acked"]}}]
    if channel.rules:
        clauses.append({"terms": {"rule": list(channel.rules)}})
    newest: list[Alert] = []
    for alert in stored_alerts(store, clauses):
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
