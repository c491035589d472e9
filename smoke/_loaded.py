"""Reads device, dtype, size and weights off the models Docling has loaded: never off options, names or logs."""
from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

Weights = Callable[[list[Path]], list[dict[str, Any]]]
PROVIDER_DEVICES = {"CUDAExecutionProvider": "cuda", "TensorrtExecutionProvider": "cuda", "CPUExecutionProvider": "cpu"}


def module_facts(module: Any) -> dict[str, Any]:
    """Device, dtype and parameter count of a torch module, from its own parameters."""
    parameters = list(module.parameters())
    devices = sorted({str(p.device) for p in parameters})
    dtypes = sorted({str(p.dtype).removeprefix("torch.") for p in parameters})
    return {
        "class": type(module).__name__, "device": ",".join(devices), "dtype": ",".join(dtypes),
        "parameters": sum(p.numel() for p in parameters),
    }


def layout_facts(pipeline: Any, weights: Weights) -> dict[str, Any]:
    """The layout detector inside the pipeline's engine."""
    engine = pipeline.layout_model.engine
    model = getattr(engine._model, "_orig_mod", engine._model)
    folder = Path(model.config._name_or_path)
    return {**module_facts(model), "weights": weights(sorted(folder.glob("*.safetensors")))}


def table_facts(pipeline: Any, weights: Weights) -> dict[str, Any] | None:
    """TableFormer inside the pipeline's predictor; null when table structure is off."""
    if not getattr(pipeline.table_model, "enabled", False):
        return None
    predictor = pipeline.table_model.tf_predictor
    folder = Path(predictor._config["model"]["save_dir"])
    return {**module_facts(predictor._model), "weights": weights(sorted(folder.glob("*.safetensors")))}


def session_facts(session: Any) -> dict[str, Any]:
    """One OCR session: an ONNX Runtime session says its providers, a torch session its parameters' device."""
    predictor = getattr(session, "predictor", None)
    if predictor is not None and hasattr(predictor, "parameters"):
        return module_facts(predictor)
    providers = session.session.get_providers()
    # ONNX Runtime lists providers by preference; the CPU one is always there as the last resort.
    device = PROVIDER_DEVICES.get(providers[0], providers[0])
    return {
        "class": type(session).__name__, "device": device, "dtype": session.session.get_inputs()[0].type, "providers": providers,
    }


def ocr_facts(pipeline: Any, engine: str, files: list[Path], weights: Weights) -> dict[str, Any]:
    """The OCR reader's detector, classifier and recogniser, once they have been loaded by reading a page."""
    reader = pipeline.ocr_model.reader
    stages = {"det": reader.text_det, "cls": reader.text_cls, "rec": reader.text_rec}
    loaded = {name: session_facts(stage.session) for name, stage in stages.items() if stage is not None}
    return {
        "engine": f"rapidocr-{engine}", "device": ",".join(sorted({s["device"] for s in loaded.values()})) or None,
        "dtype": ",".join(sorted({s["dtype"] for s in loaded.values()})) or None, "sessions": loaded, "weights": weights(files),
    }


def try_table(pipeline: Any) -> dict[str, Any] | None:
    """Runs the loaded table model once on a drawn 3 x 3 grid: no page of this run needs to hold a table."""
    if not getattr(pipeline.table_model, "enabled", False):
        return None
    import numpy
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 360), "white")
    pen = ImageDraw.Draw(image)
    for step in range(4):
        pen.line([(20, 30 + step * 100), (620, 30 + step * 100)], fill="black", width=2)
        pen.line([(20 + step * 200, 30), (20 + step * 200, 330)], fill="black", width=2)
    for cell in range(9):
        pen.text((60 + cell % 3 * 200, 70 + cell // 3 * 100), f"cell {cell}", fill="black")
    page = {"width": 640, "height": 360, "image": numpy.asarray(image), "tokens": []}
    answer = pipeline.table_model.tf_predictor.multi_table_predict(page, [[10, 20, 630, 340]], do_matching=False)[0]
    details = answer.get("predict_details", {})
    return {"cells": len(answer.get("tf_responses", [])), "rows": details.get("num_rows"), "columns": details.get("num_cols")}
