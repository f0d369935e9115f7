"""The tuner against exhaustive search on a product of bf16 matrices: tune.py [TILE_BENCH] [M,N,K ...].

Exhaustive search is tile-bench over all tiles and stages of examples/06-matmul; the tuner starts without anything remembered. Then both
bests run by turns. Printed are measurements, choices and seconds of both, and how fast the tuner's best is beside the other's.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "examples/06-matmul/matmul.tile"
SETS = {"BM": "64,128,256", "BN": "64,128,256", "BK": "32,64,128"}
NAMES = [*SETS, "STAGES"]
ROUNDS = 7


def bench(program, cache, folder, shape, *options):
    """What tile-bench writes as JSON."""
    result = os.path.join(folder, "result.json")
    shape = "M={},N={},K={}".format(*shape)
    command = [program, str(SOURCE), "--shape", shape, "--json", result, *options]
    subprocess.run(command, env={**os.environ, "TILE_CACHE": cache}, stdout=subprocess.DEVNULL, check=True)
    with open(result) as file:
        return json.load(file)


def given(row):
    return [f"{name}={row['parameters'][name]}" for name in NAMES]


def defined(words):
    return [part for word in words for part in ("-D", word)]


def compare(program, folder, shape):
    code, fresh = os.path.join(folder, "code"), os.path.join(folder, "fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    start = time.time()
    tuned = bench(program, fresh, folder, shape, "--tune", "120", "--rounds", str(ROUNDS))
    between = time.time()
    sets = [f"{name}={values}" for name, values in SETS.items()]
    every = bench(program, code, folder, shape, *defined(sets), "--stages", "1..6", "--rounds", str(ROUNDS))
    end = time.time()
    rows = sorted((row for row in every["rows"] if row["status"] == "ok"), key=lambda row: row["median_ms"])
    samples = sum(len(row["samples_ms"]) for row in rows)
    tuning = tuned["tuning"]
    best = tuned["rows"][tuning["best"]]
    print("product", " x ".join(map(str, shape)))
    print(f"  exhaustive: {len(rows)} choices, {samples} measurements, {end - between:.1f} s: {' '.join(given(rows[0]))}")
    print(f"  tuner: {tuning['measured']} choices, {tuning['measurements']} measurements, {between - start:.1f} s: {' '.join(given(best))}")
    share = tuning["measurements"] / samples
    if given(best) == given(rows[0]):
        print(f"  the same, with {share:.3f} of the measurements", flush=True)
        return
    turns = bench(program, code, folder, shape, *defined(given(rows[0])), "--compare", ",".join(given(best)), "--rounds", "21")["compare"]
    print(f"  the tuner's is {1 / turns['ratio']:.4f} ({1 / turns['high']:.4f}-{1 / turns['low']:.4f}) times as fast, "
          f"with {share:.3f} of the measurements", flush=True)


def main(words):
    program = next((word for word in words if not word[0].isdigit()), "tile-bench")
    shapes = [tuple(map(int, word.split(","))) for word in words if word[0].isdigit()]
    with tempfile.TemporaryDirectory() as folder:
        for shape in shapes or [(4096, 4096, 4096), (2048, 2048, 2048), (1024, 14336, 4096)]:
            compare(program, folder, shape)


if __name__ == "__main__":
    main(sys.argv[1:])
