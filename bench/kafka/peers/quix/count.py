"""Keyed count with Quix Streams, exactly once. One process, until SIGTERM:

python count.py bootstrap=127.0.0.1:9092 application=a prefix=bench- output=out state=/tmp/s
"""

import json
import sys
import time

from quixstreams import Application

options = dict(argument.split("=", 1) for argument in sys.argv[1:])
handled = False


def report(event):
    """Tells the harness what happened: one JSON line an event."""
    print(json.dumps({"event": event, "atMs": time.time_ns() // 1_000_000}), flush=True)


def count(_value, state):
    global handled
    if not handled:
        handled = True
        report("first-record")
    seen = state.get("count", 0) + 1
    state.set("count", seen)
    return seen


application = Application(
    broker_address=options["bootstrap"],
    consumer_group=options["application"],
    auto_offset_reset="earliest",
    commit_interval=0.1,  # As often as the others commit; the default is five seconds.
    state_dir=options["state"],
    processing_guarantee="exactly-once",
    loglevel="ERROR",
    producer_extra_config={"compression.type": "lz4"},
)
events = application.topic(
    options["prefix"] + "events", key_deserializer="str", value_deserializer="bytes"
)
output = application.topic(options["output"], key_serializer="str", value_serializer="int")

application.dataframe(events).apply(count, stateful=True).to_topic(output)
application.run()
