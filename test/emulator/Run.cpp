//===- Run.cpp - Warps and blocks run ----------------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A warp is one or more fragments: lanes that stand at one instruction. The fragment that is least far runs, so that those that went
/// apart at a branch meet where their ways do. Synchronous instructions wait until the lanes that they name have come; a barrier until
/// all lanes of all warps have.
///
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>
#include <bit>

using namespace tile::emulator;

/// Instructions of one block, after which it is taken to run for ever.
static constexpr std::uint64_t kMostInstructions = std::uint64_t(1) << 32;

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

std::uint64_t Warp::lane(Place place, unsigned lane) const {
  switch (place.bits) {
  case 1:
    return predicate(place) >> lane & 1;
  case 8:
  case 16:
    return lanes<std::uint16_t>(place)[lane];
  case 32:
    return lanes<std::uint32_t>(place)[lane];
  default:
    return lanes<std::uint64_t>(place)[lane];
  }
}

template <typename T>
static void narrow(Warp &warp, Place place, const std::uint64_t *values) {
  T result[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane)
    result[lane] = static_cast<T>(values[lane]);
  warp.put(place, result);
}

void Warp::putWide(Place place, const std::uint64_t *values) {
  switch (place.bits) {
  case 0:
    return;
  case 8:
  case 16:
    return narrow<std::uint16_t>(*this, place, values);
  case 32:
    return narrow<std::uint32_t>(*this, place, values);
  default:
    return narrow<std::uint64_t>(*this, place, values);
  }
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

std::string tile::emulator::placeOf(const Code &code, const Statement &statement) {
  std::string text = "line " + std::to_string(statement.line) + " of its PTX";
  if (!statement.place.line)
    return text;
  auto file = code.module->files.find(statement.place.file);
  std::string name = file == code.module->files.end() ? "line" : file->second;
  return text + ", " + name + ":" + std::to_string(statement.place.line) + ":" + std::to_string(statement.place.column);
}

std::string Block::nameOf(unsigned thread) const {
  return "block (" + std::to_string(id.x) + ", " + std::to_string(id.y) + ", " + std::to_string(id.z) + "), thread " +
         std::to_string(thread);
}

void Warp::fail(Fault::Kind kind, unsigned lane, const std::string &text) const {
  std::string where = "kernel '" + block.code.name + "', " + block.nameOf(threadOf(lane));
  if (current)
    where += ", '" + current->statement->opcode + "' at " + placeOf(block.code, *current->statement);
  throw Fault{kind, where + ": " + text};
}

void Warp::failAt(const Instruction &instruction, Fault::Kind kind, unsigned lane, const std::string &text) {
  current = &instruction;
  fail(kind, lane, text);
}

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

void Warp::start(std::uint32_t lanes) {
  alive = lanes;
  fragments.assign(1, {0, lanes, false});
  barrier = current = nullptr;
  pauses = spins = false;
}

/// All fragments wait, and none of them can go on.
void Warp::failStuck() {
  const Fragment &first = fragments.front();
  current = &block.code.instructions[first.at];
  auto lanesOf = [](std::uint32_t lanes) {
    std::string text;
    for (unsigned lane = 0; lane < kLanes; ++lane)
      if (lanes >> lane & 1)
        text += (text.empty() ? "" : " ") + std::to_string(lane);
    return text;
  };
  std::string others;
  for (std::size_t i = 1; i < fragments.size(); ++i)
    others += "; lanes " + lanesOf(fragments[i].lanes) + " stand at " +
              placeOf(block.code, *block.code.instructions[fragments[i].at].statement);
  if (alive != first.lanes && fragments.size() == 1)
    others = "; the others have ended";
  fail(Fault::Kind::Synchronisation, static_cast<unsigned>(std::countr_zero(first.lanes)),
       "only lanes " + lanesOf(first.lanes) + " of the warp come there" + others);
}

/// The lanes that a synchronous instruction names.
static std::uint32_t membersOf(const Warp &warp, const Instruction &instruction, std::uint32_t lanes) {
  if (!instruction.target)
    return ~0u;
  const auto *masks = warp.lanes<std::uint32_t>(instruction.from[instruction.target - 1]);
  auto first = static_cast<unsigned>(std::countr_zero(lanes));
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if ((lanes >> lane & 1) && masks[lane] != masks[first])
      warp.fail(Fault::Kind::Synchronisation, lane, "lanes name different members");
  if (~masks[first] & lanes)
    warp.fail(Fault::Kind::Synchronisation, static_cast<unsigned>(std::countr_zero(~masks[first] & lanes)),
              "a lane is not among the members that it names");
  return masks[first];
}

/// A block whose threads all end without having waited may end before what those behind it in the stream take to be done.
static void checkEnded(const Warp &warp, std::uint32_t lanes) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    if ((lanes >> lane & 1) && !warp.block.waited[warp.threadOf(lane)])
      warp.fail(Fault::Kind::Synchronisation, lane,
                "the thread ends and has not waited for the kernels before this one");
}

void Warp::run() {
  barrier = nullptr;
  pauses = spins = false;
  // Registers that products work on can't be touched.
  Products *products = block.code.usesProducts ? &block.concurrent->products : nullptr;
  const std::vector<Instruction> &code = block.code.instructions;
  std::uint64_t *executed = block.counters.executed.data();
  while (!fragments.empty()) {
    // The least far that doesn't wait, with whoever stands at the same instruction.
    std::size_t chosen = fragments.size();
    for (std::size_t i = 0; i < fragments.size(); ++i)
      if (!fragments[i].waits && (chosen == fragments.size() || (fragments[i].at < fragments[chosen].at) != stepsAside))
        chosen = i;
    if (chosen == fragments.size())
      failStuck();
    Fragment fragment = fragments[chosen];
    fragments.erase(fragments.begin() + static_cast<std::ptrdiff_t>(chosen));
    std::uint32_t meeting = ~0u;
    for (std::size_t i = 0; i < fragments.size();) {
      if (fragments[i].at == fragment.at) {
        fragment.lanes |= fragments[i].lanes;
        fragments.erase(fragments.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      if (fragments[i].at > fragment.at)
        meeting = std::min(meeting, fragments[i].at);
      ++i;
    }
    // One that waits may lie behind; another that runs can't.
    std::uint32_t behind = 0;
    for (const Fragment &other : fragments)
      if (other.at < fragment.at)
        behind = std::max(behind, other.at + 1);

    while (true) {
      if (fragment.at >= code.size()) {
        current = code.empty() ? nullptr : &code.back();
        fail(Fault::Kind::Unknown, 0, "the code ends there");
      }
      const Instruction &instruction = code[fragment.at];
      std::uint32_t lanes = fragment.lanes;
      if (instruction.predicate != kNoRegister) {
        std::uint32_t guard = predicate({instruction.predicate, 1});
        lanes &= instruction.isNegated ? ~guard : guard;
      }
      current = &instruction;
      ++executed[instruction.number];
      if (products && lanes && products->guard(*this, instruction, lanes)) {
        ++fragment.at;
        continue;
      }
      if (++block.steps > kMostInstructions)
        fail(Fault::Kind::Unknown, static_cast<unsigned>(std::countr_zero(fragment.lanes)), "the kernel doesn't end");
      switch (instruction.kind) {
      case Kind::Plain:
        if (lanes) {
          active = lanes;
          instruction.run(*this, instruction);
        }
        ++fragment.at;
        break;
      case Kind::Pausing:
        if (lanes) {
          active = lanes;
          instruction.run(*this, instruction);
        }
        ++fragment.at;
        if (pauses) {
          fragments.push_back(fragment);
          return;
        }
        break;
      case Kind::Branch:
        if (lanes == fragment.lanes) {
          fragment.at = instruction.target;
        } else if (lanes) {
          fragments.push_back({instruction.target, lanes, false});
          fragment.lanes &= ~lanes;
          ++fragment.at;
          meeting = 0;
        } else {
          ++fragment.at;
        }
        break;
      case Kind::Exit:
        if (block.code.waitsForLaunches)
          checkEnded(*this, lanes);
        alive &= ~lanes;
        fragment.lanes &= ~lanes;
        ++fragment.at;
        break;
      case Kind::Trap:
        if (lanes)
          fail(Fault::Kind::Trap, static_cast<unsigned>(std::countr_zero(lanes)), "a trap");
        ++fragment.at;
        break;
      case Kind::Synchronous: {
        if (!lanes) {
          ++fragment.at;
          break;
        }
        std::uint32_t members = membersOf(*this, instruction, lanes);
        if (members & ~alive)
          fail(Fault::Kind::Synchronisation, static_cast<unsigned>(std::countr_zero(lanes)),
               "it waits for lane " + std::to_string(std::countr_zero(members & ~alive)) + ", which has ended");
        if (members & ~lanes) {
          fragment.waits = true;
          break;
        }
        active = lanes;
        instruction.run(*this, instruction);
        ++fragment.at;
        break;
      }
      case Kind::Barrier:
        if (!lanes) {
          ++fragment.at;
        } else if (lanes == alive) {
          fragments.push_back(fragment);
          barrier = &instruction;
          return;
        } else {
          fragment.waits = true;
        }
        break;
      }
      if (!fragment.lanes)
        break;
      if (fragment.waits || fragment.at >= meeting || fragment.at < behind) {
        fragments.push_back(fragment);
        break;
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

Block::Block(const Launch &launch)
    : launch(launch), code(*launch.code), memory(*launch.memory), threads(static_cast<unsigned>(launch.block.count())),
      copies(threads), groups(threads), waited(threads), local(std::size_t(threads) * launch.code->localBytes) {
  shared.resize(code.staticShared + launch.dynamicShared);
  counters.executed.resize(code.instructions.size());
  if (launch.countsAccesses)
    counters.accesses.resize(code.instructions.size());
  for (unsigned i = 0; i * kLanes < threads; ++i) {
    warps.push_back(std::make_unique<Warp>(*this, i));
    warps.back()->file.resize(code.registerBytes);
  }
}

void Block::arrive(Warp &warp, unsigned thread, std::uint32_t before) {
  std::vector<PendingCopy> &queue = copies[thread];
  std::size_t kept = 0;
  for (const PendingCopy &copy : queue) {
    if (copy.group >= before) {
      queue[kept++] = copy;
      continue;
    }
    std::uint8_t *to = shared.data(copy.to);
    std::memcpy(to, reinterpret_cast<const void *>(copy.from), copy.filled);
    std::memset(to + copy.filled, 0, copy.size - copy.filled);
    shared.arrive(copy.to, copy.size, thread);
  }
  queue.resize(kept);
}

/// Fills what the hardware gives: constants, thread and block numbers. Everything else holds what no program expects.
static void fillRegisters(Warp &warp, const Launch &launch, const Dimensions &id) {
  const Code &code = *launch.code;
  std::memset(warp.file.data(), 0xd5, code.ownBytes);
  warp.active = ~0u;
  const Dimensions &shape = launch.cluster;
  Dimensions inCluster = {id.x % shape.x, id.y % shape.y, id.z % shape.z};
  for (const Filled &filled : code.filled) {
    std::uint64_t values[kLanes];
    auto pick = [&](const Dimensions &from) { return filled.axis == 0 ? from.x : filled.axis == 1 ? from.y : from.z; };
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      unsigned thread = warp.threadOf(lane);
      switch (filled.what) {
      case Filled::What::Value:
        values[lane] = filled.value;
        break;
      case Filled::What::Thread:
        values[lane] = pick({thread % launch.block.x, thread / launch.block.x % launch.block.y,
                             thread / launch.block.x / launch.block.y});
        break;
      case Filled::What::BlockId:
        values[lane] = pick(id);
        break;
      case Filled::What::Threads:
        values[lane] = pick(launch.block);
        break;
      case Filled::What::Blocks:
        values[lane] = pick(launch.grid);
        break;
      case Filled::What::Lane:
        values[lane] = lane;
        break;
      case Filled::What::WarpId:
        values[lane] = warp.index;
        break;
      case Filled::What::Rank:
        values[lane] = inCluster.x + shape.x * (inCluster.y + std::uint64_t(shape.y) * inCluster.z);
        break;
      case Filled::What::Ranks:
        values[lane] = shape.count();
        break;
      case Filled::What::ClusterId:
        values[lane] = pick({id.x / shape.x, id.y / shape.y, id.z / shape.z});
        break;
      case Filled::What::Clusters:
        values[lane] = pick({launch.grid.x / shape.x, launch.grid.y / shape.y, launch.grid.z / shape.z});
        break;
      case Filled::What::InCluster:
        values[lane] = pick(inCluster);
        break;
      case Filled::What::ClusterShape:
        values[lane] = pick(shape);
        break;
      }
    }
    if (filled.place.bits == 1)
      warp.putPredicate(filled.place, filled.value ? ~0u : 0);
    else
      warp.putWide(filled.place, values);
  }
}

void tile::emulator::release(const std::vector<Warp *> &warps) {
  std::uint32_t count = 0, all = 0;
  bool gives = warps.front()->barrier->option;
  for (Warp *warp : warps) {
    const Instruction &barrier = *warp->barrier;
    warp->current = &barrier;
    if (static_cast<bool>(barrier.option) != gives)
      warp->fail(Fault::Kind::Synchronisation, 0, "other warps stand at a barrier of another kind");
    if (!gives)
      continue;
    std::uint32_t bits = warp->predicate(barrier.from[0]) ^ (barrier.bytes ? ~0u : 0);
    count += static_cast<std::uint32_t>(std::popcount(bits & warp->alive));
    all += static_cast<std::uint32_t>(std::popcount(warp->alive));
  }
  for (Warp *warp : warps) {
    const Instruction &barrier = *warp->barrier;
    warp->active = warp->alive;
    if (barrier.option == 1) {
      std::uint32_t counts[kLanes];
      std::fill(std::begin(counts), std::end(counts), count);
      warp->put(barrier.to[0], counts);
    } else if (barrier.option) {
      warp->putPredicate(barrier.to[0], (barrier.option == 2 ? count == all : count != 0) ? ~0u : 0);
    }
    ++warp->fragments.front().at;
    warp->barrier = nullptr;
  }
}

void Block::begin(const Dimensions &at) {
  id = at;
  steps = 0;
  shared.start();
  watch.startBlock();
  for (auto &queue : copies)
    queue.clear();
  std::fill(groups.begin(), groups.end(), 0);
  std::fill(waited.begin(), waited.end(), false);
  for (auto &warp : warps) {
    fillRegisters(*warp, launch, id);
    unsigned left = threads - warp->index * kLanes;
    warp->start(left >= kLanes ? ~0u : (1u << left) - 1);
  }
}

void Block::run(std::uint64_t number) {
  begin({static_cast<unsigned>(number % launch.grid.x), static_cast<unsigned>(number / launch.grid.x % launch.grid.y),
         static_cast<unsigned>(number / launch.grid.x / launch.grid.y)});
  std::vector<Warp *> all;
  for (auto &warp : warps)
    all.push_back(warp.get());
  // Warps run one behind the other between barriers, in turn from the first and from the last.
  for (bool forwards = true;; forwards = !forwards) {
    std::size_t waiting = 0;
    Warp *waits = nullptr;
    unsigned alive = 0;
    for (std::size_t i = 0; i < warps.size(); ++i) {
      Warp &warp = *warps[forwards ? i : warps.size() - 1 - i];
      if (!warp.fragments.empty())
        warp.run();
      waiting += warp.barrier != nullptr && !warp.fragments.empty();
      alive += static_cast<unsigned>(std::popcount(warp.alive));
      if (warp.barrier && !warp.fragments.empty())
        waits = &warp;
    }
    if (!waiting)
      return;
    if (alive != threads) {
      waits->current = waits->barrier;
      waits->fail(Fault::Kind::Synchronisation, static_cast<unsigned>(std::countr_zero(waits->alive)),
                  std::to_string(threads - alive) + " threads of the block have ended and never come there");
    }
    release(all);
    shared.nextEpoch();
    watch.nextEpoch();
  }
}
