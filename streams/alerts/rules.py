"""Rules and channels, as they are written in YAML."""

from __future__ import annotations

import datetime as dt
import difflib
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

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def hours(self) -> tuple[dt.time, dt.time] | None:
        if self.quiet_hours is None:
            return None
        start, end = self.quiet_hours.split("-")
        return dt.time.fromisoformat(start), dt.time.fromisoformat(end)


class Mail(Channel, frozen=True, kw_only=True, tag="smtp"):
    """`password_env`: the name of the environment variable that holds the password."""

    host: str
    port: int = 587
    sender: str
    to: tuple[str, ...]
    starttls: bool = True
    user: str | None = None
    password_env: str | None = None


class Webhook(Channel, frozen=True, kw_only=True, tag="webhook"):
    """`secret_env`: the name of the environment variable that holds the key of the signature."""

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://")]
    secret_env: str


class Feed(Channel, frozen=True, kw_only=True, tag="feed"):
    """An Atom file, written anew with each delivery. `address`: where readers find it."""

    path: str
    address: str = "urn:netdocket:alerts"
    entries: Positive = 100


class Notify(Channel, frozen=True, kw_only=True, tag="apprise"):
    """Slack, Feishu, DingTalk, WeCom and whatever else Apprise knows. `url_env`: the name of the environment variable
    that holds Apprise's address, since keys stand in it."""

    url_env: str


class Alerting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rules: tuple[First | Amount | Burst | SourceRule | SearchRule, ...]
    channels: tuple[Mail | Webhook | Feed | Notify, ...] = ()

    def rule(self, id: str) -> First | Amount | Burst | SourceRule | SearchRule:
        """Raises ConfigurationError, with the nearest name there is."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        near = difflib.get_close_matches(id, [rule.id for rule in self.rules], n=1)
        raise ConfigurationError("no such rule" + (f"; did you mean {near[0]}?" if near else ""), where=id)


def load_alerting(path: Path | None = None) -> Alerting:
    """The rules of a file, else the built-in ones. Raises ConfigurationError naming file and place."""
    file = path or BUILT_IN
    try:
        found = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Alerting)
        for channel in found.channels:
            channel.hours()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise ConfigurationError(" ".join(str(error).split()), where=str(file)) from error
    for what, ids in (("rules", [r.id for r in found.rules]), ("channels", [c.id for c in found.channels])):
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise ConfigurationError(f"two {what} are called {twice}", where=str(file))
    known = {rule.id for rule in found.rules}
    for channel in found.channels:
        if unknown := next((id for id in channel.rules if id not in known), None):
            raise ConfigurationError(f"channel {channel.id}: no rule is called {unknown}", where=str(file))
    return found
