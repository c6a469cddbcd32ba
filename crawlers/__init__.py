"""Harvesting: a Scrapy project that turns publishers' pages into bulletins.

cards = crawlers.cards.load_cards()
report = crawlers.loop.run(crawlers.run.crawl(cards, settings=..., datadir=...))
"""
