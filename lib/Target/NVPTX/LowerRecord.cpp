//===- LowerRecord.cpp - Stamps of instrumented kernels ------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// One lane of each warp writes the clock of its multiprocessor to a place that the ticket and the site decide. A stamp is straight-line code
// under predicates, as branches between products would make the assembler wait for each of them.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Record.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using ir::RecordHeader;
using ir::RecordWords;

static constexpr int64_t kWordBytes = 8;

/// Where a word of the header is, as PTX has it.
static std::string headerWordAt(StringRef pointer, unsigned word) {
  return ("[" + pointer + "+" + Twine(kWordBytes * word) + "]").str();
}

void Lowering::beginRecord() {
  if (!recordSites)
    return;
  int64_t warps = allTeamThreads() / 32;
  if (!kernel.getBody().getOps<ir::ProducerOp>().empty())
    warps += producerThreads() / 32;
  auto narrow = [&](unsigned word) -> Value {
    return arith::TruncIOp::create(builder, loc, builder.getI32Type(), recordArguments[word]);
  };
  Value block = intrinsic("llvm.nvvm.read.ptx.sreg.ctaid.x", builder.getI32Type()),
        stride = narrow(RecordWords::Stride);
  Value number = make<arith::DivUIOp>(block, stride);
  Value isChosen = make<arith::AndIOp>(compare(arith::CmpIPredicate::eq, make<arith::MulIOp>(number, stride), block),
                                       compare(arith::CmpIPredicate::ult, number, narrow(RecordWords::Programs)));
  Value lane = make<arith::AndIOp>(blockThread, i32(31)), warp = make<arith::ShRUIOp>(blockThread, i32(5));
  isRecorder = make<arith::AndIOp>(isChosen, compare(arith::CmpIPredicate::eq, lane, i32(0)));
  Value words = make<arith::AddIOp>(make<arith::MulIOp>(recordArguments[RecordWords::Tickets], index(recordSites)),
                                    index(RecordHeader::Words));
  Value record = make<arith::AddIOp>(make<arith::MulIOp>(number, i32(warps)), warp);
  record = make<arith::MulIOp>(arith::ExtUIOp::create(builder, loc, indexType, record), words);
  recordPointer = LLVM::GEPOp::create(builder, loc, recordArguments[RecordWords::Address].getType(), indexType,
                                      recordArguments[RecordWords::Address], ArrayRef<LLVM::GEPArg>{record});
  std::string text = "{\n\t.reg .b64 %now;\n\t.reg .b32 %where;\n\t@$0 mov.u64 %now, %globaltimer;\n\t";
  text += "@$0 st.global.u64 " + headerWordAt("$1", RecordHeader::BeginTime) + ", %now;\n\t";
  text += "@$0 mov.u64 %now, %clock64;\n\t@$0 st.global.u64 " + headerWordAt("$1", RecordHeader::BeginClock) +
          ", %now;\n\t";
  text += "cvt.u64.u32 %now, $2;\n\t@$0 st.global.u64 " + headerWordAt("$1", RecordHeader::Program) + ", %now;\n\t";
  text += "mov.u32 %where, %smid;\n\tcvt.u64.u32 %now, %where;\n\t@$0 st.global.u64 " +
          headerWordAt("$1", RecordHeader::Processor) + ", %now;\n\t}";
  assembly({}, text, "b,l,r,~{memory}", {isRecorder, recordPointer, block}, /*hasSideEffects=*/true);
}

void Lowering::endRecord() {
  if (!recordSites || failed)
    return;
  std::string text = "{\n\t.reg .b64 %now;\n\t@$0 mov.u64 %now, %clock64;\n\t";
  text += "@$0 st.global.u64 " + headerWordAt("$1", RecordHeader::EndClock) + ", %now;\n\t";
  text += "@$0 mov.u64 %now, %globaltimer;\n\t@$0 st.global.u64 " + headerWordAt("$1", RecordHeader::EndTime) +
          ", %now;\n\t}";
  assembly({}, text, "b,l,~{memory}", {isRecorder, recordPointer}, /*hasSideEffects=*/true);
}

Value Lowering::wordOf(Value element) {
  Type i32Type = builder.getI32Type();
  unsigned bits = element.getType().getIntOrFloatBitWidth();
  if (!element.getType().isInteger())
    element = arith::BitcastOp::create(builder, loc, builder.getIntegerType(bits), element);
  if (bits < 32)
    return arith::ExtUIOp::create(builder, loc, i32Type, element);
  return bits > 32 ? Value(arith::TruncIOp::create(builder, loc, i32Type, element)) : element;
}

void Lowering::lowerStamp(ir::StampOp op) {
  SmallVector<Value> operands{isRecorder, scalar(op.getTicket()), recordArguments[RecordWords::Tickets], recordPointer};
  std::string constraints = "b,r,l,l";
  std::string text = "{\n\t.reg .pred %fits, %lost;\n\t.reg .b32 %room, %number;\n\t.reg .b64 %at, %now;\n\t"
                     "cvt.u32.u64 %room, $2;\n\t"
                     "setp.lt.and.u32 %fits, $1, %room, $0;\n\tsetp.ge.and.u32 %lost, $1, %room, $0;\n\t";
  // The clock is read when the values are there, as whether it is depends on them: on a number that none of them ever is.
  for (Value value : op.getValues()) {
    const Registers &made = registers(value);
    for (Value element : {made.front(), made.back()}) {
      text += "setp.ne.and.b32 %fits, $" + std::to_string(operands.size()) + ", 0x7fedcba9, %fits;\n\t";
      operands.push_back(wordOf(element));
      constraints += ",r";
    }
  }
  text += "mad.wide.u32 %at, $1, " + std::to_string(kWordBytes * recordSites) + ", $3;\n\t";
  text += "@%fits mov.u64 %now, %clock64;\n\t@%fits st.global.u64 " +
          headerWordAt("%at", RecordHeader::Words + static_cast<unsigned>(op.getSite())) + ", %now;\n\t";
  text += "add.u32 %number, $1, 1;\n\tcvt.u64.u32 %now, %number;\n\t@%lost st.global.u64 " +
          headerWordAt("$3", RecordHeader::Lost) + ", %now;\n\t}";
  assembly({}, text, constraints + ",~{memory}", operands, /*hasSideEffects=*/true);
}
