"""tile: kernels on tiles of arrays, compiled when they are needed.

A thin layer over the library's C API; it has no compiled part and needs nothing but Python.

    import tile

    program = tile.Program.from_file("matmul.tile")
    matmul = program.kernel("matmul", BM=128, STAGES=3)
    matmul.launch(a, b, c)                  # numpy arrays, torch tensors, whatever has __dlpack__
    print(matmul.prepare(a, b, c).report())

Objects hold on to what they need, and may be used from several threads at once. `close()` or `with` frees one early.
"""

from ._library import Diagnostic, TileError, library_path, load_library, version
from ._arguments import Tensor
from ._runtime import Buffer, Call, Device, Kernel, Prepared, Program, Stream
from ._runtime import cache_folder, cuda_device_count, set_cache, set_cuda_driver

__version__ = "0.1.0"

__all__ = [
    "Buffer",
    "Call",
    "Device",
    "Diagnostic",
    "Kernel",
    "Prepared",
    "Program",
    "Stream",
    "Tensor",
    "TileError",
    "cache_folder",
    "cuda_device_count",
    "library_path",
    "load_library",
    "set_cache",
    "set_cuda_driver",
    "version",
]
