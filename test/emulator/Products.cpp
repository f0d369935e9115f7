//===- Products.cpp - Products of warpgroups ---------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gang.h"

#include <algorithm>

using namespace tile::emulator;

/// Registers of a warp begin at multiples of that many bytes.
static constexpr unsigned kPlace = 64;

void Products::start() {
  if (!block.code.usesProducts)
    return;
  groups.assign((block.warps.size() + 3) / 4, {});
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i].agent =
        gang.clocks.addAgent("a product of warps " + std::to_string(4 * i) + " to " + std::to_string(4 * i + 3));
  State state;
  state.sums.assign(block.code.registerBytes / kPlace + 1, 0);
  state.operands = state.sums;
  state.makers.assign(state.sums.size(), nullptr);
  states.assign(block.warps.size(), state);
  underWay = 0;
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

void Products::failTouched(Warp &warp, const Instruction &instruction, unsigned lane, bool isWrite,
                           const Instruction &maker) {
  warp.failAt(instruction, Fault::Kind::Race, lane,
              std::string(isWrite ? "writes" : "reads") + " a register of the product at " +
                  placeOf(block.code, *maker.statement) + ", which hasn't been waited for");
}

bool Products::guard(Warp &warp, const Instruction &instruction, std::uint32_t lanes) {
  State &state = states[warp.index];
  if (!state.hasFlights)
    return false;
  auto lane = static_cast<unsigned>(std::countr_zero(lanes));
  Time source = 0;
  for (const Place &place : instruction.from) {
    std::size_t at = place.offset / kPlace;
    if (!place.bits || state.sums[at] <= state.waited)
      continue;
    if (!instruction.isMove)
      failTouched(warp, instruction, lane, false, *state.makers[at]);
    source = state.sums[at];
  }
  for (const Place &place : instruction.to) {
    std::size_t at = place.offset / kPlace;
    if (place.bits && (state.operands[at] > state.waited || (!source && state.sums[at] > state.waited)))
      failTouched(warp, instruction, lane, true, *state.makers[at]);
  }
  if (!source)
    return false;
  std::size_t from = instruction.from[0].offset / kPlace, to = instruction.to[0].offset / kPlace;
  state.sums[to] = source;
  state.makers[to] = state.makers[from];
  groupOf(warp).items.push_back({&instruction, source, &warp, lanes});
  ++underWay;
  return true;
}

//===----------------------------------------------------------------------===//
// Issue and wait
//===----------------------------------------------------------------------===//

void Products::fence(Warp &warp) { states[warp.index].isFenced = true; }

void Products::closeGroup(Warp &warp) { ++states[warp.index].closed; }

void Products::come(Warp &warp) {
  unsigned first = warp.index / 4 * 4;
  if (first + 4 > block.warps.size() || warp.alive != ~0u)
    warp.fail(Fault::Kind::Synchronisation, 0, "the warp is not part of a whole warpgroup");
  Warpgroup &group = groupOf(warp);
  group.come[warp.index - first] = &warp;
  for (const Warp *other : group.come)
    if (!other)
      return;
  for (const Warp *other : group.come)
    if (other->barrier != warp.barrier)
      warp.fail(Fault::Kind::Synchronisation, 0,
                "warp " + std::to_string(other->index) + " of the warpgroup is at another product, at " +
                    placeOf(block.code, *other->barrier->statement));
  issue(group);
  for (Warp *&other : group.come) {
    ++other->fragments.front().at;
    other->barrier = nullptr;
    other = nullptr;
  }
}

void Products::issue(Warpgroup &group) {
  const Instruction &instruction = *group.come[0]->barrier;
  const ProductForm &form = formOf(instruction);
  Item item = {&instruction, states[group.come[0]->index].closed + 1};
  item.accumulates = group.come[0]->predicate(form.accumulates) & 1;
  item.descriptorB = group.come[0]->lane(form.descriptorB, 0);
  if (form.descriptorA.bits)
    item.descriptorA = group.come[0]->lane(form.descriptorA, 0);
  for (Warp *warp : group.come) {
    State &state = states[warp->index];
    warp->current = &instruction;
    if (!state.isFenced)
      warp->fail(Fault::Kind::Synchronisation, 0, "there was no 'wgmma.fence' before");
    if (state.closed + 1 != item.group)
      warp->fail(Fault::Kind::Synchronisation, 0, "warps of the warpgroup have closed different numbers of groups");
    for (unsigned lane = 0; lane < kLanes; ++lane)
      if (warp->lane(form.descriptorB, lane) != item.descriptorB ||
          (form.descriptorA.bits && warp->lane(form.descriptorA, lane) != item.descriptorA) ||
          (warp->predicate(form.accumulates) >> lane & 1) != item.accumulates)
        warp->fail(Fault::Kind::Synchronisation, lane, "threads of the warpgroup give different descriptors");
    for (const Place &place : form.registersA) {
      std::size_t at = place.offset / kPlace;
      if (state.sums[at] > state.waited)
        failTouched(*warp, instruction, 0, false, *state.makers[at]);
      state.operands[at] = item.group;
      state.makers[at] = &instruction;
    }
    for (std::size_t i = 0; i < form.sums.size(); ++i) {
      std::size_t at = form.sums[i].offset / kPlace;
      bool isSum = state.sums[at] > state.waited;
      const ProductForm *other = isSum ? &formOf(*state.makers[at]) : nullptr;
      if (state.operands[at] > state.waited || (isSum && (other->columns != form.columns || other->to != form.to)))
        failTouched(*warp, instruction, 0, true, *state.makers[at]);
      state.sums[at] = item.group;
      state.makers[at] = &instruction;
    }
    state.hasFlights = true;
  }
  readShared(group, item, form);
  group.items.push_back(item);
  ++underWay;
}

void Products::wait(Warp &warp, unsigned count) {
  State &state = states[warp.index];
  if (state.closed < count)
    return;
  Time until = std::max(state.waited, state.closed - count);
  Warpgroup &group = groupOf(warp);
  std::deque<Item> later;
  for (; !group.items.empty(); group.items.pop_front()) {
    const Item &item = group.items.front();
    if (item.group > until) {
      later.push_back(item);
      continue;
    }
    happen(group, item);
    --underWay;
  }
  group.items = std::move(later);
  state.waited = until;
  state.hasFlights = false;
  for (std::size_t i = 0; i < state.sums.size() && !state.hasFlights; ++i)
    state.hasFlights = state.sums[i] > until || state.operands[i] > until;
  for (unsigned lane = 0; lane < kLanes; ++lane)
    gang.clocks.learn(clockOf(warp, lane), group.agent, until);
}

void Products::happenOne() {
  std::vector<Warpgroup *> some;
  for (Warpgroup &group : groups)
    if (!group.items.empty())
      some.push_back(&group);
  Warpgroup &group = *some[gang.random(static_cast<unsigned>(some.size()))];
  happen(group, group.items.front());
  group.items.pop_front();
  --underWay;
}

void Products::checkEnd() {
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i].hasFlights)
      for (std::size_t at = 0; at < states[i].sums.size(); ++at)
        if (std::max(states[i].sums[at], states[i].operands[at]) > states[i].waited)
          block.warps[i]->failAt(*states[i].makers[at], Fault::Kind::Synchronisation, 0,
                                 "the block ends, and the product was not waited for");
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

namespace {

void fence(Warp &warp, const Instruction &) { warp.block.concurrent->products.fence(warp); }
void closeGroup(Warp &warp, const Instruction &) { warp.block.concurrent->products.closeGroup(warp); }
void waitForGroups(Warp &warp, const Instruction &instruction) {
  warp.block.concurrent->products.wait(warp, static_cast<unsigned>(instruction.value));
}

/// The types that there are for products; N of integers grows in larger steps.
bool isKnown(const ProductForm &form) {
  using enum Element;
  bool isSmall = form.a == E4M3 || form.a == E5M2, isInteger = form.a == S8 || form.a == U8;
  if (isInteger)
    return (form.b == S8 || form.b == U8) && form.to == S32 &&
           (form.columns <= 32 ? form.columns != 0 : form.columns % 16 == 0);
  if (isSmall)
    return (form.b == E4M3 || form.b == E5M2) && (form.to == F32 || form.to == F16);
  return form.a == form.b && ((form.a == F16 && (form.to == F16 || form.to == F32)) ||
                              ((form.a == BF16 || form.a == TF32) && form.to == F32));
}

bool decodeProduct(Decoder &decoder) {
  const auto &parts = decoder.statement.parts;
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  // wgmma.mma_async.sync.aligned.m64nNkK[.satfinite].to.a.b
  bool saturates = decoder.has("satfinite");
  if (parts.size() != (saturates ? 9u : 8u) || parts[2] != "sync" || parts[3] != "aligned" ||
      (saturates && parts[5] != "satfinite") || operands.size() < 4)
    return false;
  auto form = std::make_shared<ProductForm>();
  form->saturates = saturates;
  std::size_t types = parts.size() - 3;
  if (!elementOf(parts[types], form->to) || !elementOf(parts[types + 1], form->a) ||
      !elementOf(parts[types + 2], form->b))
    return false;
  const std::string &shape = parts[4];
  std::size_t n = shape.find('n'), k = shape.find('k');
  if (shape.rfind("m64n", 0) != 0 || k == std::string::npos)
    return false;
  form->columns = static_cast<unsigned>(std::stoul(shape.substr(n + 1)));
  form->depth = static_cast<unsigned>(std::stoul(shape.substr(k + 1)));
  bool isWide = bitsOf(form->a) == 16, isInteger = form->to == Element::S32;
  if (!form->columns || form->columns % 8 || form->columns > 256 || form->depth != 256 / bitsOf(form->a) ||
      !isKnown(*form) || (saturates && !isInteger))
    return false;
  auto places = [&](const Operand &operand, std::vector<Place> &to) {
    for (const Operand &element : operand.elements)
      to.push_back(decoder.to(element));
  };
  places(operands[0], form->sums);
  bool inRegisters = operands[1].kind == Operand::Kind::Vector;
  if (inRegisters)
    places(operands[1], form->registersA);
  else
    form->descriptorA = decoder.from(operands[1], 64);
  form->descriptorB = decoder.from(operands[2], 64);
  form->accumulates = decoder.from(operands[3], 1);
  std::size_t wanted = 4 + (isInteger ? 0 : 2) + (!isWide ? 0 : inRegisters ? 1 : 2);
  if (form->sums.size() != form->columns / (form->to == Element::F16 ? 4 : 2) ||
      (inRegisters && form->registersA.size() != 4) || operands.size() != wanted || operands[3].isNegated)
    return false;
  if (!isInteger) {
    form->negatesA = operands[4].value == -1;
    form->negatesB = operands[5].value == -1;
  }
  if (isWide) {
    form->transposesA = !inRegisters && operands[6].value;
    form->transposesB = operands.back().value != 0;
  }
  out.kind = Kind::Barrier;
  out.meeting = Meeting::Product;
  out.form = std::move(form);
  return true;
}

} // namespace

bool tile::emulator::decodeProducts(Decoder &decoder) {
  if (decoder.part(0) != "wgmma")
    return false;
  Instruction &out = decoder.out;
  out.isConcurrent = true;
  const std::string &what = decoder.part(1);
  if (what == "mma_async")
    return decodeProduct(decoder);
  out.kind = Kind::Synchronous;
  out.meeting = Meeting::Product;
  out.run = what == "fence" ? fence : what == "commit_group" ? closeGroup : waitForGroups;
  if (what == "wait_group")
    out.value = decoder.statement.operands.at(0).value;
  return (what == "fence" || what == "commit_group" || what == "wait_group") &&
         decoder.only({"fence", "commit_group", "wait_group", "sync", "aligned"});
}
