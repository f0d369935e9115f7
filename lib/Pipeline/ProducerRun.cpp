//===- ProducerRun.cpp - What a producer does in a symbolic run ----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProducerRun.h"

#include <llvm/Support/FormatVariadic.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using namespace tile::pipeline;

void ProducerRun::begin(ProducerOp op) {
  op.walk([&](AcquireOp acquire) { next.try_emplace(acquire.getChannel()); });
  op.walk([&](CommitOp commit) { next.try_emplace(commit.getChannel()); });
}

void ProducerRun::note(Operation *op, Value object, int64_t ticket, Term content) {
  steps.push_back({op, object, ticket, content});
}

std::optional<Hazard> ProducerRun::advance() {
  for (; done < steps.size(); ++done) {
    const Step &step = steps[done];
    std::string wrong;
    if (isa<CopyAsyncOp>(step.op)) {
      wrong = protocol.copy(step.object, step.ticket, step.content);
    } else if (isa<CommitOp>(step.op)) {
      wrong = protocol.commit(step.object, step.ticket);
    } else {
      int64_t &expected = next[step.object].acquired;
      if (step.ticket != expected)
        return Hazard{step.op, llvm::formatv("ticket {0} is acquired where {1} is next", step.ticket, expected)};
      if (!protocol.isFree(step.object, step.ticket))
        return std::nullopt;
      wrong = protocol.acquire(step.object, step.ticket);
      ++expected;
    }
    if (!wrong.empty())
      return Hazard{step.op, wrong};
  }
  return std::nullopt;
}

std::string ProducerRun::await(Value channel, int64_t ticket) {
  int64_t &expected = next[channel].awaited;
  if (ticket != expected)
    return llvm::formatv("ticket {0} is awaited where {1} is next", ticket, expected);
  ++expected;
  if (protocol.isCommitted(channel, ticket))
    return protocol.await(channel, ticket);
  if (done == steps.size())
    return llvm::formatv("ticket {0} is awaited, and the producer has ended", ticket);
  return llvm::formatv("ticket {0} is awaited while the producer waits for a slot for ticket {1}: neither goes on",
                       ticket, steps[done].ticket);
}

std::optional<Hazard> ProducerRun::finish() {
  if (std::optional<Hazard> hazard = advance())
    return hazard;
  if (done == steps.size())
    return std::nullopt;
  const Step &step = steps[done];
  return Hazard{step.op, llvm::formatv("ticket {0} is acquired, and ticket {1} is never released", step.ticket,
                                       step.ticket - protocol.depth(step.object))};
}
