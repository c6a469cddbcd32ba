"""The store: Elasticsearch search bodies over documents, embedded or clustered."""
