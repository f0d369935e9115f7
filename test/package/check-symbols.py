"""Fails when a library shows something that is no public symbol, misses a function of the C API, or imports what it must not.

Other libraries of a process may have an LLVM of their own. Nothing is shared with it when neither sees the other's symbols: nothing
of LLVM is exported, and a library with LLVM inside imports nothing of it.
"""

import pathlib
import re
import subprocess
import sys

library, header, portable = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] == "ON"
# The C++ API, the C API, and the tools' entry points.
PUBLIC = re.compile(r"_ZNK?4tile|_ZT[ISV]N4tile|tile[A-Z]\w*$|tilec?_(\w+_)?main$")
# The compiler's own namespaces.
INSIDE = re.compile(r"_Z\w*N4tile(2ir|4lang|6layout|8pipeline|7runtime|3cpu|5nvptx|8numerics|9placement|6driver|4capi)\d*\D")
FOREIGN = re.compile(r"_Z\w*N?K?(4llvm|4mlir)|LLVM|llvm_|mlir|cu[A-Z]|nv[A-Z]")


def symbols(kind):
    output = subprocess.run(["llvm-nm", "--dynamic", kind, library], capture_output=True, text=True, check=True).stdout
    return [line.split()[-1].split("@")[0] for line in output.splitlines()]


shown, taken = symbols("--defined-only"), symbols("--undefined-only")
wrong = [f"shown: {name}" for name in shown if not PUBLIC.match(name) or INSIDE.match(name) or FOREIGN.match(name)]
declared = re.findall(r"^TILE_API\b[^;(]*?\b(tile\w+)\(", header.read_text(), flags=re.M)
wrong += [f"declared and not shown: {name}" for name in declared if name not in shown]
wrong += [f"shown and not declared: {name}" for name in shown if re.match("tile[A-Z]", name) and name not in declared]
if portable:
    wrong += [f"imported: {name}" for name in taken if FOREIGN.match(name)]
print(*wrong, f"{len(shown)} symbols, {len(declared)} of them for C, {len(wrong)} wrong", sep="\n")
sys.exit(1 if wrong or not declared else 0)
