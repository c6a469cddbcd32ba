"""The typed tree of errors. Each says what is wrong and where, in one line that its reader can act on."""

from __future__ import annotations


class NetdocketError(Exception):
    """Anything netdocket reports by itself. `exit_code` is what the command line ends with."""

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None) -> None:
        self.what = what
        self.where = where
        super().__init__(f"{where}: {what}" if where else what)


class ConfigurationError(NetdocketError):
    """A setting, a configuration file or a command's argument cannot be used."""

    exit_code = 2


class KnowledgeError(ConfigurationError):
    """A file of domain knowledge (taxonomy, laws, places, patterns) is wrong."""


class CardError(ConfigurationError):
    """A source card is wrong; `where` is its file and line."""


class RecordError(NetdocketError):
    """A message or document does not have the shape that the contract asks for."""


class IntakeError(NetdocketError):
    """A text given by hand cannot be taken in (not text, not UTF-8, wrong metadata)."""


class StorageError(NetdocketError):
    """Something on disk cannot be read or written."""


class DiskFullError(StorageError):
    """No room is left; what was not confirmed is not lost upstream."""


class FormatVersionError(StorageError):
    """A file on disk was written by another version of its format."""


class MixedOriginError(StorageError):
    """Live and demonstration data may not share a data directory."""


class RunnerLockedError(StorageError):
    """Another process already runs the pipeline on this data directory."""

    exit_code = 3


class SpoolFullError(StorageError):
    """The spool has reached its bound and the reader has not caught up in the time allowed."""


class OversizedBulletinError(NetdocketError):
    """A bulletin's text is over the limit of the contract (12 MB)."""


class EngineError(NetdocketError):
    """A Kafka or Elasticsearch of our own cannot be fetched, started or stopped."""


class BrokerError(NetdocketError):
    """Kafka refused, or does not answer; what was not confirmed may or may not have arrived."""


class TopicMissingError(BrokerError):
    """A topic that `netdocket topics setup` makes is not there."""


class PoisonedBulletinError(NetdocketError):
    """A bulletin that stops whoever works on it: it hangs, or kills the process."""


class StoreError(NetdocketError):
    """The store refused or failed."""


class StoreUnavailable(StoreError):
    """The store did not answer in the time allowed; what was not confirmed may or may not be stored."""


class StoreSetupError(StoreError):
    """The store's indices are missing or not those that this netdocket writes; `netdocket index` sets them up."""


class VersionConflict(StoreError):
    """A write was refused because the stored document is newer (external version or sequence number)."""


class DocumentError(StoreError):
    """A document does not fit its mapping; `where` is index and field."""


class UnsupportedQuery(StoreError):
    """A search body asks for something that the embedded store does not do; `where` is the path in the body."""

    exit_code = 2


class MalformedQuery(StoreError):
    """A search body that no store would accept; `where` is the path in the body."""

    exit_code = 2


class HarvestError(NetdocketError):
    """A page or a source could not be harvested. `state` is what the source is then said to be in."""

    state = "failed"


class BlockedError(HarvestError):
    """The publisher refused us (403, 429 for good, robots)."""

    state = "blocked"


class ChallengeError(BlockedError):
    """A challenge page stood where the content should be."""

    state = "challenge"


class LayoutError(HarvestError):
    """The page came but what the card names is not on it."""

    state = "changed"


class EmptyListError(HarvestError):
    """A list page without a single item, where there must be some."""

    state = "empty"


class GoneError(HarvestError):
    """The page has moved or is gone."""

    state = "gone"


class UnreachableError(HarvestError):
    """The publisher did not answer, or answered with a server error."""

    state = "unreachable"


class UnreadableError(HarvestError):
    """Bytes came that cannot be turned into text (wrong type, wrong character set, too large)."""

    state = "unreadable"
