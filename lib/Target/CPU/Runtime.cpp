//===- Runtime.cpp - What generated code calls --------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies between views and tiles that the generated code has no quick way for, assertions, and the conversions between halves and
// f32 that code for processors without such instructions calls.
//
//===----------------------------------------------------------------------===//

#include "Runtime.h"

#include "RuntimeDebug.h"
#include "RuntimeLate.h"
#include "RuntimeRecord.h"
#include "tile/Dialect/Tile.h"

#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/bit.h>

#include <cmath>
#include <cstring>

using namespace tile;
using namespace tile::cpu;

void RunState::fail(std::string message) {
  std::lock_guard lock(mutex);
  if (error.empty())
    error = std::move(message);
  stopped = true;
}

//===----------------------------------------------------------------------===//
// Boxes
//===----------------------------------------------------------------------===//

namespace {
/// An axis of a tile: where it lies in memory, and which of its indices are inside the view.
struct TileAxis {
  int64_t width, viewStride, tileStride, begin, end;
};
} // namespace

/// The axes of a box's tile. False when nothing of it is inside.
static bool axesOf(const Box &box, llvm::SmallVectorImpl<TileAxis> &axes, const char *&origin) {
  bool any = true;
  int64_t offset = 0;
  for (int64_t i = 0; i < box.rank; ++i) {
    const Box::Axis &axis = box.axes[i];
    if (axis.width == ir::kScalarIndex) {
      any &= axis.offset >= 0 && axis.offset < axis.extent;
      offset += axis.offset * axis.stride;
      continue;
    }
    // Compared so that no sum can overflow.
    int64_t begin = axis.offset >= 0 ? 0 : axis.offset <= -axis.width ? axis.width : -axis.offset;
    int64_t end =
        axis.offset >= axis.extent ? 0 : std::min(axis.width, axis.extent - std::max(axis.offset, -axis.width));
    axes.push_back({axis.width, axis.stride, 0, begin, end});
    any &= begin < end;
    offset += axis.offset * axis.stride;
  }
  int64_t stride = 1;
  for (TileAxis &axis : llvm::reverse(axes)) {
    axis.tileStride = stride;
    stride *= axis.width;
  }
  origin = box.view;
  if (any)
    origin += offset * box.elementBytes;
  return any;
}

/// Copies one element type's worth of rows; the innermost axis last.
template <typename T, bool toTile>
static void copyInside(llvm::ArrayRef<TileAxis> axes, T *view, T *tile) {
  const TileAxis &axis = axes.front();
  if (axes.size() > 1) {
    for (int64_t i = axis.begin; i < axis.end; ++i)
      copyInside<T, toTile>(axes.drop_front(), view + i * axis.viewStride, tile + i * axis.tileStride);
    return;
  }
  int64_t count = axis.end - axis.begin;
  view += axis.begin * axis.viewStride;
  tile += axis.begin;
  if (axis.viewStride == 1) {
    toTile ? std::memcpy(tile, view, count * sizeof(T)) : std::memcpy(view, tile, count * sizeof(T));
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    if constexpr (toTile)
      tile[i] = view[i * axis.viewStride];
    else
      view[i * axis.viewStride] = tile[i];
}

/// Copies between a tile and a view whose columns lie together, in blocks, so that each cache line is used whole.
template <typename T, bool toTile>
static void copyTransposed(const TileAxis &rows, const TileAxis &columns, T *view, T *tile) {
  constexpr int64_t kBlock = 16;
  for (int64_t i0 = rows.begin; i0 < rows.end; i0 += kBlock)
    for (int64_t j0 = columns.begin; j0 < columns.end; j0 += kBlock)
      for (int64_t j = j0; j < std::min(j0 + kBlock, columns.end); ++j)
        for (int64_t i = i0; i < std::min(i0 + kBlock, rows.end); ++i) {
          T &inView = view[i * rows.viewStride + j * columns.viewStride];
          T &inTile = tile[i * rows.tileStride + j];
          if constexpr (toTile)
            inTile = inView;
          else
            inView = inTile;
        }
}

template <typename T, bool toTile>
static void copyBox(const Box &box) {
  llvm::SmallVector<TileAxis, kMaxRank> axes;
  const char *origin;
  bool any = axesOf(box, axes, origin);
  T *tile = reinterpret_cast<T *>(box.tile);
  if constexpr (toTile) {
    bool whole = any;
    int64_t count = 1;
    for (const TileAxis &axis : axes) {
      whole &= axis.begin == 0 && axis.end == axis.width;
      count *= axis.width;
    }
    if (!whole)
      std::fill_n(tile, count, static_cast<T>(box.pad));
  }
  if (!any)
    return;
  T *view = reinterpret_cast<T *>(const_cast<char *>(origin));
  if (axes.size() == 2 && axes[1].viewStride != 1 && axes[0].viewStride == 1)
    copyTransposed<T, toTile>(axes[0], axes[1], view, tile);
  else
    copyInside<T, toTile>(axes, view, tile);
}

template <bool toTile>
static void copyBox(const Box &box) {
  switch (box.elementBytes) {
  case 1:
    return copyBox<uint8_t, toTile>(box);
  case 2:
    return copyBox<uint16_t, toTile>(box);
  case 4:
    return copyBox<uint32_t, toTile>(box);
  default:
    return copyBox<uint64_t, toTile>(box);
  }
}

void cpu::readBox(const Box &box) { copyBox<true>(box); }

static void readView(const Box *box) { copyBox<true>(*box); }
static void writeView(const Box *box) { copyBox<false>(*box); }

//===----------------------------------------------------------------------===//
// Halves
//===----------------------------------------------------------------------===//

/// The bits of a number in another format, rounded to nearest even.
template <typename To, typename From>
static To convert(From value, const llvm::fltSemantics &from, const llvm::fltSemantics &to) {
  llvm::APFloat number(from, llvm::APInt(sizeof(From) * 8, value));
  bool inexact;
  number.convert(to, llvm::APFloat::rmNearestTiesToEven, &inexact);
  return static_cast<To>(number.bitcastToAPInt().getZExtValue());
}

// The compiler's helpers for halves pass them, on x86-64, in the registers of floats; a float whose low bits hold the half's is
// passed the same way.
static float halfInFloat(uint16_t bits) { return llvm::bit_cast<float>(static_cast<uint32_t>(bits)); }
static float truncsfhf2(float value) {
  return halfInFloat(
      convert<uint16_t>(llvm::bit_cast<uint32_t>(value), llvm::APFloat::IEEEsingle(), llvm::APFloat::IEEEhalf()));
}
static float truncdfhf2(double value) {
  return halfInFloat(
      convert<uint16_t>(llvm::bit_cast<uint64_t>(value), llvm::APFloat::IEEEdouble(), llvm::APFloat::IEEEhalf()));
}
static float truncsfbf2(float value) {
  return halfInFloat(
      convert<uint16_t>(llvm::bit_cast<uint32_t>(value), llvm::APFloat::IEEEsingle(), llvm::APFloat::BFloat()));
}
static float truncdfbf2(double value) {
  return halfInFloat(
      convert<uint16_t>(llvm::bit_cast<uint64_t>(value), llvm::APFloat::IEEEdouble(), llvm::APFloat::BFloat()));
}
static float extendhfsf2(float half) {
  auto bits = static_cast<uint16_t>(llvm::bit_cast<uint32_t>(half));
  return llvm::bit_cast<float>(convert<uint32_t>(bits, llvm::APFloat::IEEEhalf(), llvm::APFloat::IEEEsingle()));
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

template <typename Result, typename... Arguments>
static void *address(Result (*function)(Arguments...)) {
  return reinterpret_cast<void *>(function);
}

llvm::ArrayRef<std::pair<llvm::StringRef, void *>> cpu::runtimeSymbols() {
  static const std::pair<llvm::StringRef, void *> symbols[] = {
      {"tile_cpu_read", address(readView)},
      {"tile_cpu_write", address(writeView)},
      {"tile_cpu_late_ring", address(lateRing)},
      {"tile_cpu_late_acquire", address(lateAcquire)},
      {"tile_cpu_late_copy", address(lateCopy)},
      {"tile_cpu_late_commit", address(lateCommit)},
      {"tile_cpu_late_await", address(lateAwait)},
      {"tile_cpu_late_release", address(lateRelease)},
      {"tile_cpu_assert", address(assertFailed)},
      {"tile_cpu_assert_all", address(assertAll)},
      {"tile_cpu_print_begin", address(printBegin)},
      {"tile_cpu_print_value", address(printValue)},
      {"tile_cpu_print_end", address(printEnd)},
      {"__truncsfhf2", address(truncsfhf2)},
      {"tile_cpu_record_begin", address(recordBegin)},
      {"tile_cpu_record_end", address(recordEnd)},
      {"tile_cpu_stamp", address(stamp)},
      {"__truncdfhf2", address(truncdfhf2)},
      {"__truncsfbf2", address(truncsfbf2)},
      {"__truncdfbf2", address(truncdfbf2)},
      {"__extendhfsf2", address(extendhfsf2)},
  };
  return symbols;
}
