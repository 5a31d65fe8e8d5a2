#!/bin/sh
# Makes a broker in /var/lib/artemis at the first start, with ARTEMIS_USER and ARTEMIS_PASSWORD, and runs it. The relay
# sets its queues' address settings itself, because that user may.
set -eu
: "${ARTEMIS_USER:?not set}" "${ARTEMIS_PASSWORD:?not set}"
broker=/var/lib/artemis/broker
if ! [ -e "$broker/etc/broker.xml" ]; then
    rm -rf "$broker"
    /opt/artemis/bin/artemis create "$broker" --silent --require-login --no-autotune --no-amqp-acceptor --no-mqtt-acceptor \
        --no-stomp-acceptor --no-hornetq-acceptor --host 0.0.0.0 --http-host 127.0.0.1 \
        --user "$ARTEMIS_USER" --password "$ARTEMIS_PASSWORD"
fi
exec "$broker/bin/artemis" run
