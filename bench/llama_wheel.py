"""A peer: llama.cpp as the prebuilt `xllamacpp` wheel, which is compiled for AVX2.

Usage: llama_wheel.py MODEL.gguf YES NO [ADAPTER.gguf]    (started by peer.py; protocol in worker.py)
The wheel has no call for a bare forward pass, only a server in the same process. Prefill is therefore the server's own
figure for prompt processing, which leaves out HTTP, queue and sampling; scoring is a whole request for each question.
"""

import sys

import worker
import xllamacpp

CONTEXT_TOKENS = 4096


class LlamaWheel:
    def __init__(self, path: str, yes: int, no: int, adapter: str | None) -> None:
        self.yes, self.no = yes, no
        settings = xllamacpp.CommonParams()
        settings.model.path, settings.n_ctx, settings.n_parallel = path, CONTEXT_TOKENS, 1
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = worker.THREADS
        settings.warmup, settings.cache_ram_mib, settings.n_ctx_checkpoints = False, 0, 0
        if adapter:
            settings.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(adapter, 1.0)]
        self.server = xllamacpp.Server(settings)

    def about(self) -> dict[str, str]:
        return {"version": f"xllamacpp {xllamacpp.__version__}", "build": xllamacpp.get_system_info().strip()}

    def prefill(self, ids: list[int]) -> float:
        return self.complete(ids)["timings"]["prompt_ms"] / 1000

    def score(self, method: str, text: list[int], questions: list[list[int]]) -> list[float]:
        if method != "full":
            raise ValueError(f"no method {method!r}")
        return [self.probability(self.complete(text + question)) for question in questions]

    def complete(self, ids: list[int]) -> dict:
        """One token after the prompt. Yes and No are raised so far that the two share all probability."""
        return self.server.handle_completions({
            "prompt": ids, "n_predict": 1, "cache_prompt": False, "n_probs": 2, "post_sampling_probs": True,
            "samplers": [], "temperature": 1.0, "logit_bias": [[self.yes, 100.0], [self.no, 100.0]]})

    def probability(self, reply: dict) -> float:
        rows = reply["choices"][0]["logprobs"]["content"][0]["top_probs"]
        return next((row["prob"] for row in rows if row["id"] == self.yes), 0.0)


def load() -> LlamaWheel:
    path, yes, no, *adapter = sys.argv[1:]
    return LlamaWheel(path, int(yes), int(no), adapter[0] if adapter else None)


if __name__ == "__main__":
    worker.serve(load)
