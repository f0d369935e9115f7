//===- GpuKernel.cpp - Compiling, loading and launching for GPUs --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/GpuKernel.h"
#include "tile/Error.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Runtime/DiskCache.h"
#include "tile/Runtime/KernelImpl.h"
#include "tile/Target/CPU/Printing.h"

#include <llvm/Support/raw_ostream.h>

#include <chrono>

namespace tile::runtime {

PtxSource &ptxSource() {
  static PtxSource source = [](Compilation &compilation) { return compilation.compileForGpu(); };
  return source;
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

/// What the machine code of a specialisation depends on, as a name for a file: the source, the specialisation, the compiler, the driver
/// whose assembler makes the code, and the device that it makes it for.
static std::string codeKey(const driver::Gpu &gpu, const lang::File &file, const lang::Specialization &specialization,
                           llvm::StringRef target) {
  std::string text;
  llvm::raw_string_ostream(text) << "code\n"
                                 << gpu.driver().version() << '\n'
                                 << gpu.capability() << '\n'
                                 << keyOf(specialization, "", target) << '\n'
                                 << file.name() << '\n'
                                 << file.text();
  return diskKey(text);
}

/// What outlives the compiler's context of an image.
static GpuImage keep(const nvptx::Image &image, const KernelRef &kernel, const lang::Specialization &specialization,
                     const pipeline::RecordPlan &record) {
  GpuImage result;
  result.record = record;
  result.entry = image.entry;
  result.words = image.words;
  result.threads = image.threads;
  result.producerThreads = image.producerThreads;
  result.persistent = image.persistent;
  result.startsEarly = image.startsEarly;
  result.sharedBytes = image.sharedBytes;
  // Only a kernel that asserts or prints takes the address of its memory, after the words of its arguments and the grid.
  unsigned words = 0;
  // Which argument each of the compiled kernel's is, and its first word.
  llvm::SmallVector<std::pair<unsigned, unsigned>> places;
  for (auto [index, argument] : llvm::enumerate(kernel.signature->arguments)) {
    if (!specialization.present[index])
      continue;
    places.push_back({index, words});
    words += argument.isView ? 1 + 2 * argument.rank : 1;
  }
  unsigned recordWords = result.record.sites.empty() ? 0 : ir::RecordWords::Count;
  result.checked = image.words > words + 3 + recordWords;
  for (const nvptx::TensorMap &map : image.tensorMaps) {
    auto [argument, word] = places[map.view];
    result.tensorMaps.push_back({argument, word, static_cast<unsigned>(ir::elementBytes(map.element)),
                                 std::vector<std::int64_t>(map.axes.begin(), map.axes.end()),
                                 std::vector<std::int64_t>(map.box.begin(), map.box.end()), map.swizzle});
  }
  for (const nvptx::Assertion &assertion : image.assertions)
    result.assertions.push_back({assertion.message, locationOf(assertion.location)});
  for (const nvptx::Message &message : image.messages) {
    GpuImage::Message kept{message.format, {}};
    for (const nvptx::Message::Value &value : message.values)
      kept.values.push_back({cpu::letterOf(value.element, value.isUnsigned), ir::elementBytes(value.element),
                             std::vector<std::int64_t>(value.shape.begin(), value.shape.end())});
    result.messages.push_back(std::move(kept));
  }
  return result;
}

/// Seconds since a moment.
static double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Takes out of PTX that several programs are to fit a multiprocessor; false when it says no such thing.
static bool leaveRegisters(std::string &ptx) {
  constexpr llvm::StringLiteral directive = ".minnctapersm ";
  std::size_t begin = ptx.find(directive);
  if (begin == std::string::npos)
    return false;
  std::size_t end = ptx.find('\n', begin);
  if (llvm::StringRef(ptx).slice(begin + directive.size(), end).trim() == "1")
    return false;
  ptx.erase(begin, end - begin);
  return true;
}

/// Whether a kernel is better assembled whole, as the driver does when it loads PTX. Its linker, which gives the machine code to keep, has other
/// units in mind and lets no threads have registers of their own count (setmaxnreg): accumulators spill, or products wait for each
/// other. What it makes without a loss is kept; the rest the driver's own cache has to keep.
static bool isBetterWhole(const GpuImage &image, const driver::Assembled &assembled) {
  return image.producerThreads != 0 &&
         (driver::spilledBytes(assembled.log) > 0 || llvm::StringRef(assembled.log).contains("serialized"));
}

static GpuImage compileImage(driver::Gpu &gpu, const KernelRef &kernel, const lang::Specialization &specialization,
                             const std::string &target) {
  Compilation compilation(*kernel.file, specialization, target);
  std::optional<nvptx::Image> image;
  if (compilation.runTo(Stage::Numerics))
    image = ptxSource()(compilation);
  if (!image)
    compilation.diagnostics().raise(sourcesOf(*kernel.file), "the compiler failed without saying why");
  GpuImage result = keep(*image, kernel, specialization, compilation.recordPlan());
  compilation.fill(result.report);
  for (auto &[step, milliseconds] : image->timings)
    result.report.timings.emplace_back(step, milliseconds * 1e-3);
  result.report.sharedBytes = image->sharedBytes;
  result.report.scratchBytes = image->sharedBytes;
  auto start = std::chrono::steady_clock::now();
  auto assembled = driver::assemble(gpu, image->ptx, image->ptxVersion, image->entry);
  // Room for more programs at once is worth no spilled registers, where it isn't what registers are given out by.
  bool givesOut = llvm::StringRef(image->ptx).contains("setmaxnreg");
  if (assembled && !givesOut && driver::spilledBytes(assembled->log) > 0 && leaveRegisters(image->ptx))
    assembled = driver::assemble(gpu, image->ptx, image->ptxVersion, image->entry);
  if (!assembled)
    raise(assembled.takeError());
  result.report.timings.emplace_back("driver", since(start));
  result.report.spilledBytes = std::max(0, driver::spilledBytes(assembled->log));
  result.code = std::move(assembled->cubin);
  if (isBetterWhole(result, *assembled)) {
    result.code = image->ptx;
    result.report.spilledBytes = 0;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

static llvm::Expected<std::unique_ptr<driver::LoadedKernel>> load(const std::shared_ptr<driver::Gpu> &gpu,
                                                                  const GpuImage &image) {
  if (!image.tensorMaps.empty())
    if (llvm::Error error = gpu->driver().checkTensorMaps("kernel '" + image.entry + "'"))
      return error;
  return driver::LoadedKernel::load(gpu, image.code, image.entry, image.threads, image.sharedBytes);
}

/// Takes what a report says of the kernel into one that knows what it was made for.
static void complete(Report &report, const Report &known, const GpuKernel &kernel) {
  const GpuImage &image = kernel.image;
  const driver::LoadedKernel &code = *kernel.code;
  report.target = known.target;
  report.loops = known.loops;
  report.verdicts = known.verdicts;
  report.warnings = known.warnings;
  report.schedule = known.schedule;
  report.sharedBytes = known.sharedBytes;
  report.scratchBytes = known.scratchBytes;
  report.spilledBytes = known.spilledBytes;
  report.timings.insert(report.timings.end(), known.timings.begin(), known.timings.end());
  report.threads = static_cast<int>(image.threads);
  report.producerThreads = static_cast<int>(image.producerThreads);
  if (image.persistent)
    report.workers = std::min(kernel.workers, report.grid[0] * report.grid[1] * report.grid[2]);
  report.registers = code.registers;
  report.localBytes = code.localBytes;
  report.programsAtOnce = code.blocks;
  report.occupancy = code.occupancy;
  report.occupancyLimit = code.limit;
}

std::unique_ptr<GpuKernel> makeGpuKernel(const std::shared_ptr<driver::Gpu> &gpu, const KernelRef &kernel,
                                         const lang::Specialization &specialization, const std::string &target,
                                         Report &report) {
  auto result = std::make_unique<GpuKernel>();
  std::shared_ptr<DiskCache> cache = specialization.instrumented ? nullptr : diskCache();
  std::string key;
  auto start = std::chrono::steady_clock::now();
  if (cache) {
    key = codeKey(*gpu, *kernel.file, specialization, target);
    std::optional<std::string> bytes = cache->load(key);
    if (std::optional<GpuImage> image = bytes ? GpuImage::unpack(*bytes) : std::nullopt) {
      auto code = load(gpu, *image);
      if (code) {
        result->image = std::move(*image);
        result->code = std::move(*code);
        report.fromCache = true;
        report.timings.emplace_back("load", since(start));
      } else {
        // Code that the driver won't take is as good as none.
        llvm::consumeError(code.takeError());
      }
    }
    if (bytes && !result->code)
      cache->remove(key);
  }
  if (!result->code) {
    result->image = compileImage(*gpu, kernel, specialization, target);
    start = std::chrono::steady_clock::now();
    auto code = load(gpu, result->image);
    if (!code)
      raise(code.takeError());
    result->code = std::move(*code);
    result->image.report.timings.emplace_back("load", since(start));
    if (cache)
      cache->store(key, result->image.pack());
  }
  result->workers = static_cast<std::int64_t>(std::max(1, result->code->blocks)) *
                    gpu->attribute(driver::DeviceAttribute::Multiprocessors);
  complete(report, result->image.report, *result);
  // The driver has its own copy.
  result->image.code = {};
  return result;
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

/// Says of an argument that the device can't reach what kind of memory it is.
[[noreturn]] static void refuseMemory(driver::Gpu &gpu, const KernelRef &kernel, unsigned index,
                                      driver::Address address) {
  const lang::ArgumentSignature &argument = kernel.signature->arguments[index];
  unsigned type = 0;
  bool known =
      gpu.api().pointerGetAttribute(&type, driver::PointerAttribute::MemoryType, address) == driver::result::success;
  raise(*kernel.file, argument.position,
        "argument '" + llvm::Twine(argument.name) + "' is no memory that device 'cuda:" + llvm::Twine(gpu.ordinal()) +
            "' can use: its pointer is " +
            (!known                        ? "one of the host, or to memory that was freed"
             : type == driver::kHostMemory ? "to memory of the host that is not mapped for the device"
                                           : "to memory of another device"),
        "a Buffer has memory of a device");
}

/// Launches so many blocks. One that starts early does so while the kernel before it in its queue still runs, for which it waits itself.
static driver::Result launchKernel(const driver::Api &api, driver::Function function, unsigned blocks,
                                   const GpuImage &image, driver::Queue queue, bool early, void **parameters,
                                   void **extra) {
  if (!early)
    return api.launchKernel(function, blocks, 1, 1, image.threads, 1, 1, image.sharedBytes, queue, parameters, extra);
  static constexpr driver::LaunchAttribute isAllowed = {driver::kProgrammaticSerialization, {}, {.isAllowed = 1}};
  driver::LaunchConfig config = {blocks, 1, 1, image.threads, 1, 1, image.sharedBytes, queue, &isAllowed, 1};
  return api.launchKernelEx(&config, function, parameters, extra);
}

void launchOnGpu(const std::shared_ptr<const Compiled> &compiled, const Stream &stream, LaunchData &launch,
                 TensorMapMemo &memo) {
  const GpuImage &image = compiled->gpu->image;
  Stream::Impl &queue = *stream.get();
  driver::Gpu &gpu = *queue.device.get()->gpu;
  const KernelRef &kernel = compiled->kernel;
  // Each extent is below 2^31, and their product below 2^63.
  int64_t programs = launch.grid[0] * launch.grid[1] * launch.grid[2];
  if (programs > INT32_MAX)
    raise(*kernel.file, kernel.signature->position,
          "the grid has " + llvm::Twine(programs) + " programs; a GPU runs at most 2^31 - 1 in a launch");
  driver::ContextScope scope(gpu);
  check(gpu, scope.error, "the device's context can't be used");
  for (auto [address, argument] : launch.bases)
    if (driver::Result error = gpu.reach(address); error == driver::result::invalidValue)
      refuseMemory(gpu, kernel, argument, address);
    else if (error != driver::result::success)
      raiseDriver(gpu, error, "kernel '" + kernel.signature->name + "' can't be launched");
  launch.words.append(launch.grid.begin(), launch.grid.end());
  if (image.checked)
    launch.words.push_back(queue.checkedMemory(compiled));
  launch.words.append(launch.record);
  if (launch.words.size() != image.words)
    throw Error("kernel '" + kernel.signature->name + "' takes " + std::to_string(image.words) +
                " words and is given " + std::to_string(launch.words.size()));
  if (image.persistent)
    programs = std::min(programs, compiled->gpu->workers);
  bool early = image.startsEarly && gpu.driver().canStartEarly();
  auto call = [&](void **parameters, void **extra) {
    return launchKernel(gpu.api(), compiled->gpu->code->function(), static_cast<unsigned>(programs), image, queue.queue,
                        early, parameters, extra);
  };
  driver::Result error;
  if (image.tensorMaps.empty()) {
    std::size_t bytes = launch.words.size() * sizeof(uint64_t);
    void *extra[] = {driver::kParamBuffer, launch.words.data(), driver::kParamBytes, &bytes, driver::kParamEnd};
    error = call(nullptr, extra);
  } else {
    // Where the device wants parameters of such alignment the driver knows better than the rules of C.
    TensorMapMemo::List maps;
    if (std::size_t failed; (error = memo.encode(gpu.api(), image.tensorMaps, launch.words, maps, failed)))
      raiseDriver(gpu, error,
                  "no tensor map can be made of argument '" +
                      llvm::Twine(kernel.signature->arguments[image.tensorMaps[failed].argument].name) +
                      "' of kernel '" + kernel.signature->name + "'");
    llvm::SmallVector<void *, 128> parameters;
    for (uint64_t &word : launch.words)
      parameters.push_back(&word);
    for (TensorMapMemo::Map &map : maps)
      parameters.push_back(&map);
    error = call(parameters.data(), nullptr);
  }
  if (error != driver::result::success)
    raiseDriver(gpu, error, "kernel '" + kernel.signature->name + "' can't be launched");
}

} // namespace tile::runtime
