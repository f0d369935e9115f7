//===- Emulator.cpp - Programs and launches ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulator.h"

#include "Gang.h"

#include "tile/Driver/Api.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

using namespace tile::emulator;

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

Statistics::Instruction Statistics::sum(std::string_view opcode) const {
  Instruction total;
  total.opcode = opcode;
  for (const Instruction &one : instructions) {
    if (one.opcode.rfind(opcode, 0) != 0)
      continue;
    total.executed += one.executed;
    total.requests += one.requests;
    total.wavefronts += one.wavefronts;
    total.leastWavefronts += one.leastWavefronts;
    total.sectors += one.sectors;
    total.bytes += one.bytes;
  }
  return total;
}

std::string Statistics::text() const {
  std::map<std::string, Instruction> all;
  for (const Instruction &one : instructions)
    all.try_emplace(one.opcode);
  std::ostringstream out;
  out << "kernel '" << kernel << "'\n";
  for (auto &[opcode, total] : all) {
    // Exactly this one: `sum` takes prefixes.
    for (const Instruction &one : instructions)
      if (one.opcode == opcode) {
        total.executed += one.executed;
        total.wavefronts += one.wavefronts;
        total.leastWavefronts += one.leastWavefronts;
        total.sectors += one.sectors;
        total.bytes += one.bytes;
      }
    if (!total.executed)
      continue;
    out << "  " << opcode << ": " << total.executed;
    if (total.wavefronts)
      out << ", " << total.wavefronts << " passes over shared memory (least " << total.leastWavefronts << ")";
    if (total.sectors)
      out << ", " << total.sectors << " sectors for " << total.bytes << " bytes";
    else if (total.bytes)
      out << ", " << total.bytes << " bytes";
    out << "\n";
  }
  return out.str();
}

static void addTo(Statistics &statistics, const Code &code, const Counters &counters) {
  if (statistics.instructions.empty()) {
    statistics.kernel = code.name;
    for (const tile::emulator::Instruction &instruction : code.instructions) {
      Statistics::Instruction one;
      one.opcode = instruction.statement->opcode;
      one.line = instruction.statement->line;
      statistics.instructions.push_back(std::move(one));
    }
  }
  for (std::size_t i = 0; i < counters.executed.size(); ++i)
    statistics.instructions[i].executed += counters.executed[i];
  for (std::size_t i = 0; i < counters.accesses.size(); ++i) {
    Statistics::Instruction &to = statistics.instructions[i];
    const Counters::Access &from = counters.accesses[i];
    to.requests += from.requests;
    to.wavefronts += from.wavefronts;
    to.leastWavefronts += from.leastWavefronts;
    to.sectors += from.sectors;
    to.bytes += from.bytes;
  }
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

Program::Program(std::string_view ptx) : module(std::make_unique<Module>(parse(ptx))) {
  for (const Entry &entry : module->entries)
    codes[entry.name] = std::make_unique<Code>(decode(*module, entry));
}

Program::~Program() = default;

unsigned Program::staticShared(const std::string &entry) const { return codes.at(entry)->staticShared; }
unsigned Program::localBytes(const std::string &entry) const { return codes.at(entry)->localBytes; }

bool Program::waitsForLaunches(const std::string &entry) const { return codes.at(entry)->waitsForLaunches; }

unsigned Program::registers(const std::string &entry) const {
  unsigned bits = 0;
  for (const Register &reg : codes.at(entry)->entry->registers)
    bits += reg.bits;
  return bits / 32;
}

/// What the driver calls a fault.
static int resultOf(Fault::Kind kind) {
  namespace result = tile::driver::result;
  return kind == Fault::Kind::Address      ? result::illegalAddress
         : kind == Fault::Kind::Misaligned ? 716
                                           : result::launchFailed;
}

Failure Program::run(const std::string &entry, const LaunchShape &shape, const std::vector<std::uint8_t> &parameters,
                     const Allocations &memory, unsigned hostThreads, Statistics *statistics,
                     const Schedule &schedule) const {
  auto invalid = [&](const std::string &why) {
    return Failure{tile::driver::result::invalidValue, "kernel '" + entry + "' can't be launched: " + why};
  };
  auto found = codes.find(entry);
  if (found == codes.end())
    return invalid("there is no such entry");
  Launch launch;
  launch.code = found->second.get();
  launch.grid = {shape.grid[0], shape.grid[1], shape.grid[2]};
  launch.block = {shape.block[0], shape.block[1], shape.block[2]};
  launch.dynamicShared = shape.dynamicShared;
  launch.schedule = schedule;
  const auto *cluster = shape.cluster[0] ? shape.cluster : launch.code->requiredCluster.data();
  launch.cluster = {std::max(cluster[0], 1u), std::max(cluster[1], 1u), std::max(cluster[2], 1u)};
  launch.parameters = parameters;
  launch.countsAccesses = statistics != nullptr;
  const auto &required = launch.code->requiredThreads;
  if (required[0] && (required[0] != launch.block.x || required[1] != launch.block.y || required[2] != launch.block.z))
    return invalid("it is made for blocks of other threads");
  if (!launch.block.count() || launch.block.count() > 1024 || !launch.grid.count())
    return invalid("its grid or block is empty or too large");
  if (launch.grid.x % launch.cluster.x || launch.grid.y % launch.cluster.y || launch.grid.z % launch.cluster.z ||
      launch.cluster.count() > 8)
    return invalid("its grid is not made of its clusters, or they are too large");
  // Whole words.
  if (parameters.size() != (launch.code->parameterBytes + 7) / 8 * 8)
    return invalid(std::to_string(parameters.size()) + " bytes of parameters, and it has " +
                   std::to_string(launch.code->parameterBytes));

  GlobalMemory global;
  for (auto [begin, bytes] : memory.live)
    global.add(begin, bytes);
  for (auto [begin, bytes] : memory.freed)
    global.addFreed(begin, bytes);
  for (const Span &span : launch.code->globals)
    global.add(span.begin, span.end - span.begin);
  global.sort();
  launch.memory = &global;

  std::uint64_t blocks = launch.grid.count() / launch.cluster.count();
  std::atomic<std::uint64_t> next = 0;
  std::mutex mutex;
  std::optional<Fault> fault;
  auto work = [&] {
    Gang gang(launch);
    try {
      for (std::uint64_t number; (number = next++) < blocks;)
        gang.run(number);
    } catch (const Fault &thrown) {
      next = blocks;
      std::lock_guard guard(mutex);
      if (!fault)
        fault = thrown;
    }
    if (!statistics)
      return;
    std::lock_guard guard(mutex);
    for (const auto &block : gang.blocks)
      addTo(*statistics, *launch.code, block->counters);
  };
  std::vector<std::thread> helpers;
  for (unsigned i = 1; i < hostThreads && i < blocks; ++i)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
  if (fault)
    return {resultOf(fault->kind), fault->text};
  return {};
}
