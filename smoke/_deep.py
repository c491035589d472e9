"""Imports packages, runs one kernel, or loads the GPU, inside somebody's Python environment, for `gb10 doctor --deep`.

    python -E -B _deep.py --packages torch,triton [--no-gpu]  imports, then a product on the GPU beside the same on the processor
    python -E -B _deep.py --load 10                           keeps the GPU busy and samples its clock meanwhile

Prints JSON lines on standard output, observations only. What packages print goes nowhere; what they would store goes into a
folder that is removed at the end, and what they leave running is ended. A line is printed before each import, so that one that
never ends can be named.
"""
import argparse
import importlib
import json
import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import threading
import time

# This folder holds files with the names of packages: it must not be searched for imports.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]

PLACES = """HOME TMPDIR XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME MPLCONFIGDIR TRITON_CACHE_DIR
    TORCHINDUCTOR_CACHE_DIR CUDA_CACHE_PATH HF_HOME NUMBA_CACHE_DIR TORCH_HOME"""
QUERY = ["nvidia-smi", "--query-gpu=utilization.gpu,clocks.sm,power.draw", "--format=csv,noheader,nounits"]

told = os.fdopen(os.dup(1), "w")
for stream in (1, 2):
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def tell(**seen):
    told.write(json.dumps(seen) + "\n")
    told.flush()


def describe(error):
    return "{}: {}".format(type(error).__name__, " ".join(str(error).split()))[:300]


def imports(names):
    for name in names:
        tell(importing=name)
        start = time.monotonic()
        try:
            importlib.import_module(name)
            error = None
        except BaseException as problem:  # some packages end the whole program when they find no GPU
            error = describe(problem)
        tell(imported=name, error=error, seconds=round(time.monotonic() - start, 2))


def kernel():
    """Whole numbers whose products are exact in every precision: the GPU's answer must be the processor's."""
    import torch

    if torch.version.cuda is None:
        return tell(kernel="cpu-build", device=None, capability=None, error=None)
    tell(kernel="begun")
    device = capability = None
    try:
        if not torch.cuda.is_available():
            hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
            why = "" if hidden is None else " with CUDA_VISIBLE_DEVICES={!r}".format(hidden)
            return tell(kernel="unseen", device=None, capability=None, error="torch.cuda.is_available() is False" + why)
        device = torch.cuda.get_device_name(0)
        capability = ".".join(str(part) for part in torch.cuda.get_device_capability(0))
        left = (torch.arange(256 * 256) % 5).reshape(256, 256).float()
        right = (torch.arange(256 * 256) % 3).reshape(256, 256).float()
        there = (left.to("cuda") @ right.to("cuda")).cpu()
        right_answer = bool(torch.equal(there, left @ right))
        tell(kernel="ok" if right_answer else "wrong", device=device, capability=capability, error=None)
    except Exception as problem:
        tell(kernel="failed", device=device, capability=capability, error=describe(problem))


def sample(samples, stop):
    while not stop.wait(0.4):
        try:
            line = subprocess.run(QUERY, capture_output=True, text=True, timeout=5).stdout.strip().split("\n")[0]
            samples.append([float(part) if part.strip()[:1].isdigit() else None for part in line.split(",")])
        except Exception:
            samples.append([])  # nobody answered, which is not an answer without numbers


def load(seconds):
    import torch

    size = 8192
    one = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    samples, stop, count, begun = [], threading.Event(), 0, time.monotonic()
    sampler = threading.Thread(target=sample, args=(samples, stop), daemon=True)
    steady = begun + max(1.0, seconds * 0.4)  # the clock takes a moment to rise
    while time.monotonic() < begun + seconds:
        for _ in range(4):
            one @ one
            count += 1
        torch.cuda.synchronize()
        if time.monotonic() > steady and not sampler.is_alive():
            sampler.start()
    took = time.monotonic() - begun
    stop.set()
    tell(load=samples, seconds=round(took, 1), teraflops=round(2 * size**3 * count / took / 1e12, 1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", default="")
    parser.add_argument("--no-gpu", action="store_true")
    parser.add_argument("--load", type=float, default=0)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="gb10-deep-")
    signal.signal(signal.SIGTERM, lambda *_: leave(folder, 143))
    adopt()
    child = os.fork()
    if child == 0:
        work(options, folder)
    # This process imports no package, so that it is there to clean up whatever becomes of the other one.
    _, status = os.waitpid(child, 0)
    leave(folder, 0 if status == 0 else 1)


def adopt():
    """Makes this process the parent of all that packages leave behind, in whatever session; it is asked to end when gb10 is gone."""
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
        prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG
    except Exception:
        pass  # a Python without ctypes: what is in the process group is ended all the same


def end_children(limit=0.1):
    """Whether all are gone; one that waits inside the kernel stays."""
    until = time.monotonic() + limit
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0] > 0:
                pass
        except ChildProcessError:
            return True
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/{}/stat".format(name), errors="replace") as stat:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
                if parent == os.getpid():
                    os.kill(int(name), signal.SIGKILL)
            except OSError:
                pass  # gone meanwhile
        if time.monotonic() > until:
            return False
        time.sleep(0.005)


def leave(folder, code):
    if not end_children():
        tell(stuck=True)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(code)


def work(options, folder):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        del os.environ[name]
    base = site.getuserbase()  # where helpers that packages start find what the user installed, with another HOME
    os.environ.update({name: folder for name in PLACES.split()}, HF_HUB_OFFLINE="1", ORT_DISABLE_TELEMETRY="1")
    os.environ.update(PYTHONDONTWRITEBYTECODE="1", PYTHONUSERBASE=base)
    tempfile.tempdir = folder
    os.chdir(folder)
    if options.no_gpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    try:
        imports([name for name in options.packages.split(",") if name])
        if "torch" in sys.modules and not options.no_gpu and not options.load:
            kernel()
        if options.load:
            try:
                load(options.load)
            except Exception as problem:
                tell(load=None, error=describe(problem))
        tell(done=True)
    finally:
        os._exit(0)  # libraries that were loaded may hang when the interpreter ends


main()
