# The lit suite: FileCheck tests beside the folders of lib/ that they test.
#
# A test says `// RUN: tile-opt %s … | FileCheck %s`; the tools of this build and LLVM's are on the PATH. Also:
#   %examples   the examples' folder              %source   the repository
#   %build      the build tree                    %python   the interpreter that runs lit
#   %portable   ON when LLVM is inside libtile.so
# Features for REQUIRES: `x86_64` (the machine), `ptxas` (NVIDIA's assembler is on the PATH), `browser` (a Chromium is, as %browser),
# `shell` is always there.
import os
import platform
import shutil
import sys

import lit.formats

config.name = "tile"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".tile", ".test", ".td"]
# Folders with suites or data of their own.
config.excludes = ["unit", "run", "bench", "style", "Inputs", "consumer", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.tile_build_dir, "test")

path = [config.tile_tools_dir, config.llvm_tools_dir, os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(path)

for name, value in [
    ("%examples", os.path.join(config.tile_source_dir, "examples")),
    ("%source", config.tile_source_dir),
    ("%build", config.tile_build_dir),
    ("%python", sys.executable),
    ("%portable", config.tile_portable),
]:
    config.substitutions.append((name, value))

config.available_features.add(platform.machine())
browser = next(filter(None, map(shutil.which, ["chromium", "google-chrome", "chromium-browser"])), None)
if browser:
    config.available_features.add("browser")
    config.substitutions.append(("%browser", browser))
if shutil.which("ptxas"):
    config.available_features.add("ptxas")
