"""Converts a PDF made for this run with Docling and measures where its models ran and what text came out.

Usage: python smoke/docling.py --device cuda|cpu|auto --models DIR --seed N --workdir DIR [--ocr torch|onnxruntime|auto]
                               [--input FILE]
Prints one JSON document, observations only, on standard output; the verdict is gb10's.
"""
from __future__ import annotations

import argparse
import importlib.util
import re
import sys
import time
from pathlib import Path
from typing import Any

# This file has the name of the package it measures: its own folder must not be searched for imports.
HERE = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]


def load(name: str) -> Any:
    """Loads a neighbour file by its path, without leaving compiled files beside it."""
    spec = importlib.util.spec_from_file_location(f"gb10_smoke{name}", HERE / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


common, page, loaded = load("_common"), load("_page"), load("_loaded")

LAYOUT = "docling-project--docling-layout-heron"
TABLE = "docling-project--docling-models/model_artifacts/tableformer/accurate"
LAYOUT_FILES = [f"{LAYOUT}/{name}" for name in ("config.json", "preprocessor_config.json", "model.safetensors")]
TABLE_FILES = [f"{TABLE}/{name}" for name in ("tm_config.json", "tableformer_accurate.safetensors")]
OCR_FILES = {
    "torch": {"det": "*det*.pth", "cls": "*cls*.pth", "rec": "*rec*.pth", "keys": "*dict*.txt"},
    "onnxruntime": {"det": "*det*.onnx", "cls": "*cls*.onnx", "rec": "*rec*.onnx"},
}


def ocr_models(models: Path, engine: str) -> dict[str, Path]:
    """The OCR model files: the user's own folder first, then, for ONNX, those the rapidocr wheel holds."""
    import rapidocr

    places = [models / "RapidOcr"]
    if engine == "onnxruntime" and importlib.util.find_spec("onnxruntime"):
        places.append(Path(rapidocr.__file__).parent / "models")
    for place in places:
        found = {stage: sorted(place.glob(pattern)) for stage, pattern in OCR_FILES[engine].items()}
        if all(found.values()):
            return {stage: files[0] for stage, files in found.items()}
    return {}


def choose_ocr(models: Path, wanted: str, device: str) -> tuple[str, dict[str, Path]]:
    """On a GPU the torch engine, the one that runs there; on a CPU ONNX Runtime, whose models are in the wheel."""
    order = [wanted] if wanted != "auto" else ["torch"] if device.startswith("cuda") else ["onnxruntime", "torch"]
    for engine in order:
        files = ocr_models(models, engine)
        if files:
            return engine, files
    return order[0], {}


def missing_models(models: Path, ocr: dict[str, Path], engine: str) -> list[str]:
    """Files this run needs and does not find, relative to the models folder. The table model has its own line."""
    missing = [name for name in LAYOUT_FILES if not (models / name).is_file()]
    return missing + ([] if ocr else [f"RapidOcr/{pattern}" for pattern in OCR_FILES[engine].values()])


def make_converter(models: Path, device: str, engine: str, ocr: dict[str, Path], table: bool) -> Any:
    """A Docling converter for PDFs with every model pinned to a local file."""
    from docling.datamodel.accelerator_options import AcceleratorOptions
    from docling.datamodel.base_models import InputFormat
    from docling.datamodel.pipeline_options import PdfPipelineOptions, RapidOcrOptions
    from docling.document_converter import DocumentConverter, PdfFormatOption

    options = PdfPipelineOptions(
        accelerator_options=AcceleratorOptions(device=device), artifacts_path=models, do_table_structure=table,
    )
    options.ocr_options = RapidOcrOptions(
        backend=engine, det_model_path=str(ocr["det"]), cls_model_path=str(ocr["cls"]), rec_model_path=str(ocr["rec"]),
        rec_keys_path=str(ocr["keys"]) if "keys" in ocr else None,
        # Any existing file stops the font download; the font is used for drawings only, and none is made here.
        font_path=str(ocr["det"]),
    )
    return DocumentConverter(format_options={InputFormat.PDF: PdfFormatOption(pipeline_options=options)})


def count_detections(pipeline: Any) -> list[int]:
    """Lets the layout model also tell how many regions it found itself, before Docling adds what it left out."""
    counts: list[int] = []
    predict = pipeline.layout_model.predict_layout

    def counted(result: Any, pages: Any) -> Any:
        predictions = predict(result, pages)
        counts.extend(len(prediction.clusters) for prediction in predictions)
        return predictions

    pipeline.layout_model.predict_layout = counted
    return counts


def page_text(document: Any, number: int) -> str:
    """All text of one page in reading order, headers and footers too, table cells included."""
    from docling_core.types.doc import ContentLayer, TableItem

    parts: list[str] = []
    layers = set(ContentLayer)
    for item, _ in document.iterate_items(page_no=number, traverse_pictures=True, included_content_layers=layers):
        if isinstance(item, TableItem):
            parts.extend(cell.text for cell in item.data.table_cells)
        elif getattr(item, "text", None):
            parts.append(item.text)
    return "\n".join(parts)


def convert_page(converter: Any, pdf: Path, entry: dict[str, Any], mode: str) -> None:
    """Converts one page, so it has its own time and its own text."""
    start = time.monotonic()
    result = converter.convert(pdf, page_range=(entry["page"], entry["page"]), raises_on_error=False)
    entry.update(
        seconds=round(time.monotonic() - start, 3), conversion=result.status.value, ocrMode=mode,
        errors=[str(error.error_message) for error in result.errors], text=page_text(result.document, entry["page"]),
    )


def convert_pages(converter: Any, pdf: Path, pages: list[dict[str, Any]], pipeline: Any) -> list[int]:
    """Converts the pages one by one; returns how many regions the layout model found on each."""
    from docling.datamodel.pipeline_options import OcrMode

    found = count_detections(pipeline)
    for entry in pages:
        convert_page(converter, pdf, entry, "default")
    regions = list(found)
    # Docling reads the regions its layout model names. One that names none on the picture page gets the whole page read,
    # which shows whether OCR itself works; the observation says so.
    if not pages[1]["text"] and len(regions) == 2 and regions[1] == 0:
        own = pipeline.ocr_model.options
        # A copy: changing the options themselves would make Docling load every model again.
        pipeline.ocr_model.options = own.model_copy(update={"mode": OcrMode.FULL_PAGE})
        convert_page(converter, pdf, pages[1], "full-page")
        pipeline.ocr_model.options = own
    return regions


def convert_input(converter: Any, source: Path) -> dict[str, Any]:
    """Converts the user's own file: how many pages and characters, and how long it took."""
    start = time.monotonic()
    result = converter.convert(source, raises_on_error=False)
    text = result.document.export_to_markdown()
    return {
        "file": source.name, "conversion": result.status.value, "pages": len(result.document.pages),
        "characters": len(re.sub(r"\s", "", text)), "seconds": round(time.monotonic() - start, 3),
    }


def measure(observed: dict[str, Any], options: argparse.Namespace) -> None:
    """Fills the observation; a missing package, device or model ends it early."""
    seconds = observed["seconds"]
    with common.timed(seconds, "import"):
        import torch
        import docling.document_converter  # noqa: F401
        import rapidocr  # noqa: F401
    available = torch.cuda.is_available()
    observed["gpu"] = {"available": available, "name": torch.cuda.get_device_name(0) if available else None}
    if options.device == "cuda" and not available:
        observed["status"] = "no-device"
        return
    device = "cuda" if available and options.device != "cpu" else "cpu"
    engine, ocr = choose_ocr(options.models, options.ocr, device)
    table_missing = [name for name in TABLE_FILES if not (options.models / name).is_file()]
    missing = missing_models(options.models, ocr, engine)
    observed["models"] = {"dir": str(options.models), "missing": missing, "tableMissing": table_missing, "ocrEngine": engine}
    if missing:
        observed["status"] = "no-models"
        return
    convert(observed, options, device, engine, ocr, not table_missing)
    observed["status"] = "ran"


def convert(observed: dict[str, Any], options: argparse.Namespace, device: str, engine: str, ocr: dict, table: bool) -> None:
    """Makes the PDF, loads the models, converts, and reads the loaded models."""
    from docling.datamodel.base_models import InputFormat

    seconds = observed["seconds"]
    observed["pages"] = page.expected_pages(options.seed, HERE / "words.txt")
    pdf = options.workdir / f"smoke-{options.seed}.pdf"
    page.make_pdf(observed["pages"], pdf)
    converter = make_converter(options.models, device, engine, ocr, table)
    with common.timed(seconds, "load"):
        converter.initialize_pipeline(InputFormat.PDF)
    pipeline = next(iter(converter.initialized_pipelines.values()))
    with common.timed(seconds, "convert"):
        regions = convert_pages(converter, pdf, observed["pages"], pipeline)
    observed["layout"] = {**loaded.layout_facts(pipeline, common.weights), "detections": regions}
    observed["ocr"] = loaded.ocr_facts(pipeline, engine, sorted(ocr.values()), common.weights)
    observed["table"] = loaded.table_facts(pipeline, common.weights)
    if observed["table"]:
        with common.timed(seconds, "table"):
            observed["table"]["grid"] = loaded.try_table(pipeline)
    if options.input:
        observed["input"] = convert_input(converter, options.input)


def main() -> None:
    stdout = common.claim_stdout()
    parser = argparse.ArgumentParser(description="Converts a PDF made for this run with Docling.")
    parser.add_argument("--device", choices=["cuda", "cpu", "auto"], default="auto")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--workdir", type=Path, required=True)
    parser.add_argument("--ocr", choices=["torch", "onnxruntime", "auto"], default="auto")
    parser.add_argument("--input", type=Path)
    options = parser.parse_args()
    start = time.monotonic()
    common.prepare(options.workdir)
    observed = common.document("docling", options.device)
    observed.update(seed=options.seed, seconds={}, input=None)
    try:
        measure(observed, options)
    except ImportError as error:
        observed.update(status="missing-package", error=common.describe(error))
    except Exception as error:
        observed.update(status="error", error=common.describe(error))
    observed["seconds"]["total"] = round(time.monotonic() - start, 3)
    common.finish(stdout, observed)


if __name__ == "__main__":
    main()
