"""A peer: llama.cpp through the `llama-cpp-python` bindings, driven by its own C API.

Usage: llama_native.py CONTEXT_TOKENS MODEL.gguf YES NO [ADAPTER.gguf]    (peer.py starts it; see worker.py)
The adapter counts for scores only: prefill is that of the model file as it is. Settings are llama.cpp's own but for
threads, sizes and one shared buffer: attention with or without its flash kernels, other slices of a batch, a buffer
for each sequence were tried, and none was faster beyond the noise.
"""

import ctypes
import math
import sys
from collections.abc import Iterable, Sequence

import llama_cpp as llama

import worker

SEQUENCES = 9


class LlamaNative:
    def __init__(self, context_tokens: int, path: str, yes: int, no: int, adapter: str | None) -> None:
        self.yes, self.no = yes, no
        llama.llama_backend_init()
        self.model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        if not self.model:
            raise RuntimeError(f"llama.cpp can't load {path}")
        self.adapter = llama.llama_adapter_lora_init(self.model, adapter.encode()) if adapter else None
        settings = llama.llama_context_default_params()
        settings.n_ctx = settings.n_batch = context_tokens
        settings.n_seq_max, settings.n_outputs_max = SEQUENCES, SEQUENCES
        settings.n_threads = settings.n_threads_batch = worker.THREADS
        # One buffer for all sequences: copying a sequence then marks cells and moves no bytes.
        settings.kv_unified, settings.no_perf = True, True
        self.context = llama.llama_init_from_model(self.model, settings)
        if not self.context:
            raise RuntimeError("llama.cpp can't make a context")
        self.memory = llama.llama_get_memory(self.context)
        self.batch = llama.llama_batch_init(context_tokens, 0, 1)

    def about(self) -> dict[str, str]:
        return {"version": f"llama-cpp-python {llama.__version__}, llama.cpp {llama.llama_version().decode()}",
                "build": llama.llama_print_system_info().decode().strip()}

    def prefill(self, ids: list[int]) -> None:
        self.use_adapter(False)
        self.clear()
        self.decode([(0, 0, ids)], last_logits=True)

    def score(self, method: str, text: list[int], questions: list[list[int]]) -> list[float]:
        self.use_adapter(True)
        match method:
            case "full":
                return [self.alone(text + question) for question in questions]
            case "shared":
                return self.together(text, questions)
            case _:
                raise ValueError(f"no method {method!r}")

    def alone(self, ids: list[int]) -> float:
        """The score after one whole prompt."""
        self.clear()
        [row] = self.decode([(0, 0, ids)], last_logits=True)
        return self.probability(row)

    def together(self, text: list[int], questions: list[list[int]]) -> list[float]:
        """The text once in sequence 0, copied to one sequence for each question; then all questions in one batch."""
        self.clear()
        self.decode([(0, 0, text)], last_logits=False)
        for sequence in range(1, len(questions) + 1):
            llama.llama_memory_seq_cp(self.memory, 0, sequence, -1, -1)
        stretches = [(sequence, len(text), question) for sequence, question in enumerate(questions, 1)]
        return [self.probability(row) for row in self.decode(stretches, last_logits=True)]

    def use_adapter(self, on: bool) -> None:
        """Chooses what the context multiplies with; a no-op where nothing changes."""
        if self.adapter:
            adapters = (llama.llama_adapter_lora_p_ctypes * 1)(self.adapter)
            llama.llama_set_adapters_lora(self.context, adapters, 1 if on else 0, (ctypes.c_float * 1)(1.0))

    def clear(self) -> None:
        llama.llama_memory_clear(self.memory, False)

    def decode(self, stretches: Iterable[tuple[int, int, Sequence[int]]], last_logits: bool) -> list[int]:
        """One pass over (sequence, first position, tokens); returns the batch rows that have logits."""
        batch, count, rows = self.batch, 0, []
        for sequence, position, ids in stretches:
            for offset, token in enumerate(ids):
                batch.token[count], batch.pos[count] = token, position + offset
                batch.n_seq_id[count], batch.seq_id[count][0], batch.logits[count] = 1, sequence, 0
                count += 1
            if last_logits:
                batch.logits[count - 1] = 1
                rows.append(count - 1)
        batch.n_tokens = count
        status = llama.llama_decode(self.context, batch)
        if status != 0:
            raise RuntimeError(f"llama_decode says {status} for {count} tokens")
        llama.llama_synchronize(self.context)
        return rows

    def probability(self, row: int) -> float:
        logits = llama.llama_get_logits_ith(self.context, row)
        return 1 / (1 + math.exp(logits[self.no] - logits[self.yes]))


@llama.llama_log_callback
def warnings_only(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    if level in (3, 4):
        sys.stderr.write(text.decode(errors="replace"))


def load() -> LlamaNative:
    llama.llama_log_set(warnings_only, ctypes.c_void_p(0))
    context_tokens, path, yes, no, *adapter = sys.argv[1:]
    return LlamaNative(int(context_tokens), path, int(yes), int(no), adapter[0] if adapter else None)


if __name__ == "__main__":
    worker.serve(load)
