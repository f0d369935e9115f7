"""Devices, streams, buffers, programs, kernels."""

import ctypes
import functools
import json
import os
import sys

from ._arguments import CODES, SIZES, Packed, Tensor, type_name
from ._library import Handle, TileError, _Options, _Parameter, _Progress, _TuneOptions, fail, library, made, taken, text


def cuda_device_count():
    """How many GPUs the driver knows; 0 without a driver."""
    return library().tileCudaDeviceCount()


def set_cuda_driver(path):
    """Where the CUDA driver's library is, before a GPU is used first; else the variable TILE_CUDA_DRIVER says it, or the system."""
    if library().tileCudaSetDriver(os.fsencode(path)):
        fail()


def set_cache(folder=None, enabled=True, max_bytes=0):
    """Where the machine code of GPUs is kept for other processes, if at all; without a folder, the variable TILE_CACHE or the system
    says it."""
    if library().tileCacheSet(os.fsencode(folder or ""), enabled, max_bytes):
        fail()


def cache_folder():
    """The folder in use; "" when nothing is kept."""
    return taken(library().tileCacheFolder)


class Device(Handle):
    """Something that runs kernels: "cpu", "cpu-late" (for tests of schedules), or "cuda:0" and so on where there are GPUs."""

    __slots__ = ("name", "_stream")
    _release = "tileDeviceRelease"

    def __init__(self, name):
        self._take(made(library().tileDeviceGetByName, os.fsencode(name)))

    def _take(self, handle):
        self._handle, self._stream = handle, None
        self.name = text(library().tileDeviceName(handle))
        return self

    @classmethod
    def best(cls):
        """The fastest device of this machine."""
        return cls.__new__(cls)._take(made(library().tileDeviceGetBest))

    @classmethod
    def from_cuda_context(cls, context):
        """The GPU of a context that the caller made (a CUcontext, as an integer) and keeps alive."""
        return cls.__new__(cls)._take(made(library().tileDeviceFromCudaContext, context))

    @classmethod
    def cpu(cls, threads=0):
        """The processor with a number of threads of its own; 0 means the ones that all share."""
        return cls.__new__(cls)._take(made(library().tileDeviceCreateCpu, threads))

    @property
    def description(self):
        """For people."""
        return text(library().tileDeviceDescription(self.handle))

    @property
    def target(self):
        """The machine that kernels are compiled for: "cpu", or a GPU's architecture such as "sm_90"."""
        return text(library().tileDeviceTarget(self.handle))

    @property
    def context(self):
        """A GPU's context, a CUcontext; None for a processor."""
        return library().tileDeviceContext(self.handle)

    @property
    def stream(self):
        """The queue of launches that name none; of a GPU, the context's default one."""
        if self._stream is None:
            self._stream = Stream.from_handle(self, 0) if self.name.startswith("cuda") else Stream(self)
        return self._stream

    def __eq__(self, other):
        return isinstance(other, Device) and bool(library().tileDeviceEqual(self.handle, other.handle))

    def __hash__(self):
        return hash(self.name)

    def __str__(self):
        return self.name

    def __repr__(self):
        return f"tile.Device('{self.name}')"


@functools.lru_cache(maxsize=64)
def _device(name):
    """The library's own handle of a device."""
    return Device(name)


def _as_device(device):
    return device if isinstance(device, Device) else _device(device)


class Stream(Handle):
    """A queue of launches on a device, run in order."""

    __slots__ = ("device",)
    _release = "tileStreamRelease"

    def __init__(self, device):
        self.device = _as_device(device)
        super().__init__(made(library().tileStreamCreate, self.device.handle))

    @classmethod
    def from_handle(cls, device, handle):
        """A queue that another library made (a CUstream, as an integer; 0 is the default one) and keeps alive."""
        stream = cls.__new__(cls)
        stream.device = _as_device(device)
        stream._handle = made(library().tileStreamFromHandle, stream.device.handle, handle)
        return stream

    @property
    def native(self):
        """The GPU's queue, a CUstream, as an integer; None for a processor's and for a GPU's default one."""
        return library().tileStreamHandle(self.handle)

    def synchronize(self):
        """Waits until every launch so far is done; raises what the first that failed has to say."""
        if library().tileStreamSynchronize(self.handle):
            fail()


@functools.lru_cache(maxsize=256)
def _adopted(device, handle):
    """The library's own stream of another's handle."""
    return Stream.from_handle(device, handle)


def _handle_of(stream):
    """The handle of another library's stream."""
    if hasattr(stream, "cuda_stream"):
        return stream.cuda_stream
    if hasattr(stream, "__cuda_stream__"):
        # A pair of the protocol's version and the handle; some have it as a property.
        pair = stream.__cuda_stream__
        return (pair() if callable(pair) else pair)[1]
    if hasattr(stream, "__index__"):
        return stream.__index__()
    raise TypeError(f"a '{type(stream).__name__}' is no stream")


def _stream_for(stream, packed, device=None):
    """The stream that a launch goes to: on the prepared kernel's device, or where the arguments are."""
    if stream is None:
        # What makes the tensors there comes before, and what follows there after. There is no order between several.
        handles = list(packed.streams)
        if packed.torch_device is not None:
            handles.insert(0, sys.modules["torch"].cuda.current_stream(packed.torch_device).cuda_stream)
        if handles:
            first, *others = (_adopted(device or packed.device, handle) for handle in handles)
            for other in others:
                if other is not first:
                    other.synchronize()
            return first
        stream = (device or _device(packed.device or "cpu")).stream
    elif not isinstance(stream, Stream):
        return _adopted(device or packed.device or "cpu", _handle_of(stream))
    if packed.device is not None and packed.device != "cpu" and stream.device.name.startswith("cpu"):
        raise TileError(f"the arguments are on '{packed.device}' and the stream is on '{stream.device.name}'")
    return stream


class Buffer(Handle):
    """Memory of a device, with undefined contents."""

    __slots__ = ("device", "size")
    _release = "tileBufferRelease"

    def __init__(self, device, size):
        self.device, self.size = _as_device(device), size
        super().__init__(made(library().tileBufferCreate, self.device.handle, size))

    @property
    def data(self):
        """The address of the first byte, as the device sees it."""
        return library().tileBufferData(self.handle)

    def tensor(self, dtype, shape, offset=0):
        """A dense row-major tensor in this buffer, `offset` bytes from its start; it keeps the buffer."""
        dtype, size = type_name(dtype), 1
        for extent in shape:
            if extent < 0:
                raise TileError(f"a tensor with an extent of {extent}")
            size *= extent
        size *= SIZES[CODES[dtype]]
        if offset < 0 or offset + size > self.size:
            raise TileError(f"{size} bytes from byte {offset} on do not fit into a buffer of {self.size} bytes")
        return Tensor(self.data + offset, dtype, shape, device=self.device.name, owner=self)

    def upload(self, data, offset=0):
        """Copies what has the buffer protocol (bytes, an array) into the buffer. Doesn't wait for launches."""
        view = memoryview(data)
        data = view.tobytes() if view.readonly or not view.c_contiguous else (ctypes.c_char * view.nbytes).from_buffer(view)
        if library().tileBufferUpload(self.handle, ctypes.cast(data, ctypes.c_void_p), view.nbytes, offset):
            fail()

    def download(self, size=None, offset=0):
        """Copies `size` bytes, or all from the offset on, from the buffer. Doesn't wait for launches: synchronize the stream first."""
        size = self.size - offset if size is None else size
        if size < 0 or offset < 0:
            raise TileError(f"{size} bytes from byte {offset} on do not fit into a buffer of {self.size} bytes")
        result = bytearray(size)
        into = (ctypes.c_char * size).from_buffer(result) if size else None
        if library().tileBufferDownload(self.handle, into, size, offset):
            fail()
        return bytes(result)


class Program(Handle):
    """A `.tile` source that has been read and found well-formed."""

    __slots__ = ("kernels",)
    _release = "tileProgramRelease"

    def __init__(self, source, name=None):
        """Takes the source itself; `name` stands for the file in messages."""
        source = source.encode() if isinstance(source, str) else bytes(source)
        self._take(made(library().tileProgramFromString, source, len(source), name and os.fsencode(name)))

    @classmethod
    def from_file(cls, path):
        """Reads a file."""
        program = cls.__new__(cls)
        program._take(made(library().tileProgramFromFile, os.fsencode(path)))
        return program

    def _take(self, handle):
        self._handle = handle
        lib = library()
        self.kernels = [text(lib.tileProgramKernelName(handle, index)) for index in range(lib.tileProgramKernelCount(handle))]

    def kernel(self, name, /, *, checked=False, plan_for=None, plain=False, teams=0, group_rows=0, parameters=None, **more):
        """The kernel of a name with values for some or all of its parameters: `kernel("matmul", BM=128, STAGES="auto")`.

        A value is an integer, a bool, a name ("auto", or that of a type), or a type of torch's or numpy's. `checked` keeps `assert`
        and `print`; `plan_for` names the machine that schedules are planned for, such as "sm_80". Of kernels with products on GPUs from
        sm_90 on, `plain` leaves out the producer, and `teams` has two teams take programs in turn (2) or not (1); `group_rows` says how
        many rows of programs are numbered together on any GPU; without these the compiler decides. `parameters` is a dict, for names
        that these options take.
        """
        given = [_parameter(key, value) for key, value in {**(parameters or {}), **more}.items()]
        array = (_Parameter * len(given))(*given)
        options = _Options(plan_for.encode() if plan_for else None, bool(checked), bool(plain), teams, group_rows)
        arguments = (self.handle, name.encode(), array, len(given), ctypes.byref(options))
        return Kernel(made(library().tileKernelCreate, *arguments))


def _parameter(name, value):
    if isinstance(value, bool):
        return _Parameter(name.encode(), None, value, 1)
    if hasattr(value, "__index__"):
        value = value.__index__()
        if not -(1 << 63) <= value < 1 << 63:
            raise TileError(f"parameter '{name}' is {value}, which no integer type holds")
        return _Parameter(name.encode(), None, value, 0)
    return _Parameter(name.encode(), (value if isinstance(value, str) else type_name(value)).encode(), 0, 2)


class Kernel(Handle):
    """A kernel with its parameters set. It compiles a specialisation when arguments need one."""

    __slots__ = ("name",)
    _release = "tileKernelRelease"

    def __init__(self, handle):
        super().__init__(handle)
        self.name = text(library().tileKernelName(handle))

    def prepare(self, *arguments, device=None):
        """The specialisation that these arguments need, on the device where they are unless one is named."""
        packed = Packed(arguments)
        device = _as_device(device or packed.device or "cpu")
        return Prepared(made(library().tileKernelPrepare, self.handle, device.handle, packed.data, packed.count), device)

    def launch(self, *arguments, stream=None):
        """Runs the kernel on tensors, numbers, and None for optional views that aren't there.

        A stream is a tile.Stream, or on a GPU an object with `cuda_stream` (torch's) or `__cuda_stream__`, or a handle as an integer.
        Without one, torch's tensors on a GPU go to torch's current stream, others to that of the device where they are. The memory
        of the arguments is the caller's to keep until the stream has been synchronised.
        """
        packed = Packed(arguments)
        stream = _stream_for(stream, packed)
        if library().tileKernelLaunch(self.handle, stream.handle, packed.data, packed.count):
            fail()


    def tune(self, *arguments, seconds=60, rounds=7, again=False, device=None, progress=None):
        """Measures what the kernel leaves open, for at most so many seconds, and remembers the fastest: launches take it from then on.

        What the tensors hold stays as it is; nothing may be under way that writes them. `progress` is called with a line of text
        now and then. A call that was ended early, by Ctrl-C or for want of time, is gone on with by the next, unless `again`. Returns a
        dict: the rows in the order of the model, the numbers of the best and of the model's choice, and what there is to say of them.
        """
        packed = Packed(arguments)
        device = _as_device(device or packed.device or "cpu")
        if rounds < 1:
            raise TileError("tuning takes one round or more")
        raised = []

        def tell(line, _):
            # Ctrl-C arrives here, too.
            try:
                if progress is not None:
                    progress(text(line))
            except BaseException as error:
                raised.append(error)
            return len(raised)

        options = _TuneOptions(seconds, rounds, bool(again), _Progress(tell), None)
        run = functools.partial(taken, library().tileKernelTune, self.handle, device.handle, packed.data, packed.count)
        found = run(ctypes.byref(options))
        if raised:
            raise raised[0]
        return json.loads(found)


class Prepared(Handle):
    """One specialisation of a kernel: machine code for arguments of certain types and layouts."""

    __slots__ = ("device",)
    _release = "tilePreparedRelease"

    def __init__(self, handle, device):
        super().__init__(handle)
        self.device = device

    def launch(self, *arguments, stream=None):
        """As Kernel.launch, without the search; refuses arguments that need another specialisation."""
        packed = Packed(arguments)
        stream = _stream_for(stream, packed, self.device)
        if library().tilePreparedLaunch(self.handle, stream.handle, packed.data, packed.count):
            fail()

    def bind(self, *arguments):
        """A call with these arguments taken down once, to launch many times."""
        return Call(self, arguments)

    def _report(self, format):
        return taken(library().tilePreparedReport, self.handle, format)

    def report(self):
        """What the compiler did, as some lines of text."""
        return self._report(0)

    def report_data(self):
        """All of the report as a dict."""
        return json.loads(self._report(1))

    def schedule(self):
        """The schedule of every pipelined loop, drawn: iterations across, time down."""
        return self._report(2)


class Call(Handle):
    """A launch with its arguments, which it keeps. Calling it launches: `call()` or `call(stream)`."""

    __slots__ = ("device", "arguments", "_packed", "_launch")
    _release = "tileCallRelease"

    def __init__(self, prepared, arguments):
        self.device, self.arguments, self._packed = prepared.device, arguments, Packed(arguments)
        super().__init__(made(library().tileCallCreate, prepared.handle, self._packed.data, self._packed.count))
        self._launch = library().tileCallLaunch

    def launch(self, stream=None):
        stream = _stream_for(stream, self._packed, self.device)
        if self._launch(self.handle, stream.handle):
            fail()

    __call__ = launch
