"""Talks to a Gemini endpoint with Google's own client and prints what an application would see.

Usage: gemini_client.py BASE_URL, with a JSON array of {"message": str, "stream": bool, "async": bool, "array": bool} on
standard input. With "array", the stream is asked for as the items of a JSON array, which the client itself never does.
Prints a JSON array of {"text", "finish_reason", "block_reason", "total_tokens", "error", "status"}.
"""

import asyncio
import json
import sys
import urllib.request

from google import genai
from google.genai import errors, types

MODEL = "gemini-demo"


def seen(responses):
    texts = [response.text for response in responses]
    candidates = [candidate for response in responses for candidate in response.candidates or []]
    feedback = responses[-1].prompt_feedback
    return {
        "text": "".join(text for text in texts if text is not None) if any(texts) else None,
        "finish_reason": next((c.finish_reason.value for c in reversed(candidates) if c.finish_reason), None),
        "block_reason": feedback.block_reason.value if feedback and feedback.block_reason else None,
        "total_tokens": responses[-1].usage_metadata.total_token_count,
    }


def ask(client, case):
    arguments = {"model": MODEL, "contents": case["message"]}
    if case.get("stream"):
        return seen(list(client.models.generate_content_stream(**arguments)))
    return seen([client.models.generate_content(**arguments)])


async def ask_async(client, case):
    arguments = {"model": MODEL, "contents": case["message"]}
    if case.get("stream"):
        return seen([response async for response in await client.aio.models.generate_content_stream(**arguments)])
    return seen([await client.aio.models.generate_content(**arguments)])


def ask_for_array(base_url, case):
    body = {"contents": [{"parts": [{"text": case["message"]}]}]}
    request = urllib.request.Request(
        f"{base_url}/v1beta/models/{MODEL}:streamGenerateContent",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        items = json.load(answer)
    return seen([types.GenerateContentResponse.model_validate(item) for item in items])


def main():
    base_url = sys.argv[1]
    client = genai.Client(api_key="none", http_options=types.HttpOptions(base_url=base_url))

    async def answer(case):
        try:
            if case.get("array"):
                return ask_for_array(base_url, case)
            return await ask_async(client, case) if case.get("async") else ask(client, case)
        except errors.APIError as error:
            return {"error": type(error).__name__, "code": error.code, "status": error.status, "message": error.message}

    async def answers():
        return [await answer(case) for case in json.load(sys.stdin)]

    json.dump(asyncio.run(answers()), sys.stdout)


main()
