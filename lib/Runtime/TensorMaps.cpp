//===- TensorMaps.cpp - Tensor maps of the views of a launch ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/TensorMaps.h"

#include <llvm/ADT/STLExtras.h>

#include <cstring>
#include <mutex>

namespace tile::runtime {

using Words = llvm::ArrayRef<std::uint64_t>;

static constexpr std::size_t kMostAxes = 5;

/// By width alone: copies change no bits, and the fill is zero bits.
static driver::TensorMapType typeOf(unsigned elementBytes) {
  switch (elementBytes) {
  case 1:
    return driver::TensorMapType::U8;
  case 2:
    return driver::TensorMapType::U16;
  case 4:
    return driver::TensorMapType::U32;
  default:
    return driver::TensorMapType::U64;
  }
}

static driver::TensorMapSwizzle swizzleOf(std::int64_t bytes) {
  switch (bytes) {
  case 32:
    return driver::TensorMapSwizzle::Span32;
  case 64:
    return driver::TensorMapSwizzle::Span64;
  case 128:
    return driver::TensorMapSwizzle::Span128;
  default:
    return driver::TensorMapSwizzle::None;
  }
}

/// Has the driver make a map of a view: its base, extents and strides.
static driver::Result encodeOne(const driver::Api &api, const TensorMap &map, Words view, TensorMapMemo::Map &made) {
  constexpr std::uint64_t kAlign = 16;
  std::size_t rank = map.axes.size();
  Words extents = view.slice(1, rank), strides = view.slice(1 + rank, rank);
  std::uint64_t sizes[kMostAxes], byteStrides[kMostAxes];
  std::uint32_t box[kMostAxes], steps[kMostAxes];
  for (auto [i, axis] : llvm::enumerate(map.axes)) {
    sizes[i] = extents[axis];
    // An axis of one element may have any stride; 0, which it has here, is none to the driver.
    byteStrides[i] = sizes[i] == 1 ? kAlign : strides[axis] * map.elementBytes;
    box[i] = static_cast<std::uint32_t>(map.box[i]);
    steps[i] = 1;
  }
  // The first axis has no stride of its own.
  driver::TensorMapObject object;
  driver::Result error =
      api.tensorMapEncodeTiled(&object, typeOf(map.elementBytes), static_cast<unsigned>(rank), view[0], sizes,
                               byteStrides + 1, box, steps, driver::TensorMapInterleave::None, swizzleOf(map.swizzle),
                               driver::TensorMapPromotion::Bytes128, driver::TensorMapFill::Zeros);
  static_assert(sizeof(made) == sizeof(object));
  std::memcpy(&made, &object, sizeof(object));
  return error;
}

driver::Result TensorMapMemo::encode(const driver::Api &api, llvm::ArrayRef<TensorMap> maps, Words words, List &made,
                                     std::size_t &failed) {
  made.resize_for_overwrite(maps.size());
  auto viewOf = [&](std::size_t index) { return words.slice(maps[index].word, 1 + 2 * maps[index].axes.size()); };
  llvm::SmallVector<std::size_t, 8> unknown;
  {
    std::shared_lock lock(mutex, std::try_to_lock);
    for (std::size_t i = 0; i < maps.size(); ++i) {
      auto isOfView = [view = viewOf(i)](const Entry &entry) {
        return std::equal(view.begin(), view.end(), entry.view.begin());
      };
      const Entry *found = lock ? llvm::find_if(known[i].entries, isOfView) : nullptr;
      if (found && found != known[i].entries.end())
        made[i] = found->map;
      else
        unknown.push_back(i);
    }
  }
  if (unknown.empty())
    return driver::result::success;
  for (std::size_t i : unknown)
    if (driver::Result error = encodeOne(api, maps[i], viewOf(i), made[i])) {
      failed = i;
      return error;
    }
  std::unique_lock lock(mutex, std::try_to_lock);
  if (!lock)
    return driver::result::success;
  for (std::size_t i : unknown) {
    Latest &latest = known[i];
    Entry &entry = latest.entries[latest.next++ % latest.entries.size()];
    llvm::copy(viewOf(i), entry.view.begin());
    entry.map = made[i];
  }
  return driver::result::success;
}

} // namespace tile::runtime
