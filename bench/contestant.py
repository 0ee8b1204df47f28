"""One contestant: a process that speaks worker.py's protocol, what it is called, and what may be asked of it."""

import json
import os
import selectors
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

START_SECONDS = 120
REPLY_SECONDS = 120


class Gone(Exception):
    """The contestant can't answer; the message says why."""


@dataclass
class Contestant:
    """`methods`: how it scores. `missing`: why it takes no part, once that is known."""

    engine: str
    variant: str
    command: list[str]
    methods: tuple[str, ...] = ()
    prefill: bool = True
    missing: str | None = None
    about: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    @property
    def name(self) -> str:
        return f"{self.engine} {self.variant}"

    def start(self, log: Path) -> None:
        """Starts the process and waits until it says that it is ready."""
        environment = {**os.environ, "OMP_NUM_THREADS": "2", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        with log.open("ab") as errors:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            env=environment)
        self.about = {key: value for key, value in self._read(START_SECONDS).items() if key != "ready"}

    def ask(self, **request) -> dict:
        """The reply to one request; Gone if there is none."""
        if not self.process or self.process.poll() is not None:
            raise Gone("it is not running")
        try:
            self.process.stdin.write((json.dumps(request) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Gone("it ended") from None
        reply = self._read(REPLY_SECONDS)
        if "error" in reply:
            raise Gone(reply["error"])
        return reply

    def stop(self) -> None:
        """Ends the process; harmless if there is none."""
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
            self.process = None

    def _read(self, seconds: float) -> dict:
        """The next line. Replies come one at a time, so nothing waits behind the line in a buffer."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = b""
            while not line.endswith(b"\n"):
                if not selector.select(max(0, deadline - time.monotonic())):
                    self.process.kill()
                    raise Gone(f"no answer in {seconds:.0f} s")
                piece = os.read(self.process.stdout.fileno(), 65_536)
                if not piece:
                    raise Gone(f"it ended (status {self.process.wait()})")
                line += piece
        return json.loads(line)
