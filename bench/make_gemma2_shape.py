"""Writes a checkpoint of Gemma 2 2B's shape, which is ShieldGemma 2B's, with random weights: for speed and memory only.

Usage: make_gemma2_shape.py VOCABULARY.gguf OUT.gguf [q4_0|q8_0]
VOCABULARY.gguf lends its tokens, cut to 256,000 (any Gemma 3 file will do). The file has 2.6 billion weights: 1.5 GB as
Q4_0, 2.8 GB as Q8_0. Its answers mean nothing; each block is drawn ready quantised, so it takes a minute or so.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter

LAYERS, HIDDEN, HEADS, KEY_HEADS, HEAD, FORWARD, VOCABULARY = 26, 2304, 8, 4, 256, 9216, 256_000
BLOCK = 32
# Of a weight: 0.02, as freshly initialised models have it.
SPREAD = 0.02
TYPES = {"q4_0": (GGMLQuantizationType.Q4_0, 2, 16), "q8_0": (GGMLQuantizationType.Q8_0, 7, 32)}


def shapes() -> Iterator[tuple[str, int, int]]:
    """Name, rows and columns of every matrix; the embedding is the output matrix too."""
    yield "token_embd.weight", VOCABULARY, HIDDEN
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        yield block + "attn_q.weight", HEADS * HEAD, HIDDEN
        yield block + "attn_k.weight", KEY_HEADS * HEAD, HIDDEN
        yield block + "attn_v.weight", KEY_HEADS * HEAD, HIDDEN
        yield block + "attn_output.weight", HIDDEN, HEADS * HEAD
        yield block + "ffn_gate.weight", FORWARD, HIDDEN
        yield block + "ffn_up.weight", FORWARD, HIDDEN
        yield block + "ffn_down.weight", HIDDEN, FORWARD


def norms() -> Iterator[str]:
    """Name of every norm. They hold ones: the file keeps them with the +1 that the model adds."""
    for layer in range(LAYERS):
        for name in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            yield f"blk.{layer}.{name}.weight"
    yield "output_norm.weight"


def random_blocks(generator: np.random.Generator, rows: int, columns: int, kind: str) -> np.ndarray:
    """[rows, bytes] of blocks: an f16 scale, then 32 random quants."""
    payload = TYPES[kind][2]
    # Uniform quants of q4_0 (-8...7) and q8_0 (-127...127) have deviations of 4.6 and 73.6.
    scale = np.float16(SPREAD / (4.6 if kind == "q4_0" else 73.6))
    blocks = np.empty((rows * columns // BLOCK, 2 + payload), dtype=np.uint8)
    blocks[:, :2] = np.frombuffer(scale.tobytes(), dtype=np.uint8)
    if kind == "q4_0":
        blocks[:, 2:] = generator.integers(0, 256, (len(blocks), payload), dtype=np.uint8)
    else:
        blocks[:, 2:] = generator.integers(-127, 128, (len(blocks), payload), dtype=np.int8).view(np.uint8)
    return blocks.reshape(rows, -1)


def add_metadata(writer: GGUFWriter, source: Path, kind: str) -> None:
    """Sizes of Gemma 2 2B, and the borrowed vocabulary."""
    writer.add_type("model")
    writer.add_name("Random weights in Gemma 2 2B's shape")
    writer.add_context_length(8192)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_attn_logit_softcapping(50.0)
    writer.add_final_logit_softcapping(30.0)
    writer.add_sliding_window(4096)
    writer.add_file_type(TYPES[kind][1])
    fields = GGUFReader(source).fields
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(fields["tokenizer.ggml.tokens"].contents()[:VOCABULARY])
    writer.add_token_scores(fields["tokenizer.ggml.scores"].contents()[:VOCABULARY])
    writer.add_token_types(fields["tokenizer.ggml.token_type"].contents()[:VOCABULARY])
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def main() -> None:
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    kind = sys.argv[3] if len(sys.argv) > 3 else "q4_0"
    if kind not in TYPES:
        sys.exit(f"no type {kind!r}: one of {', '.join(TYPES)}")
    generator = np.random.default_rng(2)
    writer = GGUFWriter(out, "gemma2", use_temp_file=True)
    add_metadata(writer, source, kind)
    for name, rows, columns in shapes():
        writer.add_tensor(name, random_blocks(generator, rows, columns, kind), raw_dtype=TYPES[kind][0])
    for name in norms():
        writer.add_tensor(name, np.ones(HIDDEN, dtype=np.float32), raw_dtype=GGMLQuantizationType.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{out}: {out.stat().st_size / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
