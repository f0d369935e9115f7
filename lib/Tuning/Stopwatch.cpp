//===- Stopwatch.cpp - The time of launches ------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Tuning/Stopwatch.h"
#include "tile/Runtime/DeviceImpl.h"

#include <algorithm>
#include <chrono>

using namespace tile;
using namespace tile::tuning;

/// The functions for events, or null when there are no events.
static const driver::Api *eventsOf(const Stream &stream) {
  driver::Gpu *gpu = stream.device().get()->gpu.get();
  if (!gpu)
    return nullptr;
  const driver::Api &api = gpu->api();
  bool all = api.eventCreate && api.eventRecord && api.eventSynchronize && api.eventElapsedTime && api.eventDestroy;
  return all ? &api : nullptr;
}

Stopwatch::Stopwatch(Stream stream) : stream(std::move(stream)) {
  if (const driver::Api *api = eventsOf(this->stream)) {
    driver::ContextScope scope(*this->stream.device().get()->gpu);
    if (api->eventCreate(&first, 0) != driver::result::success || api->eventCreate(&last, 0) != driver::result::success)
      last = nullptr;
  }
}

Stopwatch::~Stopwatch() {
  const driver::Api *api = eventsOf(stream);
  if (!api)
    return;
  driver::ContextScope scope(*stream.device().get()->gpu);
  for (driver::Event event : {first, last})
    if (event)
      api->eventDestroy(event);
}

double Stopwatch::time(llvm::function_ref<void()> launch, unsigned count) {
  launch();
  if (!hasEvents()) {
    stream.synchronize();
    auto start = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < count; ++i)
      launch();
    stream.synchronize();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / count;
  }
  driver::Gpu &gpu = *stream.device().get()->gpu;
  auto queue = static_cast<driver::Queue>(stream.handle());
  auto record = [&](driver::Event event) {
    driver::ContextScope scope(gpu);
    runtime::check(gpu, gpu.api().eventRecord(event, queue), "an event can't be recorded");
  };
  record(first);
  for (unsigned i = 0; i < count; ++i)
    launch();
  record(last);
  stream.synchronize();
  driver::ContextScope scope(gpu);
  float milliseconds = 0;
  runtime::check(gpu, gpu.api().eventElapsedTime(&milliseconds, first, last), "events can't be read");
  return static_cast<double>(milliseconds) * 1e-3 / count;
}

unsigned tuning::launchesFor(double seconds, double one) {
  constexpr double kMost = 10000;
  return static_cast<unsigned>(std::clamp(seconds / std::max(one, 1e-9), 1.0, kMost));
}
