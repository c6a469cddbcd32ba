"""The store on Elasticsearch: the same port, the same mappings, over the official client."""

from index.elastic.store import ElasticStore

__all__ = ["ElasticStore"]
