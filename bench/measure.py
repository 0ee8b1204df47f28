"""What is measured, and how: figures under their keys, contestants in turn, and the three kinds of work."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from cases import Cases
from contestant import Contestant, Gone

QUESTIONS = (1, 4, 8)
Measure = Callable[[Contestant], None]


class Results:
    """Values under their keys, until they are written as medians."""

    def __init__(self) -> None:
        self.values: dict[tuple, list[float]] = defaultdict(list)
        self.scores: dict[tuple, list[float]] = {}

    def add(self, who: Contestant, case: str, tokens: int, questions: int, method: str, value: float) -> None:
        self.values[(who.engine, who.variant, case, tokens, questions, method)].append(value)

    def rows(self) -> list[dict]:
        units = {"prefill": "tokens/s", "score": "ms", "cold_start": "ms", "memory": "MiB"}
        names = ("engine", "variant", "case", "tokens", "questions", "method")
        return [dict(zip(names, key)) | {"value": round(statistics.median(values), 2), "unit": units[key[2]],
                                         "min": round(min(values), 2), "max": round(max(values), 2),
                                         "count": len(values)}
                for key, values in self.values.items()]

    def score_rows(self) -> list[dict]:
        return [{"engine": engine, "variant": variant, "tokens": tokens, "method": method,
                 "values": [round(v, 4) for v in values]}
                for (engine, variant, tokens, method), values in self.scores.items()]


def rounds(field: list[Contestant], limits: tuple[int, float], one: Measure) -> None:
    """Calls `one(contestant)` for each in turn, round after round; the first of one round is the second of the next."""
    count, seconds = limits
    started, took = time.monotonic(), 0.0
    for index in range(count):
        if index > 0 and time.monotonic() - started + took > seconds:
            return
        begin = time.monotonic()
        turn = index % max(1, len(field))
        for who in field[-turn:] + field[:-turn] if turn else field:
            if who.missing:
                continue
            try:
                one(who)
            except (Gone, OSError) as problem:
                who.missing = str(problem)
                print(f"  {who.name}: {problem}", flush=True)
        took = time.monotonic() - begin


def prefill(cases: Cases, results: Results) -> Measure:
    def one(who: Contestant) -> None:
        for tokens, ids in cases.prefill.items():
            who.ask(do="prefill", ids=ids)
            seconds = who.ask(do="prefill", ids=ids)["seconds"]
            results.add(who, "prefill", tokens, 0, "", tokens / seconds)
    return one


def score(cases: Cases, results: Results) -> Measure:
    def one(who: Contestant) -> None:
        for tokens, text in cases.texts.items():
            for count in QUESTIONS:
                for method in who.methods:
                    reply = who.ask(do="score", method=method, text=text, questions=cases.questions[:count])
                    results.add(who, "score", tokens, count, method, reply["seconds"] * 1000)
                    results.scores[(who.engine, who.variant, tokens, method)] = reply["scores"]
    return one


def cold_start(cases: Cases, results: Results, log: Path, adapter: Path) -> Measure:
    """A new process each time, until the score of one question on the middle text.

    An untimed start comes right before, as some machines take unread pages out of the cache within minutes.
    """
    tokens = sorted(cases.texts)[len(cases.texts) // 2]

    def one(who: Contestant) -> None:
        command = list(who.command)
        if who.engine == "xllamacpp" and who.variant == "Q4_K_M":
            command.append(str(adapter))
        method = {"xllamacpp": "full", "transformers": "batch"}.get(who.engine, "shared")
        for timed in (False, True):
            fresh = Contestant(who.engine, who.variant, command)
            try:
                started = time.perf_counter()
                fresh.start(log)
                fresh.ask(do="score", method=method, text=cases.texts[tokens], questions=cases.questions[:1])
                seconds = time.perf_counter() - started
                if timed:
                    results.add(who, "cold_start", tokens, 1, method, seconds * 1000)
                    results.add(who, "memory", tokens, 1, method, fresh.ask(do="memory")["peak_bytes"] / 2**20)
            finally:
                fresh.stop()
    return one
