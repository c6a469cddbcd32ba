#!/bin/sh
# One crawl after the other. A source that fails is said in the log; the next crawl tries it again.
set -u
while true; do
    netdocket crawl || echo "a source failed; see above" >&2
    sleep "$CRAWL_SECONDS" &
    wait $!
done
