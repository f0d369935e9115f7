#!/usr/bin/env python3
r"""Times the matrix products of this project beside cuBLAS and Triton on a GPU with tensor copies (sm_90), as gpu.py does.

    PYTHONPATH=<package>/python python3 test/bench/matmul.py [square half tf32 f8 shapes gelu stages] [--rounds N] [--json FILE] [--sweep]

The peer of `square` is the faster of cuBLAS and Triton, whose persistent kernel with tensor descriptors is tried beside its plain one.
With --sweep each work first tries many tiles and prints how fast they are; without, the compiler chooses.
"""

import argparse
import json
import math
import pathlib
import statistics
import time

import torch
import triton
import triton.language as tl
from triton.tools.tensor_descriptor import TensorDescriptor

import tile
from gpu import DEVICE, Table, best, check, launcher, quick, source, triton_matmul

F8 = torch.float8_e4m3fn

# Their output has an element type of its own.
TYPED = """
kernel product<BM: int in {64, 128, 256} = auto, BN: int in {64, 128, 256} = auto, BK: int in {16, 32, 64, 128} = auto,
               STAGES: int in 1..=6 = auto>
    (a: T[M, K], b: T[K, N], c: out U[M, N])
    grid (cdiv(M, BM), cdiv(N, BN))
{
    let m = program(0) * BM, n = program(1) * BN;
    var acc = f32[BM, BN](0);
    for k in 0..K step BK, stages = STAGES {
        acc += dot(a[m +: BM, k +: BK], b[k +: BK, n +: BN]PRECISION);
    }
    c[m +: BM, n +: BN] = U(acc);
}
"""


@triton.jit
def triton_persistent(a, b, c, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr,
                      WORKERS: tl.constexpr, FLAT: tl.constexpr, HALVES: tl.constexpr):
    """B is given transposed: its rows are columns of the product."""
    rows = tl.cdiv(M, BM)
    columns = tl.cdiv(N, BN)
    for block in tl.range(tl.program_id(0), rows * columns, WORKERS, flatten=FLAT):
        first = block // (GROUP * columns) * GROUP
        size = min(rows - first, GROUP)
        m = (first + block % (GROUP * columns) % size) * BM
        n = block % (GROUP * columns) // size * BN
        total = tl.zeros((BM, BN), tl.float32)
        for k in range(0, K, BK):
            total = tl.dot(a.load([m, k]), b.load([n, k]).T, total)
        if HALVES:
            left, right = tl.split(tl.permute(tl.reshape(total, (BM, 2, BN // 2)), (0, 2, 1)))
            c.store([m, n], left.to(c.dtype))
            c.store([m, n + BN // 2], right.to(c.dtype))
        else:
            c.store([m, n], total.to(c.dtype))


def triton_best(a, b, b_transposed, c):
    """Triton's fastest for a product of 16-bit matrices."""
    (m, k), n = a.shape, b.shape[1]

    def plain(bm, bn, bk, warps, stages):
        grid = (triton.cdiv(m, bm) * triton.cdiv(n, bn),)
        return lambda: lambda: triton_matmul[grid](a, b, c, m, n, k, bm, bn, bk, 8, num_warps=warps, num_stages=stages)

    def persistent(bm, bn, bk, warps, stages, flat, halves):
        def make():
            maps = [TensorDescriptor.from_tensor(x, list(shape)) for x, shape in
                    ((a, (bm, bk)), (b_transposed, (bn, bk)), (c, (bm, bn // 2 if halves else bn)))]
            return lambda: triton_persistent[(132,)](*maps, m, n, k, bm, bn, bk, 8, 132, flat, halves, num_warps=warps, num_stages=stages)
        return make

    contestants = [(f"Triton {x}x{y}x{z}, {s} stages", plain(x, y, z, w, s)) for x, y, z, w, s in ((128, 256, 64, 8, 3), (128, 256, 64, 8, 4), (128, 128, 64, 4, 4))]
    contestants += [(f"Triton persistent {x}x{y}x{z}, {s} stages{', flat' * f}{', halves' * h}", persistent(x, y, z, w, s, f, h))
                    for x, y, z, w in ((128, 256, 64, 8), (128, 128, 64, 4)) for s in (3, 4) for f in (False, True) for h in (False, True)]
    name, launch, _ = best(contestants)
    return name, launch


TILES = [(128, 256, 64, s) for s in (3, 4)] + [(128, 256, 32, s) for s in (5, 6)] + [(256, 128, 64, s) for s in (3, 4)] + [
    (256, 128, 32, 6)] + [(128, 128, 64, s) for s in (4, 5, 6)] + [(128, 128, 128, 3)] + [
    (64, 256, 64, s) for s in (4, 5)] + [(64, 128, 64, s) for s in (5, 6)] + [(64, 128, 128, 4), (128, 64, 64, 6), (64, 64, 64, 6)]


def contest(table, work, kernel_of, arguments, out, want, peers, amount, options, tolerance=1e-2, scale=1):
    """Races what the compiler chooses, and what a sweep finds, against the peers."""
    prepared = kernel_of({}).prepare(*arguments)
    out.zero_()
    chosen = prepared.bind(*arguments)
    chosen()
    check(work, out, want, tolerance)
    values = prepared.report_data()["parameters"]
    name = "x".join(str(values[key]) for key in ("BM", "BN", "BK")) + f", {values['STAGES']}"
    table.race(f"{work}, auto: {name}", chosen, peers, amount, "TFLOP/s")
    if not options.sweep:
        return

    def ours(bm, bn, bk, stages):
        def make():
            launch = launcher(kernel_of({"BM": bm, "BN": bn, "BK": int(bk / scale), "STAGES": stages}), *arguments)
            out.zero_()
            launch()
            check(f"{work} {bm}x{bn}x{int(bk / scale)}, {stages} stages", out, want, tolerance)
            return launch
        return make

    name, launch, times = best([(f"{m}x{n}x{int(k / scale)}, {s} stages", ours(m, n, k, s)) for m, n, k, s in TILES], quiet=False)
    times["auto"] = quick(chosen)
    table.sweeps[work] = {key: amount / value for key, value in times.items()}
    print("    " + "; ".join(f"{key} {amount / value:.0f}" for key, value in sorted(times.items(), key=lambda item: item[1])), flush=True)
    table.race(f"{work}, {name}", launch, peers, amount, "TFLOP/s")


def operands(m, n, k, dtype):
    a, b = torch.randn(m, k, device=DEVICE, dtype=dtype), torch.randn(k, n, device=DEVICE, dtype=dtype)
    return a, b, torch.empty(m, n, device=DEVICE, dtype=dtype)


def of(program, name):
    return lambda parameters: program.kernel(name, **parameters)


def square(table, options):
    program = source("06-matmul", "matmul")
    for size in (4096, 8192):
        a, b, c = operands(size, size, size, torch.bfloat16)
        transposed = b.T.contiguous()
        want = torch.matmul(a, b)
        peer, launch = triton_best(a, b, transposed, c)
        for kind, right in (("B by rows", b), ("B transposed", transposed.T)):
            contest(table, f"bf16 {size}^3, {kind}", of(program, "matmul"), (a, right, c), c, want,
                    {"cuBLAS": lambda right=right: torch.matmul(a, right, out=c), peer: launch}, 2e-9 * size**3, options)


def half(table, options):
    program = source("06-matmul", "matmul")
    for size in (4096, 8192):
        a, b, c = operands(size, size, size, torch.float16)
        contest(table, f"f16 {size}^3", of(program, "matmul"), (a, b, c), c, torch.matmul(a, b), {"cuBLAS": lambda: torch.matmul(a, b, out=c)}, 2e-9 * size**3, options)


def tf32(table, options):
    size = 8192
    a, b, c = operands(size, size, size, torch.float32)
    right = b.T.contiguous().T
    torch.backends.cuda.matmul.allow_tf32 = True
    contest(table, f"tf32 {size}^3, B transposed", of(tile.Program(TYPED.replace("PRECISION", ", precision = tf32"), "product.tile"), "product"), (a, right, c), c,
            torch.matmul(a, right), {"cuBLAS": lambda: torch.matmul(a, right, out=c)}, 2e-9 * size**3, options, scale=2)


def f8(table, options):
    size = 8192
    a, b = (torch.randn(size, size, device=DEVICE).to(F8) for _ in range(2))
    right, one = b.T, torch.ones((), device=DEVICE)
    c = torch.empty(size, size, device=DEVICE, dtype=torch.bfloat16)
    contest(table, f"e4m3 {size}^3, B transposed", of(tile.Program(TYPED.replace("PRECISION", ""), "product.tile"), "product"), (a, right, c), c,
            torch._scaled_mm(a, right, one, one, out_dtype=torch.bfloat16),
            {"cuBLAS": lambda: torch._scaled_mm(a, right, one, one, out_dtype=torch.bfloat16, out=c),
             "cuBLAS, fast accumulation": lambda: torch._scaled_mm(a, right, one, one, out_dtype=torch.bfloat16, use_fast_accum=True, out=c)}, 2e-9 * size**3, options, scale=0.5)


SHAPES = [(m, n, k) for m in (1024, 4096) for n, k in ((4096, 4096), (11008, 4096), (4096, 11008), (14336, 4096))] + [
    (1024, 1024, 1024), (2048, 2048, 2048), (16384, 16384, 16384), (8192, 8192, 512), (8192, 8192, 16384)]


def shapes(table, options):
    program = source("06-matmul", "matmul")
    first = len(table.rows)
    for m, n, k in SHAPES:
        a, b, c = operands(m, n, k, torch.bfloat16)
        contest(table, f"bf16 {m}x{n}x{k}", of(program, "matmul"), (a, b, c), c, torch.matmul(a, b), {"cuBLAS": lambda: torch.matmul(a, b, out=c)}, 2e-9 * m * n * k, options)
    for kind, keep in (("auto", lambda row: ", auto:" in row["work"]), ("best of the sweep", lambda row: ", auto:" not in row["work"])):
        ratios = [row["ratio"] for row in table.rows[first:] if keep(row)]
        if ratios:
            print(f"{len(ratios)} shapes, {kind}: geometric mean {math.exp(statistics.fmean(map(math.log, ratios))):.3f}, least {min(ratios):.3f}", flush=True)


def gelu(table, options):
    size = 4096
    a, b, c = operands(size, size, size, torch.bfloat16)
    bias = torch.randn(size, device=DEVICE, dtype=torch.bfloat16)
    plain = launcher(source("06-matmul", "matmul").kernel("matmul"), a, b, c)
    want = torch.nn.functional.gelu(torch.matmul(a.float(), b.float()) + bias.float())
    for kind, fast in (("strict", False), ("fast", True)):
        contest(table, f"bf16 {size}^3 + bias + gelu, {kind}", of(source("07-matmul-gelu", "matmul_gelu", fast), "matmul_gelu"), (a, b, bias, c), c, want,
                {"the plain matmul": plain}, 2e-9 * size**3, options)


def stages(table, options):
    size = 8192
    program = source("06-matmul", "matmul")
    a, b, c = operands(size, size, size, torch.bfloat16)
    want = torch.matmul(a, b)
    launches = {}
    for count in range(1, 7):
        for bm, bn, bk in ((128, 256, 64), (128, 128, 64)):
            try:
                launch = launcher(program.kernel("matmul", BM=bm, BN=bn, BK=bk, STAGES=count), a, b, c)
                launch()
                check(f"{count} stages", c, want, 1e-2)
                launches[f"{bm}x{bn}x{bk}, {count} stages"] = launch
            except tile.TileError as error:
                print(f"  {bm}x{bn}x{bk}, {count} stages: {str(error).splitlines()[0]}")
    auto = launcher(program.kernel("matmul"), a, b, c)
    for name, launch in launches.items():
        table.race(f"bf16 {size}^3, {name}", launch, {"auto": auto}, 2e-9 * size**3, "TFLOP/s")


WORK = {"square": square, "half": half, "tf32": tf32, "f8": f8, "shapes": shapes, "gelu": gelu, "stages": stages}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.manual_seed(0)
    tile.set_cache(enabled=False)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, Triton {triton.__version__}, {time.strftime('%Y-%m-%d')}")
    table = Table(options.rounds)
    table.sweeps = {}
    for name in options.work or WORK:
        WORK[name](table, options)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"rows": table.rows, "sweeps": table.sweeps}, indent=1))


if __name__ == "__main__":
    main()
