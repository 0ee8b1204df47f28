"""Talks to a chat endpoint with the official OpenAI client and prints what an application would see.

Usage: openai_client.py BASE_URL, with a JSON array of {"message": str, "stream": bool} on standard input.
Prints a JSON array of {"content", "refusal", "finish_reason", "outcome", "error", "status", "async_content"}.
"""

import asyncio
import json
import sys

import openai


def ask(client, case):
    messages = [{"role": "user", "content": case["message"]}]
    arguments = {"model": "any", "messages": messages, "max_tokens": 16, "temperature": 0}
    try:
        if case["stream"]:
            content, refusal, finish = "", "", None
            with client.chat.completions.create(stream=True, **arguments) as stream:
                outcome = stream.response.headers.get("x-gatehouse-outcome")
                for chunk in stream:
                    for choice in chunk.choices:
                        content += choice.delta.content or ""
                        refusal += choice.delta.refusal or ""
                        finish = choice.finish_reason or finish
            return {"content": content, "refusal": refusal, "finish_reason": finish, "outcome": outcome}
        raw = client.chat.completions.with_raw_response.create(**arguments)
        choice = raw.parse().choices[0]
        return {
            "content": choice.message.content,
            "refusal": choice.message.refusal,
            "finish_reason": choice.finish_reason,
            "outcome": raw.headers.get("x-gatehouse-outcome"),
        }
    except openai.APIStatusError as error:
        return {"error": type(error).__name__, "code": error.code, "status": error.status_code}


async def ask_async(base_url, case):
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        arguments = {"model": "any", "messages": [{"role": "user", "content": case["message"]}], "max_tokens": 16}
        if not case["stream"]:
            return (await client.chat.completions.create(**arguments)).choices[0].message.content
        chunks = [chunk async for chunk in await client.chat.completions.create(stream=True, **arguments)]
        return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def main():
    base_url = sys.argv[1]
    cases = json.load(sys.stdin)
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    results = [ask(client, case) for case in cases]
    for case, result in zip(cases, results):
        if "error" not in result:
            result["async_content"] = asyncio.run(ask_async(base_url, case))
    json.dump(results, sys.stdout)


main()
