"""Elasticsearch's aggregations on tantivy."""
