"""What all smoke scripts need: a clean standard output, caches kept in the work folder, files hashed, errors described."""
from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Iterator

# Where a child of ours may keep something between runs. The caller's own values win; without them it stays in the work folder.
CACHES = {
    "HF_HOME": "huggingface", "HF_HUB_CACHE": "huggingface/hub", "TORCH_HOME": "torch", "TRITON_CACHE_DIR": "triton",
    "TORCHINDUCTOR_CACHE_DIR": "inductor", "CUDA_CACHE_PATH": "cuda", "MPLCONFIGDIR": "matplotlib", "XDG_CACHE_HOME": "xdg",
}
MODULES = (
    "torch", "torchvision", "triton", "docling", "docling-ibm-models", "transformers", "tokenizers", "rapidocr", "onnxruntime",
    "numpy",
)


def claim_stdout() -> int:
    """Keeps standard output for the one document: whatever a library prints goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def prepare(workdir: Path) -> None:
    """Points every cache into the work folder where the caller named none, and forbids model downloads."""
    workdir.mkdir(parents=True, exist_ok=True)
    for name, folder in CACHES.items():
        place = Path(os.environ.setdefault(name, str(workdir.resolve() / "cache" / folder)))
        place.mkdir(parents=True, exist_ok=True)
    # Temporary files stay inside even when the caller has a TMPDIR: Inductor leaves a folder there whatever its cache setting.
    os.environ["TMPDIR"] = str(workdir.resolve() / "cache/tmp")
    Path(os.environ["TMPDIR"]).mkdir(parents=True, exist_ok=True)
    # One kernel does not need a pool of compile workers.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")
    os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1", ORT_DISABLE_TELEMETRY="1")


def versions() -> dict[str, str | None]:
    """Installed versions by distribution name; null when a package is not there."""
    found: dict[str, str | None] = {}
    for name in MODULES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def document(smoke: str, device: str) -> dict[str, Any]:
    """The start of an observation: who measured, where, with what."""
    return {
        "smoke": smoke, "formatVersion": "1.0", "demanded": device, "status": "error", "error": None,
        "python": platform.python_version(), "arch": platform.machine(), "versions": versions(),
    }


def describe(error: BaseException) -> dict[str, str]:
    """An exception as type, message and the last frames; a chain is followed, since the cause is often the first link."""
    chain: list[str] = []
    link: BaseException | None = error
    while link is not None and len(chain) < 4:
        chain.append(f"{type(link).__name__}: {link}")
        link = link.__cause__ or link.__context__
    frames = "".join(traceback.format_tb(error.__traceback__)[-3:])
    return {"type": type(error).__name__, "text": clip("\n".join(chain), 4000), "trace": clip(frames, 2000)}


def clip(text: str, limit: int) -> str:
    """The text without colour codes; when it is too long, its beginning and its end."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return plain if len(plain) <= limit else plain[: limit // 2] + "\n...\n" + plain[-limit // 2 :]


def sha256(path: Path) -> str:
    """The file's hash, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def weights(paths: list[Path]) -> list[dict[str, Any]]:
    """Name, size and hash of the weight files a model was loaded from."""
    return [{"file": p.name, "bytes": p.stat().st_size, "sha256": sha256(p)} for p in paths if p.is_file()]


@contextlib.contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Adds what the block took to `seconds`, also when it fails."""
    start = time.monotonic()
    try:
        yield
    finally:
        seconds[name] = round(time.monotonic() - start, 3)


def finish(stdout: int, observed: dict[str, Any]) -> None:
    """Writes the one document and leaves at once: a library's exit handler must not change what was said."""
    data = (json.dumps(observed, ensure_ascii=False) + "\n").encode()
    while data:
        data = data[os.write(stdout, data):]
    sys.stderr.flush()
    os._exit(2 if observed["status"].startswith("no-") or observed["status"].startswith("missing-") else 0)
