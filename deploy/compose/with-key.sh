#!/bin/sh
# netdocket with the key of its role ($KEY), which the service `access` has written.
set -eu
NETDOCKET_ES_API_KEY=$(cat "/keys/$KEY")
export NETDOCKET_ES_API_KEY
exec netdocket "$@"
