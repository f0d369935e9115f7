#!/usr/bin/env python3
r"""Times kernels of this project beside cuBLAS, torch and Triton on one GPU, in one process, and prints a table.

Every figure is a ratio within one run: a round times each contestant once, one after the other, so that a warm or a throttled GPU is
the same for all; the ratio that is printed is the median over the rounds, with the smallest and largest beside it. Inputs are
random-normal. Each result is checked before it is timed. A time is that of one launch in a row of launches, by events on the stream;
short ones are launched as a CUDA graph, so that nobody's host code is in it.

    PYTHONPATH=<package>/python CUDA_CACHE_DISABLE=1 python3 test/bench/gpu.py [matmul stages softmax layer_norm row_sum add compile] \
        [--rounds N] [--json FILE]

It needs torch and Triton beside the module `tile`. The driver's own cache is to be off, as above, for `compile`.
"""

import argparse
import json
import os
import pathlib
import random
import re
import statistics
import sys
import tempfile
import time

import torch
import triton
import triton.language as tl

import tile

EXAMPLES = pathlib.Path(os.environ.get("TILE_EXAMPLES", pathlib.Path(__file__).resolve().parents[2] / "examples"))
DEVICE = "cuda"


# ----------------------------------------------------------------------------------------------------------------------------------
# Triton's side
# ----------------------------------------------------------------------------------------------------------------------------------


@triton.jit
def triton_matmul(a, b, c, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr):
    block = tl.program_id(0)
    rows = tl.cdiv(M, BM)
    columns = tl.cdiv(N, BN)
    first = block // (GROUP * columns) * GROUP
    size = min(rows - first, GROUP)
    row = first + block % (GROUP * columns) % size
    column = block % (GROUP * columns) // size
    m = row * BM + tl.arange(0, BM)
    n = column * BN + tl.arange(0, BN)
    k = tl.arange(0, BK)
    at_a = a + (m % M)[:, None] * K + k[None, :]
    at_b = b + k[:, None] * N + (n % N)[None, :]
    total = tl.zeros((BM, BN), tl.float32)
    for step in range(0, tl.cdiv(K, BK)):
        x = tl.load(at_a, mask=k[None, :] < K - step * BK, other=0.0)
        y = tl.load(at_b, mask=k[:, None] < K - step * BK, other=0.0)
        total = tl.dot(x, y, total)
        at_a += BK
        at_b += BK * N
    inside = (m[:, None] < M) & (n[None, :] < N)
    tl.store(c + m[:, None] * N + n[None, :], total.to(c.dtype.element_ty), inside)


@triton.jit
def triton_softmax(x, y, M, N, B: tl.constexpr, STAGES: tl.constexpr):
    column = tl.arange(0, B)
    for row in tl.range(tl.program_id(0), M, tl.num_programs(0), num_stages=STAGES):
        value = tl.load(x + row * N + column, column < N, other=-float("inf")).to(tl.float32)
        e = tl.exp(value - tl.max(value, 0))
        tl.store(y + row * N + column, (e / tl.sum(e, 0)).to(y.dtype.element_ty), column < N)


@triton.jit
def triton_row_sum(x, y, N, B: tl.constexpr, STAGES: tl.constexpr):
    row = tl.program_id(0)
    total = tl.zeros((B,), tl.float32)
    for start in tl.range(0, N, B, num_stages=STAGES):
        column = start + tl.arange(0, B)
        total += tl.load(x + row * N + column, column < N, other=0.0).to(tl.float32)
    tl.store(y + row, tl.sum(total, 0))


@triton.jit
def triton_layer_norm(x, w, b, y, N, epsilon, B: tl.constexpr):
    row = tl.program_id(0)
    column = tl.arange(0, B)
    inside = column < N
    value = tl.load(x + row * N + column, inside, other=0.0).to(tl.float32)
    mean = tl.sum(value, 0) / N
    centered = tl.where(inside, value - mean, 0.0)
    scale = tl.rsqrt(tl.sum(centered * centered, 0) / N + epsilon)
    result = centered * scale * tl.load(w + column, inside).to(tl.float32) + tl.load(b + column, inside).to(tl.float32)
    tl.store(y + row * N + column, result.to(y.dtype.element_ty), inside)


@triton.jit
def triton_add(x, y, z, n, B: tl.constexpr):
    at = tl.program_id(0) * B + tl.arange(0, B)
    tl.store(z + at, tl.load(x + at, at < n) + tl.load(y + at, at < n), at < n)


# ----------------------------------------------------------------------------------------------------------------------------------
# Measuring
# ----------------------------------------------------------------------------------------------------------------------------------


def once(launch, count):
    """Milliseconds of one launch, of `count` in a row."""
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    launch()
    start.record()
    for _ in range(count):
        launch()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / count


def in_a_row(launch, count):
    """Something that runs `count` launches, or a hundred of short ones as a graph, so that what the host takes to start one is not
    seen; and how many it runs."""
    if once(launch, 2) > 0.3:
        def run():
            for _ in range(count):
                launch()
        return run, count
    count = min(count, 100)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(count):
            launch()
    return graph.replay, count


def quick(launch, milliseconds=5):
    """A first estimate, to choose between configurations."""
    launch()
    torch.cuda.synchronize()
    run, count = in_a_row(launch, max(1, int(milliseconds / max(once(launch, 2), 1e-3))))
    return min(once(run, 1) / count for _ in range(2))


def best(configurations, quiet=True):
    """The fastest of several launches; a configuration that can't be built is no contestant."""
    times = {}
    for name, make in configurations:
        try:
            launch = make()
            times[name] = (quick(launch), launch)
        except Exception as error:  # one of a sweep: out of shared memory, too many registers
            if not quiet:
                print(f"  {name}: {str(error).splitlines()[0]}", file=sys.stderr)
    name = min(times, key=lambda key: times[key][0])
    return name, times[name][1], {key: value[0] for key, value in times.items()}


class Table:
    def __init__(self, rounds):
        self.rounds, self.rows = rounds, []

    def race(self, work, ours, peers, amount, unit):
        """`amount` of work over milliseconds is a rate in `unit`; prints and keeps one row for each peer."""
        names = ["tile", *peers]
        launches = [ours, *peers.values()]
        rows = [in_a_row(launch, max(2, int(8 / max(once(launch, 2), 1e-3)))) for launch in launches]
        times = {name: [] for name in names}
        for _ in range(self.rounds):
            # What one leaves behind, a warm GPU or a full cache, the next one finds: each round has another order.
            for index in random.sample(range(len(names)), len(names)):
                run, count = rows[index]
                times[names[index]].append(once(run, 1) / count)
        for peer in peers:
            ratios = [b / a for a, b in zip(times["tile"], times[peer])]
            row = {
                "work": work, "unit": unit, "peer": peer,
                "tile": amount / statistics.median(times["tile"]), "peer rate": amount / statistics.median(times[peer]),
                "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios),
            }
            self.rows.append(row)
            print(f"{work:44} {row['tile']:8.1f} {row['peer rate']:8.1f} {unit:8} {row['ratio']:6.3f} ({row['low']:.3f}-{row['high']:.3f})  {peer}", flush=True)


def check(what, got, want, tolerance):
    got, want = got.double(), want.double()
    error = ((got - want).norm() / want.norm()).item()
    if not error <= tolerance:
        raise SystemExit(f"{what} is WRONG: relative error {error:.3g}")


def source(folder, name, fast=False):
    """An example's kernels; `fast` lets them approximate elementary functions and divisions, as Triton always does."""
    text = (EXAMPLES / folder / f"{name}.tile").read_text()
    if fast:
        text, count = re.subn(r"^( *grid \(.*\))$", r"\1 numerics = fast", text, flags=re.MULTILINE)
        assert count, "no kernel was made fast"
    return tile.Program(text, f"{name}.tile")


def launcher(kernel, *arguments):
    """A launch without arguments, of a kernel prepared for these."""
    return kernel.prepare(*arguments).bind(*arguments)


# ----------------------------------------------------------------------------------------------------------------------------------
# The work
# ----------------------------------------------------------------------------------------------------------------------------------

TILES = [(128, 128, 32, s) for s in (3, 4, 5)] + [(128, 256, 32, s) for s in (3, 4)] + [(256, 128, 32, s) for s in (3, 4)] + [
    (128, 128, 64, s) for s in (2, 3, 4)] + [(128, 256, 64, s) for s in (2, 3, 4)] + [(256, 128, 64, s) for s in (2, 3)]


def matrices(size):
    a, b = (torch.randn(size, size, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    return a, b, torch.empty_like(a)


def matmul(table):
    program = source("06-matmul", "matmul")
    for size in (4096, 8192):
        a, b, c = matrices(size)
        want = torch.matmul(a, b)

        def ours(bm, bn, bk, stages):
            def make():
                launch = launcher(program.kernel("matmul", BM=bm, BN=bn, BK=bk, STAGES=stages), a, b, c)
                c.zero_()
                launch()
                check(f"matmul {bm}x{bn}x{bk}, {stages} stages", c, want, 1e-2)
                return launch
            return make

        def theirs(bm, bn, bk, warps, stages):
            grid = (triton.cdiv(size, bm) * triton.cdiv(size, bn),)
            return lambda: lambda: triton_matmul[grid](a, b, c, size, size, size, bm, bn, bk, 8, num_warps=warps, num_stages=stages)

        name, launch, times = best([(f"{m}x{n}x{k}, {s} stages", ours(m, n, k, s)) for m, n, k, s in TILES], quiet=False)
        for key, value in sorted(times.items(), key=lambda item: item[1])[:8]:
            print(f"    {key}: {2e-9 * size**3 / value:.1f} TFLOP/s")
        peer, triton_launch, _ = best([(f"Triton {m}x{n}x{k}, {w} warps, {s} stages", theirs(m, n, k, w, s))
                                       for m, n, k, w, s in ((128, 256, 64, 8, 3), (128, 256, 64, 8, 4), (128, 128, 64, 4, 4))])
        table.race(f"bf16 matmul {size}^3, {name}", launch, {"cuBLAS": lambda: torch.matmul(a, b, out=c), peer: triton_launch},
                   2e-9 * size**3, "TFLOP/s")
        chosen = program.kernel("matmul").prepare(a, b, c)
        values = ", ".join(f"{key}={value}" for key, value in chosen.report_data()["parameters"].items())
        table.race(f"bf16 matmul {size}^3, auto: {values}", chosen.bind(a, b, c), {f"tile {name}": launch}, 2e-9 * size**3, "TFLOP/s")


def stages(table):
    """One tile, every stage count: what pipelining brings."""
    program = source("06-matmul", "matmul")
    for size in (4096, 8192):
        a, b, c = matrices(size)
        launches = {}
        for count in range(1, 7):
            try:
                launches[f"{count} stages"] = launcher(program.kernel("matmul", BM=128, BN=128, BK=32, STAGES=count), a, b, c)
            except tile.TileError as error:
                print(f"  {count} stages: {str(error).splitlines()[0]}")
        one = launches.pop("1 stages")
        for name, launch in launches.items():
            table.race(f"bf16 matmul {size}^3, 128x128x32, {name}", launch, {"1 stage": one}, 2e-9 * size**3, "TFLOP/s")


ROWS = ((16384, 1024), (16384, 4096), (8192, 16384))


def softmax(table):
    for m, n in ROWS:
        x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
        y, z = torch.empty_like(x), torch.empty_like(x)
        ours = {}
        for kind, fast in (("strict", False), ("fast", True)):
            ours[kind] = launcher(source("02-softmax", "softmax", fast).kernel("softmax"), x, y)
            y.zero_()
            ours[kind]()
            check(f"softmax, {kind}", y, torch.softmax(x.double(), 1), 1e-2)

        def theirs(warps, count, programs):
            return lambda: lambda: triton_softmax[(programs,)](x, z, m, n, triton.next_power_of_2(n), count, num_warps=warps)

        peer, launch, _ = best([(f"Triton {w} warps, {s} stages, {p} programs", theirs(w, s, p))
                                for w in (4, 8, 16) for s in (1, 2, 4) for p in (132 * 2, 132 * 4, 132 * 8, m)])
        for kind in ours:
            table.race(f"softmax bf16 {m}x{n}, {kind}", ours[kind], {peer: launch, "torch": lambda: torch.softmax(x, 1)}, 4e-6 * m * n, "GB/s")


def layer_norm(table):
    program = source("05-layer-norm", "layer_norm")
    for m, n in ROWS:
        x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
        w, b = (torch.randn(n, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
        y, z = torch.empty_like(x), torch.empty_like(x)
        ours = launcher(program.kernel("layer_norm"), x, w, b, 1e-5, y)
        ours()
        check("layer norm", y, torch.nn.functional.layer_norm(x.double(), (n,), w.double(), b.double()), 1e-2)

        def theirs(warps):
            return lambda: lambda: triton_layer_norm[(m,)](x, w, b, z, n, 1e-5, triton.next_power_of_2(n), num_warps=warps)

        peer, launch, _ = best([(f"Triton {k} warps", theirs(k)) for k in (2, 4, 8, 16)])
        table.race(f"layer norm bf16 {m}x{n}", ours, {peer: launch, "torch": lambda: torch.nn.functional.layer_norm(x, (n,), w, b)},
                   4e-6 * m * n, "GB/s")


def row_sum(table):
    program = source("04-row-sum", "row_sum")
    for m, n in ROWS:
        x = torch.randn(m, n, device=DEVICE, dtype=torch.bfloat16)
        y, z = (torch.empty(m, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))

        def ours(rows, columns, count):
            def make():
                launch = launcher(program.kernel("row_sum", ROWS=rows, COLUMNS=columns, STAGES=count), x, y)
                launch()
                check("row sum", y, x.double().sum(1), 1e-2)
                return launch
            return make

        def theirs(warps, count, block):
            return lambda: lambda: triton_row_sum[(m,)](x, z, n, block, count, num_warps=warps)

        name, launch, _ = best([(f"{r}x{c}, {s} stages", ours(r, c, s))
                                for r, c in ((1, 4096), (1, 2048), (1, 1024), (1, 512), (2, 512), (4, 256)) if c <= n
                                for s in (1, 2, 3, 4)], quiet=False)
        peer, triton_launch, _ = best([(f"Triton {w} warps, {s} stages, {b} wide", theirs(w, s, b))
                                       for w in (2, 4, 8) for s in (1, 2, 3, 4, 5) for b in (512, 1024, 2048, 4096)])
        table.race(f"row sum bf16 {m}x{n}, {name}", launch, {peer: triton_launch, "torch": lambda: torch.sum(x, 1, dtype=torch.float32)},
                   2e-6 * m * n, "GB/s")


def add(table):
    n = 1 << 28
    program = source("01-vector-add", "vector_add")
    x, y = (torch.randn(n, device=DEVICE) for _ in range(2))
    z = torch.empty_like(x)

    def ours(block):
        def make():
            launch = launcher(program.kernel("vector_add", BLOCK=block), x, y, z)
            launch()
            if not torch.equal(z, x + y):
                raise SystemExit("add is WRONG")
            return launch
        return make

    def theirs(block, warps):
        return lambda: lambda: triton_add[(triton.cdiv(n, block),)](x, y, z, n, block, num_warps=warps)

    name, launch, _ = best([(f"{b} wide", ours(b)) for b in (256, 512, 1024, 2048)], quiet=False)
    peer, triton_launch, _ = best([(f"Triton {b} wide, {w} warps", theirs(b, w)) for b in (1024, 2048, 4096) for w in (4, 8)])
    table.race(f"add f32 2^28, {name}", launch, {peer: triton_launch, "torch": lambda: torch.add(x, y, out=z)}, 12e-6 * n, "GB/s")


def compiling(table):
    """Source to running, cold and from the disk cache, beside Triton's cold compile, all in this process."""
    a, b, c = matrices(512)
    text = (EXAMPLES / "06-matmul" / "matmul.tile").read_text()

    def ours(stage_count=None):
        torch.cuda.synchronize()
        start = time.perf_counter()
        given = {} if stage_count is None else {"BM": 128, "BN": 128, "BK": 32, "STAGES": stage_count}
        tile.Program(text, "matmul.tile").kernel("matmul", **given).launch(a, b, c)
        torch.cuda.synchronize()
        return 1e3 * (time.perf_counter() - start)

    def theirs(block):
        start = time.perf_counter()
        triton_matmul[(16,)](a, b, c, 512, 512, 512, 128, 128, block, 8, num_warps=4, num_stages=3)
        torch.cuda.synchronize()
        return 1e3 * (time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as folder:
        tile.set_cache(folder)
        theirs(16)
        ours(2)  # neither is charged for what a process does once
        tritons = [theirs(block) for block in (32, 64, 128)]
        cold = [ours(count) for count in (3, 4, 5)]
        warm = [ours(count) for count in (3, 4, 5)]
    tile.set_cache(enabled=False)
    a, b, c = matrices(4096)
    chosen = [ours() for _ in range(3)]
    for name, times in (("tile, cold", cold), ("tile, from the disk cache", warm), ("Triton, cold", tritons),
                        ("tile, cold, all parameters chosen", chosen)):
        print(f"matmul, source to running, {name}: {statistics.median(times):.1f} ms ({', '.join(f'{t:.1f}' for t in times)})")
    table.rows.append({"work": "compile", "cold": cold, "warm": warm, "triton": tritons, "chosen": chosen})


WORK = {"matmul": matmul, "stages": stages, "softmax": softmax, "layer_norm": layer_norm, "row_sum": row_sum, "add": add, "compile": compiling}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.manual_seed(0)
    tile.set_cache(enabled=False)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, Triton {triton.__version__}, {time.strftime('%Y-%m-%d')}")
    print(f"{'work':44} {'tile':>8} {'peer':>8} {'':8} {'ratio':>6} (low-high)  peer", flush=True)
    table = Table(options.rounds)
    for name in options.work or WORK:
        WORK[name](table)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(table.rows, indent=1))


if __name__ == "__main__":
    main()
