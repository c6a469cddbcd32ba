"""A local replica of publishers' sites, for trying netdocket out and for its tests.

    with serve() as replica:
        replica.base_urls["cac"]        # "http://127.0.0.1:40123"

The pages have the structure of the publishers' own (the selectors of the source cards fit them), and around the
content the navigation, related links and small print that a crawler must not take for it. What they report is
invented: every case, subject and figure of `fixtures/` was written for this project.
"""

from netdocket.replica.answers import Answer
from netdocket.replica.server import Replica, serve

__all__ = ["Answer", "Replica", "serve"]
