"""Measures PyTorch in this environment: matmul against the CPU, a run-time compiled operation (NVRTC), torch.compile
(Triton on a GPU), torchvision's nms, and which build runs on which device.

Usage: python smoke/torch.py --device cuda|cpu|auto --workdir DIR
Prints one JSON document, observations only, on standard output; the verdict is gb10's.
"""
from __future__ import annotations

import argparse
import importlib.util
import math
import sys
import time
from pathlib import Path
from typing import Any, Callable

# This file has the name of the package it measures: its own folder must not be searched for imports.
HERE = Path(__file__).resolve().parent
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]


def load_common() -> Any:
    """Loads _common.py by its path, without leaving compiled files beside it."""
    spec = importlib.util.spec_from_file_location("gb10_smoke_common", HERE / "_common.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


common = load_common()
Check = dict[str, Any]


def attempt(check: Callable[[Any], Check], device: Any) -> Check:
    """Runs one sub-check; an exception is an observation like any other."""
    start = time.monotonic()
    try:
        seen: Check = {"ran": True, **check(device), "error": None}
    except Exception as error:
        seen = {"ran": False, "error": common.describe(error)}
    return {**seen, "seconds": round(time.monotonic() - start, 3)}


def finite(value: Any) -> float | None:
    """The number, or null: JSON has no word for "not a number"."""
    number = float(value)
    return number if math.isfinite(number) else None


def matmul(device: Any) -> Check:
    """A product on the device beside the same product on the CPU."""
    import torch

    left, right = torch.randn(512, 512), torch.randn(512, 512)
    there = left.to(device) @ right.to(device)
    return {"device": str(there.device), "maxAbsError": finite((there.cpu() - left @ right).abs().max()), "size": 512}


def nvrtc(device: Any) -> Check:
    """torch.prod is compiled at run time by NVRTC, for the device's own architecture."""
    import torch

    product = torch.prod(torch.tensor([2.0, 3.0, 7.0], device=device))
    return {"device": str(product.device), "value": finite(product), "expected": 42.0}


def compiled(device: Any) -> Check:
    """A function through torch.compile: Triton and ptxas on a GPU, the C++ compiler on a CPU."""
    import torch
    from torch._dynamo.utils import counters
    from torch._inductor import config, metrics

    # Precompiled headers cost more than this one kernel, and land in the temporary folder instead of the cache.
    if hasattr(config, "cpp_cache_precompile_headers"):
        config.cpp_cache_precompile_headers = False
    torch._dynamo.reset()
    metrics.reset()
    values = torch.arange(-32.0, 32.0, device=device)
    result = torch.compile(lambda x: (x * 2 + 1).relu().sum())(values)
    expected = sum(max(0.0, 2 * v + 1) for v in range(-32, 32))
    return {
        "device": str(result.device), "value": finite(result), "expected": expected,
        "kernels": int(metrics.generated_kernel_count), "graphs": int(counters["stats"]["unique_graphs"]),
        "backend": "triton" if values.is_cuda else "c++",
    }


def nms(device: Any) -> Check:
    """torchvision's own kernel: of three boxes, the middle one is covered by the first."""
    import torch
    import torchvision

    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]], device=device)
    kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7], device=device), 0.5)
    return {"device": str(kept.device), "kept": kept.tolist(), "expected": [0, 2]}


def cuda_build() -> Check:
    """What the wheels were built for, and what the driver offers them."""
    import torch

    built: Check = {
        "version": torch.version.cuda, "archList": [], "available": torch.cuda.is_available(), "error": None, "devices": [],
    }
    # The flags are in the wheel: they can be read without a GPU, where get_arch_list() answers nothing.
    flags = getattr(torch._C, "_cuda_getArchFlags", lambda: None)()
    built["archList"] = flags.split() if flags else list(torch.cuda.get_arch_list())
    if not built["available"]:
        try:
            torch.cuda.init()
        except Exception as error:
            built["error"] = common.describe(error)
    for index in range(torch.cuda.device_count() if built["available"] else 0):
        properties = torch.cuda.get_device_properties(index)
        built["devices"].append({
            "name": properties.name, "capability": f"{properties.major}.{properties.minor}",
            "memoryMiB": properties.total_memory >> 20,
        })
    return built


def vision_build() -> Check:
    """torchvision's version and the CUDA it was built with; null on a CPU build."""
    import torchvision

    number = getattr(torchvision.version, "cuda", None)
    text = f"{int(number) // 1000}.{int(number) % 1000 // 10}" if str(number or "").isdigit() else number
    return {"version": torchvision.__version__, "cuda": text}


def measure(observed: dict[str, Any], demanded: str) -> None:
    """Fills the observation; what cannot be imported ends it early."""
    try:
        import torch
    except ImportError as error:
        observed.update(status="missing-package", error=common.describe(error))
        return
    observed["cuda"] = cuda_build()
    try:
        observed["torchvision"] = vision_build()
    except Exception as error:
        observed["torchvision"] = {"version": None, "cuda": None, "error": common.describe(error)}
    available = observed["cuda"]["available"]
    if demanded == "cuda" and not available:
        observed["status"] = "no-device"
        return
    device = torch.device("cuda:0" if available and demanded != "cpu" else "cpu")
    checks = {"matmul": matmul, "compile": compiled, "nms": nms}
    if device.type == "cuda":
        checks["nvrtc"] = nvrtc
    observed["device"] = str(device)
    observed["deviceName"] = observed["cuda"]["devices"][0]["name"] if device.type == "cuda" else "CPU"
    observed["checks"] = {name: attempt(check, device) for name, check in checks.items()}
    observed["status"] = "ran"


def main() -> None:
    stdout = common.claim_stdout()
    parser = argparse.ArgumentParser(description="Measures PyTorch in this environment.")
    parser.add_argument("--device", choices=["cuda", "cpu", "auto"], default="auto")
    parser.add_argument("--workdir", type=Path, required=True)
    options = parser.parse_args()
    start = time.monotonic()
    common.prepare(options.workdir)
    observed = common.document("torch", options.device)
    try:
        measure(observed, options.device)
    except Exception as error:
        observed.update(status="error", error=common.describe(error))
    observed["seconds"] = {"total": round(time.monotonic() - start, 3)}
    common.finish(stdout, observed)


# torch.compile starts workers that may import the main module again.
if __name__ == "__main__":
    main()
