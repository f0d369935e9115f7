#!/usr/bin/env python3
"""How many stages? Runs tile-bench on twelve kernels and shapes, with every stage count and with the compiler's own choice, and prints
for each how fast which count is, how near to the best the choice comes, and how near the model's time to the measured one. The tables of
docs/pipelining.md are made by this.

    python3 stages.py [--tile-bench PATH] [--keep FOLDER] [--figures FOLDER] [--small] [matmul add row_sum softmax]

--keep writes what tile-bench says of each, as JSON, from which `tile-bench --from` makes a page; --figures the charts of throughput of
those pages, as pictures of their own. --small takes extents that a processor is through with at once. `--from FOLDER` measures nothing:
what --keep has written there is read again.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

EXAMPLES = pathlib.Path(__file__).resolve().parents[1]

# The kernel's source, and its small, medium and large shape.
WORK = {
    "matmul": ("06-matmul/matmul.tile", [(512, 512, 512), (2048, 2048, 2048), (8192, 8192, 8192)]),
    "add": ("09-stages/long_add.tile", [(1024, 1024), (4096, 4096), (8192, 8192)]),
    "row_sum": ("04-row-sum/row_sum.tile", [(1024, 1024), (8192, 4096), (8192, 16384)]),
    "softmax": ("03-long-softmax/long_softmax.tile", [(1024, 1024), (8192, 4096), (8192, 16384)]),
}


def shape_of(extents):
    return ",".join(f"{name}={extent}" for name, extent in zip("MNK", extents))


def measure(tool, work, extents, path):
    source, _ = WORK[work]
    command = [tool, str(EXAMPLES / source), "--shape", shape_of(extents), "--stages", "1..6,auto", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    # Where its files lie is nobody's business.
    path.write_text(path.read_text().replace(str(EXAMPLES), "examples"))
    return json.loads(path.read_text())


def draw(tool, data, path, folder):
    """The first chart of tile-bench's page, with as much of the page's style as it needs."""
    page = pathlib.Path(folder) / "page.html"
    subprocess.run([tool, "--from", str(data), "--report", str(page)], check=True, capture_output=True)
    text = page.read_text()
    chart = re.search(r'<svg class="chart".*?</svg>', text, re.DOTALL)
    if not chart:
        return
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    roots = re.findall(r"(?::root \{[^}]*\}|@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{[^}]*\} \})", style)
    rules = re.findall(r"(?:\.c\d \{[^}]*\}|\.chart [^{}]*\{[^}]*\})", style)
    picture = chart[0].replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" ', 1)
    style = "<style>" + "\n".join(roots + rules) + "</style>\n" + '<rect width="100%" height="100%" fill="var(--card)"/>\n'
    head, rest = picture.split(">\n", 1)
    path.write_text(head + ">\n" + style + rest + "\n")


def paired(row, best):
    """The median over the rounds of the best's time over a row's, in hundredths."""
    return 100 * statistics.median(b / a for a, b in zip(row["samples_ms"], best["samples_ms"]))


def line(work, extents, found):
    """A line of the table, and whether the choice and the model's time are good."""
    rows = [row for row in found["rows"] if row["status"] == "ok"]
    counts = {row["stages"]: row for row in rows if not row["auto"]}
    choice = next((row for row in rows if row["auto"]), None)
    best = min(counts.values(), key=lambda row: row["median_ms"])
    least = min(count for count, row in counts.items() if paired(row, best) >= 97)
    cells = [work, " × ".join(map(str, extents)), f"{1e3 * best['median_ms']:.1f}"]
    cells += [f"{paired(counts[count], best):.0f}" if count in counts else "–" for count in range(1, 7)]
    cells += [str(least), "–", "–", "–"]
    good = None
    if choice:
        ratio = paired(choice, best)
        predicted = choice["predicted_ms"] / choice["median_ms"]
        cells[-3:] = [str(choice["stages"]), f"{ratio:.0f}", f"{predicted:.2f}"]
        good = (ratio >= 95, 0.75 <= predicted <= 1.25)
    return "| " + " | ".join(cells) + " |", good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", choices=[[], *WORK], default=[])
    parser.add_argument("--tile-bench", default="tile-bench")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--figures", type=pathlib.Path)
    parser.add_argument("--from", type=pathlib.Path, dest="kept")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    for folder in (options.keep, options.figures):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    goods = []
    print("| work | shape | best, µs | 1 | 2 | 3 | 4 | 5 | 6 | knee | auto | its speed | predicted / measured |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for work in options.work or WORK:
            for extents in WORK[work][1]:
                if options.small:
                    extents = tuple(min(extent, 128) for extent in extents)
                name = f"{work}-{'x'.join(map(str, extents))}"
                path = (options.kept or options.keep or pathlib.Path(folder)) / f"{name}.json"
                found = json.loads(path.read_text()) if options.kept else measure(options.tile_bench, work, extents, path)
                text, good = line(work, extents, found)
                print(text, flush=True)
                if options.figures:
                    draw(options.tile_bench, path, options.figures / f"stages-{name}.svg", folder)
                goods.append(good or (False, False))
                if options.small:
                    break
    print(f"\nSpeeds are in hundredths of the best count's. The choice is within 5 of the best in {sum(a for a, _ in goods)} of {len(goods)}, "
          f"the predicted time within a quarter of the measured one in {sum(b for _, b in goods)}.")


if __name__ == "__main__":
    main()
