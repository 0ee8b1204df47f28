"""How fast an auditor's questions are answered at a size, and how many decisions a second the store takes.

Usage: audit.py --gatehouse BINARY --bench BINARY --file AUDIT.sqlite --out FILE [--count RECORDS] [--rounds N]

The file is filled with made-up decisions of a week unless it is there. Each question is a command of its own, with its start, and is
asked once untimed. Then clients record for ten seconds, each waiting until its decision is on disk.
"""

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path

from machine import machine

LIST_LIMIT_MS = 100
STATS_LIMIT_MS = 1000


def questions(newest: dict, fired: str, other: str) -> list[tuple[str, list[str], int]]:
    """What is asked: in words, as arguments, and the milliseconds that it may take."""
    lists = [
        ("what happened last", []),
        ("what was blocked today", ["--since", "24h", "--outcome", "block"]),
        ("where a rule fired", ["--rule", fired]),
        ("where a rule was sure", ["--score", f"{fired}>0.9"]),
        ("what a tenant did yesterday", ["--since", "48h", "--until", "24h", "--tenant", "tenant-7"]),
        ("what a tenant was refused", ["--tenant", "tenant-7", "--outcome", "block"]),
        ("one request", ["--request", newest["request_id"]]),
        ("one policy", ["--revision", newest["policy_revision"][:12]]),
        ("a policy that never was", ["--revision", "0000"]),
        ("a model of one in 100,000", ["--model", "model-rare"]),
        ("a model that nobody has", ["--model", "model-x"]),
        ("models that begin so", ["--model", "model-r*"]),
        ("a route of one in 50,000", ["--route", "/v1/rare"]),
        ("a rare route of a rare model", ["--route", "/v1/rare", "--model", "model-rare"]),
        ("a cause of one in 20,000", ["--cause", "overloaded"]),
        ("a cause that never was", ["--cause", "guard_unavailable"]),
        ("what failed upstream", ["--outcome", "upstream_timeout"]),
        ("where a detector failed", ["--fail-mode", "open"]),
        ("what was not scanned", ["--unscanned"]),
        ("what was called wrong", ["--label", "wrong"]),
        ("what a rule let pass", ["--rule", fired, "--outcome", "allow"]),
        ("two that are never together", ["--outcome", "upstream_timeout", "--direction", "prompt"]),
        ("two rare scores", ["--score", f"{fired}>0.95", "--score", f"{other}>0.95"]),
        ("a sure rule on a rare route", ["--score", f"{fired}>0.9", "--route", "/v1/rare"]),
        ("a low score on a rare route", ["--score", f"{fired}<0.01", "--route", "/v1/rare"]),
        ("a tenant's rule six days ago", ["--since", "6d", "--until", "5d", "--tenant", "tenant-5", "--rule", fired]),
        ("a client that nobody has", ["--client", "nobody"]),
        ("a conversation that never was", ["--conversation", "nothing"]),
        ("words in a tenant's blocks", ["--tenant", "tenant-7", "--outcome", "block", "--since", "24h", "--text", "xyzzy"]),
    ]
    found = [("list: " + words, ["list", *flags, "--format", "jsonl"], LIST_LIMIT_MS) for words, flags in lists]
    return found + [
        ("show: everything about one", ["show", newest["id"]], LIST_LIMIT_MS),
        ("stats: of a day", ["stats", "--since", "24h", "--format", "json"], STATS_LIMIT_MS),
        ("stats: of a day of a tenant", ["stats", "--since", "24h", "--tenant", "tenant-7", "--format", "json"], STATS_LIMIT_MS),
        ("stats: of a day of a rule", ["stats", "--since", "24h", "--rule", fired, "--format", "json"], STATS_LIMIT_MS),
        ("top: tenants of a day", ["top", "--by", "tenant", "--since", "24h", "--format", "json"], STATS_LIMIT_MS),
        ("top: rules of a day", ["top", "--by", "rule", "--since", "24h", "--format", "json"], STATS_LIMIT_MS),
    ]


def ask(gatehouse: str, file: Path, arguments: list[str]) -> tuple[float, str]:
    start = time.perf_counter()
    done = subprocess.run([gatehouse, "audit", *arguments, "--audit-file", str(file)], capture_output=True, text=True)
    taken = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        raise SystemExit(f"gatehouse audit {' '.join(arguments)}: {done.stderr}")
    return taken, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gatehouse", required=True)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--file", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--count", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    filling = None
    if not options.file.exists():
        start = time.perf_counter()
        part = options.file.with_suffix(".filling")
        part.unlink(missing_ok=True)
        subprocess.run([options.bench, "records", str(part), "--count", str(options.count)], check=True)
        part.rename(options.file)
        filling = time.perf_counter() - start

    newest = json.loads(ask(options.gatehouse, options.file, ["list", "--limit", "1", "--format", "jsonl"])[1])
    rules = json.loads(ask(options.gatehouse, options.file, ["top", "--by", "rule", "--since", "24h", "--format", "json"])[1])
    rows = []
    for words, arguments, limit in questions(newest, rules[0]["rule"], rules[1]["rule"]):
        _, answer = ask(options.gatehouse, options.file, arguments)
        times = [ask(options.gatehouse, options.file, arguments)[0] for _ in range(options.rounds)]
        rows.append({"question": words, "arguments": arguments, "median_ms": statistics.median(times), "max_ms": max(times),
                     "limit_ms": limit, "records": answer.count("\n") if arguments[0] == "list" else None})
        found = f"{rows[-1]['records']:>4} records" if arguments[0] == "list" else " " * 12
        mark = "" if rows[-1]["median_ms"] < limit else "  over the limit"
        print(f"{words:36} {found} {rows[-1]['median_ms']:8.0f} ms (to {rows[-1]['max_ms']:.0f}), limit {limit}{mark}")

    total = newest["chain"]["sequence"]
    writes = json.loads(subprocess.run([options.bench, "writes", str(options.file)], check=True, capture_output=True,
                                       text=True).stdout)
    print(f"\nwriting with {writes['clients']} clients, each decision on disk: {writes['decisions_per_second']:.0f} a second in"
          f" {writes['transactions_per_second']:.0f} transactions; median {writes['median_ms']:.1f} ms, 99 of 100 in"
          f" {writes['p99_ms']:.1f} ms; the disk syncs {writes['syncs_per_second']:.0f} times a second")
    size = sum(path.stat().st_size for path in options.file.parent.glob(options.file.name + "*"))
    print(f"{total} records, {size / 1e9:.1f} GB")
    options.out.write_text(json.dumps({"machine": machine([" ".join(["bench/audit.py", "--count", str(options.count)])]),
                                       "records": total, "bytes": size, "filling_seconds": filling, "questions": rows,
                                       "writes": writes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
