"""Tiny random models in the work folder, for when there are no weights: they prove the way to the device, never the reading."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

IMAGE, BOS, EOS, PAD, VOCABULARY = 1, 2, 3, 4, 99
# The sizes of transformers' own unit test of this model, but for images: those are as large as the real model takes them.
TEXT = {
    "vocab_size": VOCABULARY, "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 4, "max_position_embeddings": 2048, "bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD,
    "n_routed_experts": 8, "n_shared_experts": 1, "mlp_layer_types": ["dense", "sparse"], "moe_intermediate_size": 64,
    "num_experts_per_tok": 2,
}
SAM = {
    "hidden_size": 32, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_channels": 3,
    "image_size": 1024, "patch_size": 16, "hidden_act": "gelu", "mlp_ratio": 4.0, "window_size": 4, "global_attn_indexes": [1],
    "downsample_channels": [32, 64],
}
ENCODER = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
    "max_position_embeddings": 512, "rms_norm_eps": 1.0,
}


def make_tokenizer(folder: Path) -> Any:
    """A word-level tokenizer of letters and digits, with the special tokens the model needs."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    named = ["<unk>", "<image>", "<bos>", "<eos>", "<pad>"]
    letters = [chr(code) for code in range(33, 127)][: VOCABULARY - len(named)]
    words = models.WordLevel({text: number for number, text in enumerate(named + letters)}, unk_token="<unk>")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<bos>", eos_token="<eos>", pad_token="<pad>",
        additional_special_tokens=["<image>"],
    )
    fast.save_pretrained(folder)
    return fast


def make_native(folder: Path, seed: int) -> None:
    """Writes a tiny DeepSeek-OCR-2 of the native classes: model, tokenizer and processor."""
    import torch
    from transformers import (
        DeepseekOcr2Config, DeepseekOcr2ForConditionalGeneration, DeepseekOcr2ImageProcessor, DeepseekOcr2Processor,
    )

    torch.manual_seed(seed)
    vision = {"sam_config": SAM, "encoder_config": ENCODER}
    config = DeepseekOcr2Config(image_token_id=IMAGE, text_config=TEXT, vision_config=vision)
    model = DeepseekOcr2ForConditionalGeneration(config).eval()
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    # Two cut-outs of the page instead of six: they take the same way.
    pictures = DeepseekOcr2ImageProcessor(min_patches=2, max_patches=2)
    DeepseekOcr2Processor(image_processor=pictures, tokenizer=make_tokenizer(folder)).save_pretrained(folder)


def make_remote(folder: Path, seed: int, tokens: int) -> None:
    """Writes a tiny DeepSeek-OCR (the first): its code, as the published one has it beside its weights, model and tokenizer."""
    import torch

    code = Path(__file__).with_name("_ocr_tiny_v1.py")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "modeling_tiny.py").write_text(code.read_text(encoding="utf-8"), encoding="utf-8")
    names = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "moe_intermediate_size")
    text = {
        **{name: TEXT[name] for name in names}, "num_key_value_heads": 4, "max_position_embeddings": 2048, "num_experts": 8,
        "num_experts_per_tok": 2, "shared_expert_intermediate_size": 64, "mlp_only_layers": [0], "norm_topk_prob": False,
        "bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD,
    }
    sam = {name: value for name, value in SAM.items() if name != "downsample_channels"}
    clip = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = {
        "model_type": "gb10_tiny_deepseek_ocr", "sam": sam, "clip": clip, "text": text, "new_tokens": tokens,
        "auto_map": {"AutoConfig": "modeling_tiny.TinyOcrConfig", "AutoModel": "modeling_tiny.TinyOcr"},
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    make_tokenizer(folder)
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(seed)
    made = AutoModel.from_config(AutoConfig.from_pretrained(folder, trust_remote_code=True), trust_remote_code=True)
    made.save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def cosine(one: Any, other: Any) -> float | None:
    """How far two results agree: 1 is the same direction. Routing to experts may flip on near ties, so no element is compared."""
    import torch

    value = float(torch.nn.functional.cosine_similarity(one.flatten().double(), other.flatten().double(), dim=0))
    # JSON has no word for "not a number".
    return round(value, 6) if json.dumps(value) not in ("NaN", "Infinity", "-Infinity") else None
