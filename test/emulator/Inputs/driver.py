"""A driver as tests of hand-written PTX use it: memory, tensor maps, launches, numbers of all formats. TILE_CUDA_DRIVER is the emulator's,
or that of a GPU."""

import ctypes
import os
import struct
import sys

CU = ctypes.CDLL(os.environ["TILE_CUDA_DRIVER"])
TYPES = {"u8": (0, 1), "f16": (6, 2), "f32": (7, 4), "bf16": (9, 2), "tf32": (11, 4)}


class Failed(Exception):
    """A call of the driver that came to nothing."""


def check(result):
    if result:
        raise Failed(f"the driver says {result}")


def begin():
    check(CU.cuInit(0))
    context = ctypes.c_void_p()
    check(CU.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0))
    check(CU.cuCtxPushCurrent_v2(context))


class Buffer:
    """Memory of the device."""

    def __init__(self, data):
        self.bytes = len(data)
        self.address = ctypes.c_uint64()
        check(CU.cuMemAlloc_v2(ctypes.byref(self.address), ctypes.c_size_t(len(data))))
        check(CU.cuMemcpyHtoDAsync_v2(self.address, bytes(data), ctypes.c_size_t(len(data)), None))

    def read(self):
        data = ctypes.create_string_buffer(self.bytes)
        check(CU.cuMemcpyDtoHAsync_v2(data, self.address, ctypes.c_size_t(self.bytes), None))
        return data.raw

    def word(self):
        return struct.pack("<Q", self.address.value)


def tensor_map(buffer, kind, extents, strides, box, swizzle=0, steps=None, interleave=0, offset=0):
    """The 128 bytes of a tensor map, extents from the innermost one on; raises Failed when there is none."""
    space = ctypes.create_string_buffer(192)
    at = (ctypes.addressof(space) + 63) // 64 * 64
    rank = len(extents)
    result = CU.cuTensorMapEncodeTiled(
        ctypes.c_void_p(at), TYPES[kind][0], rank, ctypes.c_void_p(buffer.address.value + offset),
        (ctypes.c_uint64 * rank)(*extents), (ctypes.c_uint64 * max(rank - 1, 1))(*strides),
        (ctypes.c_uint32 * rank)(*box), (ctypes.c_uint32 * rank)(*(steps or [1] * rank)),
        interleave, {0: 0, 32: 1, 64: 2, 128: 3}[swizzle], 0, 0)
    check(result)
    return ctypes.string_at(at, 128)


def launch(ptx, name, grid, threads, shared, parameters, cluster=None):
    """Runs a kernel; parameters are bytes."""
    library, entry, function = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    check(CU.cuLibraryLoadData(ctypes.byref(library), ptx.encode(), None, None, 0, None, None, 0))
    check(CU.cuLibraryGetKernel(ctypes.byref(entry), library, name.encode()))
    check(CU.cuKernelGetFunction(ctypes.byref(function), entry))
    check(CU.cuFuncSetAttribute(function, 8, shared))
    # An address for each; maps have to lie at multiples of 64.
    spaces = [ctypes.create_string_buffer(len(one) + 64) for one in parameters]
    places = [(ctypes.addressof(space) + 63) // 64 * 64 for space in spaces]
    for place, one in zip(places, parameters):
        ctypes.memmove(place, one, len(one))
    given = (ctypes.c_void_p * len(places))(*places)
    if cluster:
        attribute = struct.pack("<iiIII52x", 4, 0, *cluster)
        space = ctypes.create_string_buffer(attribute, len(attribute))
        config = struct.pack("<7IxxxxQQIxxxx", grid, 1, 1, threads, 1, 1, shared, 0, ctypes.addressof(space), 1)
        check(CU.cuLaunchKernelEx(ctypes.create_string_buffer(config, len(config)), function, given, None))
    else:
        check(CU.cuLaunchKernel(function, grid, 1, 1, threads, 1, 1, shared, None, given, None))
    check(CU.cuStreamSynchronize(None))


def bf16(value):
    """Rounded to nearest even, as 16 bits."""
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16


def small_float(value, exponent_bits, mantissa_bits):
    """A small whole number in a format of eight bits."""
    if value == 0:
        return 0
    sign, magnitude = (0x80, -value) if value < 0 else (0, value)
    exponent = magnitude.bit_length() - 1
    assert magnitude.bit_length() <= mantissa_bits + 1
    mantissa = (magnitude << mantissa_bits >> exponent) - (1 << mantissa_bits)
    return sign | (exponent + (1 << (exponent_bits - 1)) - 1) << mantissa_bits | mantissa


def encode(value, kind):
    """A whole number as an element's bytes."""
    if kind == "bf16":
        return struct.pack("<H", bf16(value))
    if kind == "f16":
        return struct.pack("<e", value)
    if kind in ("tf32", "f32"):
        return struct.pack("<f", value)
    if kind == "e4m3":
        return bytes([small_float(value, 4, 3)])
    if kind == "e5m2":
        return bytes([small_float(value, 5, 2)])
    return struct.pack("<b" if kind == "s8" else "<B", value)


def expect(condition, text):
    if not condition:
        print("wrong:", text)
        sys.exit(1)
