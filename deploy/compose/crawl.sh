#!/bin/sh
# One crawl after the other. A source that fails is said in the log; the next crawl tries it again. Told to stop, it has
# the crawl under way end in order: what it has in hand is in the spool then, and its archive is whole.
set -u
# `$!` is the child from the moment it is there; a variable of ours would be set a moment later.
stop() {
    trap '' TERM INT
    if [ -n "${!:-}" ]; then
        kill -TERM "$!" 2> /dev/null
        wait "$!"
    fi
    exit 0
}
trap stop TERM INT
while true; do
    netdocket crawl &
    wait "$!" || echo "a source failed; see above" >&2
    sleep "$CRAWL_SECONDS" &
    wait "$!"
done
