"""Finds libtile.so, says what its functions take, and turns its errors into exceptions."""

import collections
import ctypes
import os
import pathlib
import threading

# The interface that this module was written for.
_MAJOR, _MINOR = 0, 1

Diagnostic = collections.namedtuple("Diagnostic", "severity file line column message")
Diagnostic.__doc__ = """One message with its place. severity is "error", "warning" or "note"; file "" and line 0 mean no place."""


class TileError(Exception):
    """What the library refuses. str() is what a compiler prints: place, message, source line, caret.

    `diagnostics` has the same as a list of Diagnostic; notes follow what they belong to.
    """

    def __init__(self, message, diagnostics=None):
        super().__init__(message)
        self.diagnostics = diagnostics or [Diagnostic("error", "", 0, 0, message)]


class _Parameter(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("text", ctypes.c_char_p),
        ("integer", ctypes.c_int64),
        ("kind", ctypes.c_int32),
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        ("planFor", ctypes.c_char_p),
        ("checked", ctypes.c_int32),
        ("plain", ctypes.c_int32),
        ("teams", ctypes.c_int32),
        ("groupRows", ctypes.c_int32),
    ]


# What tuning tells; it ends when that returns anything but 0.
_Progress = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)


class _TuneOptions(ctypes.Structure):
    _fields_ = [
        ("seconds", ctypes.c_double),
        ("rounds", ctypes.c_uint32),
        ("again", ctypes.c_int32),
        ("progress", _Progress),
        ("data", ctypes.c_void_p),
    ]


class _Diagnostic(ctypes.Structure):
    _fields_ = [
        ("severity", ctypes.c_int32),
        ("line", ctypes.c_uint32),
        ("column", ctypes.c_uint32),
        ("file", ctypes.c_char_p),
        ("message", ctypes.c_char_p),
    ]


# Letters for the types of results and arguments: a status, nothing, a handle or another pointer, a string, sizes and numbers, and a
# pointer to a handle, which is where a result goes.
_LETTERS = {
    "i": ctypes.c_int32,
    "v": None,
    "p": ctypes.c_void_p,
    "s": ctypes.c_char_p,
    "z": ctypes.c_size_t,
    "u": ctypes.c_uint,
    "r": ctypes.POINTER(ctypes.c_void_p),
    "q": ctypes.c_uint64,
    "P": ctypes.POINTER(_Parameter),
    "O": ctypes.POINTER(_Options),
    "D": ctypes.POINTER(_Diagnostic),
    "T": ctypes.POINTER(_TuneOptions),
}

# A function's result and its arguments.
_FUNCTIONS = {
    "tileVersion": "s",
    "tileVersionCheck": "iii",
    "tileErrorMessage": "s",
    "tileErrorDiagnosticCount": "z",
    "tileErrorDiagnostic": "izD",
    "tileStringRelease": "vp",
    "tileDeviceGetBest": "ir",
    "tileDeviceGetByName": "isr",
    "tileDeviceCreateCpu": "iur",
    "tileDeviceRelease": "vp",
    "tileDeviceName": "sp",
    "tileDeviceDescription": "sp",
    "tileDeviceEqual": "ipp",
    "tileDeviceTarget": "sp",
    "tileDeviceContext": "pp",
    "tileDeviceFromCudaContext": "ipr",
    "tileCudaDeviceCount": "i",
    "tileCudaSetDriver": "is",
    "tileCacheSet": "isiq",
    "tileCacheFolder": "ir",
    "tileStreamCreate": "ipr",
    "tileStreamFromHandle": "ippr",
    "tileStreamRelease": "vp",
    "tileStreamHandle": "pp",
    "tileStreamSynchronize": "ip",
    "tileBufferCreate": "ipzr",
    "tileBufferRelease": "vp",
    "tileBufferData": "pp",
    "tileBufferSize": "zp",
    "tileBufferUpload": "ippzz",
    "tileBufferDownload": "ippzz",
    "tileProgramFromFile": "isr",
    "tileProgramFromString": "iszsr",
    "tileProgramRelease": "vp",
    "tileProgramKernelCount": "zp",
    "tileProgramKernelName": "spz",
    "tileKernelCreate": "ipsPzOr",
    "tileKernelRelease": "vp",
    "tileKernelName": "sp",
    "tileKernelPrepare": "ippszr",
    "tileKernelLaunch": "ippsz",
    "tileKernelTune": "ippszTr",
    "tilePreparedRelease": "vp",
    "tilePreparedLaunch": "ippsz",
    "tilePreparedReport": "ipir",
    "tileCallCreate": "ipszr",
    "tileCallRelease": "vp",
    "tileCallLaunch": "ipp",
}


_lock = threading.Lock()
_library = None
_path = None


def _candidates():
    """Where the library is looked for."""
    package = pathlib.Path(__file__).resolve().parent
    # Beside the package, and in lib/ of the installation whose python/ the package is in.
    return [package / "libtile.so", package.parent.parent / "lib" / "libtile.so"]


def _find():
    variable = os.environ.get("TILE_LIBRARY")
    if variable:
        return variable
    for path in _candidates():
        if path.exists():
            return str(path)
    places = ", ".join(f"'{path}'" for path in _candidates())
    raise TileError(f"no libtile.so: it is not at {places}; name it with the variable TILE_LIBRARY or tile.load_library")


def load_library(path=None):
    """Loads libtile.so from a path, before anything else is called; otherwise the variable TILE_LIBRARY names it, or it is found where
    tile is installed."""
    global _library, _path
    with _lock:
        if _library is not None:
            if path is not None and os.path.realpath(path) != os.path.realpath(_path):
                raise TileError(f"the library has been loaded already, from '{_path}'")
            return _library
        path = os.fspath(path) if path is not None else _find()
        try:
            loaded = ctypes.CDLL(path)
            for name, letters in _FUNCTIONS.items():
                function = getattr(loaded, name)
                function.restype, *function.argtypes = [_LETTERS[letter] for letter in letters]
        except (OSError, AttributeError) as error:
            raise TileError(f"'{path}' is no library that this module works with: {error}") from None
        if loaded.tileVersionCheck(_MAJOR, _MINOR):
            raise TileError(loaded.tileErrorMessage().decode())
        _library, _path = loaded, path
        return loaded


def library():
    """The library, loaded when it hasn't been."""
    return _library or load_library()


def library_path():
    """Where libtile.so was loaded from."""
    library()
    return _path


def version():
    """The library's version."""
    return library().tileVersion().decode()


def fail():
    """Raises this thread's last error."""
    lib = library()
    diagnostics = []
    for index in range(lib.tileErrorDiagnosticCount()):
        found = _Diagnostic()
        lib.tileErrorDiagnostic(index, ctypes.byref(found))
        severity = ("error", "warning", "note")[found.severity]
        diagnostics.append(Diagnostic(severity, text(found.file), found.line, found.column, text(found.message)))
    raise TileError(text(lib.tileErrorMessage()), diagnostics)


def text(data):
    """A string of the library's. A source may hold any bytes."""
    return data.decode(errors="replace")


def made(function, *arguments):
    """Calls a function that makes something and returns it."""
    result = ctypes.c_void_p()
    if function(*arguments, ctypes.byref(result)):
        fail()
    return result.value


def taken(function, *arguments):
    """Calls a function that gives a string to the caller and returns it."""
    pointer = made(function, *arguments)
    try:
        return text(ctypes.string_at(pointer))
    finally:
        library().tileStringRelease(pointer)


class Handle:
    """An object of the library. Freed with the last reference to it, or by close() and at the end of a `with`."""

    __slots__ = ("_handle", "__weakref__")
    _release = ""

    def __init__(self, handle):
        self._handle = handle

    @property
    def handle(self):
        """The C API's handle, for other callers of it."""
        handle = getattr(self, "_handle", None)
        if handle is None:
            raise TileError(f"this {type(self).__name__} is closed")
        return handle

    def close(self):
        """Frees it; what is made from it stays. Doing so again does nothing."""
        handle = getattr(self, "_handle", None)
        if handle is not None:
            self._handle = None
            # Nothing is left of the module when the interpreter ends, and nothing has to be freed then.
            if _library is not None:
                getattr(_library, self._release)(handle)

    @property
    def closed(self):
        return getattr(self, "_handle", None) is None

    def __enter__(self):
        self.handle
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()
