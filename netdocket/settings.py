"""Settings: defaults, then netdocket.toml, then NETDOCKET_* variables, then the command line."""

from __future__ import annotations

import functools
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from pydantic_settings.sources import TomlConfigSettingsSource

from netdocket.errors import ConfigurationError

CONFIG_FILE = Path("netdocket.toml")
PREFIX = "NETDOCKET_"


class Settings(BaseSettings):
    """Everything that can be set. A name here is `NETDOCKET_NAME` in the environment and `name` in netdocket.toml."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=True)

    profile: Annotated[
        Literal["embedded", "cluster"],
        Field(
            description="embedded: one process, nothing to install; cluster: Kafka, workers and Elasticsearch, "
            "which kafka and es_url name"
        ),
    ] = "embedded"
    family: Annotated[
        Literal["live", "demo"] | None,
        Field(
            description="cluster: live or demonstration data, where no data directory on this machine says so; None: live"
        ),
    ] = None
    data_dir: Annotated[
        Path | None,
        Field(description="where spool, archive, store and index live; None: data/live or data/replica"),
    ] = None
    host: Annotated[str, Field(description="address the local page is bound to")] = "127.0.0.1"
    allowed_hosts: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description="further names that the page answers to, beside localhost and host: NAME,NAME"),
    ] = ()
    port: Annotated[int, Field(ge=0, le=65535, description="port of the local page; 0 takes a free one")] = (
        8321
    )
    language: Annotated[Literal["en", "zh"], Field(description="language of the page at first sight")] = "en"
    knowledge_dir: Annotated[
        Path | None, Field(description="folder laid over the built-in knowledge, file by file")
    ] = None
    contact_url: Annotated[
        str | None,
        Field(
            pattern=r"^(https?://|mailto:)\S+$",
            description="page or mailto: address in the crawler's agent string, where publishers find who asks; "
            "without it no real publisher is asked",
        ),
    ] = None
    spool_limit: Annotated[
        int, Field(ge=1, description="bulletins waiting at most before crawling pauses")
    ] = 10_000
    spool_commit_ms: Annotated[
        int, Field(ge=0, le=1000, description="how long a commit waits for company")
    ] = 5
    batch_size: Annotated[
        int, Field(ge=1, le=10_000, description="bulletins classified and stored at a time")
    ] = 100
    download_delay: Annotated[
        float | None,
        Field(
            ge=0,
            description="seconds between requests to a host; None: as its card says, which for a real publisher "
            "can only be lengthened",
        ),
    ] = None
    download_timeout: Annotated[float, Field(gt=0, description="seconds that a publisher has to answer")] = 30
    writer_heap_mb: Annotated[int, Field(ge=15, le=4096, description="memory of the index writer")] = 128
    kafka: Annotated[
        str | None,
        Field(pattern=r"^[^\s,]+:\d+(,[^\s,]+:\d+)*$", description="Kafka's brokers, HOST:PORT,..."),
    ] = None
    es_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^\s@]+$", description="Elasticsearch's addresses, http(s)://HOST:PORT,..."
        ),
    ] = None
    es_api_key: Annotated[
        SecretStr | None, Field(description="key for Elasticsearch, as it was given out (encoded)")
    ] = None
    es_ca: Annotated[
        Path | None, Field(description="PEM file of the authority that signed Elasticsearch's certificate")
    ] = None
    es_timeout: Annotated[float, Field(gt=0, description="seconds that Elasticsearch has to answer")] = 30
    es_give_up: Annotated[
        float, Field(gt=0, description="seconds that a write is tried while Elasticsearch does not take it")
    ] = 600
    es_replicas: Annotated[int, Field(ge=0, le=10, description="copies of each shard of a new index")] = 0
    es_shards: Annotated[int, Field(ge=1, le=64, description="shards of a new index")] = 1
    index_prefix: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_.-]{0,40}$",
            description="what Elasticsearch's index names begin with; demonstration data add -demo",
        ),
    ] = "netdocket"
    topic_prefix: Annotated[
        str,
        Field(
            pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,40}$",
            description="what the names of Kafka's topics begin with; demonstration data add -demo",
        ),
    ] = "netdocket"
    kafka_partitions: Annotated[
        int, Field(ge=1, le=1000, description="partitions of a new topic of bulletins: workers at most")
    ] = 4
    kafka_replicas: Annotated[
        int, Field(ge=1, le=10, description="copies of each partition of a new topic")
    ] = 1
    kafka_retention_days: Annotated[
        int, Field(ge=1, description="days that Kafka keeps bulletins, which are not masked")
    ] = 30
    worker_dir: Annotated[
        Path | None,
        Field(description="where a worker notes what it has in hand; None: in the data directory"),
    ] = None
    worker_host: Annotated[
        str, Field(description="address of a worker's health and Prometheus endpoints")
    ] = "127.0.0.1"
    worker_port: Annotated[
        int, Field(ge=0, le=65535, description="port of a worker's endpoints; 0 takes a free one")
    ] = 9321
    worker_patience: Annotated[
        float, Field(gt=0, description="seconds that a worker takes over one bulletin before it gives it up")
    ] = 30
    engines_dir: Annotated[
        Path | None,
        Field(description="where `netdocket engines` keeps a Kafka and an Elasticsearch of our own"),
    ] = None

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _names(cls, given: object) -> object:
        """A variable holds one string."""
        return (
            [name.strip() for name in given.split(",") if name.strip()] if isinstance(given, str) else given
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, CONFIG_FILE)


def load_settings(**given: Any) -> Settings:
    """Settings with `given` (None left out) on top. Raises ConfigurationError: one line, what and where."""
    known = {key: value for key, value in given.items() if value is not None}
    try:
        unknown = _unknown_variables()
        if unknown:
            raise ConfigurationError(
                "no such setting; the settings are listed by `netdocket config show`", where=unknown[0]
            )
        return Settings(**known)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        where = _where(name, known)
        # Without `from`: the error of pydantic would show the value again.
        raise ConfigurationError(f"{first['msg']}{_given(name, first.get('input'))}", where=where) from None
    except SettingsError as error:
        raise ConfigurationError(str(error), where=str(error.__cause__ or "settings")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(str(error), where=str(CONFIG_FILE)) from error


SECRET: Final = frozenset({"es_api_key", "es_url", "kafka"})
"""Settings whose values can hold a password: es_url and kafka when somebody has put one where none belongs."""


def _given(name: str, value: object) -> str:
    if name in SECRET:
        return " (what was given is not shown: it may hold a password; a key for Elasticsearch goes into es_api_key)"
    return f" (given: {value!r})"


def _unknown_variables() -> list[str]:
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in names)


def _where(name: str, given: dict[str, Any]) -> str:
    if name in given:
        return f"--{name.replace('_', '-')}"
    variable = PREFIX + name.upper()
    return variable if variable in os.environ else f"{CONFIG_FILE}: {name}"


@functools.cache
def default_settings() -> dict[str, Any]:
    return {name: info.default for name, info in Settings.model_fields.items()}
