"""The Python module. Buffers of its own speak each protocol; numpy, torch, JAX and CuPy, and a GPU, are used where there are."""

import array
import ctypes
import gc
import os
import struct
import subprocess
import sys
import threading
import types
import unittest

import tile

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch
except ImportError:
    torch = None
# Both take the GPU's memory when they are asked; the tests leave it to torch.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

SOURCE = """kernel scale<BLOCK: int in {16, 32, 64} = 32>(x: T[N], s: T, y: out T[N])
    grid (cdiv(N, BLOCK))
{
    let i = program(0) * BLOCK;
    y[i +: BLOCK] = x[i +: BLOCK] * s;
}
kernel rows<STAGES: int in 1..=6 = auto>(x: f32[M, N], bias: f32[M]?, y: out f32[M])
    grid (M)
{
    let m = program(0);
    var acc = f32[64](0);
    for n in 0..N step 64, stages = STAGES {
        acc += x[m, n +: 64];
    }
    var total = sum(acc);
    static if bias {
        total += bias[m];
    }
    y[m] = total;
}
kernel widen(x: T[N], y: out f32[N]) grid (cdiv(N, 16)) {
    let i = program(0) * 16;
    y[i +: 16] = f32(x[i +: 16]);
}
kernel fill<V: int in 0..=100>(flag: bool, y: out i32[N]) grid (cdiv(N, 16)) {
    let i = program(0) * 16;
    var value = i32[16](V);
    if flag {
        value += V;
    }
    y[i +: 16] = value;
}
kernel few(x: f32[N], y: out f32[N]) grid (1) {
    assert(N < 3, "too many");
    y[0 +: 4] = x[0 +: 4];
}
"""


class Floats:
    """A tensor of f32 with no library behind it. Strides count elements."""

    def __init__(self, values, shape=None, strides=None, read_only=False):
        self.memory = (ctypes.c_float * max(len(values), 1))(*values)
        self.shape = tuple(shape or (len(values),))
        self.steps, self.read_only = strides, read_only

    def values(self):
        return list(self.memory)


class Interface(Floats):
    @property
    def __array_interface__(self):
        strides = None if self.steps is None else tuple(4 * step for step in self.steps)
        data = (ctypes.addressof(self.memory), self.read_only)
        return {"data": data, "typestr": "<f4", "shape": self.shape, "strides": strides, "version": 3}


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
DESTRUCTOR = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
capsule_new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, DESTRUCTOR)(
    ("PyCapsule_New", ctypes.pythonapi)
)


class Capsule(Floats):
    """The same behind __dlpack__, with any type, device and version; counts the capsules that are alive."""

    def __init__(self, *arguments, code=2, bits=32, lanes=1, device=1, versioned=False, offset=0, **more):
        super().__init__(*arguments, **more)
        self.type, self.device, self.versioned, self.offset = (code, bits, lanes), device, versioned, offset
        self.alive = 0
        self.destructor = DESTRUCTOR(self.died)

    def died(self, _):
        self.alive -= 1

    def __dlpack_device__(self):
        return (self.device, 0)

    def __dlpack__(self, stream=None, **more):
        if more and not self.versioned:
            raise TypeError("no such argument")
        rank = len(self.shape)
        extents = (ctypes.c_int64 * rank)(*self.shape)
        steps = self.steps and (ctypes.c_int64 * rank)(*self.steps)
        at = ctypes.addressof(self.memory) - self.offset
        pointers = (ctypes.addressof(extents), ctypes.addressof(steps) if steps else 0)
        tensor = struct.pack("=QiiiBBHQQQ", at, self.device, 0, rank, *self.type, *pointers, self.offset)
        head = struct.pack("=IIQQQ", 1, 1, 0, 0, int(self.read_only)) if self.versioned else b""
        memory = ctypes.create_string_buffer(head + tensor)
        self.kept = (memory, extents, steps)
        self.alive += 1
        name = b"dltensor_versioned" if self.versioned else b"dltensor"
        self.name = ctypes.c_char_p(name)
        return capsule_new(ctypes.addressof(memory), self.name, self.destructor)


class TorchDType:
    def __init__(self, name):
        self.text = name

    def __repr__(self):
        return f"torch.{self.text}"


class TorchDevice:
    def __init__(self, type):
        self.type, self.index = type, 0

    def __repr__(self):
        return f"{self.type}:{self.index}"


class TorchLike:
    """What a torch.Tensor looks like from here."""

    def __init__(self, memory, dtype, shape, strides, device="cpu"):
        self.memory, self.dtype, self.shape, self.steps = memory, TorchDType(dtype), shape, strides
        self.device = TorchDevice(device)

    def data_ptr(self):
        return ctypes.addressof(self.memory)

    def stride(self):
        return self.steps


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = tile.Program(SOURCE, "test.tile")

    def assertFails(self, pieces, call, *arguments, error=tile.TileError, **more):
        with self.assertRaises(error) as caught:
            call(*arguments, **more)
        for piece in [pieces] if isinstance(pieces, str) else pieces:
            self.assertIn(piece, str(caught.exception))
        return caught.exception


class Library(Case):
    def test_version(self):
        self.assertEqual(tile.version(), tile.__version__)

    def test_path(self):
        self.assertTrue(os.path.exists(tile.library_path()))
        tile.load_library(tile.library_path())
        self.assertFails("has been loaded already", tile.load_library, "/nowhere/libtile.so")

    def in_a_process(self, code, **variables):
        return subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True
        )

    def test_no_library(self):
        result = self.in_a_process("import tile; tile.version()", TILE_LIBRARY="/nowhere/libtile.so")
        self.assertIn("TileError: '/nowhere/libtile.so' is no library that this module works with", result.stderr)

    def test_another_library(self):
        name = "libc.so.6"
        result = self.in_a_process(f"import tile; tile.load_library({name!r})")
        self.assertIn("is no library that this module works with", result.stderr)

    def test_option_before_variable(self):
        code = f"import tile; tile.load_library({tile.library_path()!r}); print(tile.version())"
        result = self.in_a_process(code, TILE_LIBRARY="/nowhere/libtile.so")
        self.assertEqual(result.stdout, tile.version() + "\n", result.stderr)

    def test_objects_at_the_end_of_the_interpreter(self):
        code = f"import tile; p = tile.Program({SOURCE!r}); l = [p, p.kernel('scale'), tile.Buffer('cpu', 8)]; l.append(l)"
        result = self.in_a_process(code)
        self.assertEqual((result.returncode, result.stderr), (0, ""))


class Devices(Case):
    def test_names(self):
        self.assertEqual(tile.Device("cpu").name, "cpu")
        self.assertEqual(tile.Device("cpu-late").name, "cpu-late")
        self.assertEqual(tile.Device("cpu"), tile.Device.cpu())
        self.assertNotEqual(tile.Device("cpu"), tile.Device("cpu-late"))
        self.assertNotEqual(tile.Device("cpu"), tile.Device.cpu(3))
        self.assertIn("processor", tile.Device("cpu").description)
        self.assertTrue(tile.Device.best().name)

    def test_unknown(self):
        self.assertFails("no device 'abacus'", tile.Device, "abacus")

    def test_buffers(self):
        with tile.Buffer("cpu", 40) as buffer:
            self.assertEqual(buffer.size, 40)
            self.assertEqual(buffer.data % 64, 0)
            buffer.upload(array.array("f", range(10)))
            self.assertEqual(struct.unpack("2f", buffer.download(8, 16)), (4, 5))
            buffer.upload(b"\0" * 8, 16)
            self.assertEqual(struct.unpack("3f", buffer.download(12, 16)), (0, 0, 6))
            self.assertEqual(len(buffer.download()), 40)
            self.assertFails("do not fit", buffer.download, 8, 36)
            self.assertFails("do not fit", buffer.download, 8, -4)
            self.assertFails("do not fit", buffer.upload, b"12345", 36)
            self.assertFails("do not fit", buffer.tensor, "f32", (11,))
            self.assertFails("extent of -1", buffer.tensor, "f32", (-1,))
            self.assertFails("no element type for 'f31'", buffer.tensor, "f31", (1,))
            tensor = buffer.tensor("f32", (3, 2), offset=4)
            self.assertEqual((tensor.data, tensor.shape, tensor.dtype), (buffer.data + 4, (3, 2), "f32"))
            self.assertEqual(tensor.__array_interface__["data"], (buffer.data + 4, False))
            self.assertFalse(hasattr(tensor, "__cuda_array_interface__"))
            self.assertFalse(hasattr(buffer.tensor("bf16", (2,)), "__array_interface__"))

    def test_a_tensor_keeps_its_buffer(self):
        tensor = tile.Buffer("cpu", 64).tensor("i32", (16,))
        gc.collect()
        self.program.kernel("fill", V=7).launch(True, tensor)
        self.assertEqual(struct.unpack("16i", tensor.owner.download()), (14,) * 16)


class Programs(Case):
    def test_kernels(self):
        self.assertEqual(self.program.kernels, ["scale", "rows", "widen", "fill", "few"])
        self.assertEqual(self.program.kernel("rows", STAGES="auto").name, "rows")

    def test_from_file(self):
        path = os.path.join(os.environ["TILE_EXAMPLES"], "06-matmul", "matmul.tile")
        self.assertEqual(tile.Program.from_file(path).kernels, ["matmul"])
        self.assertFails("cannot read '/nowhere/to/be.tile'", tile.Program.from_file, "/nowhere/to/be.tile")

    def test_errors_have_places(self):
        error = self.assertFails(
            ["bad.tile:2:11: error: ", "^"], tile.Program, "kernel f(x: f32[N]) grid (1) {\n  let c = ;\n}\n", "bad.tile"
        )
        first = error.diagnostics[0]
        self.assertEqual((first.severity, first.file, first.line, first.column), ("error", "bad.tile", 2, 11))
        self.assertIn(first.message, str(error))

    def test_unknown_kernel(self):
        self.assertFails(["no kernel 'skale'", "'scale', 'rows'"], self.program.kernel, "skale")

    def test_unknown_parameter(self):
        self.assertFails("BLOK", self.program.kernel, "scale", BLOK=32)

    def test_parameter_values(self):
        kernel = self.program.kernel
        self.assertFails("BLOCK", kernel, "scale", BLOCK=48)
        self.assertFails("BLOCK", kernel, "scale", BLOCK=True)
        self.assertFails("BLOCK", kernel, "scale", BLOCK="f32")
        self.assertFails("BLOCK", kernel, "scale", parameters={"BLOCK": 48})
        self.assertFails("no element type for '1.5'", kernel, "scale", BLOCK=1.5)
        self.assertFails("no integer type holds", kernel, "scale", BLOCK=1 << 70)
        self.assertEqual(kernel("scale", parameters={"BLOCK": 64}).name, "scale")

    def test_unknown_target(self):
        self.assertFails("no target 'z80'", self.program.kernel, "rows", plan_for="z80")
        self.assertFails("1 or 2 teams, not 3", self.program.kernel, "rows", teams=3)
        self.assertFails("rows of programs, not -1", self.program.kernel, "rows", group_rows=-1)


class Launches(Case):
    def test_array_interface(self):
        x, y = Interface(range(100)), Interface([0] * 100)
        self.program.kernel("scale", BLOCK=16).launch(x, 2, y)
        self.assertEqual(y.values(), [2 * i for i in range(100)])

    def test_dlpack(self):
        for versioned in (False, True):
            x, y = Capsule(range(100), versioned=versioned), Capsule([0] * 100, versioned=versioned, offset=64)
            self.program.kernel("scale").launch(x, 0.5, y)
            self.assertEqual(y.values(), [0.5 * i for i in range(100)])
            gc.collect()
            self.assertEqual((x.alive, y.alive), (0, 0))

    def test_torch_like(self):
        # 1, 2, -0.5 in each type.
        for name, bits in [("bfloat16", (0x3F80, 0x4000, 0xBF00)), ("float16", (0x3C00, 0x4000, 0xB800))]:
            x = TorchLike((ctypes.c_uint16 * 3)(*bits), name, (3,), (1,))
            y = Interface([0] * 3)
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.values(), [1, 2, -0.5])
        for name, bits in [("float8_e4m3fn", (0x38, 0x40, 0xB0)), ("float8_e5m2", (0x3C, 0x40, 0xB8))]:
            x = TorchLike((ctypes.c_uint8 * 3)(*bits), name, (3,), (1,))
            y = Interface([0] * 3)
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.values(), [1, 2, -0.5])

    def test_dlpack_types(self):
        for code, bits, values in [(4, 16, (0x3F80, 0x4000)), (2, 16, (0x3C00, 0x4000))]:
            x = Capsule([0], code=code, bits=bits)
            x.memory, x.shape = (ctypes.c_uint16 * 2)(*values), (2,)
            y = Interface([0] * 2)
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.values(), [1, 2])
        for code, values in [(10, (0x38, 0x40)), (12, (0x3C, 0x40)), (0, (1, 2)), (1, (1, 2))]:
            x = Capsule([0], code=code, bits=8)
            x.memory, x.shape = (ctypes.c_uint8 * 2)(*values), (2,)
            y = Interface([0] * 2)
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.values(), [1, 2])

    def test_strides(self):
        # The columns of a matrix of 3 rows, 4 columns; one number again and again; a row backwards.
        kernel = self.program.kernel("rows", STAGES=3)
        for kind in (Interface, Capsule):
            y = Interface([0] * 4)
            kernel.launch(kind(range(12), (4, 3), (1, 4)), None, y)
            self.assertEqual(y.values(), [12, 15, 18, 21])
        memory = (ctypes.c_float * 12)(*range(12))
        y = Interface([0])
        kernel.launch(TorchLike(memory, "float32", (1, 100), (0, 0)), None, y)
        self.assertEqual(y.values(), [0])
        kernel.launch(tile.Tensor(ctypes.addressof(memory) + 44, "f32", (1, 12), (0, -1)), None, y)
        self.assertEqual(y.values(), [66])

    def test_absent(self):
        x, bias, y = Interface([1] * 8, (2, 4)), Interface([10, 20]), Interface([0, 0])
        kernel = self.program.kernel("rows")
        kernel.launch(x, None, y)
        self.assertEqual(y.values(), [4, 4])
        kernel.launch(x, bias, y)
        self.assertEqual(y.values(), [14, 24])

    def test_numbers(self):
        class Number:
            def __index__(self):
                return 5

        kernel = self.program.kernel("scale")
        memory, result = (ctypes.c_uint64 * 2)(1, 2), (ctypes.c_uint64 * 2)()
        x, y = (tile.Tensor(ctypes.addressof(m), "u64", (2,)) for m in (memory, result))
        kernel.launch(x, (1 << 63) + 1, y)
        self.assertEqual(list(result), [(1 << 63) + 1, 2])
        kernel.launch(x, Number(), y)
        self.assertEqual(list(result), [5, 10])
        self.assertFails(["argument 's'", "u64", "-1"], kernel.launch, x, -1, y)
        self.assertFails("f64", kernel.launch, x, 1.0, y)
        self.assertFails("bool", kernel.launch, x, True, y)
        self.assertFails("no integer type holds", kernel.launch, x, 1 << 64, y)
        ints = (ctypes.c_int32 * 2)()
        tensor = tile.Tensor(ctypes.addressof(ints), "i32", (2,))
        for flag, want in [(True, 18), (False, 9)]:
            self.program.kernel("fill", V=9).launch(flag, tensor)
            self.assertEqual(list(ints), [want, want])

    def test_tuning(self):
        x, y = Interface(range(64)), Interface([7] * 64)
        kernel, lines = self.program.kernel("scale", BLOCK="auto"), []
        found = kernel.tune(x, 2, y, rounds=2, again=True, progress=lines.append)
        self.assertEqual((found["finished"], len(found["rows"]), found["measured"]), (True, 3, 3))
        self.assertIn(found["rows"][found["best"]]["parameters"]["BLOCK"], (16, 32, 64))
        self.assertEqual(lines[0], "planning")
        self.assertEqual(y.values(), [7] * 64)
        report = kernel.prepare(x, 2, y).report_data()
        self.assertEqual(report["chosen_by"], "tuning")
        self.assertEqual(kernel.tune(x, 2, y, rounds=2)["measurements"], 0)

        def interrupt(line):
            raise KeyboardInterrupt

        self.assertFails("", kernel.tune, x, 2, y, again=True, progress=interrupt, error=KeyboardInterrupt)
        self.assertFails("leaves nothing open", self.program.kernel("scale").tune, x, 2, y)
        self.assertFails("one round or more", kernel.tune, x, 2, y, rounds=0)

    def test_prepared_and_calls(self):
        x, y = Interface(range(64)), Interface([0] * 64)
        ready = self.program.kernel("scale").prepare(x, 2, y)
        self.assertEqual(ready.device.name, "cpu")
        ready.launch(x, 3, y)
        self.assertEqual(y.values()[63], 189)
        call = ready.bind(x, 5, y)
        call()
        self.assertEqual(y.values()[63], 315)
        x.memory[63] = 1
        stream = tile.Stream("cpu")
        call.launch(stream)
        call(stream)
        stream.synchronize()
        self.assertEqual(y.values()[63], 5)
        self.assertFails("compile what other arguments need", ready.launch, *self.doubles(x, y))

    def doubles(self, x, y):
        memory = (ctypes.c_double * 16)()
        at = ctypes.addressof(memory)
        self.kept = memory
        return tile.Tensor(at, "f64", (8,)), 2, tile.Tensor(at + 64, "f64", (8,))

    def test_calls_keep_their_arguments(self):
        y = Interface([0] * 64)
        call = self.program.kernel("scale").prepare(Interface([1] * 64), 2, y).bind(Capsule([1] * 64), 2, y)
        gc.collect()
        call()
        self.assertEqual(y.values(), [2] * 64)

    def test_other_devices(self):
        x, y = Interface(range(12), (3, 4)), Interface([0] * 3)
        late = tile.Stream("cpu-late")
        kernel = self.program.kernel("rows", STAGES=3, plan_for="sm_80")
        kernel.launch(x, None, y, stream=late)
        late.synchronize()
        self.assertEqual(y.values(), [6, 22, 38])
        ready = kernel.prepare(x, None, y, device="cpu-late")
        self.assertEqual((ready.device.name, ready.report_data()["target"]), ("cpu-late", "sm_80"))
        y.memory[:] = [0] * 3
        ready.launch(x, None, y)
        ready.bind(x, None, y)()
        self.assertEqual(y.values(), [6, 22, 38])
        self.assertFails(["'cpu'", "'cpu-late'"], ready.launch, x, None, y, stream=tile.Stream("cpu"))

    def test_streams_of_others(self):
        x, y = Interface(range(12), (3, 4)), Interface([0] * 3)
        rows = self.program.kernel("rows")
        for stream in (
            0,
            types.SimpleNamespace(cuda_stream=7),
            types.SimpleNamespace(__cuda_stream__=lambda: (0, 7)),
            types.SimpleNamespace(__cuda_stream__=(0, 7)),
        ):
            self.assertFails("'cpu'", rows.launch, x, None, y, stream=stream)
            self.assertFails("'cpu'", rows.prepare(x, None, y).bind(x, None, y), stream)
        self.assertFails("a 'str' is no stream", rows.launch, x, None, y, stream="main", error=TypeError)

    def test_reports(self):
        x, y = Interface(range(12), (3, 4)), Interface([0] * 3)
        ready = self.program.kernel("rows", STAGES=3).prepare(x, None, y)
        self.assertIn("kernel rows <STAGES = 3> on cpu", ready.report())
        data = ready.report_data()
        self.assertEqual((data["kernel"], data["grid"], data["parameters"]), ("rows", [3, 1, 1], {"STAGES": "3"}))
        self.assertTrue(ready.schedule())

    def test_threads(self):
        kernel = self.program.kernel("scale")
        results = [Interface([0] * 200) for _ in range(8)]

        def run(index):
            stream = tile.Stream("cpu")
            for _ in range(20):
                kernel.launch(Interface(range(200)), index, results[index], stream=stream)
            stream.synchronize()

        threads = [threading.Thread(target=run, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for index, result in enumerate(results):
            self.assertEqual(result.values(), [index * i for i in range(200)])

    def test_failed_assertions(self):
        x, y = Interface([1, 2, 3]), Interface([0] * 3)
        self.program.kernel("few").launch(x, y)
        self.assertEqual(y.values(), [1, 2, 3])
        self.assertFails("too many", self.program.kernel("few", checked=True).launch, x, y)


class LaunchErrors(Case):
    def setUp(self):
        self.x, self.y = Interface(range(8), (2, 4)), Interface([0, 0])
        self.rows = self.program.kernel("rows")

    def test_wrong_count(self):
        self.assertFails("3 arguments", self.rows.launch, self.x, self.y)

    def test_wrong_rank(self):
        self.assertFails(["'x'", "2 axes"], self.rows.launch, self.y, None, self.y)

    def test_wrong_type(self):
        self.assertFails(["'x'", "f32", "i32"], self.rows.launch, Capsule(range(8), (2, 4), code=0), None, self.y)

    def test_number_for_a_tensor(self):
        self.assertFails("'x'", self.rows.launch, 1.0, None, self.y)

    def test_no_tensor_at_all(self):
        self.assertFails("argument 1 is a 'list'", self.rows.launch, self.x, [1, 2], self.y, error=TypeError)
        self.assertFails("argument 0 is a 'str'", self.rows.prepare, "x", None, self.y, error=TypeError)

    def test_read_only(self):
        for result in (Interface([0, 0], read_only=True), Capsule([0, 0], versioned=True, read_only=True)):
            self.assertFails("'y' is written", self.rows.launch, self.x, None, result)

    def test_overlap(self):
        self.assertFails("overlaps", self.rows.launch, self.x, None, tile.Tensor(ctypes.addressof(self.x.memory), "f32", (2,)))

    def test_another_device(self):
        away = TorchLike(self.x.memory, "float32", (2, 4), (4, 1), device="cuda")
        self.assertFails("on 'cuda:0', and another one on 'cpu'", self.rows.launch, self.x, away, self.y)
        self.assertFails("on 'cuda:0'", self.rows.launch, away, None, away, stream=tile.Stream("cpu"))
        self.assertFails("device type 9", self.rows.launch, Capsule(range(8), (2, 4), device=9), None, self.y)
        away.device = TorchDevice("meta")
        self.assertFails("on 'meta:0', where no kernel runs", self.rows.launch, away, None, self.y)

    def test_types_that_there_are_not(self):
        self.assertFails("argument 0 is of DLPack's type (5, 64 bits", self.rows.launch, Capsule([0] * 8, code=5, bits=64))
        self.assertFails("4 lanes", self.rows.launch, Capsule([0] * 8, lanes=4))
        self.assertFails("complex64", self.rows.launch, TorchLike(self.x.memory, "complex64", (1,), (1,)))

    def test_foreign_arrays(self):
        def like(**more):
            interface = {**Interface(range(8), (2, 4)).__array_interface__, **more}
            return types.SimpleNamespace(__array_interface__=interface)

        self.assertFails("order of other machines", self.rows.launch, like(typestr=">f4"), None, self.y)
        self.assertFails("strides of (18, 4) bytes", self.rows.launch, like(strides=(18, 4)), None, self.y)
        self.assertFails("doesn't say where", self.rows.launch, like(data=None), None, self.y)
        self.assertFails("'<c8'", self.rows.launch, like(typestr="<c8"), None, self.y)

    def test_strides_and_shape(self):
        self.assertFails("2 extents and 1 strides", tile.Tensor, 0, "f32", (1, 2), (1,))
        self.assertFails("null pointer", self.rows.launch, tile.Tensor(0, "f32", (2, 4)), None, self.y)


class Closing(Case):
    def test_closed_objects(self):
        x, y = Interface([1] * 8), Interface([0] * 8)
        program = tile.Program(SOURCE)
        kernel = program.kernel("scale")
        ready = kernel.prepare(x, 2, y)
        call, stream, buffer = ready.bind(x, 2, y), tile.Stream("cpu"), tile.Buffer("cpu", 8)
        for thing in (program, kernel, ready, stream, buffer):
            self.assertFalse(thing.closed)
            thing.close()
            thing.close()
            self.assertTrue(thing.closed)
        self.assertFails("this Program is closed", program.kernel, "scale")
        self.assertFails("this Kernel is closed", kernel.launch, x, 2, y)
        self.assertFails("this Kernel is closed", kernel.prepare, x, 2, y)
        self.assertFails("this Prepared is closed", ready.launch, x, 2, y)
        self.assertFails("this Prepared is closed", ready.report)
        self.assertFails("this Stream is closed", stream.synchronize)
        self.assertFails("this Stream is closed", call, stream)
        self.assertFails("this Buffer is closed", buffer.download)
        self.assertFails("this Buffer is closed", buffer.tensor, "f32", (1,))
        # What was made from them stays.
        call()
        self.assertEqual(y.values(), [2] * 8)
        call.close()
        self.assertFails("this Call is closed", call)

    def test_with(self):
        with tile.Program(SOURCE) as program, program.kernel("few") as kernel:
            self.assertEqual(kernel.name, "few")
        self.assertTrue(program.closed and kernel.closed)
        self.assertFails("closed", program.__enter__)


@unittest.skipUnless(numpy, "there is no numpy")
class Numpy(Case):
    def test_matmul(self):
        source = os.path.join(os.environ["TILE_EXAMPLES"], "06-matmul", "matmul.tile")
        a = numpy.arange(70 * 40, dtype="f").reshape(70, 40) % 7
        b = numpy.arange(40 * 90, dtype="f").reshape(90, 40).T % 5
        c = numpy.zeros((70, 90), "f")
        tile.Program.from_file(source).kernel("matmul", BM=64, BN=64, BK=32, STAGES=2).launch(a, b, c)
        self.assertTrue(numpy.array_equal(c, a @ b))

    def test_types(self):
        for name in "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float64 bool".split():
            x, y = numpy.array([1, 0, 1], name), numpy.zeros(3, "f")
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.tolist(), [1, 0, 1], name)

    def test_scalars(self):
        x, y = numpy.ones(3, "f"), numpy.zeros(3, "f")
        for factor in (numpy.float32(3), numpy.float64(3), numpy.int16(3), numpy.array(3), numpy.float16(3)):
            self.program.kernel("scale").launch(x, factor, y)
            self.assertEqual(y.tolist(), [3] * 3)

    def test_read_only(self):
        x, y = numpy.ones(3, "f"), numpy.zeros(3, "f")
        y.flags.writeable = False
        self.assertFails("'y' is written", self.program.kernel("scale").launch, x, 1, y)

    def test_views_of_buffers(self):
        tensor = tile.Buffer("cpu", 48).tensor("f32", (3, 4))
        numpy.asarray(tensor)[:] = numpy.arange(12).reshape(3, 4)
        y = numpy.zeros(3, "f")
        self.program.kernel("rows").launch(tensor, None, y)
        self.assertEqual(y.tolist(), [6, 22, 38])

    def test_big_endian(self):
        self.assertFails("other machines", self.program.kernel("widen").launch, numpy.zeros(3, ">f4"), numpy.zeros(3, "f"))


@unittest.skipUnless(torch, "there is no torch")
class Torch(Case):
    def test_matmul(self):
        a, b = torch.randn(70, 40), torch.nn.Parameter(torch.randn(90, 40)).T
        c = torch.zeros(70, 90)
        source = os.path.join(os.environ["TILE_EXAMPLES"], "06-matmul", "matmul.tile")
        tile.Program.from_file(source).kernel("matmul", BM=64, BN=64, BK=32, STAGES=2).launch(a, b, c)
        torch.testing.assert_close(c, (a @ b).detach())

    def test_types(self):
        for name in "bfloat16 float16 float64 float8_e4m3fn float8_e5m2 int8 int32 int64 uint8 bool".split():
            x, y = torch.tensor([1.0, 0, 1]).to(getattr(torch, name)), torch.zeros(3)
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.tolist(), [1, 0, 1], name)

    def test_complex(self):
        self.assertFails("complex64", self.program.kernel("widen").launch, torch.zeros(3, dtype=torch.complex64), torch.zeros(3))


def gpu():
    return torch and torch.cuda.is_available() and tile.cuda_device_count()


@unittest.skipUnless(gpu(), "there is no torch with a GPU")
class Gpu(Case):
    def matmul(self, size, dtype):
        source = os.path.join(os.environ["TILE_EXAMPLES"], "06-matmul", "matmul.tile")
        kernel = tile.Program.from_file(source).kernel("matmul", BM=64, BN=64, BK=32, STAGES=3)
        a, b = (torch.randn(size, size, device="cuda", dtype=dtype) for _ in range(2))
        return kernel, a, b, torch.zeros(size, size, device="cuda", dtype=dtype)

    def close(self, a, b, c):
        torch.testing.assert_close(c.double(), a.double() @ b.double(), rtol=0.02, atol=0.2)

    def test_types(self):
        for dtype in (torch.bfloat16, torch.float16, torch.float32):
            kernel, a, b, c = self.matmul(300, dtype)
            kernel.launch(a, b, c)
            self.close(a, b, c)
        for name in "float8_e4m3fn float8_e5m2 float64 int8 int64 bool".split():
            x, y = torch.tensor([1.0, 0, 1]).to(getattr(torch, name)).cuda(), torch.zeros(3, device="cuda")
            self.program.kernel("widen").launch(x, y)
            self.assertEqual(y.tolist(), [1, 0, 1], name)

    def test_streams(self):
        kernel, a, b, c = self.matmul(512, torch.bfloat16)
        ready = kernel.prepare(a, b, c)
        self.assertEqual(ready.device.name, "cuda:0")
        own, other = tile.Stream("cuda:0"), torch.cuda.Stream()
        torch.cuda.synchronize()
        for stream in (None, 0, own, other, other.cuda_stream):
            c.zero_()
            torch.cuda.synchronize()
            ready.launch(a, b, c, stream=stream)
            torch.cuda.synchronize()
            self.close(a, b, c)
        with torch.cuda.stream(other):
            for _ in range(3):
                a2 = a * 2
                ready.launch(a2, b, c)
                c2 = c / 2
            other.synchronize()
        self.close(a, b, c2)
        self.assertEqual(tile.Stream.from_handle("cuda:0", other.cuda_stream).native, other.cuda_stream)

    def test_graph_capture(self):
        kernel, a, b, c = self.matmul(256, torch.float16)
        call = kernel.prepare(a, b, c).bind(a, b, c)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            call()
            call()
        a.copy_(a + 1)
        graph.replay()
        torch.cuda.synchronize()
        self.close(a, b, c)

    def test_triton_in_the_same_process(self):
        """Its LLVM and ours."""
        try:
            import triton.compiler  # noqa: F401
        except ImportError:
            self.skipTest("there is no triton")
        function = torch.compile(lambda x: torch.sin(x) * 2 + 1)
        x = torch.randn(1000, device="cuda")
        want = function(x)
        y = torch.zeros(1000, device="cuda")
        self.program.kernel("scale").launch(x, 3.0, y)
        torch.testing.assert_close(y, x * 3)
        torch.testing.assert_close(want, torch.sin(x) * 2 + 1)
        torch.testing.assert_close(torch.compile(lambda x: torch.cos(x) - x)(x), torch.cos(x) - x)

    def test_buffers(self):
        memory = array.array("f", range(100))
        x, y = tile.Buffer("cuda:0", 400), tile.Buffer("cuda:0", 400)
        x.upload(memory)
        tensor = y.tensor("f32", (100,))
        self.program.kernel("scale").launch(x.tensor("f32", (100,)), 2, tensor)
        tile.Device("cuda:0").stream.synchronize()
        y.device.stream.synchronize()
        self.assertEqual(list(struct.unpack("100f", y.download())), [2 * i for i in range(100)])
        self.assertEqual(torch.as_tensor(tensor, device="cuda").tolist(), [2 * i for i in range(100)])

    def test_cupy(self):
        try:
            import cupy
        except ImportError:
            self.skipTest("there is no cupy")
        x, y = cupy.arange(100, dtype="f"), cupy.zeros(100, "f")
        self.program.kernel("scale").launch(x, 2, y)
        self.assertEqual(cupy.asnumpy(y).tolist(), [2 * i for i in range(100)])
        stream = cupy.cuda.Stream()
        self.program.kernel("scale").launch(x[::-1], 2, y, stream=stream.ptr)
        stream.synchronize()
        self.assertEqual(cupy.asnumpy(y).tolist(), [2 * i for i in reversed(range(100))])

    def test_jax(self):
        try:
            import jax.numpy
        except ImportError:
            self.skipTest("there is no JAX")
        x = jax.numpy.arange(100, dtype="bfloat16").block_until_ready()
        y = torch.zeros(100, device="cuda")
        self.program.kernel("widen").launch(x, y)
        self.assertEqual(y.tolist(), [float(i) for i in range(100)])

    def test_errors(self):
        x, y = torch.zeros(8, device="cuda"), torch.zeros(8)
        scale = self.program.kernel("scale")
        self.assertFails("on 'cpu', and another one on 'cuda:0'", scale.launch, x, 1, y)
        self.assertFails("on 'cuda:0' and the stream is on 'cpu'", scale.launch, x, 1, x, stream=tile.Stream("cpu"))
        self.assertFails("host", scale.launch, y, 1, Interface([0] * 8), stream=tile.Stream("cuda:0"))
        few = self.program.kernel("few", checked=True)
        stream = tile.Stream("cuda:0")
        z = torch.zeros(8, device="cuda")
        torch.cuda.synchronize()
        few.launch(x, z, stream=stream)
        self.assertFails("too many", stream.synchronize)


if __name__ == "__main__":
    unittest.main()
