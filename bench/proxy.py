"""What the proxy itself costs, beside nginx and LiteLLM, with rules that need no model.

Usage: proxy.py --gatehouse BINARY --out FILE [--litellm VENV] [--seconds N]

One upstream (nginx with a fixed chat completion) stands behind each contestant; wrk sends one chat request over and over, on
one connection and on 16. Added latency is the contestant's median less the median of the upstream asked directly. Then
2,000 streams that have said a few words and wait are opened through Gatehouse, and its memory is read.
Needs nginx and wrk (Debian packages nginx-light, wrk).
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from machine import machine

BODY = {"model": "any", "messages": [{"role": "user", "content": "What is the capital of France, and how old is it?"}]}
ANSWER = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "any",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": "Paris is the capital of France; people have lived there for two thousand years."}}],
    "usage": {"prompt_tokens": 14, "completion_tokens": 16, "total_tokens": 30},
}
# What an operator without a model might ask for: words of the house, a pattern, personal data and secrets.
POLICY = """
version: 1
policy: bench
rules:
  - { id: house-words, terms: [project nightingale, operation blue bird], action: block }
  - { id: tickets, patterns: ['\\bTICKET-\\d{6}\\b'], action: redact }
  - { id: personal-data, pii: [email, phone, credit_card, iban, us_ssn], action: redact }
  - { id: keys, secrets: [private_key, github_token, aws_access_key], action: block }
"""
WRK = """
wrk.method = "POST"
wrk.path = "/v1/chat/completions"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer none"
wrk.body = [[%s]]
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"p50_us": %%d, "p99_us": %%d, "requests": %%d, "seconds": %%f, "errors": %%d}\\n',
    latency:percentile(50), latency:percentile(99), summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
STREAMS = 2000


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, seconds: float = 120) -> None:
    end = time.time() + seconds
    while time.time() < end:
        if process.poll() is not None:
            sys.exit(f"a server ended with {process.returncode} before it listened: {process.args[0]}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing listens on port {port} after {seconds:.0f} s: {process.args[0]}")


class Servers:
    """Processes that end with the block."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.processes: list[subprocess.Popen] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, name: str, command: list[str], port: int, **environment: str) -> subprocess.Popen:
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder,
                                   env={**os.environ, **environment})
        self.processes.append(process)
        wait_for(port, process)
        return process

    def nginx(self, name: str, port: int, upstream: int | None) -> None:
        if upstream is None:
            place = f"location / {{ default_type application/json; return 200 '{json.dumps(ANSWER)}'; }}"
            group = ""
        else:
            place = ("location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ''; }")
            group = f"upstream behind {{ server 127.0.0.1:{upstream}; keepalive 64; }}"
        folder = self.folder / name
        folder.mkdir()
        (folder / "nginx.conf").write_text(f"""
            daemon off; worker_processes 2; pid {folder}/pid; error_log stderr error;
            events {{ worker_connections 1024; }}
            http {{
                access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
                fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
                {group}
                server {{ listen 127.0.0.1:{port}; {place} }}
            }}""")
        self.start(name, ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port)

    def gatehouse(self, binary: Path, upstream: int) -> tuple[int, subprocess.Popen]:
        port = free_port()
        (self.folder / "policy.yaml").write_text(POLICY)
        command = [str(binary), "serve", "--upstream", f"http://127.0.0.1:{upstream}", "--port", str(port), "--policies",
                   str(self.folder / "policy.yaml"), "--audit-file", str(self.folder / f"audit-{port}.sqlite"),
                   "--audit-content", "none", "--control", str(self.folder / f"{port}.sock"), "--log-level", "warning"]
        return port, self.start(f"gatehouse-{port}", command, port)

    def litellm(self, venv: Path, upstream: int) -> int:
        port = free_port()
        (self.folder / "litellm.yaml").write_text(json.dumps({
            "model_list": [{"model_name": "any", "litellm_params": {
                "model": "openai/any", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "none"}}],
            "litellm_settings": {"telemetry": False}}))
        command = [str(venv / "bin/litellm"), "--config", str(self.folder / "litellm.yaml"), "--host", "127.0.0.1",
                   "--port", str(port), "--telemetry", "False"]
        self.start("litellm", command, port, LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOG="ERROR",
                   LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY="true",
                   PATH=f"{venv / 'bin'}:{os.environ['PATH']}")
        return port


def wrk(port: int, connections: int, seconds: int, script: Path) -> dict:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(BODY).encode(),
                                     {"content-type": "application/json", "authorization": "Bearer none"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        said = json.load(answer)["choices"][0]["message"]["content"]
    if said != ANSWER["choices"][0]["message"]["content"]:
        sys.exit(f"port {port} gives another answer than the upstream's")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script),
               f"http://127.0.0.1:{port}"]
    subprocess.run([*command[:3], "-d2s", *command[4:]], capture_output=True, check=True)
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    figures = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    figures["requests_per_second"] = figures["requests"] / figures["seconds"]
    return figures


def resident(pid: int) -> int:
    fields = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in fields.splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


async def idle_streams(port: int, upstream: int, process: subprocess.Popen) -> dict:
    """Opens streams whose upstream has said a few words and says no more, and reads the gateway's memory."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    event = b'data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"Well, let me think"}}]}\n\n'
    asked = 0

    async def answer(reader, writer):
        nonlocal asked
        try:
            head_of_request = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head_of_request.split(b"\r\n")
                          if line.lower().startswith(b"content-length"))
            await reader.readexactly(length)
            asked += 1
            writer.write(head + b"%x\r\n%s\r\n" % (len(event), event))
            await reader.read()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass

    server = await asyncio.start_server(answer, "127.0.0.1", upstream, backlog=4096)
    body = json.dumps({**BODY, "stream": True}).encode()
    request = (b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
               % len(body)) + body
    before = resident(process.pid)
    connections = []
    for _ in range(STREAMS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        connections.append((reader, writer))
    for reader, _ in connections:
        status = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        if b" 200 " not in status.split(b"\r\n")[0]:
            raise RuntimeError(f"a stream was not opened: {status.splitlines()[0]!r}")
    await asyncio.sleep(2)
    after = resident(process.pid)
    if asked != STREAMS:
        raise RuntimeError(f"the upstream was asked {asked} times, not {STREAMS}")
    for _, writer in connections:
        writer.close()
    server.close()
    return {"streams": STREAMS, "resident_before_bytes": before, "resident_bytes": after}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gatehouse", type=Path, required=True)
    parser.add_argument("--litellm", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    wanted = 3 * STREAMS + 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))

    with tempfile.TemporaryDirectory() as name, Servers(Path(name)) as servers:
        folder = Path(name)
        script = folder / "chat.lua"
        script.write_text(WRK % json.dumps(BODY))
        upstream, plain = free_port(), free_port()
        servers.nginx("upstream", upstream, None)
        servers.nginx("nginx", plain, upstream)
        contestants = {"upstream": upstream, "nginx": plain}
        contestants["gatehouse"], _ = servers.gatehouse(arguments.gatehouse.resolve(), upstream)
        if arguments.litellm:
            contestants["litellm"] = servers.litellm(arguments.litellm.resolve(), upstream)
        results = {}
        for contestant, port in contestants.items():
            results[contestant] = {str(n): wrk(port, n, arguments.seconds, script) for n in (1, 16)}
        direct = results["upstream"]["1"]["p50_us"]
        for contestant in results.values():
            contestant["added_p50_ms"] = (contestant["1"]["p50_us"] - direct) / 1000
        silent = free_port()
        port, process = servers.gatehouse(arguments.gatehouse.resolve(), silent)
        idle = asyncio.run(idle_streams(port, silent, process))

    report = {"machine": machine(["make bench-proxy"]), "contestants": results, "idle_streams": idle}
    arguments.out.write_text(json.dumps(report, indent=1) + "\n")
    print("| behind it an nginx with a fixed answer | added p50, 1 connection | requests/s, 16 connections | p99 there | errors |")
    print("|---|---:|---:|---:|---:|")
    for contestant, figures in results.items():
        many = figures["16"]
        errors = figures["1"]["errors"] + many["errors"]
        print(f"| {contestant} | {figures['added_p50_ms']:.2f} ms | {many['requests_per_second']:,.0f} | "
              f"{many['p99_us'] / 1000:.1f} ms | {errors} |")
    print(f"\n{idle['streams']:,} idle streams: {idle['resident_bytes'] / 2**20:.0f} MiB resident, "
          f"{idle['resident_before_bytes'] / 2**20:.0f} MiB before")


if __name__ == "__main__":
    main()
