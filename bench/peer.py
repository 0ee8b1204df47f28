"""The engine's work done by others: llama.cpp and transformers, in alternating rounds on this machine.

Usage: peer.py --model MODEL.gguf --adapter ADAPTER.gguf --out PEER.json
               [--cases CASES.json] [--venv FOLDER] [--work FOLDER] [--ours "VARIANT=COMMAND ..."]...
Needs what install.py installs. --cases: token ids from gatehouse-bench; made by llama.cpp's tokeniser without it.
--ours: a command that speaks worker.py's protocol; it then takes part in the rounds as `gatehouse VARIANT`.
Each part stops after a set time and count; all take at most ten minutes. Formats: README.md.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

from cases import Cases
from contestant import Contestant
from machine import machine
from measure import Results, cold_start, prefill, rounds, score
from report import table

HERE = Path(__file__).resolve().parent
# (rounds at most, seconds after which no further round starts)
PREFILL, COLD, SCORE = (5, 90), (3, 130), (3, 210)


def contestants(options: argparse.Namespace, cases: Cases, problems: dict[str, str | None]) -> list[Contestant]:
    """Everyone, those with a known problem too."""
    python, work = str(options.venv / "bin" / "python"), options.work
    answers = [str(cases.yes), str(cases.no)]

    def native(variant: str, tokens: int, model: Path, *adapter: str) -> Contestant:
        command = [python, str(HERE / "llama_native.py"), str(tokens), str(model), *answers, *adapter]
        return Contestant("llama.cpp", variant, command, ("full", "shared"),
                          missing=problems.get("llama.cpp") or problems.get(model.name))

    def wheel(variant: str, model: Path) -> Contestant:
        return Contestant("xllamacpp", variant, [python, str(HERE / "llama_wheel.py"), str(model), *answers],
                          missing=problems.get("xllamacpp") or problems.get(model.name))

    def hugging(variant: str, dtype: str, methods: tuple[str, ...]) -> Contestant:
        folder = work / "judge-transformers"
        command = [python, str(HERE / "transformers_peer.py"), str(folder), *answers, dtype]
        return Contestant("transformers", variant, command, methods,
                          missing=problems.get("transformers") or problems.get(folder.name))

    # Room for the longest text with eight questions.
    longest = max(map(len, cases.texts.values())) + sum(map(len, cases.questions)) + 512
    found = [
        native("Q4_K_M", longest, options.model, str(options.adapter)),
        native("Q8_0", longest, work / "judge-q8_0.gguf"),
        native("Q4_0", longest, work / "judge-q4_0.gguf"),
        native("BF16", longest, work / "judge-bf16.gguf"),
        wheel("Q4_K_M", options.model),
        wheel("Q8_0", work / "judge-q8_0.gguf"),
        hugging("BF16", "bfloat16", ("batch",)),
        hugging("F32", "float32", ()),
    ]
    return [gatehouse(ours) for ours in options.ours] + found


def gatehouse(argument: str) -> Contestant:
    """Ours, from VARIANT=COMMAND."""
    variant, _, command = argument.partition("=")
    return Contestant("gatehouse", variant, shlex.split(command), ("shared",))


def prepare(options: argparse.Namespace) -> dict[str, str | None]:
    """Peer or file name -> why it is missing, None if it is there. Makes the checkpoints and the cases first."""
    python = options.venv / "bin" / "python"
    record = options.venv / "peers.json"
    if not record.exists():
        sys.exit(f"no peers in {options.venv}: run install.py first")
    problems = {peer: entry["failed"] for peer, entry in json.loads(record.read_text()).items()}
    with options.log.open("ab") as log:
        command = [str(python), str(HERE / "models.py"), str(options.model), str(options.adapter), str(options.work)]
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, text=True)
        if made.returncode == 0:
            problems |= json.loads(made.stdout)
        if not options.cases:
            options.cases = options.work / "cases.json"
            command = [str(python), str(HERE / "cases.py"), str(options.model), str(options.cases)]
            if subprocess.run(command, stderr=log).returncode != 0:
                sys.exit(f"no cases: give --cases, or see {options.log}")
    return problems


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The engine's work done by llama.cpp and transformers.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--venv", type=Path, default=Path(".build/bench-venv"))
    parser.add_argument("--work", type=Path, default=Path(".build/bench-models"))
    parser.add_argument("--ours", action="append", default=[])
    return parser.parse_args()


def main() -> None:
    options = arguments()
    options.work.mkdir(parents=True, exist_ok=True)
    options.log = options.work / "peer.log"
    problems = prepare(options)
    cases = Cases.read(options.cases)
    field = contestants(options, cases, problems)
    results = Results()
    print("cold start", flush=True)
    rounds(field, COLD, cold_start(cases, results, options.log, options.adapter))
    try:
        rounds(field, (1, 0), lambda who: who.start(options.log))
        print("prefill", flush=True)
        rounds(field, PREFILL, prefill(cases, results))
        print("score", flush=True)
        rounds([who for who in field if who.methods], SCORE, score(cases, results))
    finally:
        for who in field:
            who.stop()
    peers = [{"engine": who.engine, "variant": who.variant, "missing": who.missing, **who.about} for who in field]
    installed = json.loads((options.venv / "peers.json").read_text())
    document = {"machine": machine([shlex.join(sys.argv)]), "installed": installed, "engines": peers,
                "results": results.rows(), "scores": results.score_rows()}
    options.out.write_text(json.dumps(document, indent=1) + "\n")
    print(table(document))


if __name__ == "__main__":
    main()
