//===- LowerConvert.cpp - Layout conversions within a warp ---------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes a shuffle plan down. Elements narrower than 32 bits travel together where they travel the same way, wider ones in parts.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Layout/Plans.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::LinearLayout;
using layout::ShufflePlan;

static constexpr unsigned kWordBits = 32;

/// One shuffle of a word that the hardware moves.
Value Lowering::shuffleWord(Value word, Value lane, bool isDistance) {
  StringRef name = isDistance ? "llvm.nvvm.shfl.sync.bfly.i32" : "llvm.nvvm.shfl.sync.idx.i32";
  return intrinsic(name, builder.getI32Type(), {i32(-1), word, lane, i32(31)});
}

Registers Lowering::shuffle(ValueRange elements, Value lane, bool isDistance) {
  if (elements.empty())
    return {};
  Type type = elements.front().getType();
  unsigned width = type.getIntOrFloatBitWidth();
  Type bits = builder.getIntegerType(width), word = builder.getI32Type();
  auto toBits = [&](Value value) -> Value {
    if (width == 1)
      return arith::ExtUIOp::create(builder, loc, builder.getI8Type(), value);
    return type == bits ? value : arith::BitcastOp::create(builder, loc, bits, value);
  };
  auto fromBits = [&](Value value) -> Value {
    if (width == 1)
      return arith::TruncIOp::create(builder, loc, bits, value);
    return type == bits ? value : arith::BitcastOp::create(builder, loc, type, value);
  };
  Registers result;
  if (width >= kWordBits) {
    for (Value element : elements) {
      Value value = toBits(element);
      if (width == kWordBits) {
        result.push_back(fromBits(shuffleWord(value, lane, isDistance)));
        continue;
      }
      auto parts = VectorType::get(width / kWordBits, word);
      SmallVector<Value> moved;
      for (Value part : unpackVector(LLVM::BitcastOp::create(builder, loc, parts, value)))
        moved.push_back(shuffleWord(part, lane, isDistance));
      result.push_back(fromBits(LLVM::BitcastOp::create(builder, loc, bits, packVector(moved, word))));
    }
    return result;
  }
  Type narrow = width == 1 ? builder.getI8Type() : bits;
  size_t perWord = kWordBits / narrow.getIntOrFloatBitWidth();
  for (; !elements.empty(); elements = elements.drop_front(std::min(perWord, elements.size()))) {
    ValueRange together = elements.take_front(perWord);
    if (together.size() == 1) {
      Value wide = arith::ExtUIOp::create(builder, loc, word, toBits(together[0]));
      Value moved = shuffleWord(wide, lane, isDistance);
      result.push_back(fromBits(arith::TruncIOp::create(builder, loc, narrow, moved)));
      continue;
    }
    SmallVector<Value> parts = llvm::map_to_vector(together, toBits);
    while (parts.size() < perWord)
      parts.push_back(parts.back());
    Value moved = shuffleWord(LLVM::BitcastOp::create(builder, loc, word, packVector(parts, narrow)), lane, isDistance);
    Value vector = LLVM::BitcastOp::create(builder, loc, VectorType::get(static_cast<int64_t>(perWord), narrow), moved);
    for (Value part : ArrayRef<Value>(unpackVector(vector)).take_front(together.size()))
      result.push_back(fromBits(part));
  }
  return result;
}

/// Whether the condition of an exchange holds in this thread.
Value Lowering::exchangeCondition(uint64_t lanes, uint64_t warps) {
  auto columns = [](uint64_t mask) {
    SmallVector<uint64_t> result;
    for (; mask; mask >>= 1)
      result.push_back(mask & 1);
    return result;
  };
  return compare(arith::CmpIPredicate::ne, linear(columns(lanes), columns(warps)), i32(0));
}

namespace {
/// Registers after a number of exchanges, each made when it is first asked for.
class Exchanged {
public:
  Exchanged(ArrayRef<Value> given, ArrayRef<ShufflePlan::Exchange> exchanges, ArrayRef<Value> conditions)
      : exchanges(exchanges), conditions(conditions) {
    stages.resize(exchanges.size() + 1);
    for (auto [index, value] : llvm::enumerate(given))
      stages[0][index] = value;
  }

  Value get(OpBuilder &builder, Location loc, uint64_t r) { return get(builder, loc, exchanges.size(), r); }

private:
  Value get(OpBuilder &builder, Location loc, size_t stage, uint64_t r) {
    if (Value known = stages[stage].lookup(r))
      return known;
    Value other = get(builder, loc, stage - 1, r ^ exchanges[stage - 1].registers),
          own = get(builder, loc, stage - 1, r);
    Value made = builder.createOrFold<arith::SelectOp>(loc, conditions[stage - 1], other, own);
    stages[stage][r] = made;
    return made;
  }

  ArrayRef<ShufflePlan::Exchange> exchanges;
  ArrayRef<Value> conditions;
  SmallVector<DenseMap<uint64_t, Value>> stages;
};
} // namespace

std::optional<Registers> Lowering::convert(const LinearLayout &from, const LinearLayout &to, ArrayRef<Value> given) {
  std::optional<ShufflePlan> plan = layout::planShuffles(from, to);
  if (!plan)
    return std::nullopt;
  auto conditions = [&](ArrayRef<ShufflePlan::Exchange> exchanges) {
    return llvm::map_to_vector(exchanges, [&](const ShufflePlan::Exchange &exchange) {
      return exchangeCondition(exchange.lanes, exchange.warps);
    });
  };
  SmallVector<Value> beforeConditions = conditions(plan->before), choiceConditions = conditions(plan->choices),
                     afterConditions = conditions(plan->after);
  Exchanged offers(given, plan->before, beforeConditions);

  // For each round, what arrives for each sum of choices. Rounds of one distance travel together.
  size_t sums = size_t(1) << plan->choices.size();
  SmallVector<SmallVector<Value>> arrived(plan->rounds.size(), SmallVector<Value>(sums));
  bool isDistance = plan->lanesStay() && plan->warpsStay();
  llvm::MapVector<uint64_t, SmallVector<std::pair<size_t, size_t>>> byLane;
  for (size_t round = 0; round < plan->rounds.size(); ++round)
    for (size_t sum = 0; sum < sums; ++sum)
      byLane[plan->rounds[round].lane].push_back({round, sum});
  for (auto &[lane, members] : byLane) {
    SmallVector<Value> offered;
    for (auto [round, sum] : members) {
      uint64_t source = plan->rounds[round].source;
      for (auto [bit, choice] : llvm::enumerate(plan->choices))
        if (sum >> bit & 1)
          source ^= choice.registers;
      offered.push_back(offers.get(builder, loc, source));
    }
    if (!isDistance || lane != 0) {
      Value to = isDistance ? i32(lane) : make<arith::XOrIOp>(linear(plan->laneColumns, plan->warpColumns), i32(lane));
      offered = shuffle(offered, to, isDistance);
    }
    for (auto [member, value] : llvm::zip_equal(members, offered))
      arrived[member.first][member.second] = value;
  }
  SmallVector<Value> taken;
  for (SmallVector<Value> &values : arrived) {
    for (Value condition : llvm::reverse(choiceConditions)) {
      size_t half = values.size() / 2;
      for (size_t index = 0; index < half; ++index)
        values[index] = select(condition, values[index + half], values[index]);
      values.truncate(half);
    }
    taken.push_back(values[0]);
  }
  Exchanged results(taken, plan->after, afterConditions);
  Registers made;
  for (unsigned index : plan->result)
    made.push_back(results.get(builder, loc, index));
  return made;
}

void Lowering::lowerConvert(ir::ConvertLayoutOp op) {
  std::optional<Registers> made = convert(ir::layoutOf(op.getOperand().getType()).getLayout(),
                                          ir::layoutOf(op.getType()).getLayout(), registers(op.getOperand()));
  if (!made)
    return fail(op, "moves data between warps, which has become reads and writes of shared memory by now");
  setRegisters(op.getResult(), std::move(*made));
}
