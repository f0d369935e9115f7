//===- Places.cpp - Which elements a thread holds ------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "tile/Dialect/Pieces.h"

using namespace mlir;
using namespace tile;
using namespace tile::nvptx;
using layout::Dim;
using layout::LinearLayout;

Value Lowering::lane() {
  SmallVector<uint64_t> columns{1, 2, 4, 8, 16};
  return linear(columns, {});
}

Value Lowering::warp() {
  SmallVector<uint64_t> columns;
  for (unsigned bit = 0; (int64_t(1) << bit) < warpCount; ++bit)
    columns.push_back(uint64_t(1) << bit);
  return linear({}, columns);
}

Value Lowering::uniform(ArrayRef<uint64_t> warpColumns) {
  Value sum = linear({}, warpColumns);
  Value &known = uniforms[sum];
  if (!known) {
    OpBuilder::InsertionGuard guard(builder);
    builder.restoreInsertionPoint(entryBuilder.saveInsertionPoint());
    known = intrinsic("llvm.nvvm.shfl.sync.idx.i32", builder.getI32Type(), {i32(-1), sum, i32(0), i32(31)});
  }
  return known;
}

Value Lowering::warpgroup() {
  int64_t groups = kernel.getNumWarps().value() / ir::kWarpsOfGroup;
  if (groups == 1)
    return i32(0);
  SmallVector<uint64_t> columns(llvm::Log2_64(ir::kWarpsOfGroup), 0);
  for (int64_t group = 1; group < groups; group *= 2)
    columns.push_back(group);
  return uniform(columns);
}

Value Lowering::linear(ArrayRef<uint64_t> laneColumns, ArrayRef<uint64_t> warpColumns) {
  // The columns of the thread's number: lanes are its low five bits.
  std::vector<uint64_t> columns(5, 0);
  llvm::copy(laneColumns, columns.begin());
  columns.insert(columns.end(), warpColumns.begin(), warpColumns.end());
  while (!columns.empty() && columns.back() == 0)
    columns.pop_back();
  if (columns.empty())
    return i32(0);
  Value &known = linears[columns];
  if (known)
    return known;
  OpBuilder::InsertionGuard guard(builder);
  builder.restoreInsertionPoint(entryBuilder.saveInsertionPoint());
  Value sum;
  uint64_t used = 0;
  for (unsigned bit = 0; bit < columns.size();) {
    uint64_t column = columns[bit];
    if (column == 0) {
      ++bit;
      continue;
    }
    // Bits that go to neighbouring bits go together.
    unsigned run = 1;
    while (bit + run < columns.size() && llvm::isPowerOf2_64(column) && columns[bit + run] == column << run)
      ++run;
    bool isTop = bit + run == columns.size() && (int64_t(1) << (bit + run)) >= 32 * warpCount;
    Value part = make<arith::ShRUIOp>(threadValue, i32(bit));
    if (!isTop)
      part = make<arith::AndIOp>(part, i32((int64_t(1) << run) - 1));
    part = llvm::isPowerOf2_64(column) ? make<arith::ShLIOp>(part, i32(llvm::Log2_64(column)))
                                       : make<arith::MulIOp>(part, i32(column));
    uint64_t partBits = llvm::isPowerOf2_64(column) ? ((uint64_t(1) << run) - 1) * column : column;
    if (!sum)
      sum = part;
    else
      sum = used & partBits ? make<arith::XOrIOp>(sum, part) : make<arith::AddIOp>(sum, part);
    used |= partBits;
    bit += run;
  }
  return known = sum;
}

SmallVector<Value> Lowering::threadCoordinates(const LinearLayout &layout) {
  SmallVector<Value> result;
  for (const layout::Space::Entry &axis : layout.out().dims()) {
    SmallVector<uint64_t> columns[2];
    for (auto [which, dim] : llvm::enumerate(ArrayRef<Dim>{Dim::Lane, Dim::Warp}))
      for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
        columns[which].push_back(layout.out().unpack(axis.dim, layout.column(dim, bit)));
    result.push_back(linear(columns[0], columns[1]));
  }
  return result;
}

SmallVector<int64_t> Lowering::registerCoordinates(const LinearLayout &layout, unsigned r) {
  uint64_t packed = 0;
  for (unsigned bit = 0; bit < layout.in().bits(Dim::Register); ++bit)
    if (r >> bit & 1)
      packed ^= layout.column(Dim::Register, bit);
  SmallVector<int64_t> result;
  for (const layout::Space::Entry &axis : layout.out().dims())
    result.push_back(layout.out().unpack(axis.dim, packed));
  return result;
}

/// The bits of each axis that lane and warp may set.
static SmallVector<uint64_t> threadBits(const LinearLayout &layout) {
  SmallVector<uint64_t> result;
  for (const layout::Space::Entry &axis : layout.out().dims()) {
    uint64_t bits = 0;
    for (Dim dim : {Dim::Lane, Dim::Warp})
      for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
        bits |= layout.out().unpack(axis.dim, layout.column(dim, bit));
    result.push_back(bits);
  }
  return result;
}

SmallVector<Value> Lowering::coordinates(const LinearLayout &layout, unsigned r) {
  return coordinates(layout, registerCoordinates(layout, r));
}

SmallVector<Value> Lowering::coordinates(const LinearLayout &layout, ArrayRef<int64_t> constants) {
  SmallVector<Value> result = threadCoordinates(layout);
  for (auto [coordinate, constant, bits] : llvm::zip_equal(result, constants, threadBits(layout)))
    coordinate = bits & constant ? make<arith::XOrIOp>(coordinate, i32(constant))
                                 : make<arith::AddIOp>(coordinate, i32(constant));
  return result;
}

Value Lowering::sharedPointer(Value bytes) {
  static constexpr llvm::StringLiteral kName = "tile_shared";
  constexpr unsigned kSpace = 3, kAlignment = 1024;
  auto module = function->getParentOfType<ModuleOp>();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), kSpace);
  if (!module.lookupSymbol(kName)) {
    OpBuilder atTop = OpBuilder::atBlockBegin(module.getBody());
    LLVM::GlobalOp::create(atTop, kernel.getLoc(), LLVM::LLVMArrayType::get(builder.getI8Type(), 0),
                           /*isConstant=*/false, LLVM::Linkage::External, kName, Attribute(), kAlignment, kSpace);
  }
  Value base = LLVM::AddressOfOp::create(builder, loc, pointer, kName);
  return LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(bytes)});
}

Value Lowering::sharedAddress(Value bytes) {
  return LLVM::PtrToIntOp::create(builder, loc, builder.getI32Type(), sharedPointer(bytes));
}
