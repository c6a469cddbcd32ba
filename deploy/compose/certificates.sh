#!/bin/bash
# An authority of our own, and Elasticsearch's certificate from it. Once.
set -euo pipefail
folder=/usr/share/elasticsearch/config/certificates
cd "$folder"
if [ ! -f ca/ca.crt ]; then
    /usr/share/elasticsearch/bin/elasticsearch-certutil ca --silent --pem --out "$folder/ca.zip"
    unzip -qo ca.zip
fi
if [ ! -f elasticsearch/elasticsearch.crt ]; then
    /usr/share/elasticsearch/bin/elasticsearch-certutil cert --silent --pem --out "$folder/cert.zip" \
        --name elasticsearch --dns elasticsearch --dns localhost --ip 127.0.0.1 \
        --ca-cert ca/ca.crt --ca-key ca/ca.key
    unzip -qo cert.zip
fi
rm -f ca.zip cert.zip
# The authority's key is for this container alone; its certificate is for everybody.
chown -R 1000:0 elasticsearch
chmod 755 . ca elasticsearch
chmod 644 ca/ca.crt elasticsearch/elasticsearch.crt
chmod 600 ca/ca.key elasticsearch/elasticsearch.key
