//===- StructuredFlow.cpp - Facts that flow through structured control flow *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StructuredFlow.h"

#include <mlir/IR/Matchers.h>

using namespace mlir;
using namespace tile::placement;

/// The integer that a value is, if it is a constant.
static std::optional<int64_t> constantOf(Value value) {
  APInt constant;
  if (!matchPattern(value, m_ConstantInt(&constant)))
    return std::nullopt;
  return constant.getSExtValue();
}

Ticket Ticket::of(Value value) {
  Ticket ticket{value, 0};
  while (ticket.root) {
    if (std::optional<int64_t> constant = constantOf(ticket.root))
      return {Value(), ticket.offset + *constant};
    Operation *op = ticket.root.getDefiningOp();
    if (!isa_and_nonnull<arith::AddIOp, arith::SubIOp>(op))
      break;
    Value lhs = op->getOperand(0), rhs = op->getOperand(1);
    if (std::optional<int64_t> constant = constantOf(rhs))
      ticket = {lhs, ticket.offset + (isa<arith::AddIOp>(op) ? *constant : -*constant)};
    else if (std::optional<int64_t> constant = constantOf(lhs); constant && isa<arith::AddIOp>(op))
      ticket = {rhs, ticket.offset + *constant};
    else
      break;
  }
  return ticket;
}

Renaming::Renaming(ValueRange from, ValueRange to, Region *left) : left(left) {
  for (auto [value, name] : llvm::zip_equal(from, to))
    if (name.getType().isInteger(32))
      names.push_back({Ticket::of(value), name});
}

SmallVector<Ticket, 2> Renaming::rename(Ticket ticket) const {
  SmallVector<Ticket, 2> result;
  if (!forgets(ticket.root))
    result.push_back(ticket);
  for (const auto &[was, name] : names)
    if (was.root == ticket.root)
      result.push_back({name, ticket.offset - was.offset});
  return result;
}
