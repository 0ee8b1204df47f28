"""Talks to an Ollama endpoint with Ollama's own client and prints what an application would see.

Usage: ollama_client.py BASE_URL, with a JSON array of {"message": str, "stream": bool, "async": bool, "method": "chat" or
"generate" or "embed"} on standard input.
Prints a JSON array of {"text", "done", "done_reason", "error", "status"}.
"""

import asyncio
import json
import sys

import ollama

MODEL = "demo"


def seen(answers):
    last = answers[-1]
    texts = [answer.message.content if "message" in answer else answer.response for answer in answers]
    return {"text": "".join(text or "" for text in texts), "done": last.done, "done_reason": last.done_reason}


def arguments(case):
    if case["method"] == "embed":
        return {"model": MODEL, "input": case["message"]}
    said = {"messages": [{"role": "user", "content": case["message"]}]} if case["method"] == "chat" else {
        "prompt": case["message"]
    }
    return {"model": MODEL, "stream": case["stream"], **said}


def ask(client, case):
    answer = getattr(client, case["method"])(**arguments(case))
    return seen(list(answer) if case["stream"] else [answer])


async def ask_async(client, case):
    answer = await getattr(client, case["method"])(**arguments(case))
    return seen([part async for part in answer] if case["stream"] else [answer])


async def answer(base_url, case):
    try:
        if case["async"]:
            return await ask_async(ollama.AsyncClient(host=base_url), case)
        return ask(ollama.Client(host=base_url), case)
    except ollama.ResponseError as error:
        return {"error": error.error, "status": error.status_code}


async def main():
    json.dump([await answer(sys.argv[1], case) for case in json.load(sys.stdin)], sys.stdout)


asyncio.run(main())
