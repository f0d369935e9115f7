"""Runs hand-written kernels of sm_90a on the emulated GPU and compares what they give with what is computed here: hopper.py matmul,
hopper.py loads, hopper.py stores, hopper.py products, hopper.py maps, hopper.py cluster; askew, before and above
are stores that fail."""

import math
import random
import struct
import sys

import kernels
from driver import Buffer, Failed, begin, bf16, encode, expect, launch, tensor_map


def swizzled(address, span):
    return address ^ (address >> 7 & (span // 16 - 1)) << 4 if span else address


def box_places(extents, strides, size, box, at, span):
    """Pairs of a byte's place in shared memory and in the tensor, which is None outside of it."""
    row = box[0] * size
    places = []
    for number in range(math.prod(box[1:])):
        index, rest = [], number
        for extent in box[1:]:
            index.append(rest % extent)
            rest //= extent
        position = [a + i for a, i in zip(at[1:], index)]
        inside = all(0 <= p < e for p, e in zip(position, extents[1:]))
        start = sum(p * s for p, s in zip(position, strides))
        for byte in range(row):
            column = at[0] + byte // size
            there = inside and 0 <= column < extents[0]
            places.append((swizzled(number * row + byte, span), start + column * size + byte % size if there else None))
    return places


# Extents and byte strides of tensors, box, type, span.
COPIES = [
    ([1000], [], [256], "f32", 0, [0, 900, -100]),
    ([100, 60], [208], [32, 64], "bf16", 64, [0, 8, 88, -8]),
    ([100, 60], [208], [64, 32], "bf16", 128, [0, 64, -8, 48]),
    ([70, 60], [80], [32, 128], "u8", 32, [0, -16, 48]),
    ([70, 60, 9], [160, 9600], [16, 32, 4], "bf16", 0, [0, 8, -16, 56]),
    ([40, 10, 9, 3], [160, 1600, 14400], [32, 4, 4, 2], "f32", 128, [0, 20, -4]),
    ([40, 6, 5, 4, 3], [160, 960, 4800, 19200], [8, 4, 4, 4, 2], "f32", 32, [0, 4, -4, 36]),
]


def copy_box(extents, strides, box, kind, span, first, loads):
    size = {"u8": 1, "bf16": 2, "f32": 4}[kind]
    if not loads:
        # What is stored to ends with whole pieces of 16 bytes.
        extents = [extents[0] * size // 16 * 16 // size, *extents[1:]]
    rest = len(extents) - 1
    whole = (strides[-1] * extents[-1] if rest else extents[0] * size)
    box_bytes = math.prod(box) * size
    for start in first:
        at = [start] + [random.randrange(-2, 3) for _ in range(rest)]
        if not loads:
            at = [abs(place) for place in at]
        source = bytearray(random.randrange(256) for _ in range(whole))
        shared = bytearray(random.randrange(256) for _ in range(box_bytes))
        memory, other = Buffer(source), Buffer(shared)
        the_map = tensor_map(memory, kind, extents, strides, box, span)
        for here, there in box_places(extents, strides, size, box, at, span):
            if loads:
                shared[here] = source[there] if there is not None else 0
            elif there is not None:
                source[there] = shared[here]
        parameters = [the_map, other.word()] + [struct.pack("<i", c) for c in at]
        launch(kernels.box_copy(len(extents), loads, box_bytes), "copy", 1, 128, box_bytes + 8, parameters)
        expect((other if loads else memory).read() == bytes(shared if loads else source),
               f"{'load' if loads else 'store'} of {box} at {at} from {extents}, {kind}, span {span}")


def store_at(*at):
    """A store that a chip takes for an illegal instruction, for where it starts."""
    memory, shared = Buffer(bytes(70 * 208)), Buffer(bytes(32 * 128))
    the_map = tensor_map(memory, "bf16", [64, 60], [208], [64, 32], 128)
    parameters = [the_map, shared.word()] + [struct.pack("<i", c) for c in at]
    launch(kernels.box_copy(2, False, 32 * 128), "copy", 1, 128, 32 * 128 + 8, parameters)


def copies(loads):
    for one in COPIES:
        copy_box(*one, loads)


def place(row, k, size, span, transposed, leading, stride):
    """Where an element of an operand lies, without the swizzle."""
    pitch, inside = max(span, 16), 16 // size
    if not transposed:
        piece = k // inside
        return row % 8 * pitch + row // 8 * stride + k % inside * size + (piece * 16 if span else piece * leading)
    piece = row // inside
    if span:
        return (piece % (span // 16) * 16 + piece // (span // 16) * leading + k % 8 * span + k // 8 * stride
                + row % inside * size)
    return piece * stride + k // 8 * leading + k % 8 * 16 + row % inside * size


def operand(image, base, matrix, kind, span, transposed):
    """Writes a matrix to an image of shared memory; its descriptor."""
    size, rows, depth = len(encode(0, kind)), len(matrix), len(matrix[0])
    if not transposed:
        leading, stride = (0, 8 * span) if span else (rows * 16, 128)
    elif span:
        leading, stride = 8 * span * (depth // 8), 8 * span
    else:
        leading, stride = 128, 128 * (depth // 8)
    for row in range(rows):
        for k in range(depth):
            at = swizzled(base + place(row, k, size, span, transposed, leading, stride), span)
            image[at:at + size] = encode(matrix[row][k], kind)
    return base >> 4 | leading >> 4 << 16 | stride >> 4 << 32 | {0: 0, 128: 1, 64: 2, 32: 3}[span] << 62


def product(columns, to, a, b, in_registers=False, ta=0, tb=0, span_a=128, span_b=128, signs=(1, 1)):
    size = len(encode(0, a))
    depth = 32 // size
    low = 0 if "u8" in (a, b) else -3
    left = [[random.randrange(low, 4) for _ in range(depth)] for _ in range(64)]
    right = [[random.randrange(low, 4) for _ in range(depth)] for _ in range(columns)]
    image = bytearray(49152)
    first = operand(image, 0, left, a, span_a, ta)
    second = operand(image, 16384, right, b, span_b, tb)
    fragments = bytearray(128 * 16)
    inside = 4 // size
    for row in range(64):
        for k in range(depth):
            half = 4 * inside
            thread = row // 16 * 32 + row % 8 * 4 + k % half // inside
            at = thread * 16 + (row // 8 % 2 + 2 * (k // half)) * 4 + k % inside * size
            fragments[at:at + size] = encode(left[row][k], a)
    count = columns // (4 if to == "f16" else 2)
    memory, given, sums = Buffer(image), Buffer(fragments), Buffer(bytes(128 * count * 4))
    ptx = kernels.product(columns, depth, to, a, b, in_registers, ta, tb, *signs)
    launch(ptx, "product", 1, 128, 49152,
           [memory.word(), given.word(), sums.word(), struct.pack("<Q", first), struct.pack("<Q", second)])
    got = sums.read()
    for row in range(64):
        for column in range(columns):
            i = column // 8 * 4 + row // 8 % 2 * 2 + column % 2
            thread = row // 16 * 32 + row % 8 * 4 + column % 8 // 2
            at = thread * count * 4 + i * (2 if to == "f16" else 4)
            value = struct.unpack_from({"f16": "<e", "f32": "<f", "s32": "<i"}[to], got, at)[0]
            wanted = 2 * signs[0] * signs[1] * sum(x * y for x, y in zip(left[row], right[column]))
            expect(value == wanted, f"m64n{columns}k{depth} {to} {a} {b}, registers {in_registers}, "
                                    f"transposed {ta} {tb}, spans {span_a} {span_b}: {value} for {wanted}")


def products():
    for columns in (8, 64, 136, 256):
        product(columns, "f32", "bf16", "bf16")
    for span in (0, 32, 64, 128):
        for ta in (0, 1):
            for tb in (0, 1):
                product(128, "f32", "f16", "f16", ta=ta, tb=tb, span_a=span, span_b=span)
        product(64, "f32", "tf32", "tf32", span_a=span, span_b=span)
        product(64, "f32", "e4m3", "e5m2", span_a=span, span_b=span)
    for a in ("e4m3", "e5m2"):
        for b in ("e4m3", "e5m2"):
            product(24, "f32", a, b)
            product(24, "f16", a, b, in_registers=True)
    product(64, "f16", "f16", "f16", tb=1, span_b=64)
    product(64, "f32", "bf16", "bf16", in_registers=True, tb=1, signs=(1, -1))
    product(64, "f32", "tf32", "tf32", in_registers=True, signs=(-1, 1))
    for a in ("s8", "u8"):
        for b in ("s8", "u8"):
            product(48, "s32", a, b)
    product(32, "s32", "u8", "s8", in_registers=True)


def maps():
    memory = Buffer(bytes(65536))

    def refused(**given):
        request = dict(kind="bf16", extents=[64, 64], strides=[128], box=[64, 64], swizzle=128)
        request.update(given)
        try:
            tensor_map(memory, **request)
        except Failed:
            return
        expect(False, f"a map was made of {given}")

    tensor_map(memory, "bf16", [64, 64], [128], [64, 64], 128)
    tensor_map(memory, "u8", [1 << 32, 64], [(1 << 40) - 16], [16, 256], 32)
    refused(extents=[64] * 6, strides=[128] * 5, box=[8] * 6)
    refused(offset=8)
    refused(strides=[136])
    refused(strides=[1 << 40])
    refused(extents=[64, 0])
    refused(extents=[64, (1 << 32) + 1])
    refused(box=[64, 257])
    refused(box=[64, 0])
    refused(box=[12, 64])
    refused(box=[128, 64])
    refused(box=[64, 64], swizzle=64)
    refused(steps=[1, 0])
    refused(interleave=3)


def matmul():
    """256 x 192 by 192 x 128 in four tiles, by two blocks."""
    rows, columns, depth = 256, 128, 192
    left = [[random.randrange(-3, 4) for _ in range(depth)] for _ in range(rows)]
    right = [[random.randrange(-3, 4) for _ in range(depth)] for _ in range(columns)]
    a = Buffer(b"".join(encode(x, "bf16") for row in left for x in row))
    b = Buffer(b"".join(encode(x, "bf16") for row in right for x in row))
    c = Buffer(bytes(2 * rows * columns))
    word = lambda value: struct.pack("<I", value)
    launch(kernels.matmul(), "matmul", 2, 384, kernels.MATMUL_SHARED, [
        tensor_map(a, "bf16", [depth, rows], [2 * depth], [64, 128], 128),
        tensor_map(b, "bf16", [depth, columns], [2 * depth], [64, 64], 128),
        tensor_map(c, "bf16", [columns, rows], [2 * columns], [64, 64], 128),
        word(columns // 64), word(rows // 128 * columns // 64), word(depth // 64)])
    got = struct.unpack(f"<{rows * columns}H", c.read())
    for row in range(rows):
        for column in range(columns):
            wanted = bf16(sum(x * y for x, y in zip(left[row], right[column])))
            expect(got[row * columns + column] == wanted, f"row {row}, column {column}")


def cluster():
    """Both blocks of both clusters see all of the box."""
    memory, seen = Buffer(bytes(random.randrange(256) for _ in range(4096))), Buffer(bytes(4 * 2048))
    the_map = tensor_map(memory, "u8", [128, 32], [128], [128, 16])
    launch(kernels.cluster(), "cluster", 4, 128, 4112, [the_map, seen.word()], (2, 1, 1))
    source = memory.read()
    for block in range(4):
        for thread in range(128):
            words = list(struct.unpack_from("<4I", source, 32 * thread))
            words[0] = (words[0] + block % 2) % (1 << 32)
            expect(struct.unpack_from("<4I", seen.read(), 2048 * block + 16 * thread) == tuple(words),
                   f"block {block}, thread {thread}")


random.seed(1)
begin()
{"matmul": matmul, "loads": lambda: copies(True), "stores": lambda: copies(False), "products": products, "maps": maps,
 "cluster": cluster, "askew": lambda: store_at(1, 0), "before": lambda: store_at(-8, 0),
 "above": lambda: store_at(0, -1)}[sys.argv[1]]()
