"""A simulated torch with a simulated GPU: products are right, computed on the processor. GPU_FAULT breaks it as real ones break.

Large matrices hold no numbers; while one is being multiplied, the file GPU_BUSY is there, which the simulated nvidia-smi reads.
"""
import os
import time
from operator import mul
from pathlib import Path

FAULT = os.environ.get("GPU_FAULT", "")
BUSY = Path(os.environ["GPU_BUSY"])
bfloat16, uint8 = "bfloat16", "uint8"


class version:
    cuda = "13.0"


class Matrix:
    def __init__(self, numbers, width=1, device="cpu"):
        self.numbers, self.width, self.device = numbers, width, device

    def __mod__(self, by):
        return Matrix([number % by for number in self.numbers])

    def reshape(self, _, width):
        return Matrix(self.numbers, width)

    def float(self):
        return self

    def to(self, device):
        return Matrix(self.numbers, self.width, device)

    def cpu(self):
        return self.to("cpu")

    def __matmul__(self, other):
        if self.device == "cuda" and self.numbers is None:
            BUSY.touch()
            time.sleep(0.02)
            return self
        if self.device == "cuda" and FAULT == "no-kernel":
            raise RuntimeError("CUDA error: no kernel image is available for execution on the device")
        if self.device == "cuda" and FAULT == "crash":
            os.abort()
        columns = [other.numbers[at :: other.width] for at in range(other.width)]
        rows = [self.numbers[at : at + self.width] for at in range(0, len(self.numbers), self.width)]
        numbers = [sum(map(mul, row, column)) for row in rows for column in columns]
        if self.device == "cuda" and FAULT == "wrong":
            numbers[-1] += 1
        return Matrix(numbers, other.width, self.device)


def arange(count):
    return Matrix(list(range(count)))


def randn(_, width, device, dtype):
    return Matrix(None, width, device)


def equal(one, other):
    return one.numbers == other.numbers


class Bytes:
    """Memory of the simulated GPU: one number stands for all of them."""

    def __init__(self, number):
        self.number = number

    def copy_(self, other):
        time.sleep(0.004)
        self.number = 0 if FAULT == "wrong" else other.number

    def __getitem__(self, _):
        return self

    def item(self):
        return self.number


def ones(_, dtype, device):
    return Bytes(1)


def empty_like(_):
    return Bytes(0)


class cuda:
    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):
            self.at = time.monotonic()

        def elapsed_time(self, last):
            return (last.at - self.at) * 1000

    @staticmethod
    def is_available():
        return FAULT != "unseen"

    @staticmethod
    def get_device_name(_):
        return "NVIDIA GB10"

    @staticmethod
    def get_device_capability(_):
        return (12, 1)

    @staticmethod
    def synchronize():
        pass
