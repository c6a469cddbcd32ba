"""Harvesting: a Scrapy project that turns publishers' pages into bulletins."""
