"""DeepSeek-OCR (the first) through the code that lies with its weights, as its model card calls it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

PROMPT = "<image>\nFree OCR. "
FILES = [
    "config.json", "modeling_deepseekocr.py", "modeling_deepseekv2.py", "configuration_deepseek_v2.py", "deepencoder.py",
    "conversation.py", "model.safetensors.index.json", "model-00001-of-000001.safetensors", "tokenizer.json",
    "tokenizer_config.json",
]


def missing(folder: Path) -> list[str]:
    """Files this run needs and does not find. A folder with weights in one model.safetensors brings what its own code needs."""
    if (folder / "model.safetensors").is_file():
        return [name for name in ("config.json", "tokenizer_config.json") if not (folder / name).is_file()]
    return [name for name in FILES if not (folder / name).is_file()]


def needs_cuda(folder: Path) -> bool:
    """The published code moves its inputs to a GPU by name, so it cannot read a page on a CPU."""
    return any(".cuda()" in code.read_text(encoding="utf-8") for code in sorted(folder.glob("modeling*.py")))


def load(folder: Path, device: str, dtype: Any, attention: str) -> tuple[Any, Any]:
    """Model and tokenizer; the folder's own code runs, which is why its revision is pinned."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    # In this type from the start: cast afterwards, the weights would be in memory twice, once in full precision.
    model = AutoModel.from_pretrained(
        folder, trust_remote_code=True, use_safetensors=True, torch_dtype=dtype, _attn_implementation=attention,
    )
    return model.eval().to(device), tokenizer


def read(model: Any, tokenizer: Any, image: Path, workdir: Path) -> str:
    """The text of a page. Only with eval_mode is it returned instead of printed."""
    text = model.infer(
        tokenizer, prompt=PROMPT, image_file=str(image), output_path=str(workdir / "infer"), base_size=1024, image_size=640,
        crop_mode=True, save_results=False, eval_mode=True,
    )
    if not isinstance(text, str):
        raise TypeError(f"infer returned {type(text).__name__}, not the text of the page")
    return text


def logits(model: Any, tokenizer: Any, image: Path) -> Any:
    """What a tiny model computes for a page; the published code has no such way in."""
    return model.logits(tokenizer, PROMPT, str(image))
