"""Makes small stand-in models for Docling: the same architectures and folder layout as the real ones, random weights.

Usage: python make.py OUT_DIR [--size small|full] [--without layout|table] [--ocr]

The layout model's classifier is biased so that it finds nothing; Docling then keeps every text cell as an orphan
cluster, so the words of a page still come out. `--size full` makes models as large as the published ones. `--ocr` adds
RapidOCR's torch models, which then run on a GPU but read nothing; without them OCR takes the real models of the wheel.
Nothing made here may ever count as a proof of work.
"""
from __future__ import annotations

import argparse
import copy
import json
import math
from pathlib import Path

import torch
from safetensors.torch import save_model

LAYOUT_FOLDER = "docling-project--docling-layout-heron"
TABLE_FOLDER = "docling-project--docling-models/model_artifacts/tableformer/accurate"
LABELS = [
    "caption", "footnote", "formula", "list_item", "page_footer", "page_header", "picture", "section_header", "table",
    "text", "title", "document_index", "code", "checkbox_selected", "checkbox_unselected", "form", "key_value_region",
]
SMALL_LAYOUT = {
    "d_model": 64, "encoder_hidden_dim": 64, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "decoder_layers": 2,
    "encoder_attention_heads": 4, "decoder_attention_heads": 4, "num_queries": 20, "encoder_in_channels": [32, 64, 128],
    "decoder_in_channels": [64, 64, 64], "decoder_n_points": 2,
}
SMALL_BACKBONE = {"embedding_size": 16, "hidden_sizes": [16, 32, 64, 128], "depths": [1, 1, 1, 1], "layer_type": "basic"}
REAL_BACKBONE = {"embedding_size": 64, "hidden_sizes": [256, 512, 1024, 2048], "depths": [3, 4, 6, 3], "layer_type": "bottleneck"}
PROCESSOR = {
    "image_processor_type": "RTDetrImageProcessor", "do_resize": True, "size": {"height": 640, "width": 640},
    "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": False, "do_pad": False,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
}
TAGS = ["<pad>", "<unk>", "<start>", "<end>", "ecel", "fcel", "lcel", "ucel", "xcel", "nl", "ched", "rhed", "srow"]


def make_layout(out: Path, size: str) -> int:
    """Writes an RT-DETRv2 detector that finds nothing; returns its parameter count."""
    from transformers import RTDetrResNetConfig, RTDetrV2Config, RTDetrV2ForObjectDetection

    small = size == "small"
    backbone = RTDetrResNetConfig(
        **(SMALL_BACKBONE if small else REAL_BACKBONE), num_channels=3, hidden_act="relu",
        out_features=["stage2", "stage3", "stage4"],
    )
    config = RTDetrV2Config(
        backbone_config=backbone, id2label=dict(enumerate(LABELS)), label2id={name: i for i, name in enumerate(LABELS)},
        num_denoising=0 if small else 100, **(SMALL_LAYOUT if small else {}),
    )
    model = RTDetrV2ForObjectDetection(config).eval()
    silence(model)
    folder = out / LAYOUT_FOLDER
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR, indent=1))
    return sum(p.numel() for p in model.parameters())


def silence(model: torch.nn.Module) -> None:
    """Biases every class head to a probability of e-9, so that no query passes any threshold."""
    for name, module in model.named_modules():
        head = "class_embed" in name or "enc_score_head" in name
        if head and isinstance(module, torch.nn.Linear):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.constant_(module.bias, math.log(1e-9))


def table_config(size: str) -> dict:
    """The configuration TableFormer reads, small or as the published accurate model has it; its width of 512 is fixed."""
    small = size == "small"
    return {
        "dataset": {
            "type": "TF_prepared", "name": "stand-in", "load_cells": True, "bbox_format": "5plet", "resized_image": 448,
            "keep_AR": False, "image_normalization": {"state": True, "mean": [0.94, 0.94, 0.94], "std": [0.18, 0.18, 0.18]},
        },
        "model": {
            "type": "TableModel04_rs", "name": "stand-in", "save_dir": "", "backbone": "resnet18", "enc_image_size": 28,
            "tag_embed_dim": 16, "hidden_dim": 512, "tag_decoder_dim": 512, "bbox_embed_dim": 64 if small else 256,
            "tag_attention_dim": 64 if small else 256, "bbox_attention_dim": 64 if small else 512,
            "enc_layers": 1 if small else 6, "dec_layers": 1 if small else 6, "nheads": 8, "dropout": 0.1, "bbox_classes": 2,
        },
        "preparation": {"max_tag_len": 100},
        "train": {"bbox": True, "epochs": 1},
        "predict": {
            "max_steps": 8 if small else 1024, "beam_size": 1 if small else 5, "bbox": True, "pdf_cell_iou_thres": 0.05,
            "padding": False, "padding_size": 50, "disable_post_process": False, "profiling": False,
        },
        "dataset_wordmap": {
            "word_map_tag": {tag: i for i, tag in enumerate(TAGS)},
            "word_map_cell": {"<pad>": 0, "<unk>": 1, "<start>": 2, "<end>": 3},
        },
    }


def make_table(out: Path, size: str) -> int:
    """Writes a TableFormer with random weights; returns its parameter count."""
    from docling_ibm_models.tableformer.models.table04_rs.tablemodel04_rs import TableModel04_rs

    config = table_config(size)
    model = TableModel04_rs(copy.deepcopy(config), {"word_map": config["dataset_wordmap"]}, "cpu").eval()
    folder = out / TABLE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    save_model(model, str(folder / "tableformer_accurate.safetensors"))
    (folder / "tm_config.json").write_text(json.dumps(config, indent=1))
    return sum(p.numel() for p in model.parameters())


def make_ocr(out: Path) -> dict[str, int]:
    """Writes random weights for RapidOCR's torch engine, and the real list of characters, which is in the wheel."""
    import onnxruntime
    import rapidocr
    from omegaconf import OmegaConf
    from rapidocr.inference_engine.pytorch.networks.architectures.base_model import BaseModel

    package, folder = Path(rapidocr.__file__).parent, out / "RapidOcr"
    folder.mkdir(parents=True, exist_ok=True)
    known = OmegaConf.load(package / "inference_engine/pytorch/networks/arch_config.yaml")
    counts = {}
    for name in ("PP-OCRv6_det_small", "PP-OCRv6_rec_small", "ch_ppocr_mobile_v2.0_cls_mobile"):
        model = BaseModel(known[name])
        torch.save(model.state_dict(), folder / f"{name}.pth")
        counts[name] = sum(p.numel() for p in model.parameters())
    session = onnxruntime.InferenceSession(str(package / "models/PP-OCRv6_rec_small.onnx"))
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    (folder / "ppocrv6_dict.txt").write_text("\n".join(characters) + "\n", encoding="utf-8")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument("--without", action="append", choices=["layout", "table"], default=[])
    parser.add_argument("--ocr", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(0)
    options.out.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}
    if "layout" not in options.without:
        counts["layout"] = make_layout(options.out, options.size)
    if "table" not in options.without:
        counts["table"] = make_table(options.out, options.size)
    if options.ocr:
        counts.update(make_ocr(options.out))
    print(json.dumps({"out": str(options.out), "parameters": counts}))


if __name__ == "__main__":
    main()
