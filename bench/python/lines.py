"""Serves requests {"do": name, ...}, one JSON line each, from stdin to stdout; everything else that is printed goes to stderr."""

import json
import os
import sys
import time

replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def reply(value):
    replies.write(json.dumps(value) + "\n")
    replies.flush()


def serve(handlers):
    reply({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        reply(handlers[request.pop("do")](**request))


def times(work):
    """Milliseconds of the whole process and by the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return {"cpuMs": (time.process_time() - cpu) * 1000, "wallMs": (time.perf_counter() - wall) * 1000}
