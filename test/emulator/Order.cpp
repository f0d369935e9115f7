//===- Order.cpp - Fences, elections, addresses in clusters ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <bit>

using namespace tile::emulator;

namespace {

void nothing(Warp &, const Instruction &) {}

void pause(Warp &warp, const Instruction &) {
  if (warp.block.concurrent)
    mayPause(warp);
}

void waitForLaunches(Warp &warp, const Instruction &) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      warp.block.waited[warp.threadOf(lane)] = true;
}

void letNextStart(Warp &warp, const Instruction &) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if ((warp.active >> lane & 1) && !warp.block.waited[warp.threadOf(lane)])
      warp.fail(Fault::Kind::Race, lane,
                "lets the next kernel start before the thread has waited for the kernels before this one");
}

void makePolicy(Warp &warp, const Instruction &instruction) {
  const std::uint64_t none[kLanes] = {};
  warp.putWide(instruction.to[0], none);
}

void fence(Warp &warp, const Instruction &instruction) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if (warp.active >> lane & 1)
      gangOf(warp).clocks.fence(clockOf(warp, lane), static_cast<Fence>(instruction.option));
  mayPause(warp);
}

/// Where warps meet at barriers of the whole block only, nothing overtakes a read.
void fenceMemory(Warp &warp, const Instruction &instruction) {
  if (warp.block.concurrent)
    fence(warp, instruction);
}

/// The first of the members is the one.
void elect(Warp &warp, const Instruction &instruction) {
  auto first = static_cast<unsigned>(std::countr_zero(warp.active));
  if (instruction.to[0].bits) {
    std::uint32_t lanes[kLanes];
    std::fill(std::begin(lanes), std::end(lanes), first);
    warp.put(instruction.to[0], lanes);
  }
  warp.putPredicate(instruction.to[1], 1u << first);
}

/// The address of something in the shared memory of another block of the cluster.
void mapAddress(Warp &warp, const Instruction &instruction) {
  std::uint64_t result[kLanes] = {};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!(warp.active >> lane & 1))
      continue;
    std::uint64_t address = warp.lane(instruction.from[0], lane), rank = warp.lane(instruction.from[1], lane);
    if (rank >= warp.block.launch.cluster.count())
      warp.fail(Fault::Kind::Address, lane, "the cluster has no block " + std::to_string(rank));
    std::uint64_t low = address & ((1u << kRankShift) - 1);
    result[lane] = (address - (address & 0xffffffff)) | (rank + 1) << kRankShift | low;
  }
  warp.putWide(instruction.to[0], result);
}

bool decodeFence(Decoder &decoder) {
  Instruction &out = decoder.out;
  if (!decoder.statement.operands.empty() && decoder.part(2) != "tensormap::generic")
    return false;
  out.run = nothing;
  if (decoder.part(1) == "proxy") {
    bool isAsync = decoder.part(2) == "async";
    if (isAsync && decoder.only({"proxy", "async", "shared::cta", "shared::cluster"})) {
      out.kind = Kind::Pausing;
      out.isConcurrent = true;
      out.run = fence;
      out.option = static_cast<std::uint8_t>(Fence::Proxy);
      return true;
    }
    return (isAsync && decoder.only({"proxy", "async", "global"})) || decoder.part(2) == "alias" ||
           decoder.part(2) == "tensormap::generic";
  }
  if (decoder.part(1) == "mbarrier_init") {
    out.kind = Kind::Pausing;
    out.isConcurrent = true;
    out.run = fence;
    out.option = static_cast<std::uint8_t>(Fence::Barriers);
    return decoder.only({"mbarrier_init", "release", "cluster"});
  }
  out.kind = Kind::Pausing;
  out.run = fenceMemory;
  return decoder.only({"sc", "acq_rel", "acquire", "release", "cta", "cluster", "gpu", "sys"});
}

} // namespace

bool tile::emulator::decodeOrder(Decoder &decoder) {
  const std::string &head = decoder.part(0);
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (head == "fence")
    return decodeFence(decoder);
  if (head == "membar") {
    out.kind = Kind::Pausing;
    out.run = fenceMemory;
    return decoder.only({"cta", "gl", "sys"});
  }
  out.run = nothing;
  if (head == "griddepcontrol") {
    out.isLaunchWait = decoder.has("wait");
    out.run = out.isLaunchWait ? waitForLaunches : letNextStart;
    return decoder.only({"launch_dependents", "wait"}) && operands.empty();
  }
  if (head == "prefetch" || head == "prefetchu")
    return true;
  if (head == "createpolicy") {
    // What a cache keeps makes no difference.
    out.run = makePolicy;
    decoder.setTo(operands.at(0));
    return decoder.type() == "b64";
  }
  if (head == "nanosleep") {
    out.run = pause;
    out.kind = Kind::Pausing;
    return decoder.only({"u32"});
  }
  if (head == "elect" && decoder.only({"sync"})) {
    out.run = elect;
    out.kind = Kind::Synchronous;
    decoder.setTo(operands.at(0));
    out.from[0] = decoder.from(operands.at(1), 32);
    out.target = 1;
    return operands.size() == 2 && out.to[1].bits == 1;
  }
  if (head == "mapa" && decoder.only({"shared::cluster", "u32", "u64"})) {
    out.run = mapAddress;
    decoder.setTo(operands.at(0));
    out.from[0] = decoder.from(operands.at(1), 0);
    out.from[1] = decoder.from(operands.at(2), 32);
    return operands.size() == 3;
  }
  return false;
}
