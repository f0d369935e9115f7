//===- Api.h - The CUDA driver's functions, as this project declares them -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Own declarations of the few functions that are used, so that neither building nor running needs the CUDA toolkit. Names that end
/// in a version are the driver's names of its current interfaces: its binary interface, which no release has changed.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_DRIVER_API_H
#define TILE_DRIVER_API_H

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tile::driver {

/// A CUresult: 0 is success.
using Result = int;
using DeviceId = int;
/// A CUdeviceptr.
using Address = std::uint64_t;

using Context = struct ContextObject *;
using Queue = struct QueueObject *;
using Library = struct LibraryObject *;
using Entry = struct EntryObject *;
using Function = struct FunctionObject *;
using Link = struct LinkObject *;
using Event = struct EventObject *;

/// The results that something is made of; others are passed on by name.
namespace result {
inline constexpr Result success = 0, invalidValue = 1, outOfMemory = 2, notInitialized = 3, deinitialized = 4,
                        noDevice = 100, invalidDevice = 101, invalidImage = 200, invalidContext = 201,
                        noBinaryForGpu = 209, eccUncorrectable = 214, invalidPtx = 218, nvlinkUncorrectable = 220,
                        jitCompilerNotFound = 221, unsupportedPtxVersion = 222, contained = 226, notFound = 500,
                        illegalAddress = 700, launchTimeout = 702, deviceAssert = 710, hardwareStack = 714,
                        launchFailed = 719, tensorMemoryLeak = 721, systemDriverMismatch = 803,
                        captureUnsupported = 900, captureLast = 908, unknown = 999;
} // namespace result

/// CUdevice_attribute.
enum class DeviceAttribute : int {
  ClockRate = 13,
  Multiprocessors = 16,
  MemoryClockRate = 36,
  MemoryBusWidth = 37,
  L2Bytes = 38,
  ThreadsPerMultiprocessor = 39,
  Major = 75,
  Minor = 76,
  SharedPerMultiprocessor = 81,
  RegistersPerMultiprocessor = 82,
  SharedPerBlock = 97,
  BlocksPerMultiprocessor = 106,
  ReservedSharedPerBlock = 111,
};

/// CUfunction_attribute.
enum class FunctionAttribute : int { StaticShared = 1, LocalBytes = 3, Registers = 4, DynamicShared = 8 };

/// CUpointer_attribute.
enum class PointerAttribute : int { MemoryType = 2, DevicePointer = 3 };
inline constexpr unsigned kHostMemory = 1;

/// CUjit_option.
enum class JitOption : int {
  InfoLog = 3,
  InfoLogBytes = 4,
  ErrorLog = 5,
  ErrorLogBytes = 6,
  LogVerbose = 12,
  LineInfo = 13,
};
inline constexpr int kInputPtx = 1;

inline constexpr unsigned kNonBlocking = 1;
/// What `extra` of a launch is made of: the end, and the words that come before the parameters' address and size.
inline void *const kParamEnd = nullptr;
inline void *const kParamBuffer = reinterpret_cast<void *>(1);
inline void *const kParamBytes = reinterpret_cast<void *>(2);

/// CUlaunchAttribute, and those that are used: the kernel may be started while the one before it in its stream still runs.
inline constexpr int kProgrammaticSerialization = 6, kClusterDimension = 4;
struct LaunchAttribute {
  int id;
  char padding[4];
  union Value {
    char bytes[64];
    int isAllowed;
    unsigned extents[3];
  } value;
};
static_assert(sizeof(LaunchAttribute) == 72);

/// CUlaunchConfig.
struct LaunchConfig {
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  Queue queue;
  const LaunchAttribute *attributes;
  unsigned attributeCount;
};
static_assert(sizeof(LaunchConfig) == 56);

/// A CUtensorMap: what the copy engine knows of a tensor in memory, and of the boxes that it copies. Made by the driver.
struct alignas(64) TensorMapObject {
  std::uint64_t words[16];
};

/// CUtensorMapDataType, of which only the width matters to copies.
enum class TensorMapType : int { U8 = 0, U16 = 1, U32 = 2, U64 = 4 };
/// CUtensorMapInterleave.
enum class TensorMapInterleave : int { None = 0 };
/// CUtensorMapSwizzle: the span of shared memory within which 16-byte pieces are exchanged.
enum class TensorMapSwizzle : int { None = 0, Span32 = 1, Span64 = 2, Span128 = 3 };
/// CUtensorMapL2promotion: how much a copy fetches into the second-level cache at least.
enum class TensorMapPromotion : int { None = 0, Bytes64 = 1, Bytes128 = 2, Bytes256 = 3 };
/// CUtensorMapFloatOOBfill: what lies outside the tensor.
enum class TensorMapFill : int { Zeros = 0 };

/// X(member, symbol, parameters): every function that is used.
#define TILE_DRIVER_FUNCTIONS(X)                                                                                       \
  X(init, cuInit, (unsigned flags))                                                                                    \
  X(driverGetVersion, cuDriverGetVersion, (int *version))                                                              \
  X(getErrorName, cuGetErrorName, (Result error, const char **text))                                                   \
  X(getErrorString, cuGetErrorString, (Result error, const char **text))                                               \
  X(deviceGetCount, cuDeviceGetCount, (int *count))                                                                    \
  X(deviceGet, cuDeviceGet, (DeviceId * device, int ordinal))                                                          \
  X(deviceGetName, cuDeviceGetName, (char *name, int size, DeviceId device))                                           \
  X(deviceGetAttribute, cuDeviceGetAttribute, (int *value, DeviceAttribute attribute, DeviceId device))                \
  X(primaryContextRetain, cuDevicePrimaryCtxRetain, (Context * context, DeviceId device))                              \
  X(contextGetCurrent, cuCtxGetCurrent, (Context * context))                                                           \
  X(contextPush, cuCtxPushCurrent_v2, (Context context))                                                               \
  X(contextPop, cuCtxPopCurrent_v2, (Context * context))                                                               \
  X(contextGetDevice, cuCtxGetDevice, (DeviceId * device))                                                             \
  X(memGetInfo, cuMemGetInfo_v2, (std::size_t *available, std::size_t *total))                                         \
  X(memAlloc, cuMemAlloc_v2, (Address * address, std::size_t bytes))                                                   \
  X(memFree, cuMemFree_v2, (Address address))                                                                          \
  X(copyToDevice, cuMemcpyHtoDAsync_v2, (Address to, const void *from, std::size_t bytes, Queue queue))                \
  X(copyToHost, cuMemcpyDtoHAsync_v2, (void *to, Address from, std::size_t bytes, Queue queue))                        \
  X(pointerGetAttribute, cuPointerGetAttribute, (void *value, PointerAttribute attribute, Address address))            \
  X(streamCreate, cuStreamCreate, (Queue * queue, unsigned flags))                                                     \
  X(streamDestroy, cuStreamDestroy_v2, (Queue queue))                                                                  \
  X(streamSynchronize, cuStreamSynchronize, (Queue queue))                                                             \
  X(streamGetContext, cuStreamGetCtx, (Queue queue, Context * context))                                                \
  X(streamIsCapturing, cuStreamIsCapturing, (Queue queue, int *status))                                                \
  X(linkCreate, cuLinkCreate_v2, (unsigned count, JitOption *options, void **values, Link *link))                      \
  X(linkAddData, cuLinkAddData_v2,                                                                                     \
    (Link link, int type, void *data, std::size_t bytes, const char *name, unsigned count, JitOption *options,         \
     void **values))                                                                                                   \
  X(linkComplete, cuLinkComplete, (Link link, void **cubin, std::size_t *bytes))                                       \
  X(linkDestroy, cuLinkDestroy, (Link link))                                                                           \
  X(libraryLoadData, cuLibraryLoadData,                                                                                \
    (Library * library, const void *code, JitOption *jitOptions, void **jitValues, unsigned jitCount, int *options,    \
     void **values, unsigned count))                                                                                   \
  X(libraryUnload, cuLibraryUnload, (Library library))                                                                 \
  X(libraryGetKernel, cuLibraryGetKernel, (Entry * entry, Library library, const char *name))                          \
  X(kernelGetFunction, cuKernelGetFunction, (Function * function, Entry entry))                                        \
  X(functionGetAttribute, cuFuncGetAttribute, (int *value, FunctionAttribute attribute, Function function))            \
  X(functionSetAttribute, cuFuncSetAttribute, (Function function, FunctionAttribute attribute, int value))             \
  X(occupancy, cuOccupancyMaxActiveBlocksPerMultiprocessor,                                                            \
    (int *blocks, Function function, int threads, std::size_t sharedBytes))                                            \
  X(launchKernel, cuLaunchKernel,                                                                                      \
    (Function function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,              \
     unsigned blockZ, unsigned sharedBytes, Queue queue, void **parameters, void **extra))

/// The same of functions that only some kernels need, or that only measure: a driver may lack them.
#define TILE_DRIVER_OPTIONAL_FUNCTIONS(X)                                                                              \
  X(launchKernelEx, cuLaunchKernelEx,                                                                                  \
    (const LaunchConfig *config, Function function, void **parameters, void **extra))                                  \
  X(eventCreate, cuEventCreate, (Event * event, unsigned flags))                                                       \
  X(eventRecord, cuEventRecord, (Event event, Queue queue))                                                            \
  X(eventSynchronize, cuEventSynchronize, (Event event))                                                               \
  X(eventElapsedTime, cuEventElapsedTime, (float *milliseconds, Event start, Event end))                               \
  X(eventDestroy, cuEventDestroy_v2, (Event event))                                                                    \
  X(tensorMapEncodeTiled, cuTensorMapEncodeTiled,                                                                      \
    (TensorMapObject * map, TensorMapType type, unsigned rank, Address address, const std::uint64_t *extents,          \
     const std::uint64_t *byteStrides, const std::uint32_t *box, const std::uint32_t *steps,                           \
     TensorMapInterleave interleave, TensorMapSwizzle swizzle, TensorMapPromotion promotion, TensorMapFill fill))

/// The functions, once they have been found.
struct Api {
#define TILE_DRIVER_MEMBER(member, symbol, parameters) std::add_pointer_t<Result parameters> member = nullptr;
  TILE_DRIVER_FUNCTIONS(TILE_DRIVER_MEMBER)
  TILE_DRIVER_OPTIONAL_FUNCTIONS(TILE_DRIVER_MEMBER)
#undef TILE_DRIVER_MEMBER
};

} // namespace tile::driver

#endif // TILE_DRIVER_API_H
