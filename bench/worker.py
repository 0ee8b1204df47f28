"""The protocol that every peer speaks: one JSON object a line in, one out. Each peer runs as a process of its own.

    {"do": "prefill", "ids": [...]}                                          -> {"seconds": 0.27}
    {"do": "score", "method": "shared", "text": [...], "questions": [[...]]} -> {"seconds": 0.4, "scores": [0.02]}
    {"do": "memory"}                                                         -> {"peak_bytes": 300000000}

The first line out, before any is read, is {"ready": true, ...what the peer says of itself}. An error is
{"error": "why"}. Methods: "full" computes the text again for every question, "shared" computes it once, "batch" pads k
prompts to one length.
"""

import json
import os
import sys
import time
from typing import Protocol

THREADS = 2


class Peer(Protocol):
    """What a peer can do. Scores are probabilities of Yes against No after the last token."""

    def about(self) -> dict[str, str]:
        """Version, build and file, for the record."""
        ...

    def prefill(self, ids: list[int]) -> float | None:
        """Computes the whole prompt, and the logits of its last token only. Seconds, if the peer takes its own time."""
        ...

    def score(self, method: str, text: list[int], questions: list[list[int]]) -> list[float]:
        """A score for each question about the text."""
        ...


def peak_bytes() -> int:
    """The largest resident size of this process so far (VmHWM)."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def answer(peer: Peer, request: dict) -> dict:
    """The reply to one request; only the work itself is timed."""
    started = time.perf_counter()
    match request["do"]:
        case "prefill":
            own = peer.prefill(request["ids"])
            return {"seconds": own or time.perf_counter() - started}
        case "score":
            scores = peer.score(request["method"], request["text"], request["questions"])
            return {"seconds": time.perf_counter() - started, "scores": scores}
        case "memory":
            return {"peak_bytes": peak_bytes()}
        case other:
            return {"error": f"unknown request {other!r}"}


def serve(load) -> None:
    """Loads the peer and answers until standard input ends. What libraries print goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    peer = load()
    replies.write(json.dumps({"ready": True, **peer.about()}) + "\n")
    for line in sys.stdin:
        try:
            reply = answer(peer, json.loads(line))
        except Exception as problem:
            reply = {"error": f"{type(problem).__name__}: {problem}"}
        replies.write(json.dumps(reply) + "\n")
