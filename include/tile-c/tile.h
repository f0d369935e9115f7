/*===- tile-c/tile.h - The public API for C -------------------------*- C -*-===*\
|*                                                                            *|
|* Part of the tile project, under the Apache License v2.0 with LLVM          *|
|* Exceptions.                                                                *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/**
 * \file
 * The C++ API of tile/tile.h for C99 and for what calls C. It is the same library and the same objects.
 *
 * - Errors. A function that can fail returns a TileStatus and leaves its results alone when that isn't TILE_OK.
 *   tileErrorMessage() then has the text. No C++ exception leaves the library. Where not said otherwise, a call that
 *   fails has done nothing.
 * - Ownership. What a tile...Create, ...From... or ...Get... function gives belongs to the caller, who releases it once
 *   with the tile...Release function of its type; releasing NULL does nothing. A handle keeps alive what it needs, so
 *   handles may be released in any order. Strings that are returned belong to the handle they came from, and live as
 *   long as it; what comes through a `char **` is the caller's, for tileStringRelease.
 * - Memory of tensors belongs to the caller, who keeps it until the stream that uses it has been synchronised.
 *   The structs that describe arguments and parameters are only read during the call.
 * - Threads. All functions may be called from several threads at once, on the same handles too, except that a handle
 *   is released when no other call uses it, and that one buffer is written by one thread at a time.
 * - Units. Shapes and strides count elements; sizes and offsets bytes.
 */
#ifndef TILE_C_TILE_H
#define TILE_C_TILE_H

#include "tile/Export.h"
#include "tile/Version.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*===----------------------------------------------------------------------===*\
|* Version and errors
\*===----------------------------------------------------------------------===*/

/** The version of the library that the program runs with, such as "0.1.0". */
TILE_API const char *tileVersion(void);

typedef int32_t TileStatus;
enum {
  TILE_OK = 0,
  /** What tile::Error stands for: the source, the parameters, the arguments or the device are not as they must be. */
  TILE_ERROR = 1,
  /** A call that has no meaning: a NULL handle, a kind or a type that there is none of. */
  TILE_INVALID_CALL = 2,
  TILE_OUT_OF_MEMORY = 3,
  /** A defect of the library. */
  TILE_INTERNAL_ERROR = 4
};

/** TILE_OK when a program compiled with these headers may use this library: `tileVersionCheck(TILE_VERSION_MAJOR,
 *  TILE_VERSION_MINOR)`. Before 1.0 the minor version has to be the same. */
TILE_API TileStatus tileVersionCheck(int major, int minor);

/** What the last failed call of this thread had to say, as a compiler prints it: place, message, source line, caret.
 *  Valid until the next call of this thread fails; "" when none has failed. */
TILE_API const char *tileErrorMessage(void);

enum { TILE_SEVERITY_ERROR = 0, TILE_SEVERITY_WARNING = 1, TILE_SEVERITY_NOTE = 2 };

/** One message with its place. `file` is "" and `line` 0 when it has none. */
typedef struct TileDiagnostic {
  int32_t severity;
  uint32_t line, column;
  const char *file;
  const char *message;
} TileDiagnostic;

/** The same as data: how many messages there are, and each; notes follow what they belong to. Strings live as
 *  tileErrorMessage()'s. */
TILE_API size_t tileErrorDiagnosticCount(void);
TILE_API TileStatus tileErrorDiagnostic(size_t index, TileDiagnostic *diagnostic);

/** Frees a string that came through a `char **`. */
TILE_API void tileStringRelease(char *text);

/*===----------------------------------------------------------------------===*\
|* Element types
\*===----------------------------------------------------------------------===*/

typedef int32_t TileDType;
/** As tile::DType. */
enum {
  TILE_BOOL = 0,
  TILE_I8,
  TILE_I16,
  TILE_I32,
  TILE_I64,
  TILE_U8,
  TILE_U16,
  TILE_U32,
  TILE_U64,
  TILE_F16,
  TILE_BF16,
  TILE_F32,
  TILE_F64,
  TILE_F8E4M3,
  TILE_F8E5M2
};

/** The size of one element in bytes; 0 for no type. */
TILE_API size_t tileDTypeSize(TileDType type);
/** The language's name of a type, such as "bf16"; NULL for no type. */
TILE_API const char *tileDTypeName(TileDType type);
/** The type of a name; -1 when there is none. */
TILE_API TileDType tileDTypeFromName(const char *name);

/*===----------------------------------------------------------------------===*\
|* Devices, streams, buffers
\*===----------------------------------------------------------------------===*/

typedef struct TileDeviceImpl *TileDevice;
typedef struct TileStreamImpl *TileStream;
typedef struct TileBufferImpl *TileBuffer;

/** The fastest device of this machine. */
TILE_API TileStatus tileDeviceGetBest(TileDevice *device);
/** The device of a name: "cpu", "cpu-late", "cuda:0" and so on. */
TILE_API TileStatus tileDeviceGetByName(const char *name, TileDevice *device);
/** The processor with a number of threads of its own; 0 as for "cpu". */
TILE_API TileStatus tileDeviceCreateCpu(unsigned threads, TileDevice *device);
/** The GPU of a context that the caller made (a CUcontext) and keeps alive. */
TILE_API TileStatus tileDeviceFromCudaContext(void *context, TileDevice *device);
TILE_API void tileDeviceRelease(TileDevice device);
/** NULL for NULL. */
TILE_API const char *tileDeviceName(TileDevice device);
/** For people. */
TILE_API const char *tileDeviceDescription(TileDevice device);
/** The machine that kernels are compiled for: "cpu", or a GPU's architecture such as "sm_90". */
TILE_API const char *tileDeviceTarget(TileDevice device);
/** A GPU's context, a CUcontext; NULL for a processor. */
TILE_API void *tileDeviceContext(TileDevice device);
/** 1 when both handles mean one device. */
TILE_API int tileDeviceEqual(TileDevice first, TileDevice second);

/** How many GPUs the driver knows; 0 without a driver. */
TILE_API int tileCudaDeviceCount(void);
/** Where the CUDA driver's library is, for programs that know better than the system and the variable TILE_CUDA_DRIVER;
 *  before a GPU is used first. */
TILE_API TileStatus tileCudaSetDriver(const char *path);

/** A queue of launches. */
TILE_API TileStatus tileStreamCreate(TileDevice device, TileStream *stream);
/** A queue that the caller made, of a GPU's context (a CUstream; NULL is the context's default one), and keeps alive. */
TILE_API TileStatus tileStreamFromHandle(TileDevice device, void *handle, TileStream *stream);
TILE_API void tileStreamRelease(TileStream stream);
/** The GPU's queue, a CUstream; NULL for a processor's. */
TILE_API void *tileStreamHandle(TileStream stream);
/** Waits until every launch so far is done, and has the error of the first that failed. */
TILE_API TileStatus tileStreamSynchronize(TileStream stream);

/** Memory of a device, aligned to 64 bytes at least, with undefined contents. */
TILE_API TileStatus tileBufferCreate(TileDevice device, size_t bytes, TileBuffer *buffer);
TILE_API void tileBufferRelease(TileBuffer buffer);
/** The first byte as the device sees it; NULL for NULL. */
TILE_API void *tileBufferData(TileBuffer buffer);
TILE_API size_t tileBufferSize(TileBuffer buffer);
/** Copies from or to the host's memory and returns when that is done. Neither waits for launches. */
TILE_API TileStatus tileBufferUpload(TileBuffer buffer, const void *host, size_t bytes, size_t offset);
TILE_API TileStatus tileBufferDownload(TileBuffer buffer, void *host, size_t bytes, size_t offset);

/*===----------------------------------------------------------------------===*\
|* The cache of GPUs' machine code
\*===----------------------------------------------------------------------===*/

/** As tile::setCache: the folder (NULL or "": the variable TILE_CACHE's, or the system's place for such), whether
 *  there is a cache at all, and the bytes that it may grow to (0: the default). */
TILE_API TileStatus tileCacheSet(const char *folder, int enabled, uint64_t maxBytes);
/** The folder in use, "" when nothing is kept; the caller's to release. */
TILE_API TileStatus tileCacheFolder(char **folder);

/*===----------------------------------------------------------------------===*\
|* Programs and kernels
\*===----------------------------------------------------------------------===*/

typedef struct TileProgramImpl *TileProgram;
typedef struct TileKernelImpl *TileKernel;
typedef struct TilePreparedImpl *TilePrepared;
typedef struct TileCallImpl *TileCall;

/** Reads a `.tile` file. */
TILE_API TileStatus tileProgramFromFile(const char *path, TileProgram *program);
/** Takes a source of `length` bytes from memory; `name` (NULL: "<string>") stands for the file in messages. */
TILE_API TileStatus tileProgramFromString(const char *source, size_t length, const char *name, TileProgram *program);
TILE_API void tileProgramRelease(TileProgram program);
TILE_API size_t tileProgramKernelCount(TileProgram program);
/** In the order of the source; NULL when there are not so many. */
TILE_API const char *tileProgramKernelName(TileProgram program, size_t index);

enum { TILE_PARAMETER_INTEGER = 0, TILE_PARAMETER_BOOL = 1, TILE_PARAMETER_TEXT = 2 };

/** The value of a kernel's parameter: `integer` for the first two kinds; `text` is the name of a type, or "auto". */
typedef struct TileParameter {
  const char *name;
  const char *text;
  int64_t integer;
  int32_t kind;
} TileParameter;

/** How a kernel is compiled, beside its parameters. All zero is the default. */
typedef struct TileKernelOptions {
  /** The machine that schedules are planned for, such as "sm_80"; NULL means the device's own. */
  const char *planFor;
  /** Not 0: keeps `assert` and `print`. */
  int32_t checked;
  /** What the compiler would else decide, as in tile::KernelOptions: not 0 for a kernel without a producer; 1 or 2 teams that take programs
   *  in turn; rows of programs that are numbered together. */
  int32_t plain;
  int32_t teams;
  int32_t groupRows;
} TileKernelOptions;

/** A kernel with values for some or all of its parameters. `parameters` may be NULL when there are none, `options` may
 *  be NULL. */
TILE_API TileStatus tileKernelCreate(TileProgram program, const char *name, const TileParameter *parameters,
                                     size_t parameterCount, const TileKernelOptions *options, TileKernel *kernel);
TILE_API void tileKernelRelease(TileKernel kernel);
TILE_API const char *tileKernelName(TileKernel kernel);

/*===----------------------------------------------------------------------===*\
|* Arguments
\*===----------------------------------------------------------------------===*/

enum { TILE_ARGUMENT_ABSENT = 0, TILE_ARGUMENT_TENSOR = 1, TILE_ARGUMENT_SCALAR = 2 };

/** One argument of a call; the functions below make them. */
typedef struct TileArgument {
  int32_t kind;
  TileDType type;
  /** Of a tensor: the number of axes, and whether no kernel may write it. */
  int32_t rank;
  int32_t readOnly;
  void *data;
  const int64_t *shape;
  /** In elements; NULL means dense and row-major. */
  const int64_t *strides;
  /** Of a scalar: `floating` for a floating-point type, `integer` for the others (the bits of a u64). */
  int64_t integer;
  double floating;
} TileArgument;

/** An optional view that isn't there. */
static inline TileArgument tileAbsent(void) {
  TileArgument argument = {0, 0, 0, 0, NULL, NULL, NULL, 0, 0.0};
  return argument;
}

/** A view of memory. `shape` and `strides` are read when the argument is used. */
static inline TileArgument tileTensor(void *data, TileDType type, int32_t rank, const int64_t *shape,
                                      const int64_t *strides) {
  TileArgument argument = {TILE_ARGUMENT_TENSOR, type, rank, 0, data, shape, strides, 0, 0.0};
  return argument;
}

/** A view of memory that no kernel may write. */
static inline TileArgument tileConstTensor(const void *data, TileDType type, int32_t rank, const int64_t *shape,
                                           const int64_t *strides) {
  /* The library doesn't write through it; readOnly says so. */
  TileArgument argument = {TILE_ARGUMENT_TENSOR, type, rank, 1, (void *)data, shape, strides, 0, 0.0};
  return argument;
}

/** A number for a scalar parameter, which converts it: an integer must fit, a floating-point value is rounded. */
static inline TileArgument tileInteger(int64_t value) {
  TileArgument argument = {TILE_ARGUMENT_SCALAR, TILE_I64, 0, 0, NULL, NULL, NULL, value, 0.0};
  return argument;
}

static inline TileArgument tileBool(int value) {
  TileArgument argument = {TILE_ARGUMENT_SCALAR, TILE_BOOL, 0, 0, NULL, NULL, NULL, value != 0, 0.0};
  return argument;
}

static inline TileArgument tileFloating(double value) {
  TileArgument argument = {TILE_ARGUMENT_SCALAR, TILE_F64, 0, 0, NULL, NULL, NULL, 0, value};
  return argument;
}

/*===----------------------------------------------------------------------===*\
|* Compiling and launching
\*===----------------------------------------------------------------------===*/

/** The specialisation that these arguments need on that device, compiled when it is needed first. Memory behind the
 *  tensors is not touched. */
TILE_API TileStatus tileKernelPrepare(TileKernel kernel, TileDevice device, const TileArgument *arguments, size_t count,
                                      TilePrepared *prepared);
/** Finds or makes the specialisation that the arguments need, and launches it. */
TILE_API TileStatus tileKernelLaunch(TileKernel kernel, TileStream stream, const TileArgument *arguments, size_t count);

/** How a kernel is tuned; NULL in place of it means 60 seconds and the default of the rest. */
typedef struct TileTuneOptions {
  /** Seconds that it may take; 0 measures nothing and gives what is remembered. */
  double seconds;
  /** How often the fastest are timed; 0 means the default. */
  uint32_t rounds;
  /** Not 0: forgets what was measured before. */
  int32_t again;
  /** Told what is going on, with `data`, from several threads but never at once; ends it by returning anything but 0. May be
   *  NULL. */
  int32_t (*progress)(const char *text, void *data);
  void *data;
} TileTuneOptions;

/** Measures what the kernel leaves open and remembers the fastest, which launches take from then on; as tile::tune, which
 *  see. The result is one JSON object. What the tensors hold stays as it is. */
TILE_API TileStatus tileKernelTune(TileKernel kernel, TileDevice device, const TileArgument *arguments, size_t count,
                                   const TileTuneOptions *options, char **json);

TILE_API void tilePreparedRelease(TilePrepared prepared);
/** Runs the kernel once for each point of the grid. Refuses, before anything runs, arguments that don't fit. Only a
 *  failed `assert` of a checked kernel is found when it has run in part. */
TILE_API TileStatus tilePreparedLaunch(TilePrepared prepared, TileStream stream, const TileArgument *arguments,
                                       size_t count);

/** A launch with its arguments taken down once, shapes and strides included, for repeated calls that cost little. */
TILE_API TileStatus tileCallCreate(TilePrepared prepared, const TileArgument *arguments, size_t count, TileCall *call);
TILE_API void tileCallRelease(TileCall call);
/** As tilePreparedLaunch with those arguments. */
TILE_API TileStatus tileCallLaunch(TileCall call, TileStream stream);

/** What of a report is asked for: some lines for people, one JSON object of all of it, the drawn schedule. */
enum { TILE_REPORT_TEXT = 0, TILE_REPORT_JSON = 1, TILE_REPORT_SCHEDULE = 2 };

/** What the compiler did. */
TILE_API TileStatus tilePreparedReport(TilePrepared prepared, int32_t format, char **text);

#ifdef __cplusplus
}
#endif

#endif /* TILE_C_TILE_H */
