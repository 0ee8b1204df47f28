"""What the figures were measured on."""

import os
import platform
from datetime import datetime, timezone

FLAGS_THAT_MATTER = ("avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_int8",
                     "amx_bf16", "asimddp", "i8mm", "bf16", "sve")


def field(path: str, *keys: str) -> str:
    """The first value of one of the keys in a file of `key: value` lines; empty if there is none."""
    with open(path) as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.strip() in keys:
                return value.strip()
    return ""


def machine(commands: list[str]) -> dict:
    """The `machine` object of a results file."""
    flags = field("/proc/cpuinfo", "flags", "Features").split()
    return {
        "cpu": field("/proc/cpuinfo", "model name") or platform.machine(),
        "family": field("/proc/cpuinfo", "cpu family"),
        "cores": os.cpu_count(),
        "flags": [flag for flag in FLAGS_THAT_MATTER if flag in flags],
        "memory_bytes": int(field("/proc/meminfo", "MemTotal").split()[0]) * 1024,
        "kernel": platform.release(),
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "commands": commands,
    }
