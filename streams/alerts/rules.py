"""Rules and channels, as they are written in YAML."""

from __future__ import annotations

import datetime as dt
import difflib
import ipaddress
import urllib.parse
import zoneinfo
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml

from netdocket.errors import ConfigurationError

BUILT_IN: Final = Path(__file__).with_name("rules.yaml")
Dimension = Literal["penalty", "violation", "article", "authority", "sector", "instrument", "pair"]
Positive = Annotated[int, msgspec.Meta(ge=1)]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    en: str
    zh: str


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """`id` is part of the ids of its alerts: another id is another rule."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: Text

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class First(Rule, frozen=True, kw_only=True, tag="first"):
    of: Dimension


class Amount(Rule, frozen=True, kw_only=True, tag="amount"):
    """A penalty of `at_least_yuan`, or above a `percentile` of its type's sums, of which there are `min_history`."""

    penalty_types: tuple[str, ...]
    at_least_yuan: Annotated[float, msgspec.Meta(gt=0)] | None = None
    percentile: Annotated[float, msgspec.Meta(gt=0, lt=100)] | None = None
    min_history: Positive = 100

    def __post_init__(self) -> None:
        if (self.at_least_yuan is None) == (self.percentile is None):
            raise ValueError("an amount rule has either at_least_yuan or percentile")


class Burst(Rule, frozen=True, kw_only=True, tag="burst"):
    """At least so many cases of a value within the window, and more than once in `one_in` windows at its rate."""

    of: Literal["violation", "article", "authority", "sector"]
    window_days: Positive = 7
    history_days: Positive = 365
    at_least: Positive = 5
    one_in: Positive = 1000


class SourceRule(Rule, frozen=True, kw_only=True, tag="source"):
    states: tuple[str, ...]


class SearchRule(Rule, frozen=True, kw_only=True, tag="search"):
    index: Literal["cases", "incidents", "developments", "reports"] = "cases"
    query: dict[str, Any]


class Channel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """`rules`: only alerts of these (none: all). `digest_minutes`: gathered so long and sent together.
    `quiet_hours`: `22:00-07:00` in `zone`, in which nothing is sent."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    rules: tuple[str, ...] = ()
    digest_minutes: Annotated[int, msgspec.Meta(ge=0)] = 0
    quiet_hours: Annotated[str, msgspec.Meta(pattern=r"^\d\d:\d\d-\d\d:\d\d$")] | None = None
    zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        self.hours()
        try:
            zoneinfo.ZoneInfo(self.zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            near = suggestion(self.zone, zoneinfo.available_timezones())
            raise ValueError(f"channel {self.id}: no time zone is called {self.zone}{near}") from None

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def cautions(self) -> Iterator[str]:
        """What is allowed, and should be known by whoever set it."""
        yield from ()

    def hours(self) -> tuple[dt.time, dt.time] | None:
        if self.quiet_hours is None:
            return None
        start, end = self.quiet_hours.split("-")
        return dt.time.fromisoformat(start), dt.time.fromisoformat(end)


class Mail(Channel, frozen=True, kw_only=True, tag="smtp"):
    """`tls`: from the first byte (port 465); else `starttls`. `password_env`: the name of the environment variable that
    holds the password, which is not sent in the clear but to this machine itself."""

    host: str
    port: int = 587
    sender: str
    to: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    tls: bool = False
    starttls: bool = True
    user: str | None = None
    password_env: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.user and not (self.tls or self.starttls or _this_machine(self.host)):
            raise ValueError(
                f"channel {self.id}: without tls or starttls its password would be sent in the clear"
            )
        if self.user and not self.password_env:
            raise ValueError(f"channel {self.id}: a user wants password_env")

    def cautions(self) -> Iterator[str]:
        if not (self.tls or self.starttls or _this_machine(self.host)):
            yield f"channel {self.id}: alerts go to {self.host} unencrypted"


class Webhook(Channel, frozen=True, kw_only=True, tag="webhook"):
    """`secret_env`: the name of the environment variable that holds the key of the signature."""

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://")]
    secret_env: str

    def cautions(self) -> Iterator[str]:
        address = urllib.parse.urlsplit(self.url)
        if address.scheme == "http" and not _this_machine(address.hostname or ""):
            yield f"channel {self.id}: alerts go to {address.hostname} unencrypted; the signature hides nothing"


class Feed(Channel, frozen=True, kw_only=True, tag="feed"):
    """An Atom file, written anew with each delivery; a relative path begins where the file of rules lies. Where
    several deliver on several machines, it is to lie on a disk that they share. `address`: where readers find it."""

    path: str
    address: str = "urn:netdocket:alerts"
    entries: Positive = 100


class Notify(Channel, frozen=True, kw_only=True, tag="apprise"):
    """Slack, Feishu, DingTalk, WeCom and whatever else Apprise knows. `url_env`: the name of the environment variable
    that holds Apprise's address, since keys stand in it."""

    url_env: str


AnyRule = First | Amount | Burst | SourceRule | SearchRule
AnyChannel = Mail | Webhook | Feed | Notify


class Alerting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: tuple[AnyRule, ...]
    channels: tuple[AnyChannel, ...] = ()

    def rule(self, id: str) -> AnyRule:
        """Raises ConfigurationError, with the nearest name there is."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        raise ConfigurationError("no such rule" + suggestion(id, [rule.id for rule in self.rules]), where=id)

    def cautions(self) -> list[str]:
        return [caution for channel in self.channels for caution in channel.cautions()]


def suggestion(given: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` where something known is near, else nothing."""
    by_fold = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(given.casefold(), list(by_fold), n=1)
    return f"; did you mean {by_fold[near[0]]}?" if near else ""


def load_alerting(path: Path | None = None) -> Alerting:
    """The rules of a file, else the built-in ones. Raises ConfigurationError naming file and place."""
    file = path or BUILT_IN
    try:
        found = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Alerting)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise ConfigurationError(" ".join(str(error).split()), where=str(file)) from error
    for what, ids in (("rules", [r.id for r in found.rules]), ("channels", [c.id for c in found.channels])):
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise ConfigurationError(f"two {what} are called {twice}", where=str(file))
    known = {rule.id for rule in found.rules}
    for channel in found.channels:
        if unknown := next((id for id in channel.rules if id not in known), None):
            near = suggestion(unknown, known)
            raise ConfigurationError(
                f"channel {channel.id}: no rule is called {unknown}{near}", where=str(file)
            )
    return msgspec.structs.replace(
        found, channels=tuple(_placed(channel, file.parent) for channel in found.channels)
    )


def _placed(channel: AnyChannel, folder: Path) -> AnyChannel:
    if isinstance(channel, Feed):
        return msgspec.structs.replace(channel, path=str(folder / channel.path))
    return channel


def _this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
