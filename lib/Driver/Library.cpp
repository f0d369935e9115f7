//===- Library.cpp - Opening libcuda, its versions and errors ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Driver/Driver.h"

#include <cstdlib>
#include <dlfcn.h>
#include <mutex>

using namespace tile::driver;

/// The oldest CUDA whose driver has every function that is used: code that is loaded independent of contexts came with 12.0.
static constexpr int kOldestCuda = 12000;

//===----------------------------------------------------------------------===//
// Versions
//===----------------------------------------------------------------------===//

namespace {
/// Which CUDA brought a version of PTX, and the first driver (of Linux) for that CUDA.
struct Release {
  unsigned ptx;
  int cuda;
  llvm::StringLiteral driver;
};
} // namespace

/// In ascending order.
static constexpr Release releases[] = {
    {70, 11000, "450"}, {71, 11010, "455"}, {72, 11020, "460"}, {73, 11030, "465"}, {74, 11040, "470"},
    {75, 11050, "495"}, {76, 11060, "510"}, {77, 11070, "515"}, {78, 11080, "520"}, {80, 12000, "525"},
    {81, 12010, "530"}, {82, 12020, "535"}, {83, 12030, "545"}, {84, 12040, "550"}, {85, 12050, "555"},
    {86, 12070, "565"}, {87, 12080, "570"}, {88, 12090, "575"}, {90, 13000, "580"},
};

std::string tile::driver::versionText(int cudaVersion) {
  return std::to_string(cudaVersion / 1000) + "." + std::to_string(cudaVersion % 1000 / 10);
}

int tile::driver::cudaVersionOf(unsigned ptxVersion) {
  for (const Release &release : releases)
    if (release.ptx >= ptxVersion)
      return release.cuda;
  return std::end(releases)[-1].cuda;
}

llvm::StringRef tile::driver::firstDriverOf(int cudaVersion) {
  for (const Release &release : releases)
    if (release.cuda >= cudaVersion)
      return release.driver;
  return std::end(releases)[-1].driver;
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

std::string Driver::describe(Result error) const {
  const char *name = nullptr, *text = nullptr;
  if (functions.getErrorName(error, &name) != result::success || !name)
    return "CUDA error " + std::to_string(error);
  if (functions.getErrorString(error, &text) != result::success || !text)
    return name;
  return std::string(name) + " (" + text + ")";
}

llvm::Error Driver::check(Result error, const llvm::Twine &what) const {
  if (error == result::success)
    return llvm::Error::success();
  return llvm::createStringError(what + ": " + describe(error));
}

llvm::Error Driver::checkTensorMaps(const llvm::Twine &who) const {
  if (functions.tensorMapEncodeTiled)
    return llvm::Error::success();
  constexpr int kNeeded = 12000;
  return llvm::createStringError(who + " needs tensor maps, and the CUDA driver, of CUDA " + versionText(cudaVersion) +
                                 ", has no 'cuTensorMapEncodeTiled'; CUDA " + versionText(kNeeded) +
                                 " is needed, driver " + firstDriverOf(kNeeded) + " or later");
}

bool tile::driver::isSticky(Result error) {
  return error == result::eccUncorrectable || error == result::nvlinkUncorrectable || error == result::contained ||
         error == result::illegalAddress || error == result::launchTimeout || error == result::deviceAssert ||
         (error >= result::hardwareStack && error <= result::launchFailed) || error == result::tensorMemoryLeak ||
         error == result::unknown;
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

namespace {
/// What the process has of the driver.
struct State {
  std::mutex mutex;
  std::string chosen;
  /// Where `driver` was opened. It is never closed: threads of its own may run in it.
  std::string opened;
  std::unique_ptr<Driver> driver;
};
} // namespace

static State &state() {
  // Never destroyed: whatever else ends with the process may still give things back.
  static auto *the = new State;
  return *the;
}

/// The library to open: what was chosen, else what the environment says, else the system's.
static std::string pathOf(const State &state) {
  if (!state.chosen.empty())
    return state.chosen;
  const char *variable = std::getenv("TILE_CUDA_DRIVER");
  return variable && *variable ? variable : "libcuda.so.1";
}

llvm::Error Driver::choose(llvm::StringRef path) {
  State &the = state();
  std::lock_guard guard(the.mutex);
  std::string wanted = path.empty() ? "libcuda.so.1" : path.str();
  if (the.driver && the.opened != wanted)
    return llvm::createStringError("the CUDA driver '" + the.opened +
                                   "' is in use; choose another before the first device");
  the.chosen = wanted;
  return llvm::Error::success();
}

llvm::Error Driver::open() {
  std::string path = pathOf(state());
  handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    return llvm::createStringError("there is no CUDA driver: " + std::string(why ? why : path + " can't be opened"));
  }
  auto tooOld = [&](const llvm::Twine &what) {
    return llvm::createStringError("the CUDA driver '" + path + "' " + what + "; CUDA " + versionText(kOldestCuda) +
                                   " is needed, driver " + firstDriverOf(kOldestCuda) + " or later");
  };
  const char *missing = nullptr;
  auto find = [&](auto &function, const char *symbol) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(handle, symbol));
    return function != nullptr;
  };
#define TILE_DRIVER_FIND(member, symbol, parameters) find(functions.member, #symbol);
  TILE_DRIVER_OPTIONAL_FUNCTIONS(TILE_DRIVER_FIND)
#undef TILE_DRIVER_FIND
#define TILE_DRIVER_FIND(member, symbol, parameters)                                                                   \
  if (!find(functions.member, #symbol) && !missing)                                                                    \
    missing = #symbol;
  TILE_DRIVER_FUNCTIONS(TILE_DRIVER_FIND)
#undef TILE_DRIVER_FIND
  // An old driver says its version, if it has that much.
  if (functions.driverGetVersion && functions.driverGetVersion(&cudaVersion) == result::success && cudaVersion != 0 &&
      cudaVersion < kOldestCuda)
    return tooOld("is made for CUDA " + versionText(cudaVersion));
  if (missing)
    return tooOld("has no '" + llvm::Twine(missing) + "'");
  Result error = functions.init(0);
  if (error == result::noDevice)
    return llvm::createStringError("there is a CUDA driver and no device for it: " + describe(error));
  return check(error, "the CUDA driver can't be initialised");
}

llvm::Expected<const Driver *> Driver::get() {
  State &the = state();
  std::lock_guard guard(the.mutex);
  if (the.driver)
    return the.driver.get();
  std::unique_ptr<Driver> driver(new Driver);
  std::string path = pathOf(the);
  if (llvm::Error error = driver->open()) {
    if (driver->handle)
      dlclose(driver->handle);
    return error;
  }
  the.driver = std::move(driver);
  the.opened = path;
  return the.driver.get();
}
