"""Talks to a responses endpoint with the official OpenAI client and prints what an application would see.

Usage: openai_responses_client.py BASE_URL, with a JSON array of {"message": str, "way": "whole" | "events" | "helper"} on
standard input. Prints a JSON array of {"text", "status", "reason", "outcome", "final", "async_text"}.
"""

import asyncio
import json
import sys

import openai


def seen(response):
    details = response.incomplete_details
    return {"final": response.output_text, "status": response.status, "reason": details and details.reason}


def ask(client, case):
    arguments = {"model": "any", "input": case["message"], "instructions": "Be kind."}
    if case["way"] == "whole":
        raw = client.responses.with_raw_response.create(**arguments)
        response = raw.parse()
        return {**seen(response), "text": response.output_text, "outcome": raw.headers.get("x-gatehouse-outcome")}
    text, last, numbers = "", None, []
    if case["way"] == "helper":
        with client.responses.stream(**arguments) as stream:
            for event in stream:
                if event.type == "response.output_text.delta":
                    text += event.delta
                last = event
    else:
        for event in client.responses.create(stream=True, **arguments):
            if event.type == "response.output_text.delta":
                text += event.delta
            numbers.append(event.sequence_number)
            last = event
        assert numbers == list(range(len(numbers))), numbers
    return {**seen(last.response), "text": text, "type": last.type}


async def ask_async(base_url, case):
    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        arguments = {"model": "any", "input": case["message"], "instructions": "Be kind."}
        if case["way"] == "whole":
            return (await client.responses.create(**arguments)).output_text
        text = ""
        async for event in await client.responses.create(stream=True, **arguments):
            if event.type == "response.output_text.delta":
                text += event.delta
        return text


def main():
    base_url = sys.argv[1]
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    results = []
    for case in json.load(sys.stdin):
        results.append({**ask(client, case), "async_text": asyncio.run(ask_async(base_url, case))})
    json.dump(results, sys.stdout)


main()
