"""The checkpoints that the peers load, made once from the shipped model and adapter.

Usage: models.py MODEL.gguf ADAPTER.gguf FOLDER
The adapter is added to the weights in f32 and the sum kept in BF16; llama.cpp's own quantiser makes Q8_0 and Q4_0 of
that, transformers keeps it as safetensors. So each peer answers the same questions at full speed, with no adapter at
run time.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize, quantize

BF16_NAME = "judge-bf16.gguf"
QUANTISED = {"judge-q8_0.gguf": "LLAMA_FTYPE_MOSTLY_Q8_0", "judge-q4_0.gguf": "LLAMA_FTYPE_MOSTLY_Q4_0"}
TRANSFORMERS_NAME = "judge-transformers"


def deltas(adapter: Path) -> dict[str, np.ndarray]:
    """Tensor name -> alpha / rank · B·A, in f32."""
    reader = GGUFReader(adapter)
    alpha = reader.fields["adapter.lora.alpha"].contents()
    parts = {t.name: dequantize(t.data, t.tensor_type).astype(np.float32) for t in reader.tensors}
    names = [name.removesuffix(".lora_a") for name in parts if name.endswith(".lora_a")]
    return {n: alpha / parts[n + ".lora_a"].shape[0] * (parts[n + ".lora_b"] @ parts[n + ".lora_a"]) for n in names}


def copy_metadata(reader: GGUFReader, writer: GGUFWriter, leave: set[str]) -> None:
    """Every key of the file but those that the writer sets by itself."""
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in leave:
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, inner)


def merge(model: Path, adapter: Path, out: Path) -> None:
    """Model plus adapter as BF16; vectors stay F32, as llama.cpp keeps them."""
    reader = GGUFReader(model)
    added = deltas(adapter)
    writer = GGUFWriter(out, reader.fields["general.architecture"].contents())
    copy_metadata(reader, writer, leave={"general.architecture", "general.file_type", "general.quantization_version"})
    writer.add_file_type(32)
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape(tuple(int(n) for n in reversed(tensor.shape)))
        if tensor.name in added:
            values = values + added.pop(tensor.name)
        kind = GGMLQuantizationType.BF16 if values.ndim == 2 else GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, quantize(values, kind), raw_dtype=kind)
    if added:
        raise ValueError(f"the adapter names tensors that the model lacks: {sorted(added)[:3]}")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def requantise(source: Path, out: Path, file_type: str) -> None:
    """llama.cpp's quantiser, as its command line runs it."""
    import llama_cpp
    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype, settings.nthread, settings.allow_requantize = getattr(llama_cpp, file_type), os.cpu_count(), True
    status = llama_cpp.llama_model_quantize(str(source).encode(), str(out).encode(), settings)
    if status != 0:
        raise RuntimeError(f"llama.cpp's quantiser says {status} for {out.name}")


def for_transformers(source: Path, folder: Path) -> None:
    """The merged model as transformers keeps its own."""
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig
    model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.bfloat16,
                                                 quantization_config=GgufConfig(dequantize=True))
    model.save_pretrained(folder)


def make(model: Path, adapter: Path, folder: Path) -> dict[str, str | None]:
    """File name -> None, or why it could not be made. What is there already is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    merged = folder / BF16_NAME
    steps = {BF16_NAME: lambda out: merge(model, adapter, out)}
    for name, file_type in QUANTISED.items():
        steps[name] = lambda out, file_type=file_type: requantise(merged, out, file_type)
    steps[TRANSFORMERS_NAME] = lambda out: for_transformers(merged, out)
    outcome: dict[str, str | None] = {}
    for name, step in steps.items():
        if not (folder / name).exists():
            part = folder / f"part-{name}"
            try:
                step(part)
                part.rename(folder / name)
            except Exception as problem:
                outcome[name] = f"{type(problem).__name__}: {problem}"
                continue
        outcome[name] = None
    return outcome


if __name__ == "__main__":
    print(json.dumps(make(*(Path(argument) for argument in sys.argv[1:])), indent=2))
