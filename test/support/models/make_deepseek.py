"""Makes small stand-in folders for DeepSeek-OCR: nothing made here may ever count as a proof of work.

Usage: python make_deepseek.py native OUT_DIR            a tiny random DeepSeek-OCR-2 for transformers' own classes
       python make_deepseek.py simulated OUT_DIR --seed N [--cuda-only]
"simulated" writes a model with code of its own, loaded by trust_remote_code and called through `infer` as the first DeepSeek-OCR
is. It does not read: it runs its few weights on the device and says the page that the run with this seed draws. With
--cuda-only its code moves its input to a GPU by name, as the published code does.
"""
from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

SMOKE = Path(__file__).resolve().parents[3] / "smoke"
CODE = '''"""A simulated DeepSeek-OCR: the signature of infer is the published one, the reading is not."""
import torch
from transformers import PretrainedConfig, PreTrainedModel


class SimulatedConfig(PretrainedConfig):
    model_type = "deepseek_vl_v2"

    def __init__(self, says="", width=16, **kwargs):
        self.says, self.width = says, width
        super().__init__(**kwargs)


class SimulatedForCausalLM(PreTrainedModel):
    config_class = SimulatedConfig

    def __init__(self, config):
        super().__init__(config)
        self.layer = torch.nn.Linear(config.width, config.width)
        self.post_init()

    def _init_weights(self, module):
        pass

    def infer(self, tokenizer, prompt="", image_file="", output_path="", base_size=1024, image_size=640, crop_mode=True,
              test_compress=False, save_results=False, eval_mode=False):
        assert prompt.startswith("<image>") and tokenizer.eos_token_id is not None
        with open(image_file, "rb") as image:
            assert image.read(4) == bytes([137, 80, 78, 71])
        there = torch.ones(1, self.config.width, dtype=self.layer.weight.dtype)MOVED
        assert self.layer(there).isfinite().all()
        return self.config.says if eval_mode else None
'''


def neighbour(name: str) -> Any:
    """A module of smoke/, by its path."""
    spec = importlib.util.spec_from_file_location(name, SMOKE / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_simulated(out: Path, seed: int, cuda_only: bool) -> None:
    """Code, weights, configuration and tokenizer of the simulated model."""
    import torch
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    page = neighbour("_ocr_page").expected_page(seed, SMOKE / "words.txt")
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in page["table"])
    says = f"{' '.join(page['words'])}\n<table>{table}</table>"
    names = {"AutoConfig": "modeling_simulated.SimulatedConfig", "AutoModel": "modeling_simulated.SimulatedForCausalLM"}
    config = {"model_type": "deepseek_vl_v2", "architectures": ["SimulatedForCausalLM"], "auto_map": names, "says": says, "width": 16}
    (out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (out / "modeling_simulated.py").write_text(CODE.replace("MOVED", ".cuda()" if cuda_only else ".to(self.device)"))
    torch.manual_seed(seed)
    layer = torch.nn.Linear(16, 16)
    weights = {f"layer.{name}": tensor.detach() for name, tensor in layer.state_dict().items()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    neighbour("_ocr_tiny").make_tokenizer(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["native", "simulated"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cuda-only", action="store_true")
    options = parser.parse_args()
    if options.what == "native":
        neighbour("_ocr_tiny").make_native(options.out, options.seed)
    else:
        make_simulated(options.out, options.seed, options.cuda_only)
    print(json.dumps({"out": str(options.out), "what": options.what}))


if __name__ == "__main__":
    main()
