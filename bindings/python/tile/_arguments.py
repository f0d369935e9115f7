"""What kernels are called with: tensors of any library, numbers, and None, packed as the C API's arguments."""

import ctypes
import functools
import struct

from ._library import TileError

#
# Element types. The code of a type is its place in this list, as in the C API.
#

NAMES = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "bf16", "f32", "f64", "f8e4m3", "f8e5m2"]
SIZES = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 1, 1]
CODES = {name: code for code, name in enumerate(NAMES)}
_BOOL, _I64, _U64, _F64 = CODES["bool"], CODES["i64"], CODES["u64"], CODES["f64"]

# What torch, numpy and ml_dtypes call them.
_ALIASES = {
    "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
    "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64",
    "float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64",
    "float8_e4m3fn": "f8e4m3", "float8_e5m2": "f8e5m2",
}  # fmt: skip

# Type strings of the array interface, without the byte order.
_TYPESTRS = {
    "b1": "bool", "i1": "i8", "i2": "i16", "i4": "i32", "i8": "i64",
    "u1": "u8", "u2": "u16", "u4": "u32", "u8": "u64", "f2": "f16", "f4": "f32", "f8": "f64",
}  # fmt: skip

# The code of each, with the byte order; one byte has none.
_LETTERS = {("|" if key[1] == "1" else "<") + key: CODES[name] for key, name in _TYPESTRS.items()}

# DLPack's type codes and bits.
_DLPACK_TYPES = {
    (0, 8): "i8", (0, 16): "i16", (0, 32): "i32", (0, 64): "i64",
    (1, 8): "u8", (1, 16): "u16", (1, 32): "u32", (1, 64): "u64",
    (2, 16): "f16", (2, 32): "f32", (2, 64): "f64", (4, 16): "bf16", (6, 8): "bool",
    (10, 8): "f8e4m3", (12, 8): "f8e5m2",
}  # fmt: skip


def type_name(dtype):
    """The language's name of a type, which may be given as one, as torch's or numpy's type, or by a name of theirs."""
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    name = name.rsplit(".", 1)[-1]
    name = _ALIASES.get(name, name)
    if name not in CODES:
        raise TileError(f"there is no element type for '{dtype}'")
    return name


@functools.lru_cache(maxsize=256)
def _type_code(dtype):
    return CODES[type_name(dtype)]


#
# Packed arguments
#

# TileArgument: kind, type, rank, readOnly, data, shape, strides, integer, floating.
_PACK = struct.Struct("=iiiiQQQqd").pack
_TENSOR, _SCALAR = 1, 2
_ABSENT = _PACK(0, 0, 0, 0, 0, 0, 0, 0, 0.0)


@functools.lru_cache(maxsize=4096)
def _numbers(values):
    """An array of C for a tuple of integers, and its address. Calls repeat themselves, and making one takes longer than a launch."""
    array = (ctypes.c_int64 * len(values))(*values)
    if tuple(array) != values:
        raise TileError(f"a tensor has extents or strides of {values}, which are more than 64 bits hold")
    return array, ctypes.addressof(array)


class Packed:
    """The arguments of one call. `keep` holds what they point to, `device` where the tensors are: None, "cpu" or "cuda:0" and so on;
    `torch_device` is the same as torch has it, when the tensors are torch's, and `streams` are those on which others say that theirs are made."""

    __slots__ = ("data", "count", "keep", "device", "torch_device", "streams")

    def __init__(self, arguments):
        self.keep = []
        self.device = self.torch_device = None
        self.streams = []
        self.count = len(arguments)
        pieces = []
        for argument in arguments:
            convert = _converters.get(type(argument)) or _converter(argument, len(pieces))
            pieces.append(convert(self, argument, len(pieces)))
        self.data = b"".join(pieces)

    def tensor(self, index, data, code, shape, strides, device, read_only=0):
        """Packs a tensor; `strides` count elements, None means dense."""
        if device != self.device:
            if self.device is not None:
                raise TileError(f"argument {index} is on '{device}', and another one on '{self.device}'")
            self.device = device
        extents, extents_at = _numbers(shape)
        self.keep.append(extents)
        steps_at = 0
        if strides is not None:
            if len(strides) != len(shape):
                raise TileError(f"argument {index} has {len(shape)} extents and {len(strides)} strides")
            steps, steps_at = _numbers(strides)
            self.keep.append(steps)
        return _PACK(_TENSOR, code, len(shape), read_only, data, extents_at, steps_at, 0, 0.0)


def _integer(packed, value, index):
    if -(1 << 63) <= value < 1 << 63:
        return _PACK(_SCALAR, _I64, 0, 0, 0, 0, 0, value, 0.0)
    if 0 <= value < 1 << 64:
        return _PACK(_SCALAR, _U64, 0, 0, 0, 0, 0, value - (1 << 64), 0.0)
    raise TileError(f"argument {index} is {value}, which no integer type holds")


def _bool(packed, value, index):
    return _PACK(_SCALAR, _BOOL, 0, 0, 0, 0, 0, value, 0.0)


def _floating(packed, value, index):
    return _PACK(_SCALAR, _F64, 0, 0, 0, 0, 0, 0, value)


def _scalar(packed, value, index):
    """A number that is none of Python's."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return _bool(packed, value, index)
    if hasattr(value, "__index__"):
        return _integer(packed, value.__index__(), index)
    return _floating(packed, float(value), index)


#
# Tensors
#


class Tensor:
    """A view of memory that someone else owns: an address, an element type, a shape, and strides in elements (None: dense, row-major).

    `owner` is kept alive as long as the tensor.
    """

    __slots__ = ("data", "dtype", "shape", "strides", "device", "read_only", "owner")

    def __init__(self, data, dtype, shape, strides=None, device="cpu", read_only=False, owner=None):
        self.data, self.dtype, self.shape = data, type_name(dtype), tuple(shape)
        self.strides = None if strides is None else tuple(strides)
        if self.strides is not None and len(self.strides) != len(self.shape):
            raise TileError(f"a tensor of {len(self.shape)} extents and {len(self.strides)} strides")
        self.device, self.read_only, self.owner = str(device), bool(read_only), owner

    def __repr__(self):
        return f"tile.Tensor({self.dtype}{list(self.shape)} on {self.device})"

    def _interface(self):
        typestr = next((key for key, code in _LETTERS.items() if code == CODES[self.dtype]), None)
        if typestr is None:
            raise AttributeError(f"the array interface has no type for {self.dtype}")
        size = SIZES[CODES[self.dtype]]
        strides = None if self.strides is None else tuple(step * size for step in self.strides)
        return {"data": (self.data, self.read_only), "typestr": typestr, "shape": self.shape, "strides": strides, "version": 3}

    @property
    def __array_interface__(self):
        if self.device.startswith("cuda"):
            raise AttributeError("the tensor is in a GPU's memory")
        return self._interface()

    @property
    def __cuda_array_interface__(self):
        if not self.device.startswith("cuda"):
            raise AttributeError("the tensor is in the host's memory")
        return self._interface()


def _kind_of(device):
    """Every device of the processor sees the host's memory."""
    return "cpu" if device.startswith("cpu") else device


def _own(packed, tensor, index):
    device = _kind_of(tensor.device)
    return packed.tensor(index, tensor.data, CODES[tensor.dtype], tensor.shape, tensor.strides, device, tensor.read_only)


def _torch(packed, tensor, index):
    """torch.Tensor, or what looks like one. The fastest way, and the only one on which every type of torch's passes."""
    device = tensor.device
    where = _place(device)
    if where is None:
        raise TileError(f"argument {index} is on '{device}', where no kernel runs")
    if where != "cpu":
        packed.torch_device = device
    return packed.tensor(index, tensor.data_ptr(), _type_code(tensor.dtype), tuple(tensor.shape), tensor.stride(), where)


@functools.lru_cache(maxsize=64)
def _place(device):
    """Where a torch.device is."""
    return {"cpu": "cpu", "cuda": _cuda(device.index)}.get(device.type)


@functools.lru_cache(maxsize=64)
def _cuda(ordinal):
    return f"cuda:{ordinal or 0}"


def _array(packed, array, index):
    """numpy.ndarray, or what has its interface or the one for CUDA."""
    interface = getattr(array, "__array_interface__", None)
    device = "cpu"
    if interface is None:
        interface = getattr(array, "__cuda_array_interface__", None)
        if interface is None:
            # Another object of its type had one.
            if hasattr(array, "__dlpack__"):
                return _dlpack(packed, array, index)
            raise TypeError(_no_argument(array, index))
        device = _cuda(getattr(getattr(array, "device", None), "id", 0))
        if interface.get("mask") is not None:
            raise TileError(f"argument {index} has a mask, which kernels know nothing of")
        stream = interface.get("stream")
        if stream is not None:
            # 1 is the default one, as 0 is to the driver.
            handle = 0 if stream == 1 else int(stream)
            if handle not in packed.streams:
                packed.streams.append(handle)
    shape = tuple(interface["shape"])
    if not shape and device == "cpu" and hasattr(array, "item"):
        return _scalar(packed, array, index)
    typestr, where = interface["typestr"], interface.get("data")
    code = _LETTERS.get(typestr)
    if code is None:
        if typestr[0] == ">":
            raise TileError(f"argument {index} is of type '{typestr}', with its bytes in the order of other machines")
        # Types that the interface has no letters for: ml_dtypes'.
        code = _type_code(getattr(array, "dtype", typestr))
    if not isinstance(where, tuple):
        raise TileError(f"argument {index} doesn't say where its data is")
    strides, size = interface.get("strides"), SIZES[code]
    if strides is not None:
        if any(step % size for step in strides):
            raise TileError(f"argument {index} has strides of {tuple(strides)} bytes, and elements of {size}")
        strides = tuple(step // size for step in strides)
    return packed.tensor(index, where[0] or 0, code, shape, strides, device, bool(where[1]))


#
# DLPack
#


class _DLTensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


class _DLVersioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _DLTensor),
    ]


# A prototype of our own: others may have set ctypes.pythonapi's.
_pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
_is_capsule = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(("PyCapsule_IsValid", ctypes.pythonapi))


def _dlpack(packed, array, index):
    """What has __dlpack__. The capsule is looked into and left as it is: when it goes, it frees what it holds."""
    try:
        capsule = array.__dlpack__(max_version=(1, 1))
    except TypeError:
        capsule = array.__dlpack__()
    read_only = 0
    if _is_capsule(capsule, b"dltensor_versioned"):
        versioned = _DLVersioned.from_address(_pointer_of(capsule, b"dltensor_versioned"))
        if versioned.major != 1:
            raise TileError(f"argument {index} speaks version {versioned.major} of DLPack")
        tensor, read_only = versioned.tensor, versioned.flags & 1
    elif _is_capsule(capsule, b"dltensor"):
        tensor = _DLTensor.from_address(_pointer_of(capsule, b"dltensor"))
    else:
        raise TileError(f"argument {index} has a __dlpack__ that gives no tensor")
    packed.keep.append(capsule)
    # Main memory; a GPU's; main memory that GPUs see; memory of both.
    device = {1: "cpu", 2: "cuda", 3: "cpu", 13: "cuda"}.get(tensor.device_type)
    if device is None:
        raise TileError(f"argument {index} is on DLPack's device type {tensor.device_type}, where no kernel runs")
    name = _DLPACK_TYPES.get((tensor.code, tensor.bits)) if tensor.lanes == 1 else None
    if name is None:
        raise TileError(
            f"argument {index} is of DLPack's type ({tensor.code}, {tensor.bits} bits, {tensor.lanes} lanes), which there isn't here"
        )
    shape = tuple(tensor.shape[: tensor.ndim])
    strides = tuple(tensor.strides[: tensor.ndim]) if tensor.strides else None
    if device == "cuda":
        device = _cuda(tensor.device_id)
    return packed.tensor(index, (tensor.data or 0) + tensor.byte_offset, CODES[name], shape, strides, device, read_only)


#
# Which way for which type
#

_converters = {
    type(None): lambda packed, value, index: _ABSENT,
    bool: _bool,
    int: _integer,
    float: _floating,
    Tensor: _own,
}


def _no_argument(value, index):
    return f"argument {index} is a '{type(value).__name__}', which is neither a tensor nor a number"


def _converter(value, index):
    """The way for a type that has not been seen before. It is remembered where the type itself says so, and not only this object."""
    has = functools.partial(hasattr, value)
    if isinstance(value, Tensor):
        return _own
    if all(map(has, ("data_ptr", "stride", "dtype", "shape", "device"))):
        way, sign = _torch, "data_ptr"
    elif has("__array_interface__") or has("__cuda_array_interface__"):
        way, sign = _array, "__array_interface__" if has("__array_interface__") else "__cuda_array_interface__"
    elif has("__dlpack__"):
        way, sign = _dlpack, "__dlpack__"
    elif has("__index__") or has("__float__"):
        way, sign = _scalar, "__index__" if has("__index__") else "__float__"
    else:
        raise TypeError(_no_argument(value, index))
    if hasattr(type(value), sign):
        _converters[type(value)] = way
    return way
