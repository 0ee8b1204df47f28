"""llama.cpp on any one model file: prefill and peak memory. For a user's own checkpoint, or make_gemma2_shape.py's.

Usage: one_model.py MODEL.gguf OUT.json [--cases CASES.json] [--venv FOLDER] [--ours "VARIANT=COMMAND ..."]
Formats and --ours as in peer.py; the cases must be there already. A round is one warm and one timed run of each length.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

from cases import Cases
from contestant import Contestant
from machine import machine
from measure import Measure, Results, prefill, rounds
from peer import gatehouse
from report import table

HERE = Path(__file__).resolve().parent
PREFILL = (3, 120)


def peak_memory(results: Results, tokens: int) -> Measure:
    def one(who: Contestant) -> None:
        results.add(who, "memory", tokens, 0, "", who.ask(do="memory")["peak_bytes"] / 2**20)
    return one


def main() -> None:
    parser = argparse.ArgumentParser(description="llama.cpp on one model file.")
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cases", type=Path, default=Path(".build/bench-models/cases.json"))
    parser.add_argument("--venv", type=Path, default=Path(".build/bench-venv"))
    parser.add_argument("--ours", action="append", default=[])
    options = parser.parse_args()
    cases = Cases.read(options.cases)
    longest = max(cases.prefill)
    command = [str(options.venv / "bin" / "python"), str(HERE / "llama_native.py"), str(longest), str(options.model),
               str(cases.yes), str(cases.no)]
    field = [*map(gatehouse, options.ours), Contestant("llama.cpp", options.model.stem, command)]
    results = Results()
    try:
        rounds(field, (1, 0), lambda who: who.start(options.out.with_suffix(".log")))
        rounds(field, PREFILL, prefill(cases, results))
        rounds(field, (1, 0), peak_memory(results, longest))
    finally:
        for who in field:
            who.stop()
    peers = [{"engine": who.engine, "variant": who.variant, "missing": who.missing, **who.about} for who in field]
    document = {"machine": machine([shlex.join(sys.argv)]), "engines": peers, "results": results.rows(), "scores": []}
    options.out.write_text(json.dumps(document, indent=1) + "\n")
    print(table(document))


if __name__ == "__main__":
    main()
