//===- Instrumented.cpp - Kernels that write down their schedule --*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/Instrumented.h"
#include "tile/Error.h"
#include "tile/Runtime/Compiler.h"
#include "tile/Runtime/DeviceImpl.h"
#include "tile/Runtime/KernelImpl.h"

using namespace tile;
using namespace tile::runtime;
using ir::RecordHeader;

struct InstrumentedKernel::Impl {
  Impl(Device device, KernelRef kernel) : device(std::move(device)), kernel(std::move(kernel)) {}

  void makeRoom(std::uint64_t programs, std::uint64_t mostTickets);
  std::uint64_t units() const;
  Recording read() const;

  Device device;
  KernelRef kernel;
  std::shared_ptr<Prepared::Impl> prepared;
  /// What the arguments are to machine code.
  LaunchData given;
  pipeline::RecordPlan plan;
  std::optional<Buffer> memory;
  std::uint64_t programs = 0, stride = 1, tickets = 0, warps = 1;
};

InstrumentedKernel::InstrumentedKernel(const Device &device, const KernelRef &kernel, const KernelOptions &options,
                                       std::span<const Argument> arguments)
    : impl(std::make_unique<Impl>(device, kernel)) {
  std::string target = options.planFor.empty() ? device.target() : options.planFor;
  Call call(impl->kernel, arguments);
  call.fill(impl->given);
  auto compiled = std::make_shared<Compiled>();
  compiled->kernel = impl->kernel;
  compiled->specialization =
      specializationOf(kernel, call.bound(), call.arguments(), target, /*checked=*/false, options.stages);
  compiled->specialization.instrumented = true;
  compiled->report.grid = call.bound().grid;
  if (device.get()->gpu) {
    compiled->gpu = makeGpuKernel(device.get()->gpu, impl->kernel, compiled->specialization, target, compiled->report);
    impl->plan = compiled->gpu->image.record;
    impl->warps = compiled->gpu->image.threads / 32;
  } else {
    Compilation compilation(*kernel.file, compiled->specialization, target);
    cpu::Options cpuOptions;
    cpuOptions.late = device.get()->late;
    if (compilation.runTo(Stage::Numerics))
      compiled->executable = compilation.compileForHost(cpuOptions);
    if (!compiled->executable)
      compilation.diagnostics().raise(sourcesOf(*kernel.file), "the compiler failed without saying why");
    compilation.fill(compiled->report);
    impl->plan = compilation.recordPlan();
  }
  impl->prepared = std::make_shared<Prepared::Impl>(device, std::move(compiled));
}

InstrumentedKernel::~InstrumentedKernel() = default;
const pipeline::RecordPlan &InstrumentedKernel::plan() const { return impl->plan; }
const Report &InstrumentedKernel::report() const { return impl->prepared->compiled->report; }

/// The programs of a grid, or the workers that run them.
std::uint64_t InstrumentedKernel::Impl::units() const {
  std::int64_t count = given.grid[0] * given.grid[1] * given.grid[2];
  const GpuKernel *gpu = prepared->compiled->gpu.get();
  return static_cast<std::uint64_t>(gpu && gpu->image.persistent ? std::min(count, gpu->workers) : count);
}

void InstrumentedKernel::Impl::makeRoom(std::uint64_t wanted, std::uint64_t mostTickets) {
  std::uint64_t all = std::max<std::uint64_t>(1, units());
  programs = std::clamp<std::uint64_t>(wanted, 1, all);
  stride = all / programs;
  tickets = mostTickets;
  std::vector<std::uint64_t> zeros(programs * warps * ir::recordWords(plan.sites.size(), tickets));
  memory.emplace(device, zeros);
}

void InstrumentedKernel::launch(Stream &stream) {
  LaunchData launch = impl->given;
  if (!impl->plan.sites.empty()) {
    if (!impl->memory)
      impl->makeRoom(1, 0);
    launch.record = {reinterpret_cast<std::uint64_t>(impl->memory->data()), impl->programs, impl->stride,
                     impl->tickets};
  }
  impl->prepared->execute(stream, launch);
}

Recording InstrumentedKernel::Impl::read() const {
  Recording result{programs, warps, plan.sites.size(), tickets, {}, 0};
  result.words.resize(memory->size() / sizeof(std::uint64_t));
  memory->download(result.words.data(), memory->size());
  for (std::uint64_t program = 0; program < programs; ++program)
    for (std::uint64_t number = 0; number < warps; ++number)
      if (std::uint64_t last = result.warp(program, number)[RecordHeader::Lost])
        result.lost = std::max(result.lost, last - tickets);
  return result;
}

Recording InstrumentedKernel::record(Stream &stream, std::uint64_t programs, std::uint64_t mostTickets) {
  auto once = [&](std::uint64_t tickets) {
    impl->makeRoom(programs, tickets);
    launch(stream);
    stream.synchronize();
    return impl->read();
  };
  // Where there is room for none, what is lost is how many there are.
  std::uint64_t tickets = once(0).lost;
  return once(std::min(tickets, mostTickets));
}
