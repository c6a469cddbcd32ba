#!/bin/sh
# One crawl after the other. A source that fails is said in the log; the next crawl tries it again. Told to stop, it has
# the crawl under way end in order: what it has in hand is in the spool then, and its archive is whole.
set -u
child=
stop() {
    trap '' TERM INT
    if [ -n "$child" ]; then
        kill -TERM "$child" 2> /dev/null
        wait "$child"
    fi
    exit 0
}
trap stop TERM INT
while true; do
    netdocket crawl &
    child=$!
    wait "$child" || echo "a source failed; see above" >&2
    sleep "$CRAWL_SECONDS" &
    child=$!
    wait "$child"
done
