"""Installs the peers into a virtual environment: llama.cpp built for this processor, its wheel, transformers.

Usage: install.py [VENV]    (.build/bench-venv unless told; any Python 3.10 or later runs this)
Each peer is installed on its own; one that fails is written down with its reason in VENV/peers.json and the others go
on. A peer that is there already, in the wanted version, is left alone. The native build needs a C++ compiler and takes
minutes.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements-peer.txt"
NATIVE = "llama-cpp-python==0.3.36"
# Processor flags of this machine, and no image input, which is not measured. All else as llama.cpp sets it.
CMAKE_ARGS = "-DGGML_NATIVE=ON -DLLAVA_BUILD=OFF"
LIMIT_SECONDS = 3600


def wheels() -> dict[str, str]:
    """Package name -> requirement, from the requirements file."""
    lines = [line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines()]
    return {line.split("==")[0]: line for line in lines if line}


def peers() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Peer -> (pip's arguments, environment). The same names stand in the results."""
    wheel = wheels()
    build = {"CMAKE_ARGS": CMAKE_ARGS, "CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 2)}
    return {
        "xllamacpp": ([wheel["xllamacpp"]], {}),
        "gguf": ([wheel["gguf"]], {}),
        "transformers": ([wheel["torch"], wheel["transformers"], wheel["accelerate"]], {}),
        "llama.cpp": (["--no-binary", "llama-cpp-python", NATIVE], build),
    }


def install(python: Path, arguments: list[str], environment: dict[str, str]) -> str | None:
    """Runs pip; the reason where it failed."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    try:
        done = subprocess.run(command, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True,
                              timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return f"pip took more than {LIMIT_SECONDS} s"
    if done.returncode == 0:
        return None
    errors = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
    return (errors or done.stderr.splitlines() or ["pip failed without a word"])[-1].strip()


def satisfied(python: Path, requirements: list[str]) -> bool:
    """Whether every NAME==VERSION is there already."""
    listed = subprocess.run([str(python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"],
                            capture_output=True, text=True)
    have = {row["name"].replace("_", "-"): row["version"].split("+")[0] for row in json.loads(listed.stdout or "[]")}
    return all(have.get(name) == version for name, _, version in (r.partition("==") for r in requirements))


def main() -> None:
    venv = Path(sys.argv[1] if len(sys.argv) > 1 else ".build/bench-venv")
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    record_path = venv / "peers.json"
    record = json.loads(record_path.read_text()) if record_path.exists() else {}
    for peer, (arguments, environment) in peers().items():
        wanted = [a for a in arguments if "==" in a]
        if satisfied(python, wanted):
            record.setdefault(peer, {"requirements": wanted, "environment": environment, "seconds": 0, "failed": None})
            record[peer]["failed"] = None
            continue
        if peer == "llama.cpp" and not shutil.which("c++"):
            reason, seconds = "no C++ compiler: install g++", 0.0
        else:
            print(f"installing {' '.join(wanted)}", flush=True)
            started = time.monotonic()
            reason = install(python, arguments, environment)
            seconds = time.monotonic() - started
        record[peer] = {"requirements": wanted, "environment": environment, "seconds": round(seconds), "failed": reason}
        print(f"{peer}: {reason or 'installed'} ({seconds:.0f} s)", flush=True)
        record_path.write_text(json.dumps(record, indent=2) + "\n")
    record_path.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
