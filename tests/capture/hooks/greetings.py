"""A gRPC server for tests, in this process, of a definition that is compiled when the tests begin."""

from __future__ import annotations

import importlib.util
import re
import sys
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

HERE = Path(__file__).parent


def compiled(folder: Path) -> tuple[Any, Any]:
    """The generated modules: messages, stubs."""
    if "greetings_pb2" not in sys.modules:
        import grpc_tools
        from grpc_tools import protoc

        known = Path(grpc_tools.__file__).parent / "_proto"
        options = [f"-I{HERE}", f"-I{known}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
        assert protoc.main(["protoc", *options, str(HERE / "greetings.proto")]) == 0
        for name in ("greetings_pb2", "greetings_pb2_grpc"):
            spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
            assert spec
            assert spec.loader
            sys.modules[name] = module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
    return sys.modules["greetings_pb2"], sys.modules["greetings_pb2_grpc"]


def timeless(seen: Any) -> str:
    """What was seen, but for what older versions of gRPC tell of the moment in the texts of errors, in any order."""
    return re.sub(r"\{[^{}]*created_time[^{}]*\}", "{}", repr(seen))


class Greeter:
    """Answers; `asked` counts what came in, `fails_first` is how many calls fail before one goes well."""

    def __init__(self, messages: Any) -> None:
        self.messages = messages
        self.asked: list[str] = []
        self.fails_first = 0
        self.speaks_first = False
        self.broken_off = threading.Event()

    def _answer(self, text: str, number: int = 0, **more: Any) -> Any:
        return self.messages.Answer(text=text, number=number, **more)

    def _fail(self, context: Any, name: str) -> None:
        context.set_trailing_metadata((("why", "as asked"), ("why-bin", b"\0\1\xff")))
        context.abort(getattr(grpc.StatusCode, name), f"failed with {name}")

    def Greet(self, request: Any, context: Any) -> Any:
        self.asked.append(request.name)
        context.send_initial_metadata((("first", "initial"),))
        if self.fails_first:
            self.fails_first -= 1
            self._fail(context, "UNAVAILABLE")
        if request.fail == "SLOW":
            time.sleep(0.4)
        elif request.fail:
            self._fail(context, request.fail)
        context.set_trailing_metadata((("last", "trailing"),))
        return self._answer(f"hello {request.name}", len(self.asked))

    def Count(self, request: Any, context: Any) -> Any:
        self.asked.append(request.name)
        context.add_callback(self.broken_off.set)
        for number in range(request.times or 1_000_000):
            if not context.is_active():
                return
            yield self._answer(f"{request.name} {number}", number)
            if not request.times:
                time.sleep(0.01)
        if request.fail:
            self._fail(context, request.fail)

    def Sum(self, requests: Any, context: Any) -> Any:
        total = 0
        for request in requests:
            total += request.times
        return self._answer("sum", total)

    def Talk(self, requests: Any, context: Any) -> Any:
        if self.speaks_first:
            yield self._answer("welcome")
        for request in requests:
            if request.fail:
                self._fail(context, request.fail)
            for number in range(request.times):
                yield self._answer(request.name, number)


class Running:
    """A running server with its modules."""

    def __init__(self, folder: Path) -> None:
        self.messages, self.stubs = compiled(folder)
        self.greeter = Greeter(self.messages)
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        self.stubs.add_GreeterServicer_to_server(self.greeter, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self.target = f"127.0.0.1:{self.port}"
        self._server.start()

    def stop(self) -> None:
        """End it at once."""
        self._server.stop(None).wait(5)

    def stub(self, channel: Any) -> Any:
        """A client."""
        return self.stubs.GreeterStub(channel)

    def ask(self, name: str = "Ada", **more: Any) -> Any:
        """A question."""
        return self.messages.Ask(name=name, **more)
