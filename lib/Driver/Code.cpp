//===- Code.cpp - From PTX to a function that a device runs ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Driver/Driver.h"

#include <llvm/Support/MathExtras.h>

#include <algorithm>

using namespace tile::driver;

//===----------------------------------------------------------------------===//
// Assembling
//===----------------------------------------------------------------------===//

static llvm::Error tooOldFor(const Driver &driver, unsigned ptxVersion) {
  int needed = cudaVersionOf(ptxVersion);
  return llvm::createStringError("the CUDA driver is too old: it is made for CUDA " + versionText(driver.version()) +
                                 ", and code in PTX " + llvm::Twine(ptxVersion / 10) + "." +
                                 llvm::Twine(ptxVersion % 10) + " needs CUDA " + versionText(needed) + ", driver " +
                                 firstDriverOf(needed) + " or later");
}

/// The text of a log that the driver wrote into a buffer.
static llvm::StringRef logText(const std::string &buffer) { return llvm::StringRef(buffer.c_str()).trim(); }

llvm::Expected<Assembled> tile::driver::assemble(Gpu &gpu, llvm::StringRef ptx, unsigned ptxVersion,
                                                 llvm::StringRef name) {
  const Driver &driver = gpu.driver();
  const Api &api = gpu.api();
  if (cudaVersionOf(ptxVersion) > driver.version())
    return tooOldFor(driver, ptxVersion);
  ContextScope scope(gpu);
  if (llvm::Error error = driver.check(scope.error, "the device's context can't be used"))
    return error;

  std::string info(16384, '\0'), errors(16384, '\0');
  auto number = [](std::size_t value) { return reinterpret_cast<void *>(value); };
  JitOption options[] = {JitOption::InfoLog,       JitOption::InfoLogBytes, JitOption::ErrorLog,
                         JitOption::ErrorLogBytes, JitOption::LogVerbose,   JitOption::LineInfo};
  void *values[] = {info.data(), number(info.size() - 1), errors.data(), number(errors.size() - 1), number(1),
                    number(1)};
  Link link = nullptr;
  Result error = api.linkCreate(std::size(options), options, values, &link);
  void *cubin = nullptr;
  std::size_t bytes = 0;
  std::string text = ptx.str(), file = name.str() + ".ptx";
  // The driver's size counts the zero at the end.
  if (error == result::success)
    error = api.linkAddData(link, kInputPtx, text.data(), text.size() + 1, file.c_str(), 0, nullptr, nullptr);
  if (error == result::success)
    error = api.linkComplete(link, &cubin, &bytes);
  Assembled assembled;
  if (error == result::success)
    assembled.cubin.assign(static_cast<const char *>(cubin), bytes);
  if (link)
    api.linkDestroy(link);
  assembled.log = logText(info).str();
  if (error == result::success)
    return assembled;
  if (error == result::unsupportedPtxVersion)
    return tooOldFor(driver, ptxVersion);
  llvm::StringRef log = logText(errors);
  return llvm::createStringError("the CUDA driver does not accept the code of '" + name +
                                 "': " + driver.describe(error) + (log.empty() ? "" : "\n" + log));
}

int tile::driver::spilledBytes(llvm::StringRef log) {
  std::size_t end = log.find(" bytes spill stores");
  if (end == llvm::StringRef::npos)
    return -1;
  llvm::StringRef digits = log.take_front(end);
  digits = digits.drop_front(digits.find_last_not_of("0123456789") + 1);
  int bytes;
  return digits.getAsInteger(10, bytes) ? -1 : bytes;
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

LoadedKernel::~LoadedKernel() {
  if (library)
    gpu->api().libraryUnload(library);
}

/// Works out how many blocks run on a multiprocessor and which of its resources they use up.
llvm::Error LoadedKernel::findOccupancy(unsigned threads, unsigned sharedBytes) {
  const Api &api = gpu->api();
  int staticShared = 0;
  for (auto [attribute, value] :
       {std::pair(FunctionAttribute::Registers, &registers), std::pair(FunctionAttribute::LocalBytes, &localBytes),
        std::pair(FunctionAttribute::StaticShared, &staticShared)})
    if (llvm::Error error =
            gpu->driver().check(api.functionGetAttribute(value, attribute, handle), "a kernel can't be examined"))
      return error;
  if (llvm::Error error = gpu->driver().check(api.occupancy(&blocks, handle, static_cast<int>(threads), sharedBytes),
                                              "a kernel can't be examined"))
    return error;
  constexpr int warpSize = 32;
  int warps = static_cast<int>(llvm::divideCeil(threads, warpSize));
  int mostWarps = std::max(1, gpu->attribute(DeviceAttribute::ThreadsPerMultiprocessor) / warpSize);
  occupancy = static_cast<double>(blocks) * warps / mostWarps;
  // Registers are handed out to warps in units of 256.
  int registersOfBlock = static_cast<int>(llvm::alignTo(static_cast<unsigned>(registers) * warpSize, 256)) * warps;
  int sharedOfBlock =
      static_cast<int>(sharedBytes) + staticShared + gpu->attribute(DeviceAttribute::ReservedSharedPerBlock);
  struct {
    int blocks;
    const char *name;
  } limits[] = {
      {registersOfBlock ? gpu->attribute(DeviceAttribute::RegistersPerMultiprocessor) / registersOfBlock : INT32_MAX,
       "registers"},
      {sharedOfBlock ? gpu->attribute(DeviceAttribute::SharedPerMultiprocessor) / sharedOfBlock : INT32_MAX,
       "shared memory"},
      {mostWarps / warps, "warps"},
      {gpu->attribute(DeviceAttribute::BlocksPerMultiprocessor), "blocks"},
  };
  limit = std::min_element(std::begin(limits), std::end(limits), [](const auto &a, const auto &b) {
            return a.blocks < b.blocks;
          })->name;
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<LoadedKernel>> LoadedKernel::load(std::shared_ptr<Gpu> gpu, const std::string &code,
                                                                 const std::string &entry, unsigned threads,
                                                                 unsigned sharedBytes) {
  const Driver &driver = gpu->driver();
  const Api &api = gpu->api();
  std::unique_ptr<LoadedKernel> kernel(new LoadedKernel(gpu));
  if (int most = gpu->attribute(DeviceAttribute::SharedPerBlock); static_cast<int>(sharedBytes) > most)
    return llvm::createStringError("kernel '" + entry + "' needs " + llvm::Twine(sharedBytes) +
                                   " bytes of shared memory, and a block of '" + gpu->name() + "' has " +
                                   llvm::Twine(most));
  ContextScope scope(*gpu);
  if (llvm::Error error = driver.check(scope.error, "the device's context can't be used"))
    return error;
  std::string what = "the code of '" + entry + "' can't be loaded";
  // For PTX; a cubin has its lines.
  JitOption options[] = {JitOption::LineInfo};
  void *values[] = {reinterpret_cast<void *>(std::size_t(1))};
  if (llvm::Error error = driver.check(
          api.libraryLoadData(&kernel->library, code.c_str(), options, values, std::size(options), nullptr, nullptr, 0),
          what))
    return error;
  Entry found = nullptr;
  if (llvm::Error error = driver.check(api.libraryGetKernel(&found, kernel->library, entry.c_str()), what))
    return error;
  if (llvm::Error error = driver.check(api.kernelGetFunction(&kernel->handle, found), what))
    return error;
  // More than 48 KiB has to be asked for.
  if (sharedBytes > 48 * 1024)
    if (llvm::Error error = driver.check(
            api.functionSetAttribute(kernel->handle, FunctionAttribute::DynamicShared, static_cast<int>(sharedBytes)),
            "kernel '" + entry + "' can't have " + llvm::Twine(sharedBytes) + " bytes of shared memory"))
      return error;
  if (llvm::Error error = kernel->findOccupancy(threads, sharedBytes))
    return error;
  return kernel;
}
