"""DeepSeek-OCR-2 through transformers' own classes: no code of the model's folder is run."""
from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

PROMPT = "<image>\nFree OCR."
MAX_TOKENS = 4096
FILES = [
    "config.json", "model.safetensors.index.json", "model-00001-of-000001.safetensors", "tokenizer.json", "tokenizer_config.json",
]


def missing(folder: Path) -> list[str]:
    """Files this run needs and does not find. Weights that were converted already lie in one model.safetensors."""
    converted = (folder / "model.safetensors").is_file()
    return [name for name in FILES if not (converted and name.startswith("model")) and not (folder / name).is_file()]


def native_config(published: dict[str, Any]) -> dict[str, Any]:
    """The published configuration in the words of the native classes, as transformers' own conversion script writes it."""
    config = copy.deepcopy(published)
    text = config.pop("language_config")
    for unused in ("kv_lora_rank", "q_lora_rank"):
        if text.get(unused, 0) is None:
            del text[unused]
    dense, layers = text.pop("first_k_dense_replace", 0), text["num_hidden_layers"]
    text["mlp_layer_types"] = ["dense"] * dense + ["sparse"] * (layers - dense)
    width = config.pop("vision_config")["width"]
    sam = width["sam_vit_b"]
    # What the published file does not say about the encoder is fixed in the model's own code, and in the conversion script.
    config["vision_config"] = {
        "sam_config": {
            "hidden_size": sam["width"], "num_hidden_layers": sam["layers"], "num_attention_heads": sam["heads"],
            "global_attn_indexes": sam["global_attn_indexes"], "downsample_channels": [512, 896],
        },
        "encoder_config": {
            "hidden_size": width["qwen2-0-5b"]["dim"], "num_hidden_layers": 24, "num_attention_heads": 14,
            "num_key_value_heads": 2, "intermediate_size": 4864, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "vocab_size": 1,
        },
    }
    for unused in ("projector_config", "auto_map", "architectures"):
        config.pop(unused, None)
    return {**config, "text_config": text, "model_type": "deepseek_ocr2"}


def load(folder: Path, device: str, dtype: Any, attention: str) -> tuple[Any, Any]:
    """Model and processor of a folder, published or converted."""
    from transformers import (
        AutoProcessor, DeepseekOcr2Config, DeepseekOcr2ForConditionalGeneration, DeepseekOcr2ImageProcessor,
        DeepseekOcr2Processor, PreTrainedTokenizerFast,
    )

    described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if described.get("model_type") == "deepseek_ocr2":
        config = DeepseekOcr2Config.from_pretrained(folder)
        processor = AutoProcessor.from_pretrained(folder)
    else:
        config = DeepseekOcr2Config.from_dict(native_config(described))
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        processor = DeepseekOcr2Processor(image_processor=DeepseekOcr2ImageProcessor(), tokenizer=tokenizer)
    model = DeepseekOcr2ForConditionalGeneration.from_pretrained(
        folder, config=config, dtype=dtype, attn_implementation=attention, use_safetensors=True,
    )
    return model.eval().to(device), processor


def inputs_of(model: Any, processor: Any, image: Path) -> Any:
    """The page as the model takes it, where and how its weights are."""
    from PIL import Image

    with Image.open(image) as opened:
        inputs = processor(images=opened.convert("RGB"), text=PROMPT, return_tensors="pt")
    return inputs.to(model.device, dtype=model.dtype)


def read(model: Any, processor: Any, image: Path, limit: int = MAX_TOKENS, least: int = 0) -> tuple[str, int]:
    """The text of a page and how many tokens it took, as transformers' own test of this model generates it."""
    import torch

    inputs = inputs_of(model, processor, image)
    with torch.inference_mode():
        output = model.generate(
            **inputs, do_sample=False, max_new_tokens=limit, min_new_tokens=least or None, no_repeat_ngram_size=35,
            eos_token_id=processor.tokenizer.eos_token_id,
        )
    new = output[0, inputs["input_ids"].shape[1] :]
    return processor.decode(new, skip_special_tokens=True).strip(), int(new.shape[0])


def logits(model: Any, processor: Any, image: Path) -> Any:
    """What the model makes of a page before any token is chosen, on the CPU in full precision."""
    import torch

    with torch.inference_mode():
        return model(**inputs_of(model, processor, image)).logits.float().cpu()
