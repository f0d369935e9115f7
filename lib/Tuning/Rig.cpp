//===- Rig.cpp - A device with arguments to measure on --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Rig.h"
#include "tile/Runtime/Call.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Runtime/Overlap.h"
#include "tile/Tuning/Problem.h"

#include <llvm/ADT/StringMap.h>

#include <cstring>

using namespace tile;
using namespace tile::tuning;

/// Views begin as far behind a multiple of this as the caller's do: whatever code depends on of an address is the same.
static constexpr std::uint64_t kAlign = 64;

Originals::Originals(const Device &device, const lang::KernelSignature &signature, std::span<const Argument> given,
                     bool all)
    : given(given), device(device), views(given.size()) {
  for (auto [index, view] : llvm::enumerate(views)) {
    if (given[index].getKind() != Argument::Kind::View)
      continue;
    const Tensor &tensor = given[index].getTensor();
    lang::Access access = signature.arguments[index].access;
    view.isView = true;
    view.isWritten = access != lang::Access::In;
    view.isRead = access != lang::Access::Out;
    std::vector<std::int64_t> strides = tensor.strides();
    for (std::int64_t &stride : strides)
      stride *= sizeOf(tensor.type());
    std::uint64_t high = 0;
    rangeOf({reinterpret_cast<std::uintptr_t>(tensor.data()), tensor.shape(), strides, sizeOf(tensor.type())}, view.low,
            high);
    view.bytes = high - view.low;
    if (!view.isRead || !(all || view.isWritten) || !view.bytes)
      continue;
    view.contents.resize(view.bytes);
    if (driver::Gpu *gpu = device.get()->gpu.get())
      runtime::copyFromGpu(*gpu, view.contents.data(), view.low, view.bytes);
    else
      std::memcpy(view.contents.data(), reinterpret_cast<const void *>(view.low), view.bytes);
  }
}

Rig::Rig(const Device &device, const Originals &originals) : originals(originals), stream(device), watch(stream) {
  std::size_t count = originals.views.size();
  memory.resize(count);
  offsets.resize(count);
  tensors.reserve(count);
  for (auto [index, view] : llvm::enumerate(originals.views)) {
    bool isOwn = view.isView && view.bytes && (view.isWritten || !(device == originals.device));
    if (!isOwn) {
      passed.push_back(originals.given[index]);
      continue;
    }
    const Tensor &tensor = originals.given[index].getTensor();
    offsets[index] = view.low % kAlign;
    memory[index] = std::make_unique<Buffer>(device, offsets[index] + view.bytes);
    std::uint64_t base = reinterpret_cast<std::uintptr_t>(memory[index]->data()) + offsets[index] +
                         (reinterpret_cast<std::uintptr_t>(tensor.data()) - view.low);
    tensors.emplace_back(reinterpret_cast<void *>(base), tensor.type(), tensor.shape(), tensor.strides());
    passed.push_back(Argument(tensors.back()));
    reset(index);
  }
}

void Rig::reset(std::size_t index) {
  const Originals::View &view = originals.views[index];
  // What is only written holds what no kernel should write.
  bool isBool = originals.given[index].getTensor().type() == DType::Bool;
  std::string filler = view.isRead ? std::string() : std::string(view.bytes, isBool ? '\0' : '\xff');
  memory[index]->upload(view.isRead ? view.contents.data() : filler.data(), view.bytes, offsets[index]);
}

/// The elements of a view, which begins so many bytes behind the first of `bytes`, in a row.
static std::string gather(const Tensor &tensor, const std::string &bytes, std::size_t begin) {
  std::size_t size = sizeOf(tensor.type());
  auto elements = static_cast<std::size_t>(tensor.size());
  // Whatever the order of the axes is, it is the same for all results.
  if (bytes.size() == elements * size)
    return bytes;
  std::string result(elements * size, '\0');
  std::vector<std::int64_t> index(tensor.rank(), 0);
  for (std::size_t at = 0; at < elements; ++at) {
    auto offset = static_cast<std::int64_t>(begin);
    for (unsigned axis = 0; axis < tensor.rank(); ++axis)
      offset += index[axis] * tensor.strides()[axis] * static_cast<std::int64_t>(size);
    std::memcpy(&result[at * size], &bytes[static_cast<std::size_t>(offset)], size);
    for (unsigned axis = tensor.rank(); axis-- > 0 && ++index[axis] == tensor.shape()[axis];)
      index[axis] = 0;
  }
  return result;
}

std::vector<std::string> Rig::run(const Prepared &code) {
  for (std::size_t index = 0; index < memory.size(); ++index)
    if (memory[index] && originals.views[index].isWritten)
      reset(index);
  code.launchWith(stream, passed);
  stream.synchronize();
  std::vector<std::string> results;
  for (std::size_t index = 0; index < memory.size(); ++index) {
    const Originals::View &view = originals.views[index];
    if (!memory[index] || !view.isWritten)
      continue;
    std::string bytes(view.bytes, '\0');
    memory[index]->download(bytes.data(), bytes.size(), offsets[index]);
    const Tensor &tensor = originals.given[index].getTensor();
    results.push_back(gather(tensor, bytes, reinterpret_cast<std::uintptr_t>(tensor.data()) - view.low));
  }
  return results;
}

double Rig::errorOf(const std::vector<std::string> &got, const std::vector<std::string> &wanted) const {
  double largest = 0;
  std::size_t next = 0;
  for (std::size_t index = 0; index < memory.size(); ++index)
    if (memory[index] && originals.views[index].isWritten) {
      DType type = originals.given[index].getTensor().type();
      largest = std::max(largest, relativeError(got[next], wanted[next], type));
      ++next;
    }
  return largest;
}

double Rig::time(const Prepared &code, unsigned launches) {
  return watch.time([&] { code.launchWith(stream, passed); }, launches);
}

std::string Rig::broken() const {
  driver::Gpu *gpu = device().get()->gpu.get();
  if (!gpu || gpu->broken == driver::result::success)
    return "";
  return "device '" + device().name() + "' can't be used any more: " + gpu->driver().describe(gpu->broken);
}

std::mutex &Rig::mutex() const {
  // Never destroyed, as tuning may go on while the process ends.
  static auto *guard = new std::mutex;
  static auto *all = new llvm::StringMap<std::mutex>;
  std::lock_guard lock(*guard);
  return (*all)[device().name()];
}
