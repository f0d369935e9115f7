//===- ChannelRun.cpp - What a producer and the program find in their channels *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRun.h"

#include "tile/Placement/Anchors.h"

#include <llvm/Support/FormatVariadic.h>

using namespace mlir;
using namespace tile::ir;
using namespace tile::placement;

static int64_t depthOf(Value channel) {
  return cast<RingType>(channel.getDefiningOp<ChannelOp>().getRings().front().getType()).getDepth();
}

/// Counts a ticket that is the next one.
static std::string next(StringRef does, int64_t ticket, int64_t &count) {
  if (ticket != count)
    return llvm::formatv("{0} ticket {1}, and ticket {2} is next", does, ticket, count);
  ++count;
  return "";
}

std::string ChannelRun::acquire(Operation *op, Value channel, int64_t ticket) {
  producer.push_back({op, channel, ticket - depthOf(channel) + 1, /*waits=*/true});
  return next("acquires", ticket, channels[channel].acquired);
}

std::string ChannelRun::commit(Operation *op, Value channel, int64_t ticket) {
  producer.push_back({op, channel, 0, /*waits=*/false});
  if (!isFilledByThreads(channel.getDefiningOp<ChannelOp>()))
    return "";
  auto isOurs = [&](const ThreadCopy &copy) { return copy.channel == channel && copy.ticket == ticket; };
  for (const ThreadCopy &copy : llvm::make_filter_range(copies, isOurs)) {
    if (!copy.landed)
      return llvm::formatv("says that ticket {0} is filled while a copy for it may be under way", ticket);
    if (!copy.fenced)
      return llvm::formatv("says that ticket {0} is filled without a fence since its copies landed", ticket);
  }
  if (llvm::none_of(copies, isOurs))
    return llvm::formatv("says that ticket {0} is filled, for which nothing was copied", ticket);
  llvm::erase_if(copies, isOurs);
  return next("commits", ticket, channels[channel].committed);
}

void ChannelRun::copyByThreads(Value channel, int64_t ticket) {
  copies.push_back({channel, ticket, closed, /*landed=*/false, /*fenced=*/false});
}

void ChannelRun::waitForGroups(uint64_t pending) {
  for (ThreadCopy &copy : copies)
    copy.landed |= copy.group + pending < closed;
}

void ChannelRun::fence() {
  for (ThreadCopy &copy : copies)
    copy.fenced |= copy.landed;
}

std::string ChannelRun::await(Operation *op, Value channel, int64_t ticket) {
  program.push_back({op, channel, ticket + 1, /*waits=*/true});
  return next("awaits", ticket, channels[channel].awaited);
}

std::string ChannelRun::release(Operation *op, Value channel, int64_t ticket) {
  Read slot(channel, ticket);
  if (ticket >= channels[channel].awaited)
    return llvm::formatv("releases ticket {0}, which was not awaited", ticket);
  if (llvm::is_contained(threadReads, slot))
    return llvm::formatv("releases ticket {0} without a barrier since it was read", ticket);
  for (const auto &reads : dots)
    if (llvm::is_contained(reads, slot))
      return llvm::formatv("releases ticket {0} while an async dot that reads it may be under way", ticket);
  program.push_back({op, channel, 0, /*waits=*/false});
  return next("releases", ticket, channels[channel].released);
}

std::string ChannelRun::read(Value channel, int64_t ticket, bool byThread) {
  const Counts &counts = channels[channel];
  if (ticket >= counts.awaited)
    return llvm::formatv("reads ticket {0}, which was not awaited", ticket);
  if (ticket < counts.released)
    return llvm::formatv("reads ticket {0}, which was released", ticket);
  if (byThread)
    threadReads.push_back({channel, ticket});
  return "";
}

uint64_t ChannelRun::startDot(ArrayRef<Read> reads) {
  dots.emplace_back(reads);
  return ++started;
}

void ChannelRun::waitForDots(uint64_t pending) {
  while (dots.size() > pending)
    dots.pop_front();
}

std::pair<Operation *, std::string> ChannelRun::meet() const {
  DenseMap<Value, int64_t> committed, released;
  auto go = [](const std::vector<Event> &events, std::size_t &at, DenseMap<Value, int64_t> &theirs,
               DenseMap<Value, int64_t> &ours) {
    std::size_t before = at;
    for (; at < events.size(); ++at) {
      const Event &event = events[at];
      if (!event.waits)
        ++ours[event.channel];
      else if (theirs.lookup(event.channel) < event.needed)
        break;
    }
    return at != before;
  };
  std::size_t atProducer = 0, atProgram = 0;
  bool moved = true;
  while (moved) {
    moved = go(producer, atProducer, released, committed);
    moved |= go(program, atProgram, committed, released);
  }
  // Where both stand still, the program has not released what the producer waits for.
  if (atProducer < producer.size())
    return {producer[atProducer].op,
            llvm::formatv("acquires a slot of which ticket {0} is never released", producer[atProducer].needed - 1)};
  if (atProgram < program.size())
    return {program[atProgram].op,
            llvm::formatv("awaits ticket {0}, which is never filled", program[atProgram].needed - 1)};
  for (const auto &[channel, counts] : channels)
    if (counts.acquired > counts.awaited)
      return {channel.getDefiningOp(),
              llvm::formatv("is filled {0} times and awaited {1} times: the last copies may land "
                            "after the kernel's end",
                            counts.acquired, counts.awaited)};
  return {nullptr, ""};
}
