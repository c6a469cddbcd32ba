#!/bin/bash
# Kibana's password, and a key for each role of roles.json. A key that is there stays.
set -euo pipefail
ask() {
    curl --silent --show-error --fail-with-body --cacert config/certificates/ca/ca.crt --user "elastic:$ELASTIC_PASSWORD" \
        --header 'content-type: application/json' "$@"
}
cd /usr/share/elasticsearch
ask -X POST https://elasticsearch:9200/_security/user/kibana_system/_password -d "{\"password\": \"$KIBANA_PASSWORD\"}" > /dev/null
for role in worker reader operator; do
    [ -s "/keys/$role" ] && continue
    # Neither jq nor Python is in this image: the role stands on the lines between its name and the brace that ends it.
    descriptor=$(sed -n "/^  \"netdocket-$role\": {/,/^  },\{0,1\}\$/p" /roles.json | sed '$ s/},$/}/')
    answer=$(ask -X POST https://elasticsearch:9200/_security/api_key \
        -d "{\"name\": \"netdocket-$role\", \"role_descriptors\": {$descriptor}}")
    key=${answer##*\"encoded\":\"}
    printf '%s' "${key%%\"*}" > "/keys/$role.new"
    chmod 644 "/keys/$role.new"
    mv "/keys/$role.new" "/keys/$role"
done
