//===- Driver.h - The CUDA driver, as the tests see it -----------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_RUN_DRIVER_H
#define TILE_TEST_RUN_DRIVER_H

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <dlfcn.h>
#include <stdexcept>
#include <string>

namespace numeric {

/// What a user of the driver does by himself: contexts, streams, graphs. By declarations of our own, from the library that the
/// process uses.
class Driver {
public:
  using Handle = void *;

  Driver() {
    const char *given = std::getenv("TILE_CUDA_DRIVER");
    library = dlopen(given ? given : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
      throw std::runtime_error(dlerror());
    find(streamDestroy, "cuStreamDestroy_v2");
    find(contextPush, "cuCtxPushCurrent_v2");
    find(contextPop, "cuCtxPopCurrent_v2");
    find(contextCurrent, "cuCtxGetCurrent");
    find(streamCreate, "cuStreamCreate");
    find(memGetInfo, "cuMemGetInfo_v2");
  }

  /// What not every test needs; not every stand-in of the driver has it.
  void findGraphs() {
    find(streamBeginCapture, "cuStreamBeginCapture_v2");
    find(streamEndCapture, "cuStreamEndCapture");
    find(graphInstantiate, "cuGraphInstantiateWithFlags");
    find(graphLaunch, "cuGraphLaunch");
    find(graphExecDestroy, "cuGraphExecDestroy");
    find(graphDestroy, "cuGraphDestroy");
  }
  void findEvents() {
    find(eventCreate, "cuEventCreate");
    find(eventRecord, "cuEventRecord");
    find(eventDestroy, "cuEventDestroy_v2");
    find(streamWaitEvent, "cuStreamWaitEvent");
  }
  void findContexts() {
    find(contextCreate, "cuCtxCreate_v2");
    find(contextDestroy, "cuCtxDestroy_v2");
  }

  static void check(int result) { ASSERT_EQ(result, 0) << "a function of the driver failed"; }

  /// A context is the thread's current one while this lives.
  class Current {
  public:
    Current(Driver &driver, Handle context) : driver(driver) { check(driver.contextPush(context)); }
    ~Current() { driver.popContext(); }
    Current(const Current &) = delete;
    Current &operator=(const Current &) = delete;

  private:
    Driver &driver;
  };

  void popContext() {
    Handle context = nullptr;
    check(contextPop(&context));
  }
  Handle currentContext() {
    Handle context = nullptr;
    check(contextCurrent(&context));
    return context;
  }
  /// A stream that doesn't wait for the context's default one.
  Handle stream() {
    Handle stream = nullptr;
    check(streamCreate(&stream, 1));
    return stream;
  }
  std::size_t freeMemory() {
    std::size_t available = 0, total = 0;
    check(memGetInfo(&available, &total));
    return available;
  }

  int (*streamBeginCapture)(Handle stream, int mode) = nullptr;
  int (*streamEndCapture)(Handle stream, Handle *graph) = nullptr;
  int (*streamDestroy)(Handle stream);
  int (*graphInstantiate)(Handle *ready, Handle graph, unsigned long long flags) = nullptr;
  int (*graphLaunch)(Handle ready, Handle stream) = nullptr;
  int (*graphExecDestroy)(Handle ready) = nullptr;
  int (*graphDestroy)(Handle graph) = nullptr;
  int (*eventCreate)(Handle *event, unsigned flags) = nullptr;
  int (*eventRecord)(Handle event, Handle stream) = nullptr;
  int (*eventDestroy)(Handle event) = nullptr;
  int (*streamWaitEvent)(Handle stream, Handle event, unsigned flags) = nullptr;
  int (*contextCreate)(Handle *context, unsigned flags, int device) = nullptr;
  int (*contextDestroy)(Handle context) = nullptr;

private:
  template <typename Function>
  void find(Function &function, const char *name) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (!function)
      throw std::runtime_error(std::string("the CUDA driver has no ") + name);
  }

  void *library;
  int (*contextPush)(Handle context);
  int (*contextPop)(Handle *context);
  int (*contextCurrent)(Handle *context);
  int (*streamCreate)(Handle *stream, unsigned flags);
  int (*memGetInfo)(std::size_t *available, std::size_t *total);
};

} // namespace numeric

#endif // TILE_TEST_RUN_DRIVER_H
