"""The lesson: kernels from Python, on arrays of other libraries. Multiplies matrices with torch where there is one (on its GPU when it
has one), else with numpy, else in plain Python, and compares.

    PYTHONPATH=<where tile is installed>/python python3 matmul.py
"""

import importlib.util
import pathlib
import sys
import time

import tile

M, N, K = 256, 192, 160


def with_torch():
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    a, b = torch.randn(M, K, device=device, dtype=dtype), torch.randn(K, N, device=device, dtype=dtype)
    c = torch.empty(M, N, device=device, dtype=dtype)
    return a, b, c, lambda: (c.double() - a.double() @ b.double()).abs().max().item()


def with_numpy():
    import numpy

    random = numpy.random.default_rng(1)
    a, b = random.standard_normal((M, K), "f"), random.standard_normal((K, N), "f")
    c = numpy.empty((M, N), "f")
    return a, b, c, lambda: abs(c - a.astype("d") @ b.astype("d")).max()


def with_nothing():
    """A buffer is memory of a device; its tensors are views that a kernel takes."""
    import array

    values = {"a": [(7 * i % 11 - 5) / 4 for i in range(M * K)], "b": [(5 * i % 13 - 6) / 4 for i in range(K * N)]}
    memory = {name: tile.Buffer("cpu", 4 * len(value)) for name, value in values.items()}
    for name, value in values.items():
        memory[name].upload(array.array("f", value))
    c = tile.Buffer("cpu", 4 * M * N)

    def error():
        found, columns = array.array("f", c.download()), [values["b"][n::N] for n in range(N)]
        rows = [values["a"][m * K : (m + 1) * K] for m in range(M)]
        want = (sum(x * y for x, y in zip(row, column)) for row in rows for column in columns)
        return max(abs(x - y) for x, y in zip(found, want))

    return memory["a"].tensor("f32", (M, K)), memory["b"].tensor("f32", (K, N)), c.tensor("f32", (M, N)), error


ways = {"torch": with_torch, "numpy": with_numpy, "nothing": with_nothing}
way = sys.argv[1] if len(sys.argv) > 1 else next(name for name in ways if name == "nothing" or importlib.util.find_spec(name))
a, b, c, error = ways[way]()

source = pathlib.Path(__file__).resolve().parent.parent / "06-matmul" / "matmul.tile"
matmul = tile.Program.from_file(source).kernel("matmul", BM=64, BN=64, BK=32, STAGES=3)

# Compiles what these arrays need, and says what it did.
ready = matmul.prepare(a, b, c)
print(ready.report())

# A call has its arguments taken down once. It goes to the queue that the arrays' library uses.
call = ready.bind(a, b, c)
start = time.perf_counter()
for _ in range(10):
    call()
ready.device.stream.synchronize()
milliseconds = (time.perf_counter() - start) * 100

difference = error()
fine = difference < (0.2 if getattr(a, "is_cuda", False) else 1e-3)
print(f"matmul with {way} on {ready.device}: {milliseconds:.3f} ms, {'correct' if fine else 'WRONG'}, off by {difference:.1e} at most")
sys.exit(0 if fine else 1)
