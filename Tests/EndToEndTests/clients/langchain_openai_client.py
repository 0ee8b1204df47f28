"""Talks to a chatbot with LangChain's ChatOpenAI and prints what an application would see.

Usage: langchain_openai_client.py BASE_URL, with a JSON array of {"message": str, "responses": bool} on standard input.
Prints a JSON array of {"invoked", "streamed", "async_invoked", "async_streamed", "reason", "tool_calls"}.
"""

import asyncio
import json
import sys

from langchain_openai import ChatOpenAI


def model(case):
    return ChatOpenAI(
        model="any",
        base_url=sys.argv[1],
        api_key="none",
        max_retries=0,
        use_responses_api=case["responses"],
    )


def ask(case):
    invoked = model(case).invoke(case["message"])
    chunks = list(model(case).stream(case["message"]))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    details = invoked.response_metadata.get("incomplete_details") or {}
    return {
        "invoked": str(invoked.text),
        "streamed": "".join(str(chunk.text) for chunk in chunks),
        "reason": invoked.response_metadata.get("finish_reason") or details.get("reason"),
        "tool_calls": len(invoked.tool_calls) + len(whole.tool_calls),
    }


async def ask_async(cases):
    results = []
    for case in cases:
        invoked = await model(case).ainvoke(case["message"])
        streamed = [str(chunk.text) async for chunk in model(case).astream(case["message"])]
        results.append({"async_invoked": str(invoked.text), "async_streamed": "".join(streamed)})
    return results


def main():
    cases = json.load(sys.stdin)
    results = [ask(case) for case in cases]
    # One event loop for all: LangChain keeps its asynchronous connections.
    later = asyncio.run(ask_async(cases))
    json.dump([{**first, **second} for first, second in zip(results, later)], sys.stdout)


main()
