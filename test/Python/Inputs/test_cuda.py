"""What the Python module does with GPUs, over a driver without one: it has memory and queues, and runs nothing."""

import os
import struct
import types
import unittest

import tile
from tile import _arguments, _runtime

SOURCE = """kernel scale(x: f32[N], s: f32, y: out f32[N]) grid (cdiv(N, 16)) {
    let i = program(0) * 16;
    y[i +: 16] = x[i +: 16] * s;
}
"""


class Interface:
    def __init__(self, tensor, **more):
        self.__cuda_array_interface__ = {**tensor.__cuda_array_interface__, **more}


class CudaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tile.set_cuda_driver(os.environ["TILE_FAKE_CUDA"])
        tile.set_cache(enabled=False)
        cls.device = tile.Device("cuda:0")
        cls.scale = tile.Program(SOURCE, "test.tile").kernel("scale")

    def tensor(self, device="cuda:0"):
        return tile.Buffer(device, 64).tensor("f32", (16,))

    def assertFails(self, piece, call, *arguments, **more):
        with self.assertRaises(tile.TileError) as caught:
            call(*arguments, **more)
        self.assertIn(piece, str(caught.exception))

    def test_devices(self):
        self.assertEqual(tile.cuda_device_count(), 2)
        self.assertEqual((self.device.name, self.device.target), ("cuda:0", "sm_90a"))
        self.assertTrue(self.device.context)
        self.assertEqual(tile.Device("cuda"), self.device)
        self.assertEqual(tile.Device.best(), self.device)
        self.assertFails("7", tile.Device, "cuda:7")
        self.assertFails("in use", tile.set_cuda_driver, "/nowhere/libcuda.so.1")
        other = tile.Device.from_cuda_context(self.device.context)
        self.assertEqual((other.name, other.context), ("cuda:0", self.device.context))

    def test_buffers(self):
        buffer = tile.Buffer(self.device, 64)
        buffer.upload(struct.pack("16f", *range(16)))
        self.assertEqual(struct.unpack("2f", buffer.download(8, 12)), (3, 4))
        tensor = buffer.tensor("f32", (4, 4))
        self.assertEqual(tensor.__cuda_array_interface__["data"], (buffer.data, False))
        self.assertFalse(hasattr(tensor, "__array_interface__"))
        self.assertFails("1099511627776", tile.Buffer, self.device, 1 << 40)

    def test_streams(self):
        stream = tile.Stream("cuda:0")
        self.assertTrue(stream.native)
        again = tile.Stream.from_handle("cuda:0", stream.native)
        self.assertEqual(again.native, stream.native)
        again.synchronize()
        self.assertIsNone(self.device.stream.native)
        self.assertFails("another context", tile.Stream.from_handle, "cuda:1", stream.native)
        self.assertFails("'cpu'", tile.Stream.from_handle, "cpu", stream.native)

    def test_where_arguments_are(self):
        x, y = self.tensor(), self.tensor()
        self.assertFails("on 'cuda:1', and another one on 'cuda:0'", self.scale.launch, x, 2, self.tensor("cuda:1"))
        self.assertFails("on 'cuda:0' and the stream is on 'cpu'", self.scale.launch, x, 2, y, stream=tile.Stream("cpu"))
        self.assertFails("1 extents and 2 strides", self.scale.launch, Interface(x, strides=(4, 4)), 2, y)
        self.assertFails("than 64 bits hold", self.scale.launch, Interface(x, shape=(1 << 64,)), 2, y)
        self.assertFails("has a mask", self.scale.launch, Interface(x, mask=x), 2, y)
        self.assertFails("'y' is written", self.scale.launch, x, 2, Interface(y, data=(y.data, True)))
        self.assertFails("'x' is of f32, not i32", self.scale.launch, Interface(x, typestr="<i4"), 2, y)

    def test_launches(self):
        x, y = self.tensor(), self.tensor()
        try:
            ready = self.scale.prepare(x, 2, y)
        except tile.TileError as error:
            if "makes no code for GPUs" in str(error):
                self.skipTest("no code for GPUs")
            raise
        self.assertEqual(ready.device, self.device)
        self.assertEqual(ready.report_data()["target"], "sm_90a")
        own = tile.Stream("cuda:0")
        call = ready.bind(Interface(x), 2, y)
        streams = [None, own, own.native, types.SimpleNamespace(cuda_stream=own.native)]
        streams += [types.SimpleNamespace(__cuda_stream__=lambda: (0, own.native))]
        for stream in streams:
            self.scale.launch(x, 2, y, stream=stream)
            ready.launch(x, 2, y, stream=stream)
            call(stream)
        own.synchronize()
        self.assertFails("another context", call, tile.Stream("cuda:1").native)

    def test_streams_of_tensors(self):
        x, y = self.tensor(), self.tensor()
        own, other = tile.Stream("cuda:0"), tile.Stream("cuda:0")

        def stream_for(first, second, stream=None):
            packed = _arguments.Packed((Interface(x, **first), 2, Interface(y, **second)))
            return _runtime._stream_for(stream, packed).native

        def on(stream):
            return {"stream": stream}

        self.assertIsNone(stream_for({}, on(None)))
        self.assertIsNone(stream_for(on(1), {}))
        self.assertEqual(stream_for({}, on(own.native)), own.native)
        self.assertEqual(stream_for(on(own.native), on(other.native)), own.native)
        self.assertEqual(stream_for(on(own.native), {}, stream=other), other.native)
        self.scale.launch(Interface(x, stream=own.native), 2, y)


if __name__ == "__main__":
    unittest.main()
