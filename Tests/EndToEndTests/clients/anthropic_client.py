"""Talks to a messages endpoint with Anthropic's own client and with LangChain's, and prints what an application sees.

Usage: anthropic_client.py BASE_URL, with a JSON array of {"message": str, "mode": str} on standard input.
Prints a JSON array of {"text", "stop_reason", "calls", "outcome", "error", "status"}, as far as the mode knows them.
"""

import asyncio
import functools
import json
import operator
import sys

import anthropic

TOOL = {
    "name": "send",
    "description": "Sends a message.",
    "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}},
}
RESULT = [
    {"role": "user", "content": "Look it up."},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "send", "input": {"text": "it"}}]},
]


def arguments(case):
    message = {"role": "user", "content": case["message"]}
    values = {"model": "any", "max_tokens": 64, "messages": [message], "system": "Be kind."}
    if "tool" in case["mode"]:
        values["tools"] = [TOOL]
    if "result" in case["mode"]:
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": case["message"]}
        values["messages"] = RESULT + [{"role": "user", "content": [result]}]
    return values


def seen(message):
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "calls": [block.input for block in message.content if block.type == "tool_use"],
        "stop_reason": message.stop_reason,
        "blocks": len(message.content),
        "output_tokens": message.usage.output_tokens,
    }


# One loop for all: LangChain keeps its asynchronous client, which belongs to the loop that it was first used in.
LOOP = asyncio.Runner()


def ask(client, case):
    if case["mode"] == "count":
        return {"input_tokens": client.messages.count_tokens(model="any", messages=arguments(case)["messages"]).input_tokens}
    if "stream" not in case["mode"]:
        raw = client.messages.with_raw_response.create(**arguments(case))
        return seen(raw.parse()) | {"outcome": raw.headers.get("x-gatehouse-outcome")}
    with client.messages.stream(**arguments(case)) as stream:
        text = "".join(stream.text_stream)
        found = seen(stream.get_final_message())
        assert text == found["text"]
        return found | {"outcome": stream.response.headers.get("x-gatehouse-outcome")}


async def ask_async(base_url, case):
    async with anthropic.AsyncAnthropic(base_url=base_url, api_key="none", max_retries=0) as client:
        if "stream" not in case["mode"]:
            return seen(await client.messages.create(**arguments(case)))
        async with client.messages.stream(**arguments(case)) as stream:
            return seen(await stream.get_final_message())


def ask_langchain(base_url, case):
    # It takes seconds to load, and not every run asks with it.
    import langchain_anthropic

    model = langchain_anthropic.ChatAnthropic(
        model_name="any", base_url=base_url, api_key="none", max_retries=0, max_tokens=64
    )
    if "async" in case["mode"]:
        message = LOOP.run(ask_langchain_async(model, case))
    elif "stream" in case["mode"]:
        message = functools.reduce(operator.add, model.stream(case["message"]))
    else:
        message = model.invoke(case["message"])
    return {"text": message.text, "stop_reason": message.response_metadata.get("stop_reason")}


async def ask_langchain_async(model, case):
    if "stream" not in case["mode"]:
        return await model.ainvoke(case["message"])
    return functools.reduce(operator.add, [chunk async for chunk in model.astream(case["message"])])


def answer(base_url, client, case):
    try:
        if case["mode"].startswith("langchain"):
            return ask_langchain(base_url, case)
        if case["mode"].startswith("async"):
            return LOOP.run(ask_async(base_url, case))
        return ask(client, case)
    except anthropic.APIStatusError as error:
        return {"error": type(error).__name__, "status": error.status_code, "body": error.body}


def main():
    base_url = sys.argv[1]
    client = anthropic.Anthropic(base_url=base_url, api_key="none", max_retries=0)
    json.dump([answer(base_url, client, case) for case in json.load(sys.stdin)], sys.stdout)


main()
