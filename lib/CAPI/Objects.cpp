//===- Objects.cpp - Types, devices, buffers and programs for C ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handles.h"

using namespace tile;
using namespace tile::capi;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

static bool isType(TileDType type) { return type >= TILE_BOOL && type <= TILE_F8E5M2; }

static_assert(TILE_BOOL == static_cast<int>(DType::Bool) && TILE_I64 == static_cast<int>(DType::I64) &&
              TILE_U64 == static_cast<int>(DType::U64) && TILE_F16 == static_cast<int>(DType::F16) &&
              TILE_F64 == static_cast<int>(DType::F64) && TILE_F8E5M2 == static_cast<int>(DType::F8E5M2));

size_t tileDTypeSize(TileDType type) { return isType(type) ? sizeOf(static_cast<DType>(type)) : 0; }

const char *tileDTypeName(TileDType type) { return isType(type) ? nameOf(static_cast<DType>(type)) : nullptr; }

TileDType tileDTypeFromName(const char *name) {
  std::optional<DType> type = name ? dtypeOf(name) : std::nullopt;
  return type ? static_cast<TileDType>(*type) : -1;
}

//===----------------------------------------------------------------------===//
// Devices and streams
//===----------------------------------------------------------------------===//

TileStatus tileDeviceGetBest(TileDevice *device) {
  return guarded([&] { *needed(device, "the result") = new TileDeviceImpl(Device::best()); });
}

TileStatus tileDeviceGetByName(const char *name, TileDevice *device) {
  return guarded([&] {
    needed(device, "the result");
    *device = new TileDeviceImpl(Device::byName(needed(name, "the name")));
  });
}

TileStatus tileDeviceCreateCpu(unsigned threads, TileDevice *device) {
  return guarded([&] { *needed(device, "the result") = new TileDeviceImpl(Device::cpu(threads)); });
}

TileStatus tileDeviceFromCudaContext(void *context, TileDevice *device) {
  return guarded([&] {
    needed(device, "the result");
    *device = new TileDeviceImpl(Device::fromCudaContext(needed(context, "the context")));
  });
}

void tileDeviceRelease(TileDevice device) { delete device; }

const char *tileDeviceName(TileDevice device) { return device ? device->device.name().c_str() : nullptr; }

const char *tileDeviceDescription(TileDevice device) { return device ? device->description.c_str() : nullptr; }

const char *tileDeviceTarget(TileDevice device) { return device ? device->target.c_str() : nullptr; }

void *tileDeviceContext(TileDevice device) { return device ? device->device.context() : nullptr; }

int tileDeviceEqual(TileDevice first, TileDevice second) {
  return first && second ? first->device == second->device : first == second;
}

int tileCudaDeviceCount(void) { return Device::cudaCount(); }

TileStatus tileCudaSetDriver(const char *path) {
  return guarded([&] { Device::setCudaDriver(needed(path, "the path")); });
}

TileStatus tileStreamCreate(TileDevice device, TileStream *stream) {
  return guarded([&] {
    needed(stream, "the result");
    *stream = new TileStreamImpl{Stream(needed(device, "the device")->device)};
  });
}

TileStatus tileStreamFromHandle(TileDevice device, void *handle, TileStream *stream) {
  return guarded([&] {
    needed(stream, "the result");
    *stream = new TileStreamImpl{Stream::fromHandle(needed(device, "the device")->device, handle)};
  });
}

void tileStreamRelease(TileStream stream) { delete stream; }

void *tileStreamHandle(TileStream stream) { return stream ? stream->stream.handle() : nullptr; }

TileStatus tileStreamSynchronize(TileStream stream) {
  return guarded([&] { needed(stream, "the stream")->stream.synchronize(); });
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

TileStatus tileBufferCreate(TileDevice device, size_t bytes, TileBuffer *buffer) {
  return guarded([&] {
    needed(buffer, "the result");
    *buffer = new TileBufferImpl{Buffer(needed(device, "the device")->device, bytes)};
  });
}

void tileBufferRelease(TileBuffer buffer) { delete buffer; }

void *tileBufferData(TileBuffer buffer) { return buffer ? buffer->buffer.data() : nullptr; }

size_t tileBufferSize(TileBuffer buffer) { return buffer ? buffer->buffer.size() : 0; }

TileStatus tileBufferUpload(TileBuffer buffer, const void *host, size_t bytes, size_t offset) {
  return guarded([&] {
    if (bytes)
      needed(host, "the host's memory");
    needed(buffer, "the buffer")->buffer.upload(host, bytes, offset);
  });
}

TileStatus tileBufferDownload(TileBuffer buffer, void *host, size_t bytes, size_t offset) {
  return guarded([&] {
    if (bytes)
      needed(host, "the host's memory");
    needed(buffer, "the buffer")->buffer.download(host, bytes, offset);
  });
}

//===----------------------------------------------------------------------===//
// The cache
//===----------------------------------------------------------------------===//

TileStatus tileCacheSet(const char *folder, int enabled, uint64_t maxBytes) {
  return guarded([&] {
    CacheOptions options;
    options.folder = folder ? folder : "";
    options.enabled = enabled != 0;
    if (maxBytes)
      options.maxBytes = maxBytes;
    setCache(options);
  });
}

TileStatus tileCacheFolder(char **folder) {
  return guarded([&] { *needed(folder, "the result") = copyOf(cacheFolder().string()); });
}

//===----------------------------------------------------------------------===//
// Programs and kernels
//===----------------------------------------------------------------------===//

TileStatus tileProgramFromFile(const char *path, TileProgram *program) {
  return guarded([&] {
    needed(program, "the result");
    *program = new TileProgramImpl(Program::fromFile(needed(path, "the path")));
  });
}

TileStatus tileProgramFromString(const char *source, size_t length, const char *name, TileProgram *program) {
  return guarded([&] {
    needed(program, "the result");
    std::string_view text(length ? needed(source, "the source") : "", length);
    *program = new TileProgramImpl(name ? Program::fromString(text, name) : Program::fromString(text));
  });
}

void tileProgramRelease(TileProgram program) { delete program; }

size_t tileProgramKernelCount(TileProgram program) { return program ? program->kernels.size() : 0; }

const char *tileProgramKernelName(TileProgram program, size_t index) {
  return program && index < program->kernels.size() ? program->kernels[index].c_str() : nullptr;
}

static Parameter toParameter(const TileParameter &parameter) {
  switch (parameter.kind) {
  case TILE_PARAMETER_INTEGER:
    return parameter.integer;
  case TILE_PARAMETER_BOOL:
    return parameter.integer != 0;
  case TILE_PARAMETER_TEXT:
    return needed(parameter.text, "the text of a parameter");
  default:
    throw InvalidCall("parameter '" + std::string(parameter.name) + "' is of kind " + std::to_string(parameter.kind) +
                      ", which there isn't");
  }
}

TileStatus tileKernelCreate(TileProgram program, const char *name, const TileParameter *parameters,
                            size_t parameterCount, const TileKernelOptions *options, TileKernel *kernel) {
  return guarded([&] {
    needed(kernel, "the result");
    needed(program, "the program");
    needed(name, "the name");
    if (parameterCount)
      needed(parameters, "the array of parameters");
    Parameters given;
    for (size_t i = 0; i < parameterCount; ++i) {
      std::string key = needed(parameters[i].name, "the name of a parameter");
      if (!given.emplace(key, toParameter(parameters[i])).second)
        throw InvalidCall("parameter '" + key + "' is given twice");
    }
    KernelOptions chosen;
    if (options) {
      chosen.checked = options->checked != 0;
      chosen.plain = options->plain != 0;
      chosen.teams = options->teams;
      chosen.groupRows = options->groupRows;
      chosen.planFor = options->planFor ? options->planFor : "";
    }
    *kernel = new TileKernelImpl{program->program.kernel(name, given, chosen)};
  });
}

void tileKernelRelease(TileKernel kernel) { delete kernel; }

const char *tileKernelName(TileKernel kernel) { return kernel ? kernel->kernel.name().c_str() : nullptr; }
