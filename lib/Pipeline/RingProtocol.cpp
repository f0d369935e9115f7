//===- RingProtocol.cpp - The life of a slot -----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RingProtocol.h"

#include <llvm/Support/FormatVariadic.h>

using namespace mlir;
using namespace tile;
using namespace tile::pipeline;

std::string RingProtocol::makeRing(ir::RingOp op) {
  // A ring inside a loop or a condition is made anew each time, which no slot of its own in use survives; those of the loops around
  // it may well be in use.
  std::vector<Slot> &slots = rings[op.getRing()].slots;
  std::string left = unreleased(slots);
  slots.assign(op.getRing().getType().getDepth(), {});
  return left;
}

std::string RingProtocol::makeChannel(ir::ChannelOp op) {
  channels[op.getChannel()] = llvm::to_vector(op.getRings());
  return "";
}

RingProtocol::Slot &RingProtocol::slot(Value ring, int64_t ticket) {
  std::vector<Slot> &slots = rings[ring].slots;
  return slots[static_cast<uint32_t>(ticket) % slots.size()];
}

/// Takes the slots of a ticket from one state to the next.
std::string RingProtocol::advance(Value channel, int64_t ticket, State from, State to, StringRef what) {
  for (Value ring : channels[channel]) {
    Slot &entry = slot(ring, ticket);
    uint64_t index = static_cast<uint32_t>(ticket) % rings[ring].slots.size();
    if (from == State::Free) {
      if (entry.state != State::Free)
        return llvm::formatv("slot {0} is acquired for ticket {1} while it still holds ticket {2}", index, ticket,
                             entry.ticket);
      entry.content.reset();
    } else if (entry.state != from || entry.ticket != ticket) {
      static constexpr StringLiteral states[] = {"is free", "was acquired but not committed",
                                                 "was committed but not awaited", "was awaited but not released"};
      return llvm::formatv(
          "ticket {0} {1}, but slot {2} {3}{4}", ticket, what, index, states[static_cast<int>(entry.state)],
          entry.state == State::Free ? std::string() : llvm::formatv(" for ticket {0}", entry.ticket).str());
    }
    if (from == State::Acquired && !entry.content)
      return llvm::formatv("ticket {0} is committed, but nothing was copied into slot {1}", ticket, index);
    entry.state = to;
    entry.ticket = ticket;
  }
  return "";
}

std::string RingProtocol::acquire(Value channel, int64_t ticket) {
  return advance(channel, ticket, State::Free, State::Acquired, "is acquired");
}
std::string RingProtocol::commit(Value channel, int64_t ticket) {
  return advance(channel, ticket, State::Acquired, State::Committed, "is committed");
}
std::string RingProtocol::await(Value channel, int64_t ticket) {
  return advance(channel, ticket, State::Committed, State::Full, "is awaited");
}
std::string RingProtocol::release(Value channel, int64_t ticket) {
  return advance(channel, ticket, State::Full, State::Free, "is released");
}

bool RingProtocol::isFree(Value channel, int64_t ticket) {
  return llvm::all_of(channels[channel], [&](Value ring) { return slot(ring, ticket).state == State::Free; });
}
bool RingProtocol::isCommitted(Value channel, int64_t ticket) {
  return llvm::all_of(channels[channel], [&](Value ring) {
    Slot &entry = slot(ring, ticket);
    return entry.state == State::Committed && entry.ticket == ticket;
  });
}

std::string RingProtocol::copy(Value ring, int64_t ticket, Term content) {
  Slot &entry = slot(ring, ticket);
  if (entry.state != State::Acquired || entry.ticket != ticket)
    return llvm::formatv("ticket {0} is copied into a slot that was not acquired for it", ticket);
  if (entry.content)
    return llvm::formatv("ticket {0} is copied into its slot twice", ticket);
  entry.content = content;
  return "";
}

std::string RingProtocol::read(Value ring, int64_t ticket, Term &content) {
  Slot &entry = slot(ring, ticket);
  if (entry.ticket != ticket || entry.state == State::Free)
    return llvm::formatv("ticket {0} is read, but its slot was released", ticket);
  if (entry.state != State::Full)
    return llvm::formatv("ticket {0} is read before it was awaited", ticket);
  content = *entry.content;
  return "";
}

std::string RingProtocol::unreleased(llvm::ArrayRef<Slot> slots) {
  for (auto [index, entry] : llvm::enumerate(slots))
    if (entry.state != State::Free)
      return llvm::formatv("slot {0} holds ticket {1} at the end and is never released", index, entry.ticket);
  return "";
}

std::string RingProtocol::finish() {
  for (auto &[ring, state] : rings)
    if (std::string left = unreleased(state.slots); !left.empty())
      return left;
  return "";
}
