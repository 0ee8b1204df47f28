"""What holding a streamed answer back costs: time to the first text, and text held.

Usage: streaming.py --gatehouse BINARY --out FILE [--rate TOKENS_A_SECOND]

An upstream on loopback streams a harmless answer a word at a time, at the pace of a chatbot; a client notes when each character
comes, through Gatehouse with the shipped policy and the real model, in each mode. Delay is the time between a character's
leaving the upstream and its reaching the client.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from machine import machine
from proxy import Servers, free_port

TEXT = ("To make a simple vegetable soup, begin with an onion, two carrots and a stick of celery, all cut small. "
        "Warm a little oil in a pot and let them soften slowly for ten minutes, without browning. Add a clove of garlic "
        "and a spoon of tomato paste, stir for a minute, then pour in a litre of water or stock. Now add whatever is in "
        "season: potatoes in winter, courgettes and beans in summer, a handful of spinach in spring. Let it simmer until "
        "everything is tender, which takes about twenty minutes, and season with salt, pepper and a squeeze of lemon. "
        "Serve it with bread, and keep what is left: most soups taste better on the second day. ")
ROUNDS = 3


def words() -> list[str]:
    return [word + " " for word in (TEXT * 2).split()]


async def upstream(port: int, rate: float, sent: list):
    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")

        def send(delta, finish):
            event = json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "any",
                                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
            data = b"data: %s\n\n" % event.encode()
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))

        for word in words():
            await asyncio.sleep(1 / rate)
            sent.extend([time.perf_counter()] * len(word))
            send({"content": word}, None)
        send({}, "stop")
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)


async def ask(port: int, got: list) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"model": "any", "stream": True,
                       "messages": [{"role": "user", "content": "How do I make a vegetable soup?"}]}).encode()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
                 b"content-length: %d\r\n\r\n" % len(body) + body)
    while line := await reader.readline():
        if not line.startswith(b"data: {"):
            continue
        now = time.perf_counter()
        for choice in json.loads(line[6:])["choices"]:
            got.extend([now] * len(choice["delta"].get("content") or ""))
    writer.close()


async def measure(port: int, upstream_port: int, rate: float) -> dict:
    figures = []
    for _ in range(ROUNDS + 1):
        sent, got = [], []
        server = await upstream(upstream_port, rate, sent)
        start = time.perf_counter()
        await ask(port, got)
        server.close()
        await server.wait_closed()
        if len(got) != len(sent):
            raise RuntimeError(f"{len(got)} characters came of {len(sent)}")
        delays = [b - a for a, b in zip(sent, got)]
        held = [sum(1 for s in sent if s <= t) - sum(1 for g in got if g <= t) for t in sent[:: 20]]
        figures.append({"first_text_s": got[0] - start, "delay_p50_s": statistics.median(delays), "delay_max_s": max(delays),
                        "held_characters_mean": statistics.mean(held), "held_characters_max": max(held)})
    # The first round warms caches up.
    return {key: statistics.median(round_[key] for round_ in figures[1:]) for key in figures[0]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gatehouse", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=40)
    arguments = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as name, Servers(Path(name)) as servers:
        folder = Path(name)
        behind = free_port()
        results["direct"] = asyncio.run(measure(behind, behind, arguments.rate))
        for mode in ("observe", "hold", "whole"):
            port = free_port()
            (folder / "gatehouse.yaml").write_text(f"routes: [{{path: /v1/chat/completions, mode: {mode}}}]\n")
            servers.start(mode, [str(arguments.gatehouse.resolve()), "serve", "--upstream", f"http://127.0.0.1:{behind}",
                                 "--port", str(port), "--audit-file", str(folder / f"{mode}.sqlite"),
                                 "--control", str(folder / f"{mode}.sock")], port)
            results[mode] = asyncio.run(measure(port, behind, arguments.rate))
    report = {"machine": machine(["make bench-streaming"]), "words_a_second": arguments.rate, "modes": results}
    arguments.out.write_text(json.dumps(report, indent=1) + "\n")
    direct = results["direct"]["first_text_s"]
    print("| mode | first text | added | delay of a character, median / most | characters held, mean / most |")
    print("|---|---:|---:|---:|---:|")
    for mode, row in results.items():
        print(f"| {mode} | {row['first_text_s'] * 1000:.0f} ms | {(row['first_text_s'] - direct) * 1000:.0f} ms | "
              f"{row['delay_p50_s'] * 1000:.0f} / {row['delay_max_s'] * 1000:.0f} ms | "
              f"{row['held_characters_mean']:.0f} / {row['held_characters_max']:.0f} |")


if __name__ == "__main__":
    main()
