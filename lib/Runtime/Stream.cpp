//===- Stream.cpp - Queues of launches --------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Error.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Runtime/KernelImpl.h"
#include "tile/Target/CPU/Printing.h"

namespace tile {

using namespace runtime;

Stream::Stream(std::shared_ptr<Impl> impl) : impl(std::move(impl)) {}

Stream::Stream(const Device &device) : impl(std::make_shared<Impl>(device)) {
  driver::Gpu *gpu = device.get()->gpu.get();
  if (!gpu)
    return;
  driver::ContextScope scope(*gpu);
  check(*gpu, scope.error, "the device's context can't be used");
  // One that doesn't wait for the context's default queue, nor makes it wait.
  check(*gpu, gpu->api().streamCreate(&impl->queue, driver::kNonBlocking), "a stream can't be made");
  impl->owned = true;
}

Stream Stream::fromHandle(const Device &device, void *stream) {
  driver::Gpu *gpu = device.get()->gpu.get();
  if (!gpu)
    throw Error("device '" + device.name() + "' has no streams of the CUDA driver");
  auto impl = std::make_shared<Impl>(device);
  impl->queue = static_cast<driver::Queue>(stream);
  if (!stream)
    return Stream(std::move(impl));
  driver::ContextScope scope(*gpu);
  check(*gpu, scope.error, "the device's context can't be used");
  driver::Context context = nullptr;
  check(*gpu, gpu->api().streamGetContext(impl->queue, &context), "the CUDA stream can't be used");
  if (context != gpu->context())
    throw Error("the CUDA stream belongs to another context than device '" + device.name() + "'");
  return Stream(std::move(impl));
}

Stream::Impl::~Impl() {
  driver::Gpu *gpu = device.get()->gpu.get();
  if (!gpu)
    return;
  driver::ContextScope scope(*gpu);
  for (const CheckedMemory &memory : checked) {
    gpu->forget(memory.address, 1);
    gpu->api().memFree(memory.address);
  }
  if (owned)
    gpu->api().streamDestroy(queue);
}

void Stream::synchronize() {
  driver::Gpu *gpu = impl->device.get()->gpu.get();
  if (!gpu) {
    // A launch is done when it returns; what another thread has under way is waited for.
    std::lock_guard<std::mutex> guard(impl->running);
    return;
  }
  {
    driver::ContextScope scope(*gpu);
    check(*gpu, scope.error, "the device's context can't be used");
    check(*gpu, gpu->api().streamSynchronize(impl->queue), "launches on the stream have failed");
  }
  impl->readChecked();
}

const Device &Stream::device() const noexcept { return impl->device; }

void *Stream::handle() const noexcept { return impl->queue; }

//===----------------------------------------------------------------------===//
// Checked kernels
//===----------------------------------------------------------------------===//

static constexpr std::size_t headerWords = nvptx::CheckedHeader::bytes / sizeof(std::uint32_t);

/// Makes checked memory what it is before the first launch. What lies behind the records reads as no message's number.
static void clear(driver::Gpu &gpu, driver::Address address, std::size_t recordBytes) {
  std::vector<std::uint32_t> words(headerWords + recordBytes / sizeof(std::uint32_t), ~std::uint32_t(0));
  std::fill_n(words.begin(), headerWords, 0);
  words[5] = kCheckedBytes;
  copyToGpu(gpu, address, words.data(), words.size() * sizeof(std::uint32_t));
}

driver::Address Stream::Impl::checkedMemory(const std::shared_ptr<const Compiled> &kernel) {
  std::lock_guard guard(checkedMutex);
  for (const CheckedMemory &memory : checked)
    if (memory.kernel == kernel)
      return memory.address;
  driver::Gpu &gpu = *device.get()->gpu;
  int capturing = 0;
  check(gpu, gpu.api().streamIsCapturing(queue, &capturing), "the stream can't be examined");
  if (capturing)
    throw Error("kernel '" + kernel->kernel.signature->name +
                "' is checked and hasn't been launched on this stream before; its first launch can't be captured");
  CheckedMemory memory{kernel, 0};
  check(gpu, gpu.api().memAlloc(&memory.address, nvptx::CheckedHeader::bytes + kCheckedBytes),
        "a checked kernel has no memory to print to");
  checked.push_back(memory);
  clear(gpu, memory.address, kCheckedBytes);
  return memory.address;
}

/// What a failed assertion has to say.
static Error assertionError(const Compiled &compiled, const CheckedResult &result) {
  Diagnostic diagnostic;
  diagnostic.message = "assertion failed: " + result.failed->message;
  diagnostic.file = result.failed->location.file;
  diagnostic.line = result.failed->location.line;
  diagnostic.column = result.failed->location.column;
  Diagnostic note;
  note.severity = Severity::Note;
  note.message = "in program (" + std::to_string(result.program[0]) + ", " + std::to_string(result.program[1]) + ", " +
                 std::to_string(result.program[2]) + ") of kernel '" + compiled.kernel.signature->name + "'";
  diagnostic.notes.push_back(std::move(note));
  std::string text = render(diagnostic, sourcesOf(*compiled.kernel.file));
  return Error(text, {std::move(diagnostic)});
}

void Stream::Impl::readChecked() {
  std::lock_guard guard(checkedMutex);
  driver::Gpu &gpu = *device.get()->gpu;
  std::optional<Error> error;
  for (const CheckedMemory &memory : checked) {
    std::uint32_t header[headerWords];
    copyFromGpu(gpu, header, memory.address, sizeof(header));
    if (!header[0] && !header[1])
      continue;
    std::string records(std::min(header[0], kCheckedBytes), '\0');
    if (!records.empty())
      copyFromGpu(gpu, records.data(), memory.address + sizeof(header), records.size());
    CheckedResult result = readRecords(memory.kernel->gpu->image, header, records, cpu::writeLines);
    if (result.lost)
      cpu::warn("kernel '" + memory.kernel->kernel.signature->name + "' printed " + llvm::Twine(result.lost) +
                " bytes more than there is room for between two synchronisations of a stream");
    clear(gpu, memory.address, llvm::alignTo(records.size(), sizeof(std::uint32_t)));
    if (result.failed && !error)
      error = assertionError(*memory.kernel, result);
  }
  if (error)
    throw Error(*error);
}

} // namespace tile
