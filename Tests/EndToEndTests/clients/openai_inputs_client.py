"""Uses OpenAI's completions, embeddings and moderations with the official client and prints what an application would see.

Usage: openai_inputs_client.py BASE_URL, with a JSON array of {"api": str, "message": str or list, "stream": bool} on standard
input. Prints a JSON array of what each API gave, sync and async, which must be the same.
"""

import asyncio
import json
import sys

import openai


def summary(case, answer):
    if case["api"] == "completions":
        return {"text": answer.choices[0].text, "finish_reason": answer.choices[0].finish_reason}
    if case["api"] == "embeddings":
        return {"vectors": [item.embedding for item in answer.data]}
    return {
        "flagged": [result.flagged for result in answer.results],
        "categories": [sorted(k for k, v in r.categories.to_dict().items() if v) for r in answer.results],
        "scores": [result.category_scores.to_dict() for result in answer.results],
        "typed": all(isinstance(result.category_scores.self_harm_intent, float) for result in answer.results),
        "model": answer.model,
    }


def arguments(case):
    if case["api"] == "completions":
        return {"model": "any", "prompt": case["message"], "max_tokens": 16}
    return {"model": "any", "input": case["message"]}


def joined(chunks):
    text, finish = "", None
    for chunk in chunks:
        for choice in chunk.choices:
            text += choice.text
            finish = choice.finish_reason or finish
    return {"text": text, "finish_reason": finish}


def ask(client, case):
    try:
        if case.get("stream"):
            return joined(client.completions.create(stream=True, **arguments(case)))
        return summary(case, getattr(client, case["api"]).create(**arguments(case)))
    except openai.APIStatusError as error:
        return {"error": type(error).__name__, "code": error.code, "status": error.status_code}


async def ask_async(base_url, case):
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        try:
            if case.get("stream"):
                stream = await client.completions.create(stream=True, **arguments(case))
                return joined([chunk async for chunk in stream])
            return summary(case, await getattr(client, case["api"]).create(**arguments(case)))
        except openai.APIStatusError as error:
            return {"error": type(error).__name__, "code": error.code, "status": error.status_code}


def main():
    base_url = sys.argv[1]
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    results = []
    for case in json.load(sys.stdin):
        result = ask(client, case)
        again = asyncio.run(ask_async(base_url, case))
        results.append({**result, "async_same": result == again})
    json.dump(results, sys.stdout)


main()
