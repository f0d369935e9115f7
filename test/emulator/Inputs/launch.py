"""Launches a kernel of the examples once on the emulated GPU, which says what its accesses took: launch.py KERNEL [NAME=VALUE...]."""

import os
import random
import struct
import sys

import tile

DEVICE = tile.Device("cuda")
EXAMPLES = os.environ["TILE_EXAMPLES"]


def tensor(*shape):
    """A tensor of bf16 with random numbers, and nothing that a kernel would treat in some way of its own."""
    count = 1
    for extent in shape:
        count *= extent
    buffer = tile.Buffer(DEVICE, 2 * count)
    buffer.upload(b"".join(struct.pack("<f", random.gauss(0, 1))[2:] for _ in range(count)))
    return buffer.tensor("bf16", shape)


def filled(dtype, shape, data):
    """A tensor of another type."""
    buffer = tile.Buffer(DEVICE, len(data))
    buffer.upload(data)
    return buffer.tensor(dtype, shape)


def transposed(matrix):
    rows, columns = matrix.shape
    return tile.Tensor(matrix.data, "bf16", (columns, rows), (1, columns), device=DEVICE.name, owner=matrix)


def askew(rows, columns):
    """A matrix whose rows start at no multiple of 16 bytes."""
    whole = tensor(rows, columns + 4)
    return tile.Tensor(whole.data, "bf16", (rows, columns), (columns + 4, 1), device=DEVICE.name, owner=whole)


ARGUMENTS = {
    "matmul": ("06-matmul", lambda: (tensor(256, 128), tensor(128, 256), tensor(256, 256))),
    "matmul_gelu": ("07-matmul-gelu", lambda: (tensor(512, 128), tensor(128, 256), tensor(256), tensor(512, 256))),
    "matmul-transposed": ("06-matmul", lambda: (transposed(tensor(128, 256)), transposed(tensor(256, 128)), tensor(256, 256))),
    "matmul-askew": ("06-matmul", lambda: (askew(256, 128), tensor(128, 256), tensor(256, 256))),
    "dequantised": ("operands", lambda: (filled("i8", (256, 128), random.randbytes(256 * 128)), filled("f32", (256,), struct.pack("<256f", *[0.5] * 256)), tensor(128, 256), tensor(256, 256))),
    "summed": ("operands", lambda: (tensor(256, 128), tensor(128, 256), tensor(256, 256))),
    "softmax": ("02-softmax", lambda: (tensor(4, 4096), tensor(4, 4096))),
    "layer_norm": ("05-layer-norm", lambda: (tensor(4, 4096), tensor(4096), tensor(4096), 1e-5, tensor(4, 4096))),
    "row_sum": ("04-row-sum", lambda: (tensor(64, 512), tensor(64))),
}


def main():
    random.seed(1)
    tile.set_cache(enabled=False)
    folder, arguments = ARGUMENTS[sys.argv[1]]
    name = sys.argv[1].split("-")[0]
    parameters = {key: int(value) for key, value in (text.split("=") for text in sys.argv[2:])}
    program = tile.Program.from_file(os.environ["TILE_OPERANDS"] if folder == "operands" else os.path.join(EXAMPLES, folder, name + ".tile"))
    stream, given = tile.Stream(DEVICE), arguments()
    program.kernel(name, **parameters).launch(*given, stream=stream)
    stream.synchronize()


main()
