//===- LowerRecord.cpp - Stamps of instrumented kernels ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each stamp is a call to the runtime. It is given the scratch memory, so that whatever tiles lie there are stored before it and loaded
// after it.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Record.h"

using namespace mlir;
using namespace tile;
using namespace tile::cpu;

void Lowering::beginRecord(Value words, Value program) {
  recordSites = ir::recordSites(kernel);
  if (!recordSites)
    return;
  Value at = LLVM::GEPOp::create(builder, loc, ptrType, i64Type, words, ArrayRef<LLVM::GEPArg>{recordWord});
  call("tile_cpu_record_begin", {scratchPtr, at, toI64(program), intConstant(recordSites, i64Type)});
}

void Lowering::endRecord() {
  if (recordSites)
    call("tile_cpu_record_end", {scratchPtr});
}

/// Whether nothing but stamps follows in a loop's body.
static bool isLast(ir::StampOp op) {
  if (!isa<scf::ForOp>(op->getParentOp()))
    return false;
  for (Operation *next = op->getNextNode(); next; next = next->getNextNode())
    if (!isa<ir::StampOp, scf::YieldOp>(next))
      return false;
  return true;
}

void Lowering::lowerStamp(ir::StampOp op) {
  if (isLast(op))
    return;
  Value ticket = arith::ExtUIOp::create(builder, loc, i64Type, scalar(op.getTicket()));
  call("tile_cpu_stamp", {scratchPtr, ticket, intConstant(static_cast<int64_t>(op.getSite()), i64Type)});
}

void Lowering::lowerLastStamps(Block &body) {
  for (ir::StampOp op : body.getOps<ir::StampOp>()) {
    if (!isLast(op))
      continue;
    Value ticket = arith::ExtUIOp::create(builder, loc, i64Type, scalar(op.getTicket()));
    call("tile_cpu_stamp", {scratchPtr, ticket, intConstant(static_cast<int64_t>(op.getSite()), i64Type)});
  }
}
