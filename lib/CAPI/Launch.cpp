//===- Launch.cpp - Arguments and launches for C -------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Handles.h"

#include <limits>

using namespace tile;
using namespace tile::capi;

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

namespace {
/// The arguments of a call in C++'s terms.
class Arguments {
public:
  Arguments(const TileArgument *given, size_t count);
  Arguments(const Arguments &) = delete;
  Arguments &operator=(const Arguments &) = delete;

  std::span<const Argument> get() const { return arguments; }

private:
  /// `arguments` refer to these.
  std::vector<Tensor> tensors;
  std::vector<Argument> arguments;
};
} // namespace

/// "argument 2", counted from 0.
static std::string placeOf(size_t index) { return "argument " + std::to_string(index); }

static Tensor toTensor(const TileArgument &given, size_t index) {
  if (given.rank < 0 || given.rank > 64)
    throw InvalidCall(placeOf(index) + " has " + std::to_string(given.rank) + " axes");
  if (given.rank && !given.shape)
    throw InvalidCall(placeOf(index) + " has no shape");
  std::vector<std::int64_t> shape(given.shape, given.shape + given.rank);
  auto type = static_cast<DType>(given.type);
  if (!given.strides)
    return given.readOnly ? Tensor(static_cast<const void *>(given.data), type, std::move(shape))
                          : Tensor(given.data, type, std::move(shape));
  std::vector<std::int64_t> strides(given.strides, given.strides + given.rank);
  return given.readOnly ? Tensor(static_cast<const void *>(given.data), type, std::move(shape), std::move(strides))
                        : Tensor(given.data, type, std::move(shape), std::move(strides));
}

/// An integer as an argument of C++'s type of that name; it has to be a value of it.
template <typename T>
static Argument narrow(std::int64_t value, size_t index) {
  if (value < std::int64_t(std::numeric_limits<T>::min()) || value > std::int64_t(std::numeric_limits<T>::max()))
    throw InvalidCall(placeOf(index) + " is of type " + nameOf(dtype<T>()) + ", which has no value " +
                      std::to_string(value));
  return static_cast<T>(value);
}

static Argument toScalar(const TileArgument &given, size_t index) {
  switch (given.type) {
  case TILE_BOOL:
    return given.integer != 0;
  case TILE_I8:
    return narrow<std::int8_t>(given.integer, index);
  case TILE_I16:
    return narrow<std::int16_t>(given.integer, index);
  case TILE_I32:
    return narrow<std::int32_t>(given.integer, index);
  case TILE_I64:
    return given.integer;
  case TILE_U8:
    return narrow<std::uint8_t>(given.integer, index);
  case TILE_U16:
    return narrow<std::uint16_t>(given.integer, index);
  case TILE_U32:
    return narrow<std::uint32_t>(given.integer, index);
  case TILE_U64:
    return static_cast<std::uint64_t>(given.integer);
  default:
    return Scalar{static_cast<DType>(given.type), given.floating};
  }
}

Arguments::Arguments(const TileArgument *given, size_t count) {
  if (count)
    needed(given, "the array of arguments");
  // Nothing may move once it is referred to.
  tensors.reserve(count);
  arguments.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const TileArgument &from = given[i];
    if (from.kind != TILE_ARGUMENT_ABSENT && !tileDTypeSize(from.type))
      throw InvalidCall(placeOf(i) + " is of type " + std::to_string(from.type) + ", which there isn't");
    switch (from.kind) {
    case TILE_ARGUMENT_ABSENT:
      arguments.emplace_back(std::nullopt);
      break;
    case TILE_ARGUMENT_TENSOR:
      tensors.push_back(toTensor(from, i));
      arguments.emplace_back(tensors.back());
      break;
    case TILE_ARGUMENT_SCALAR:
      arguments.push_back(toScalar(from, i));
      break;
    default:
      throw InvalidCall(placeOf(i) + " is of kind " + std::to_string(from.kind) + ", which there isn't");
    }
  }
}

//===----------------------------------------------------------------------===//
// Compiling and launching
//===----------------------------------------------------------------------===//

struct TileCallImpl {
  Prepared prepared;
  Arguments arguments;
};

TileStatus tileKernelPrepare(TileKernel kernel, TileDevice device, const TileArgument *arguments, size_t count,
                             TilePrepared *prepared) {
  return guarded([&] {
    needed(prepared, "the result");
    needed(kernel, "the kernel");
    needed(device, "the device");
    Arguments given(arguments, count);
    *prepared = new TilePreparedImpl{kernel->kernel.prepareWith(device->device, given.get())};
  });
}

TileStatus tileKernelLaunch(TileKernel kernel, TileStream stream, const TileArgument *arguments, size_t count) {
  return guarded([&] {
    needed(kernel, "the kernel");
    needed(stream, "the stream");
    Arguments given(arguments, count);
    kernel->kernel.launchWith(stream->stream, given.get());
  });
}

TileStatus tileKernelTune(TileKernel kernel, TileDevice device, const TileArgument *arguments, size_t count,
                          const TileTuneOptions *options, char **json) {
  return guarded([&] {
    needed(json, "the result");
    needed(kernel, "the kernel");
    needed(device, "the device");
    Arguments given(arguments, count);
    TuneOptions own;
    std::atomic<bool> stop = false;
    if (options) {
      own.seconds = options->seconds;
      own.rounds = options->rounds ? options->rounds : own.rounds;
      own.again = options->again != 0;
      own.stop = &stop;
      if (options->progress)
        own.progress = [&](const std::string &text) {
          if (options->progress(text.c_str(), options->data))
            stop = true;
        };
    }
    *json = copyOf(tuneWith(kernel->kernel, device->device, own, given.get()).json());
  });
}

void tilePreparedRelease(TilePrepared prepared) { delete prepared; }

TileStatus tilePreparedLaunch(TilePrepared prepared, TileStream stream, const TileArgument *arguments, size_t count) {
  return guarded([&] {
    needed(prepared, "the prepared kernel");
    needed(stream, "the stream");
    Arguments given(arguments, count);
    prepared->prepared.launchWith(stream->stream, given.get());
  });
}

TileStatus tileCallCreate(TilePrepared prepared, const TileArgument *arguments, size_t count, TileCall *call) {
  return guarded([&] {
    needed(call, "the result");
    *call = new TileCallImpl{needed(prepared, "the prepared kernel")->prepared, Arguments(arguments, count)};
  });
}

void tileCallRelease(TileCall call) { delete call; }

TileStatus tileCallLaunch(TileCall call, TileStream stream) {
  return guarded([&] {
    needed(call, "the call");
    needed(stream, "the stream");
    call->prepared.launchWith(stream->stream, call->arguments.get());
  });
}

TileStatus tilePreparedReport(TilePrepared prepared, int32_t format, char **text) {
  return guarded([&] {
    needed(text, "the result");
    const Report &report = needed(prepared, "the prepared kernel")->prepared.report();
    if (format == TILE_REPORT_TEXT)
      *text = copyOf(report.text());
    else if (format == TILE_REPORT_JSON)
      *text = copyOf(report.json());
    else if (format == TILE_REPORT_SCHEDULE)
      *text = copyOf(report.schedule);
    else
      throw InvalidCall("there is no report of format " + std::to_string(format));
  });
}
