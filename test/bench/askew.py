#!/usr/bin/env python3
r"""Times products of bf16 matrices whose rows start at no multiple of 16 bytes, which tensor copies can't take, as gpu.py does.

    PYTHONPATH=<package>/python python3 test/bench/askew.py [BMxBNxBKxSTAGES...]

Beside each stand the same product by mma.sync, which is what a condition around the loop makes of it, and cuBLAS on these matrices and on
others whose rows are aligned, which is what ratios are to. Without tiles the compiler chooses.
"""

import statistics
import sys

import torch

import tile
from gpu import check

LOOP = "for k in 0..K step BK, stages = STAGES { acc += dot(a[m +: BM, k +: BK], b[k +: BK, n +: BN]); }"
KERNEL = """
kernel product<BM: int in {64, 128, 256} = auto, BN: int in {64, 128, 256} = auto, BK: int in {16, 32, 64, 128} = auto,
               STAGES: int in 1..=6 = auto>
    (a: T[M, K], b: T[K, N], c: out T[M, N])
    grid (cdiv(M, BM), cdiv(N, BN))
{
    let m = program(0) * BM, n = program(1) * BN;
    var acc = f32[BM, BN](0);
    LOOP
    c[m +: BM, n +: BN] = T(acc);
}
"""
SIZE, ROUNDS, LAUNCHES = 4096, 7, 8
PROGRAMS = {
    "wgmma": tile.Program(KERNEL.replace("LOOP", LOOP), "wgmma.tile"),
    "mma.sync": tile.Program(KERNEL.replace("LOOP", "if n < 1000000000 { " + LOOP + " }"), "mma.tile"),
}


def matrix(stride):
    return torch.randn(SIZE, stride, device="cuda", dtype=torch.bfloat16)[:, :SIZE]


def race(title, stride_a, stride_b, tiles):
    a, b = matrix(stride_a), matrix(stride_b)
    aligned_a, aligned_b = a.contiguous(), b.contiguous()
    c = torch.empty(SIZE, SIZE, device="cuda", dtype=torch.bfloat16)
    want = torch.matmul(aligned_a, aligned_b)
    runs = {"cuBLAS, aligned": lambda: torch.matmul(aligned_a, aligned_b, out=c), "cuBLAS": lambda: torch.matmul(a, b, out=c)}
    for name, program in PROGRAMS.items():
        for parameters in tiles if name == "wgmma" else [{}, dict(BM=128, BN=128, BK=32, STAGES=4)]:
            kernel = program.kernel("product", **parameters)
            launch = kernel.prepare(a, b, c).bind(a, b, c)
            launch()
            torch.cuda.synchronize()
            check(name, c, want, 1e-2)
            runs[" ".join([name, "x".join(str(value) for value in parameters.values()) or "auto"])] = launch
    times = {name: [] for name in runs}
    names = list(runs)
    for index in range(ROUNDS):
        first = index % len(names)
        for name in names[first:] + names[:first]:
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            runs[name]()
            start.record()
            for _ in range(LAUNCHES):
                runs[name]()
            end.record()
            end.synchronize()
            times[name].append(start.elapsed_time(end) / LAUNCHES)
    print(title)
    for name, measured in times.items():
        rate = 2 * SIZE**3 / statistics.median(measured) / 1e9
        ratio = statistics.median(peer / own for peer, own in zip(times["cuBLAS, aligned"], measured))
        print(f"    {name:28} {rate:5.0f} TFLOP/s, {ratio:.3f} of cuBLAS on aligned rows")


def main():
    tiles = [dict(zip(("BM", "BN", "BK", "STAGES"), map(int, text.split("x")))) for text in sys.argv[1:]] or [{}]
    race("both in pieces of 8 bytes", 4100, 4100, tiles)
    race("the first matrix in pieces of 8 bytes", 4100, 4096, tiles)
    race("the second matrix in pieces of 8 bytes", 4096, 4100, tiles)
    race("both in pieces of 4 bytes", 4098, 4098, tiles)
    race("the first matrix in pieces of 4 bytes", 4098, 4096, tiles)


main()
