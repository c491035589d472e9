"""Reads a page image made for this run with DeepSeek-OCR; looks at the loaded weights; reads the user's own file page by page.

Usage: python smoke/deepseek-ocr.py --variant v1|v2 --device cuda|cpu|auto --models DIR --seed N --workdir DIR [--input FILE]
Prints one JSON document, observations only, on standard output; the verdict is gb10's. Without weights, a tiny random model made
here proves load, device and generation; that is never a proof of reading, and the document says so.
"""
from __future__ import annotations

import argparse
import importlib.util
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any, Callable

HERE = Path(__file__).resolve().parent
# A neighbour has the name of a package: this folder must not be searched for imports.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]
# A stand-in generates this many tokens: random weights never come to an end by themselves.
STANDIN_TOKENS = 16
# Nothing published is this small. A CPU copy of such a model costs nothing, so its results are compared.
SMALL = 50_000_000
# The caller stops a proof after 20 minutes; a document with more pages than fit is read as far as this.
INPUT_SECONDS = 900


def load(name: str) -> Any:
    """Loads a neighbour file by its path, without leaving compiled files beside it."""
    spec = importlib.util.spec_from_file_location(f"gb10_smoke{name}", HERE / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


common, loaded, pages, native, remote, tiny = (
    load(name) for name in ("_common", "_loaded", "_ocr_page", "_ocr_native", "_ocr_remote", "_ocr_tiny")
)
FOLDERS = {"v1": "deepseek-ai--DeepSeek-OCR", "v2": "deepseek-ai--DeepSeek-OCR-2"}
# v1's own code knows eager and flash attention only; the native classes of v2 take PyTorch's.
ATTENTION = {"v1": "eager", "v2": "sdpa"}
Reader = Callable[[Path], "tuple[str, int | None]"]


def model_folder(models: Path, variant: str) -> Path:
    """The folder of this model: below the folder of all models, or that folder itself."""
    return models if (models / "config.json").is_file() else models / FOLDERS[variant]


def model_facts(model: Any, folder: Path) -> dict[str, Any]:
    """What was loaded, off its own parameters, with the hashes of the files it came from."""
    attention = getattr(model.config, "_attn_implementation", None)
    return {
        **loaded.module_facts(model), "attention": attention,
        # transformers puts the classes of a model's own code into a package of this name.
        "remoteCode": type(model).__module__.startswith("transformers_modules"),
        "weights": common.weights(sorted(folder.glob("*.safetensors"))),
    }


def peak_memory(torch: Any, device: str) -> dict[str, Any]:
    """The most memory in use at once, by PyTorch on the GPU and by this process: nvidia-smi tells neither on unified memory."""
    gpu = torch.cuda.max_memory_allocated() if device == "cuda" else None
    return {"gpuBytes": gpu, "processBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def read_one(entry: dict[str, Any], reader: Reader, image: Path) -> None:
    """One page, with its own time."""
    start = time.monotonic()
    text, tokens = reader(image)
    entry.update(text=text, tokens=tokens, seconds=round(time.monotonic() - start, 3))


def read_input(reader: Reader, source: Path, workdir: Path) -> dict[str, Any]:
    """The user's own file, page by page; an error on one page ends it and is told."""
    start, seen, total = time.monotonic(), [], 0
    try:
        for number, total, image, width, height in pages.images_of(source, workdir):
            if time.monotonic() - start > INPUT_SECONDS:
                break
            entry: dict[str, Any] = {"page": number, "width": width, "height": height}
            read_one(entry, reader, image)
            entry["characters"] = len(re.sub(r"\s", "", entry.pop("text")))
            seen.append(entry)
            print(f"{source.name}: page {number} of {total} in {entry['seconds']} s", file=sys.stderr, flush=True)
    except Exception as error:
        return {"file": source.name, "pages": seen, "total": total, "error": common.describe(error)}
    return {"file": source.name, "pages": seen, "total": total, "error": None}


def agree(folder: Path, model: Any, helper: Any, image: Path, variant: str) -> dict[str, Any]:
    """The same page through the same weights on the CPU, in full precision on both sides."""
    import torch

    way = native if variant == "v2" else remote
    other, _ = way.load(folder, "cpu", torch.float32, ATTENTION[variant])
    mine, reference = (way.logits(one, helper, image) for one in (model, other))
    return {"cosine": tiny.cosine(mine, reference), "on": str(model.device), "against": str(other.device)}


def try_standin(observed: dict[str, Any], options: argparse.Namespace, device: str, image: Path) -> None:
    """No weights: a tiny random model is made, loaded, moved and run as the published one is."""
    import torch

    folder = options.workdir / "tiny"
    way = native if options.variant == "v2" else remote
    with common.timed(observed["seconds"], "make"):
        if options.variant == "v2":
            tiny.make_native(folder, options.seed)
        else:
            tiny.make_remote(folder, options.seed, STANDIN_TOKENS)
    with common.timed(observed["seconds"], "load"):
        model, helper = way.load(folder, device, torch.float32, ATTENTION[options.variant])
    observed["loaded"] = model_facts(model, folder)
    with common.timed(observed["seconds"], "read"):
        if options.variant == "v2":
            tokens = native.read(model, helper, image, STANDIN_TOKENS, STANDIN_TOKENS)[1]
        else:
            remote.read(model, helper, image, options.workdir)
            tokens = model.generated
    observed["standIn"] = {"made": True, "sameArchitecture": True, "tokens": tokens}
    observed["agreement"] = agree(folder, model, helper, image, options.variant)


def run_model(observed: dict[str, Any], options: argparse.Namespace, folder: Path, device: str, image: Path) -> None:
    """The weights in the folder: the page of this run, then the user's own file."""
    import torch

    way = native if options.variant == "v2" else remote
    big = sum(file.stat().st_size for file in folder.glob("*.safetensors")) > 4 * SMALL
    # As published; a stand-in in full precision, so that two devices can be compared.
    dtype = torch.bfloat16 if big else torch.float32
    with common.timed(observed["seconds"], "load"):
        model, helper = way.load(folder, device, dtype, ATTENTION[options.variant])
    with common.timed(observed["seconds"], "hash"):
        observed["loaded"] = model_facts(model, folder)
    small = observed["loaded"]["parameters"] < SMALL

    def reader(file: Path) -> tuple[str, int | None]:
        if options.variant == "v1":
            return remote.read(model, helper, file, options.workdir), None
        return native.read(model, helper, file, *([STANDIN_TOKENS] * 2 if small else [native.MAX_TOKENS, 0]))

    with common.timed(observed["seconds"], "read"):
        read_one(observed["pages"][0], reader, image)
    if small:
        same = options.variant == "v2"
        observed["standIn"] = {"made": False, "sameArchitecture": same, "tokens": observed["pages"][0]["tokens"]}
        if same:
            observed["agreement"] = agree(folder, model, helper, image, "v2")
    if options.input:
        observed["input"] = read_input(reader, options.input, options.workdir)


def measure(observed: dict[str, Any], options: argparse.Namespace) -> None:
    """Fills the observation; a missing package or device ends it early."""
    with common.timed(observed["seconds"], "import"):
        import torch
        import transformers  # noqa: F401
    available = torch.cuda.is_available()
    observed["gpu"] = {"available": available, "name": torch.cuda.get_device_name(0) if available else None}
    if options.device == "cuda" and not available:
        observed["status"] = "no-device"
        return
    device = "cuda" if available and options.device != "cpu" else "cpu"
    folder = model_folder(options.models, options.variant)
    missing = (native if options.variant == "v2" else remote).missing(folder)
    observed["models"] = {"dir": str(options.models), "folder": str(folder), "missing": missing}
    if not missing and options.variant == "v1" and device == "cpu" and remote.needs_cuda(folder):
        observed["status"] = "no-cpu-path"
        return
    image = options.workdir / f"page-{options.seed}.png"
    observed["pages"] = [pages.expected_page(options.seed, HERE / "words.txt")]
    pages.draw_page(observed["pages"][0], image)
    if missing:
        try_standin(observed, options, device, image)
    else:
        run_model(observed, options, folder, device, image)
    observed["memory"] = peak_memory(torch, device)
    observed["status"] = "ran"


def main() -> None:
    stdout = common.claim_stdout()
    parser = argparse.ArgumentParser(description="Reads a page image made for this run with DeepSeek-OCR.")
    parser.add_argument("--device", choices=["cuda", "cpu", "auto"], default="auto")
    parser.add_argument("--variant", choices=["v1", "v2"], default="v1")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--workdir", type=Path, required=True)
    parser.add_argument("--input", type=Path)
    options = parser.parse_args()
    start = time.monotonic()
    common.prepare(options.workdir)
    observed = common.document("deepseek-ocr", options.device)
    observed.update(variant=options.variant, seed=options.seed, seconds={}, pages=[], input=None)
    observed.update(loaded=None, standIn=None, agreement=None, memory=None)
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
