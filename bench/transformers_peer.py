"""A peer: `transformers` with torch on the CPU.

Usage: transformers_peer.py CHECKPOINT_FOLDER YES NO bfloat16|float32    (started by peer.py; protocol in worker.py)
The checkpoint is the merged one that models.py makes. k questions are one batch of k prompts, padded on the left.
"""

import sys

import torch
import transformers
from transformers import AutoModelForCausalLM

import worker


class TransformersPeer:
    def __init__(self, folder: str, yes: int, no: int, dtype: str) -> None:
        self.yes, self.no, self.dtype = yes, no, dtype
        torch.set_num_threads(worker.THREADS)
        torch.set_grad_enabled(False)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()

    def about(self) -> dict[str, str]:
        return {"version": f"transformers {transformers.__version__}, torch {torch.__version__}",
                "build": f"{self.dtype}, {torch.backends.cpu.get_cpu_capability()}, "
                         f"attention {self.model.config._attn_implementation}"}

    def prefill(self, ids: list[int]) -> None:
        self.model(input_ids=torch.tensor([ids]), use_cache=False, logits_to_keep=1)

    def score(self, method: str, text: list[int], questions: list[list[int]]) -> list[float]:
        if method != "batch":
            raise ValueError(f"no method {method!r}")
        rows = [text + question for question in questions]
        width = max(len(row) for row in rows)
        ids = torch.tensor([[0] * (width - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        logits = self.model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False,
                            logits_to_keep=1).logits[:, -1].float()
        return torch.sigmoid(logits[:, self.yes] - logits[:, self.no]).tolist()


def load() -> TransformersPeer:
    folder, yes, no, dtype = sys.argv[1:]
    return TransformersPeer(folder, int(yes), int(no), dtype)


if __name__ == "__main__":
    worker.serve(load)
