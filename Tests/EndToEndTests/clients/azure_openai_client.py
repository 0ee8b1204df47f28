"""Talks to Azure OpenAI with the official client and prints what an application would see.

Usage: azure_openai_client.py ENDPOINT, with a JSON array of {"api": "chat" | "responses" | "embeddings", "message": str,
"stream": bool} on standard input. Prints a JSON array of what each API gave, sync and async, which must be the same.
"""

import asyncio
import json
import sys

import openai

settings = {"api_version": "2024-10-21", "api_key": "none", "max_retries": 0}


def error(raised):
    inner = (raised.body or {}).get("innererror") or {}
    return {"error": type(raised).__name__, "code": raised.code, "message": raised.message, "inner": inner.get("code")}


def whole(case, answer):
    if case["api"] == "embeddings":
        return {"vectors": [item.embedding for item in answer.data]}
    if case["api"] == "responses":
        return {"text": answer.output_text, "finish_reason": answer.status}
    choice = answer.choices[0]
    filtered = (choice.model_extra or {}).get("content_filter_results")
    return {"text": choice.message.content, "finish_reason": choice.finish_reason, "filtered": filtered is not None}


def call(client, case):
    if case["api"] == "embeddings":
        return client.embeddings.create(model="gpt", input=case["message"])
    if case["api"] == "responses":
        return client.responses.create(model="gpt", input=case["message"])
    messages = [{"role": "user", "content": case["message"]}]
    return client.chat.completions.create(model="gpt", messages=messages, stream=case["stream"])


def joined(chunks):
    text, finish, filtered = "", None, False
    for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
            filtered = filtered or (choice.model_extra or {}).get("content_filter_results") is not None
    return {"text": text, "finish_reason": finish, "filtered": filtered}


def ask(endpoint, case):
    with openai.AzureOpenAI(azure_endpoint=endpoint, **settings) as client:
        try:
            answer = call(client, case)
            return joined(answer) if case["stream"] else whole(case, answer)
        except openai.APIStatusError as raised:
            return error(raised)


async def ask_async(endpoint, case):
    async with openai.AsyncAzureOpenAI(azure_endpoint=endpoint, **settings) as client:
        try:
            answer = await call(client, case)
            return joined([chunk async for chunk in answer]) if case["stream"] else whole(case, answer)
        except openai.APIStatusError as raised:
            return error(raised)


def main():
    results = []
    for case in json.load(sys.stdin):
        result = ask(sys.argv[1], case)
        results.append({**result, "async_same": result == asyncio.run(ask_async(sys.argv[1], case))})
    json.dump(results, sys.stdout)


main()
