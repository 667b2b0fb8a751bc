"""Python's grpcio as a client of both majors of recommendations, of health and of reflection.

`foreign_client.py ADDRESS ACTION ARGUMENT...` does one action and prints what it saw, each a line of JSON. With an
environment variable ROOTS, a file of certificates, it speaks TLS. Messages of recommendations are made from the schema
that the packages bring, or that the server tells by reflection. Those of health, reflection and errors are made by hand:
their generated code is a package of its own.
"""

import json
import os
import sys
import threading

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

ADDRESS, ACTION, *ARGUMENTS = sys.argv[1:]


def say(value):
    print(json.dumps(value, sort_keys=True), flush=True)


def channel():
    options = [("grpc.max_receive_message_length", 64 << 20)]
    if "ROOTS" in os.environ:
        with open(os.environ["ROOTS"], "rb") as roots:
            credentials = grpc.ssl_channel_credentials(roots.read())
        options.append(("grpc.ssl_target_name_override", "localhost"))
        return grpc.secure_channel(ADDRESS, credentials, options)
    return grpc.insecure_channel(ADDRESS, options)


# Protobuf by hand.


def varint(value):
    parts = []
    while value >= 128:
        parts.append(value % 128 + 128)
        value //= 128
    return bytes(parts + [value])


def field(number, text):
    content = text if isinstance(text, bytes) else text.encode()
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(content):
    """The fields of a message: (number, int or bytes)."""
    at = 0

    def read():
        nonlocal at
        value = shift = 0
        while True:
            value |= (content[at] & 127) << shift
            shift += 7
            at += 1
            if content[at - 1] < 128:
                return value

    found = []
    while at < len(content):
        tag = read()
        if tag & 7 == 0:
            found.append((tag >> 3, read()))
        else:
            length = read()
            found.append((tag >> 3, content[at : at + length]))
            at += length
    return found


def every(content, number):
    return [value for each, value in fields(content) if each == number]


def first(content, number, otherwise=b""):
    return (every(content, number) or [otherwise])[0]


# Services by their schema.


class Service:
    """A service whose methods are called with dicts."""

    def __init__(self, pool, name, connection):
        self.pool, self.name, self.connection = pool, name, connection

    def method(self, name):
        method = self.pool.FindServiceByName(self.name).methods_by_name[name]
        proto = descriptor_pb2.MethodDescriptorProto()
        method.CopyToProto(proto)
        kind = ("stream_" if proto.client_streaming else "unary_") + ("stream" if proto.server_streaming else "unary")
        build = message_factory.MessageFactory(self.pool).GetPrototype
        request, response = build(method.input_type), build(method.output_type)
        call = getattr(self.connection, kind)(
            f"/{self.name}/{name}",
            request_serializer=lambda value: json_format.ParseDict(value, request()).SerializeToString(),
            response_deserializer=response.FromString,
        )
        return call

    def answer(self, name, request, **options):
        return json_format.MessageToDict(self.method(name)(request, **options))

    def answers(self, name, request, **options):
        return [json_format.MessageToDict(each) for each in self.method(name)(request, **options)]


def pool_of(files):
    """A pool takes a file when it has those that it imports."""
    pool = descriptor_pool.DescriptorPool()
    left = {each.name: each for each in files}

    def add(name):
        each = left.pop(name, None)
        if each is not None:
            for imported in each.dependency:
                add(imported)
            pool.Add(each)

    for name in list(left):
        add(name)
    return pool


def service(major, connection):
    path = os.path.join(os.path.dirname(__file__), "..", "..", "packages", f"recommendations-{major}", "schema.binpb")
    with open(path, "rb") as schema:
        files = descriptor_pb2.FileDescriptorSet.FromString(schema.read()).file
    return Service(pool_of(files), f"bookstore.recommendations.{major}.RecommendationsService", connection)


def failure(error):
    """What a call failed with, as JSON."""
    trailers = dict(error.trailing_metadata() or ())
    trailers.pop("date", None)
    status = trailers.pop("grpc-status-details-bin", b"")
    details = []
    for each in every(status, 3):
        info = first(each, 2)
        metadata = {first(entry, 1).decode(): first(entry, 2).decode() for entry in every(info, 3)}
        reason, domain = first(info, 1).decode(), first(info, 2).decode()
        details.append({"type": first(each, 1).decode(), "reason": reason, "domain": domain, "metadata": metadata})
    said = {name: list(value) if isinstance(value, bytes) else value for name, value in trailers.items()}
    answer = {"code": error.code().name, "text": error.details(), "details": details, "trailers": said}
    if status:
        answer["status"] = [first(status, 1, 0), first(status, 2).decode()]
    return answer


# Actions.


def do_v1(connection):
    v1 = service("v1", connection)
    say(v1.answer("Recommend", {"userId": "Größe \U0001f600", "limit": 3}))
    say(v1.answers("StreamRecommendations", {"userId": "r"}))
    say(v1.answer("RecordEvent", {"properties": {"a": [1, None, {"b": True}]}}))


def do_v2(connection):
    v2 = service("v2", connection)
    say(v2.answer("Recommend", {"readerId": "Größe \U0001f600", "limit": 3}))
    say(v2.answers("StreamRecommendations", {"readerId": "r"}))
    say(v2.answer("RecordEvents", iter([{"event": {"eventId": str(n)}} for n in range(500)])))
    say(v2.answers("Refine", iter([{"wish": "a"}, {"wish": "b"}])))


def do_compressed(connection):
    v2 = service("v2", connection)
    answer = v2.answer("Recommend", {"readerId": "x" * 500_000}, compression=grpc.Compression.Gzip)
    say(len(answer["recommendations"][0]["title"]))


def do_metadata(connection):
    sent = (("x-text", "a"), ("x-text", "b"), ("x-bytes-bin", b"\x00\xff"))
    answer, call = service("v2", connection).method("Recommend").with_call({"readerId": "metadata"}, metadata=sent)
    say(answer.recommendations[0].title)
    heard = [dict(call.initial_metadata()), dict(call.trailing_metadata())]
    say([{name: list(value) if isinstance(value, bytes) else value for name, value in each.items()} for each in heard])


def do_fail(connection, major, reader):
    name = "userId" if major == "v1" else "readerId"
    try:
        service(major, connection).answer("Recommend", {name: reader}, timeout=20)
    except grpc.RpcError as error:
        say(failure(error))


def do_deadline(connection):
    try:
        service("v2", connection).answer("Recommend", {"readerId": "wait"}, timeout=0.3)
    except grpc.RpcError as error:
        say(error.code().name)


def do_cancel(connection):
    stream = service("v2", connection).method("StreamRecommendations")({"readerId": "endless"})
    next(stream)
    stream.cancel()
    say("cancelled")


def do_missing(connection):
    for path in ("/bookstore.recommendations.v2.RecommendationsService/None", "/no.such.Service/Get"):
        try:
            connection.unary_unary(path)(b"")
        except grpc.RpcError as error:
            say(error.code().name)


SERVING = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}


def do_health(connection, *names):
    check = connection.unary_unary("/grpc.health.v1.Health/Check")
    for name in names:
        try:
            say(SERVING[first(check(field(1, name) if name else b"", timeout=20), 1, 0)])
        except grpc.RpcError as error:
            say(error.code().name)


def do_watch(connection, name):
    watch = connection.unary_stream("/grpc.health.v1.Health/Watch")
    try:
        for answer in watch(field(1, name) if name else b""):
            say(SERVING[first(answer, 1, 0)])
    except grpc.RpcError as error:
        say(f"{error.code().name}: {error.details()}")


def do_reflection(connection, version, symbol):
    """Lists the services, and calls one by what reflection tells of it."""
    path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"

    def ask(*requests):
        return list(connection.stream_stream(path)(iter(requests), timeout=20))

    listed, missing = ask(field(7, "*"), field(4, "no.such.Symbol"))
    say(sorted(first(each, 1).decode() for each in every(first(listed, 6), 1)))
    say(first(first(missing, 7), 1, 0))
    files = {}
    for content in every(first(ask(field(4, symbol))[0], 4), 1):
        proto = descriptor_pb2.FileDescriptorProto.FromString(content)
        files[proto.name] = proto
    # What a server leaves out of the answer is asked for by name.
    wanted = [name for each in files.values() for name in each.dependency]
    while wanted:
        name = wanted.pop()
        if name not in files:
            for content in every(first(ask(field(3, name))[0], 4), 1):
                proto = descriptor_pb2.FileDescriptorProto.FromString(content)
                files[proto.name] = proto
                wanted.extend(proto.dependency)
    say(sorted(files))
    reflected = Service(pool_of(files.values()), symbol, connection)
    say(reflected.answer("Recommend", {"userId" if ".v1." in symbol else "readerId": "reflected"}))


with channel() as opened:
    globals()[f"do_{ACTION}"](opened, *ARGUMENTS)
