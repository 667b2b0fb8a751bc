"""test.note.v1.NoteService of tests/rpc-fixture.ts, by Python's grpcio.

Prints its port, then what it sees of its calls, a line each. Ends when its stdin does. What a handler does is chosen by
the request's id, the same for all four kinds of call: `echo a` answers with "a", and a stream of responses with "a" and
"a". Of a client stream the first request counts, of a bidi stream each.
"""

import json
import os
import sys
import threading
from concurrent import futures

import grpc

GZIP = grpc.Compression.Gzip
tries = {}


def note(id="", count=0):
    return {"id": id, "count": count, "total": "0", "replies": [], "_unknownFields": []}


def say(*words):
    print(*words, flush=True)


def details():
    """A google.rpc.Status with a google.rpc.ErrorInfo, by hand: the generated code is a package of its own."""

    def field(number, value):
        return bytes([number << 3 | 2, len(value)]) + value

    info = field(1, b"NO_SKU") + field(2, b"bookstore") + field(3, field(1, b"sku") + field(2, b"7"))
    any = field(1, b"type.googleapis.com/google.rpc.ErrorInfo") + field(2, info)
    return bytes([1 << 3, 9]) + field(2, b"no such sku") + field(3, any)


def wait(text, context):
    gone = threading.Event()
    # False when the call has ended already.
    if context.add_callback(gone.set):
        say("began", text)
        gone.wait(60)
    say("active" if context.is_active() else "cancelled", text)


def answers(request, context):
    """The answers to a request, one or two of them."""
    act, _, text = request["id"].partition(" ")
    metadata = context.invocation_metadata()
    if act == "echo":
        yield note(text, request["count"])
        yield note(text, request["count"])
    elif act == "wait":
        context.send_initial_metadata(())
        wait(text, context)
    elif act == "fail":
        context.set_trailing_metadata((("x-why", "sku"), ("x-why", "stock"), ("x-why-bin", b"\x00\xff")))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no “sku” 100% 7")
    elif act == "details":
        context.set_trailing_metadata((("grpc-status-details-bin", details()),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no such sku")
    elif act == "throw":
        raise ValueError("a bug")
    elif act == "large":
        yield note("x" * request["count"])
    elif act == "gzip":
        context.set_compression(GZIP)
        yield note("x" * request["count"])
        yield note("x" * request["count"])
    elif act == "metadata":
        # What came, as it came; headers and trailers of our own.
        mine = tuple((key, value) for key, value in metadata if key.startswith("x-"))
        context.send_initial_metadata(mine + (("x-header", "1"), ("x-header", "2"), ("x-header-bin", b"\x00\x01")))
        context.set_trailing_metadata((("x-trailer", "3"), ("x-trailer", "4"), ("x-trailer-bin", b"\xfe\xff")))
        yield note("|".join(value for key, value in metadata if key == "x-text"))
    elif act == "length":
        yield note("", len(text))
    elif act == "first":
        yield note(text)
        wait(text, context)
    elif act == "retry":
        # Fails twice, and says when to come again.
        tries[text] = tries.get(text, 0) + 1
        before = ",".join(value for key, value in metadata if key == "grpc-previous-rpc-attempts")
        if tries[text] < 3:
            context.set_trailing_metadata((("grpc-retry-pushback-ms", "1"),))
            context.abort(grpc.StatusCode.UNAVAILABLE, "busy")
        yield note(before, tries[text])
    elif act == "never":
        tries[text] = tries.get(text, 0) + 1
        context.set_trailing_metadata((("grpc-retry-pushback-ms", "-1"),))
        context.abort(grpc.StatusCode.UNAVAILABLE, "busy")
    elif act == "tries":
        yield note(text, tries.get(text, 0))
    elif act == "flood":
        for index in range(request["count"]):
            tries[text] = index + 1
            yield note("x" * 65536)
    else:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such act: " + act)


def one(request, context):
    return next(answers(request, context), note())


def record(requests, context):
    first = next(requests)
    answer = one(first, context)
    return note(answer["id"], answer["count"] + sum(1 for _ in requests))


def chat(requests, context):
    for request in requests:
        yield from answers(request, context)


def encode(message):
    return json.dumps(message).encode()


CODEC = {"request_deserializer": json.loads, "response_serializer": encode}
server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=32),
    # A free port, and no other process on it.
    options=(("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 1 << 20)),
)
server.add_generic_rpc_handlers((
    grpc.method_handlers_generic_handler(
        "test.note.v1.NoteService",
        {
            "Get": grpc.unary_unary_rpc_method_handler(one, **CODEC),
            "Watch": grpc.unary_stream_rpc_method_handler(answers, **CODEC),
            "Record": grpc.stream_unary_rpc_method_handler(record, **CODEC),
            "Chat": grpc.stream_stream_rpc_method_handler(chat, **CODEC),
        },
    ),
))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
say(port)
for line in sys.stdin:
    if line == "stop\n":
        # Without grace: what is under way is cancelled.
        server.stop(None)
# Not sys.exit, which waits for handlers that sleep.
os._exit(0)
