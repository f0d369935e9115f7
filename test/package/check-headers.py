"""Compiles each header of a folder by itself, those for C as C too, and looks at what it includes."""

import pathlib
import re
import subprocess
import sys

FOREIGN = re.compile(r"/(llvm|llvm-c|mlir|mlir-c|clang|cuda\w*|nv\w+)[/.-]")

include = pathlib.Path(sys.argv[1])
headers = sorted(include.rglob("*.h"))
failed = not headers or not (include / "tile-c" / "tile.h").exists()
CXX = ["g++", "-std=c++20", "-x", "c++"]
C = ["gcc", "-std=c99", "-pedantic", "-x", "c"]
for header in headers:
    name = header.relative_to(include)
    for compiler in [CXX, C] if name.parts[0] == "tile-c" else [CXX]:
        result = subprocess.run(
            [*compiler, "-Wall", "-Wextra", "-Werror", "-I", include, "-fsyntax-only", "-H", "-"],
            input=f"#include <{name}>\n", capture_output=True, text=True)
        lines = result.stderr.splitlines()
        foreign = [line for line in lines if line.startswith(".") and FOREIGN.search(line.replace(str(include), ""))]
        if result.returncode or foreign:
            failed = True
            print(f"{name}:", *(foreign or lines), sep="\n  ")
if any(path.is_dir() for path in (include / "tile").iterdir()):
    failed = True
    print("internal folders are installed:", *[path for path in (include / "tile").iterdir() if path.is_dir()])
print(f"{len(headers)} headers")
sys.exit(1 if failed else 0)
