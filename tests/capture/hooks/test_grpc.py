"""gRPC without asyncio: what a program sees is the same bare, recorded and played, to the text of its errors."""

from __future__ import annotations

import base64
import gc
import io
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from tests.capture.hooks.greetings import Running, timeless

from hotfixture.capture import tapes
from hotfixture.capture.hooks import grpc as hook
from hotfixture.capture.hooks.grpc_attempts import packs
from hotfixture.capture.playing.playback import replay
from hotfixture.capture.session import Session, capture
from hotfixture.errors import ReplayMissError

Program = Callable[[Running, Any], Any]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's definition is compiled."""
    return tmp_path_factory.mktemp("greetings")


@pytest.fixture
def server(compiled: Path) -> Iterator[Running]:
    """A server of this test's own."""
    running = Running(compiled)
    yield running
    running.stop()


def recorded(tmp_path: Path, server: Running, program: Program) -> tuple[Any, Session]:
    """What the program gives while it is recorded, and the session."""
    with capture("recorded", directory=tmp_path) as session, grpc.insecure_channel(server.target) as channel:
        seen = program(server, server.stub(channel))
    assert session.problems == []
    return seen, session


def played(server: Running, program: Program, session: Session) -> Any:
    """What the program gives while the session is played and the server is gone."""
    server.stop()
    with replay(session.folder), grpc.insecure_channel(server.target) as channel:
        return program(server, server.stub(channel))


def unary(server: Running, stub: Any) -> list[Any]:
    answer, call = stub.Greet.with_call(server.ask("Bob"))
    later = stub.Greet.future(server.ask("Eve"), timeout=5)
    return [
        stub.Greet(server.ask(), timeout=5, wait_for_ready=True).text,
        answer.text, call.code(), call.details(), list(call.initial_metadata()), list(call.trailing_metadata()),
        later.result().text, later.done(), later.code(), later.exception(), later.cancelled(),
    ]  # fmt: skip


def failing(server: Running, stub: Any) -> list[Any]:
    seen: list[Any] = []
    for call in (stub.Greet, lambda ask: stub.Greet.future(ask).result(), lambda ask: list(stub.Count(ask))):
        for code in ("NOT_FOUND", "UNAVAILABLE", "PERMISSION_DENIED"):
            with pytest.raises(grpc.RpcError) as caught:
                call(server.ask(fail=code, times=1))
            error: Any = caught.value
            seen += [type(error), repr(error), str(error), list(map(type, error.args)), error.code(), error.details()]
            seen += [error.debug_error_string(), list(error.initial_metadata()), list(error.trailing_metadata())]
    return seen


def streaming(server: Running, stub: Any) -> list[Any]:
    answers = stub.Count(server.ask(times=3))
    return [
        list(answers.initial_metadata()), [one.text for one in answers], answers.code(), answers.is_active(),
        stub.Sum(iter([server.ask(times=2), server.ask(times=5)])).number,
        stub.Sum.with_call(iter([server.ask(times=9)]))[0].number,
        stub.Sum.future(iter([server.ask(times=4)])).result().number,
        [one.text for one in stub.Talk(iter([server.ask("a", times=2), server.ask("b", times=1)]))],
    ]  # fmt: skip


def breaking(server: Running, stub: Any) -> list[Any]:
    seen: list[Any] = []
    try:
        for one in stub.Count(server.ask(times=2, fail="UNAVAILABLE")):
            seen.append(one.text)  # noqa: PERF401 - what came before the error counts
    except grpc.RpcError as error:
        seen += [repr(error), error.code(), list(error.trailing_metadata())]
    return seen


def single_threaded(server: Running, _stub: Any) -> list[Any]:
    options = [(grpc.experimental.ChannelOptions.SingleThreadedUnaryStream, 1)]
    with grpc.insecure_channel(server.target, options) as channel:
        stub = server.stub(channel)
        return [[one.text for one in stub.Count(server.ask(times=3))], breaking(server, stub)]


def cancelling(server: Running, stub: Any) -> list[Any]:
    answers = stub.Count(server.ask("endless"))
    seen = [next(answers).text, next(answers).text, answers.cancel(), answers.cancel(), answers.code()]
    slow = stub.Greet.future(server.ask(fail="SLOW"))
    seen += [slow.cancel(), slow.cancelled(), slow.code(), slow.done()]
    with pytest.raises(grpc.FutureCancelledError):
        slow.result()
    with pytest.raises(grpc.RpcError) as caught:
        next(answers)
    return [*seen, repr(caught.value)]


def conversation(server: Running, stub: Any) -> list[Any]:
    """Each question waits for the answer to the one before."""
    answered = threading.Semaphore(1)

    def questions() -> Iterator[Any]:
        for name in ("one", "two", "three"):
            answered.acquire()
            yield server.ask(name, times=1)

    seen = []
    for answer in stub.Talk(questions()):
        seen.append(answer.text)
        answered.release()
    return seen


def callbacks(server: Running, stub: Any) -> list[Any]:
    called = threading.Event()
    later = stub.Greet.future(server.ask())
    later.add_done_callback(lambda future: called.set() if future.done() else None)
    return [called.wait(5), later.result().text]


def deadline(server: Running, stub: Any) -> list[Any]:
    with pytest.raises(grpc.RpcError) as caught:
        stub.Greet(server.ask(fail="SLOW"), timeout=0.1)
    return [caught.value.code()]  # type: ignore[attr-defined]  # gRPC's errors are calls, too


PROGRAMS = [unary, failing, streaming, breaking, single_threaded, cancelling, conversation, callbacks, deadline]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.__name__)
def test_a_program_sees_the_same_bare_recorded_and_played(server: Running, tmp_path: Path, program: Program) -> None:
    """Case 8, case 25: streams that end in UNAVAILABLE after two messages, errors to their repr."""
    with grpc.insecure_channel(server.target) as channel:
        bare = program(server, server.stub(channel))
    seen, session = recorded(tmp_path, server, program)
    assert timeless(seen) == timeless(bare)
    asked = len(server.greeter.asked)
    assert played(server, program, session) == seen
    assert len(server.greeter.asked) == asked


def test_a_record_has_the_bytes_of_every_message_and_all_that_came_with_them(server: Running, tmp_path: Path) -> None:
    def program(server: Running, stub: Any) -> Any:
        metadata = (("x-colour", "red"), ("shape-bin", b"\0\xff"))
        return list(stub.Count(server.ask("Ada", times=2), timeout=5, metadata=metadata))

    answers, session = recorded(tmp_path, server, program)
    one = session.interactions[0]
    assert (one.kind, one.service, one.operation) == ("grpc", "greetings.v1.Greeter", "greetings.v1.Greeter/Count")
    assert one.request["method"] == "/greetings.v1.Greeter/Count"
    assert one.request["arity"] == "unary_stream"
    assert one.request["timeout"] == 5
    assert [list(pair) for pair in one.request["metadata"]] == [["x-colour", "red"], ["shape-bin", "AP8="]]
    assert one.request["messages"] == [message("Ask", {"name": "Ada", "times": 2}, server.ask("Ada", times=2))]
    assert one.response["code"] == "OK"
    data = [{"text": "Ada 0"}, {"text": "Ada 1", "number": "1"}]
    assert one.response["messages"] == [message("Answer", *both) for both in zip(data, answers, strict=True)]
    assert len(one.chunks) == 2
    assert 0 < one.chunks[0][0] <= one.chunks[1][0] <= (one.duration_ms or 0) * 1000
    assert one.notes == []
    assert "descriptors" not in one.request


def message(name: str, data: Any, made: Any) -> dict[str, Any]:
    """The kept form of a message."""
    return {"type": f"greetings.v1.{name}", "data": data, "raw": base64.b64encode(made.SerializeToString()).decode()}


def test_fields_that_the_definition_does_not_know_are_kept(server: Running, tmp_path: Path) -> None:
    """Case 26: a client of an older definition, that knows no field at all, passes on what it is told."""
    unknown = b"\xba\x3e\x05later"  # field 999, a text
    asked = server.ask("Ada").SerializeToString() + unknown

    def program(server: Running, _stub: Any) -> bytes:
        with grpc.insecure_channel(server.target) as channel:
            greet = channel.unary_unary(
                "/greetings.v1.Greeter/Greet",
                request_serializer=Empty.SerializeToString,
                response_deserializer=Empty.FromString,
            )
            return bytes(greet(Empty.FromString(asked)).SerializeToString())

    seen, session = recorded(tmp_path, server, program)
    assert server.messages.Answer.FromString(seen).text == "hello Ada"
    assert base64.b64decode(session.interactions[0].request["messages"][0]["raw"]) == asked
    assert played(server, program, session) == seen


def test_messages_without_a_definition_are_cleaned_and_played(server: Running, tmp_path: Path) -> None:
    """Bytes as they are: what a service is not known by, is looked at by what it looks like."""
    email = "ada.lovelace@analytical.example.org"
    asked = server.ask("Ada", labels={"mail": email}).SerializeToString()

    def program(server: Running, _stub: Any) -> bytes:
        with grpc.insecure_channel(server.target) as channel:
            return bytes(channel.unary_unary("/greetings.v1.Greeter/Greet")(asked))

    seen, session = recorded(tmp_path, server, program)
    kept = base64.b64decode(session.interactions[0].request["messages"][0]["raw"])
    assert server.messages.Ask.FromString(kept).name == "Ada"
    assert email.encode() not in kept
    assert "@" in server.messages.Ask.FromString(kept).labels["mail"]
    assert played(server, program, session) == seen


def test_messages_that_are_none_of_protobuf_are_told_apart_by_their_bytes(tmp_path: Path) -> None:
    """A serialiser may write JSON: each question gets its own answer, in any order, and another one is a miss."""

    class Echo(grpc.GenericRpcHandler):
        def service(self, _details: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(lambda asked, _context: b"re " + asked)

    echo = grpc.server(ThreadPoolExecutor(1))
    echo.add_generic_rpc_handlers((Echo(),))
    target = f"127.0.0.1:{echo.add_insecure_port('127.0.0.1:0')}"
    echo.start()

    def ask(number: int) -> bytes:
        with grpc.insecure_channel(target) as channel:
            return bytes(channel.unary_unary("/own.Echo/Say")(b'{"number": %d}' % number))

    with capture("own", directory=tmp_path) as session:
        seen = [ask(1), ask(2)]
    echo.stop(None).wait()
    with replay(session.folder):
        assert [ask(2), ask(1)] == seen[::-1] == [b're {"number": 2}', b're {"number": 1}']
    with replay(session.folder, allow=["unplayed", "misses"]), pytest.raises(ReplayMissError):
        ask(3)


def test_channels_and_stubs_that_were_made_before_are_recorded(server: Running, tmp_path: Path) -> None:
    with grpc.insecure_channel(server.target) as channel:
        stub = server.stub(channel)
        stub.Greet(server.ask())
        with capture("late", directory=tmp_path) as session:
            stub.Greet(server.ask("late"))
        stub.Greet(server.ask("after"))
    assert [one.request["messages"][0]["data"]["name"] for one in session.interactions] == ["late"]


class Retrying(grpc.UnaryUnaryClientInterceptor):
    """Asks again until it goes well, and says who it is."""

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        details = details._replace(metadata=(*(details.metadata or ()), ("x-attempt", "yes")))
        for _ in range(5):
            answer = continuation(details, request)
            if answer.code() is grpc.StatusCode.OK:
                break
        return answer


def test_interceptors_still_run_and_each_attempt_is_recorded(server: Running, tmp_path: Path) -> None:
    """Case 24: the playback fails as often as the server did."""
    ran = []

    class Counting(Retrying):
        def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            ran.append(details.method)
            return super().intercept_unary_unary(continuation, details, request)

    def program(server: Running, _stub: Any) -> Any:
        with grpc.insecure_channel(server.target) as plain:
            return server.stub(grpc.intercept_channel(plain, Counting())).Greet(server.ask()).text

    server.greeter.fails_first = 2
    seen, session = recorded(tmp_path, server, program)
    assert [one.response["code"] for one in session.interactions] == ["UNAVAILABLE", "UNAVAILABLE", "OK"]
    assert [one.status for one in session.interactions] == ["error", "error", "success"]
    assert all(["x-attempt", "yes"] in map(list, one.request["metadata"]) for one in session.interactions)
    assert played(server, program, session) == seen
    assert len(ran) == 2


def test_a_stream_that_the_program_leaves_is_recorded_as_closed(server: Running, tmp_path: Path) -> None:
    """Case 7: reading on in the playback is a clear miss, and no hang."""

    def two(server: Running, stub: Any) -> list[str]:
        answers = stub.Count(server.ask())
        seen = [next(answers).text, next(answers).text]
        answers.cancel()
        return seen

    def three(server: Running, stub: Any) -> Any:
        answers = stub.Count(server.ask())
        return [next(answers).text for _ in range(3)]

    seen, session = recorded(tmp_path, server, two)
    assert session.interactions[0].status == "closed"
    assert len(session.interactions[0].response["messages"]) == 2
    assert server.greeter.broken_off.wait(5)
    assert played(server, two, session) == seen
    with pytest.raises(ReplayMissError, match="ends here"):
        played(server, three, session)


def test_a_stream_that_is_let_go_is_a_success_as_far_as_it_was_read(server: Running, tmp_path: Path) -> None:
    """Clients of Firestore read one document so. To read on in the playback is a miss."""

    def some(server: Running, stub: Any, count: int) -> list[str]:
        answers = stub.Count(server.ask())
        texts = [next(answers).text for _ in range(count)]
        del answers
        gc.collect()
        return texts

    seen, session = recorded(tmp_path, server, lambda server, stub: some(server, stub, 1))
    assert [(one.status, len(one.response["messages"])) for one in session.interactions] == [("success", 1)]
    assert played(server, lambda server, stub: some(server, stub, 1), session) == seen
    with pytest.raises(ReplayMissError, match="no further"):
        played(server, lambda server, stub: some(server, stub, 2), session)


def test_a_reader_in_another_thread_waits_in_the_playback_as_it_did(server: Running, tmp_path: Path) -> None:
    def program(server: Running, stub: Any) -> list[str]:
        more = threading.Event()

        def questions() -> Iterator[Any]:
            yield server.ask("first", times=1)
            more.wait(5)

        seen: list[str] = []
        arrived = threading.Event()
        answers = stub.Talk(questions())

        def read() -> None:
            try:
                for one in answers:
                    seen.append(one.text)
                    arrived.set()
            except grpc.RpcError as error:
                seen.append(error.code().name)

        reader = threading.Thread(target=read)
        reader.start()
        assert arrived.wait(5)
        reader.join(0.2)
        assert reader.is_alive()
        answers.cancel()
        reader.join(5)
        more.set()
        return seen

    seen, session = recorded(tmp_path, server, program)
    assert seen == ["first", "CANCELLED"]
    assert played(server, program, session) == seen


def test_a_server_that_speaks_first_does_so_in_the_playback(server: Running, tmp_path: Path) -> None:
    def program(server: Running, stub: Any) -> list[str]:
        welcomed = threading.Event()

        def questions() -> Iterator[Any]:
            assert welcomed.wait(5)
            yield server.ask("Ada", times=1)

        answers = stub.Talk(questions())
        seen = [next(answers).text]
        welcomed.set()
        return seen + [one.text for one in answers]

    server.greeter.speaks_first = True
    seen, session = recorded(tmp_path, server, program)
    assert seen == ["welcome", "Ada"]
    assert played(server, program, session) == seen


def test_a_stream_is_played_at_the_speed_that_is_asked_for(server: Running, tmp_path: Path) -> None:
    """Case 6: at speed 1 as long as it took, at 10 a tenth, at 0 at once."""

    def program(server: Running, stub: Any) -> float:
        begun = time.perf_counter()
        answers = stub.Count(server.ask())
        for _ in range(20):  # the server waits 10 ms after each
            next(answers)
        length = time.perf_counter() - begun
        answers.cancel()
        return length

    bare, session = recorded(tmp_path, server, program)
    assert bare > 0.19
    server.stop()
    took = {}
    for speed in (0, 1, 10):
        with replay(session.folder, speed=speed), grpc.insecure_channel(server.target) as channel:
            took[speed] = program(server, server.stub(channel))
    assert took[1] > 0.19
    assert took[0] < took[10] < took[1]


def test_another_question_is_a_miss_that_says_what_differs(server: Running, tmp_path: Path) -> None:
    """Case 28."""
    _, session = recorded(tmp_path, server, lambda server, stub: stub.Greet(server.ask("Ada")))
    server.stop()
    with (
        pytest.raises(ReplayMissError, match="name"),
        replay(session.folder),
        grpc.insecure_channel(server.target) as channel,
    ):
        server.stub(channel).Greet(server.ask("Bob"))


def test_a_channel_is_ready_while_it_is_played(server: Running, tmp_path: Path) -> None:
    _, session = recorded(tmp_path, server, lambda server, stub: stub.Greet(server.ask("Ada")).text)
    server.stop()
    with replay(session.folder), grpc.insecure_channel(server.target) as channel:
        grpc.channel_ready_future(channel).result(5)
        assert server.stub(channel).Greet(server.ask("Ada")).text == "hello Ada"


def test_nothing_is_sent_while_it_is_played(server: Running, tmp_path: Path) -> None:
    """Case 23: the server is there, and hears nothing."""

    def program(server: Running, stub: Any) -> list[str]:
        told = [one.text for one in stub.Talk(iter([server.ask("talk", times=1)]))]
        return [stub.Greet(server.ask()).text, *(one.text for one in stub.Count(server.ask(times=2))), *told]

    seen, session = recorded(tmp_path, server, program)
    asked = list(server.greeter.asked)
    with replay(session.folder) as playback, grpc.insecure_channel(server.target) as channel:
        states: list[Any] = []
        channel.subscribe(states.append, try_to_connect=False)
        assert program(server, server.stub(channel)) == seen
    assert server.greeter.asked == asked
    assert playback.tally.bypassed == []
    assert grpc.ChannelConnectivity.CONNECTING not in states


def test_a_version_of_grpc_that_is_not_known_is_left_alone_and_said(tmp_path: Path) -> None:
    """Case 19: the program runs as ever; the session says that it saw nothing."""
    stranger: Any = types.ModuleType("grpc._channel")
    with capture("stranger", directory=tmp_path) as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", io.StringIO())
        hook.install(stranger)
        assert vars(stranger).keys() == vars(types.ModuleType("grpc._channel")).keys()
        assert session.problems == ["NotImplementedError"]
        session.close()


def test_secrets_in_messages_and_metadata_reach_no_file(server: Running, tmp_path: Path) -> None:
    """Case 16: by the name of a field, of a key of a map, and by what metadata is called; and it is played again."""
    secret, token = "hunter2-hunter2-hunter2", "tok-9f8e7d6c5b4a39281706"

    def program(server: Running, stub: Any) -> Any:
        ask = server.ask("Ada", password=secret, labels={"api_key": secret}, blob=b"\0" + secret.encode())
        ask.free.update({"deep": {"client_secret": secret, "kept": "red"}})
        ask.any.Pack(server.ask("inner", password=secret))
        ask.inner.add(password=secret)
        return stub.Greet(ask, metadata=(("authorization", f"Bearer {token}"),)).text

    seen, session = recorded(tmp_path, server, program)
    for path in session.folder.parent.rglob("*"):
        if path.is_file():
            for one in (secret, token):
                data = path.read_bytes()
                assert one.encode() not in data
                assert base64.b64encode(one.encode())[:-4] not in data
    data = session.interactions[0].request["messages"][0]["data"]
    assert data["name"] == "Ada"
    assert data["free"]["deep"]["kept"] == "red"
    assert data["any"]["name"] == "inner"
    assert played(server, program, session) == seen


def test_without_a_tape_nothing_is_looked_at(server: Running, tmp_path: Path) -> None:
    _, session = recorded(tmp_path, server, lambda server, stub: stub.Greet(server.ask("Ada")).text)
    with capture("off", directory=tmp_path) as other, tapes.paused(), grpc.insecure_channel(server.target) as channel:
        assert server.stub(channel).Greet(server.ask("Bob")).text == "hello Bob"
    assert other.interactions == []
    assert len(session.interactions) == 1


def test_threads_record_every_call_once(server: Running, tmp_path: Path) -> None:
    """Case 2, on one channel."""
    with capture("many", directory=tmp_path) as session, grpc.insecure_channel(server.target) as channel:
        stub = server.stub(channel)

        def work(number: int) -> None:
            with tapes.under(session):
                for turn in range(20):
                    name = f"{number}.{turn}"
                    assert stub.Greet(server.ask(name)).text == f"hello {name}"

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    answers = {
        one.request["messages"][0]["data"]["name"]: one.response["messages"][0]["data"]["text"]
        for one in session.interactions
    }
    assert answers == {f"{number}.{turn}": f"hello {number}.{turn}" for number in range(8) for turn in range(20)}
    assert len({one.id for one in session.interactions}) == 160


@pytest.mark.parametrize("method", ["Sum", "Talk"])
def test_what_goes_wrong_while_a_stream_is_played_is_no_hang(server: Running, tmp_path: Path, method: str) -> None:
    """Requests are read in a thread of gRPC's: a miss there, or an error of ours, reaches the program."""

    def program(server: Running, stub: Any, name: str) -> Any:
        told = getattr(stub, method)(iter([server.ask(name, times=1)]))
        return [one.text for one in told] if method == "Talk" else told.number

    _, session = recorded(tmp_path, server, lambda server, stub: program(server, stub, "Ada"))
    server.stop()
    for name, broken in (("Bob", False), ("Ada", True)):
        with (
            pytest.MonkeyPatch.context() as patch,
            replay(session.folder, allow=["unplayed", "misses"]) as playback,
            grpc.insecure_channel(server.target) as channel,
        ):
            if broken:
                patch.setattr(playback, "play", lambda *_: 1 / 0)
            with pytest.raises((ReplayMissError, grpc.RpcError, ZeroDivisionError)):
                program(server, server.stub(channel), name)


def test_a_secret_that_a_later_call_shows_is_taken_out_of_earlier_ones(server: Running, tmp_path: Path) -> None:
    """Case 16: the first call has it where nobody would look, and its bytes are in Base64."""
    secret = "hunter2-hunter2-hunter2"

    def program(server: Running, stub: Any) -> list[str]:
        return [stub.Greet(server.ask(f"the word is {secret}")).text, stub.Greet(server.ask(password=secret)).text]

    _, session = recorded(tmp_path, server, program)
    for one in session.interactions:
        for form in (*one.request["messages"], *one.response["messages"]):
            assert secret.encode() not in base64.b64decode(form["raw"])
            assert secret not in str(form["data"])
    kept = session.interactions[0].request["messages"][0]
    name = server.messages.Ask.FromString(base64.b64decode(kept["raw"])).name
    assert name.startswith("the word is ")
    assert kept["data"]["name"] == name


def test_only_messages_that_may_hold_one_of_any_type_are_looked_through_for_it() -> None:
    """Also where it stands deep within, and where types hold each other."""
    from google.protobuf import any_pb2, descriptor_pb2, struct_pb2, wrappers_pb2
    from google.rpc import status_pb2

    for holder in (any_pb2.Any, status_pb2.Status, descriptor_pb2.FileOptions):  # the last may be extended
        assert packs(holder.DESCRIPTOR)
    for other in (struct_pb2.Struct, struct_pb2.ListValue, wrappers_pb2.BytesValue):
        assert not packs(other.DESCRIPTOR)
