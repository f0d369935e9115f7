//===- ScratchPlan.cpp - Where a worker's buffers lie -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Target/CPU/ScratchPlan.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/Support/FormatVariadic.h>
#include <llvm/Support/MathExtras.h>

using namespace tile::cpu;

int ScratchPlan::create(int64_t bytes, std::string name) {
  buffers.push_back({bytes, 0, now, now, false, std::move(name)});
  ++now;
  use(buffers.size() - 1);
  return buffers.size() - 1;
}

void ScratchPlan::use(int buffer) {
  buffers[buffer].last = now++;
  // A loop that began before the buffer was made doesn't carry it around.
  if (!loops.empty() && buffers[buffer].first < loops.back().begin)
    loops.back().used.push_back(buffer);
}

void ScratchPlan::endLoop() {
  Loop loop = loops.pop_back_val();
  for (int buffer : loop.used)
    use(buffer);
}

void ScratchPlan::place(int64_t begin) {
  // The largest first, each at the lowest place where no buffer that lives at the same time lies.
  llvm::SmallVector<unsigned> order = llvm::to_vector(llvm::seq<unsigned>(0, buffers.size()));
  llvm::sort(order, [&](unsigned a, unsigned b) {
    return std::tuple(-buffers[a].bytes, a) < std::tuple(-buffers[b].bytes, b);
  });
  llvm::SmallVector<unsigned> placed;
  begin = llvm::alignTo(begin, kAlignment);
  end = begin;
  auto meet = [](const Buffer &a, const Buffer &b) {
    return a.kept || b.kept || (a.first <= b.last && b.first <= a.last);
  };
  for (unsigned index : order) {
    Buffer &buffer = buffers[index];
    buffer.offset = begin;
    // `placed` is sorted by offset.
    for (unsigned other : placed) {
      const Buffer &lower = buffers[other];
      if (!meet(buffer, lower))
        continue;
      if (buffer.offset + buffer.bytes <= lower.offset)
        break;
      buffer.offset = std::max<int64_t>(buffer.offset, llvm::alignTo(lower.offset + lower.bytes, kAlignment));
    }
    auto after = llvm::upper_bound(placed, buffer.offset,
                                   [&](int64_t offset, unsigned other) { return offset < buffers[other].offset; });
    placed.insert(after, index);
    end = std::max(end, buffer.offset + buffer.bytes);
  }
  end = llvm::alignTo(end, kAlignment);
}

llvm::SmallVector<std::string> ScratchPlan::itemise(unsigned most) const {
  llvm::SmallVector<const Buffer *> largest = llvm::to_vector(llvm::make_pointer_range(buffers));
  llvm::sort(largest,
             [](const Buffer *a, const Buffer *b) { return std::tuple(-a->bytes, a) < std::tuple(-b->bytes, b); });
  llvm::SmallVector<std::string> lines;
  for (const Buffer *buffer : llvm::ArrayRef(largest).take_front(most))
    lines.push_back(llvm::formatv("{0} KiB for {1}", llvm::divideCeil(buffer->bytes, 1024), buffer->name));
  return lines;
}
