//===- PlacementOps.cpp - Threads, their shared memory and their waits *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Pieces.h"

using namespace mlir;
using namespace tile::ir;

OpFoldResult ConvertLayoutOp::fold(FoldAdaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  return {};
}

LogicalResult ConvertLayoutOp::verify() {
  if (withoutLayout(getOperand().getType()) != withoutLayout(getType()))
    return emitOpError("changes the layout alone");
  return success();
}

ParseResult tile::ir::parseStart(OpAsmParser &parser, DenseI64ArrayAttr &start) {
  SmallVector<int64_t> values;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::OptionalSquare,
                                     [&] { return parser.parseInteger(values.emplace_back()); }))
    return failure();
  if (!values.empty())
    start = parser.getBuilder().getDenseI64ArrayAttr(values);
  return success();
}

void tile::ir::printStart(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr start) {
  if (!start)
    return;
  printer << '[';
  llvm::interleaveComma(start.asArrayRef(), printer);
  printer << ']';
}

LogicalResult WriteOp::verify() {
  RankedTensorType tile = getValue().getType();
  RankedTensorType part = getSlot().getType().getTileType();
  if (!getStart()) {
    if (withoutLayout(tile) != part)
      return emitOpError("names a ") << part << ", not a " << tile;
    return success();
  }
  ArrayRef<int64_t> start = *getStart();
  if (start.size() != static_cast<size_t>(tile.getRank()) || part.getRank() != tile.getRank() ||
      part.getElementType() != tile.getElementType())
    return emitOpError("writes no ") << part << " of a " << withoutLayout(tile);
  for (auto [first, extent, whole] : llvm::zip_equal(start, part.getShape(), tile.getShape()))
    if (first < 0 || first + extent > whole || first % extent != 0)
      return emitOpError("writes ") << extent << " from " << first << " on of " << whole
                                    << " elements of an axis, which is no such part of it";
  LayoutAttr layout = layoutOf(tile);
  if (layout && !partOf(layout.getLayout(), start, part.getShape()))
    return emitOpError("writes a part that threads don't hold in registers of its own");
  return success();
}
