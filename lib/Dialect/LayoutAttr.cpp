//===- LayoutAttr.cpp - Layouts as attributes ----------------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

#include <mlir/IR/OpImplementation.h>

using namespace mlir;
using namespace tile;
using namespace tile::ir;
using layout::Dim;
using layout::LinearLayout;
using layout::Space;

/// The columns of one dimension as coordinates, one after the other.
static SmallVector<int64_t> coordinates(const LinearLayout &layout, Dim dim) {
  SmallVector<int64_t> result;
  for (unsigned bit = 0; bit < layout.in().bits(dim); ++bit)
    for (const Space::Entry &axis : layout.out().dims())
      result.push_back(layout.out().unpack(axis.dim, layout.column(dim, bit)));
  return result;
}

LayoutAttr LayoutAttr::get(MLIRContext *context, const LinearLayout &layout) {
  SmallVector<int64_t> shape;
  for (const Space::Entry &axis : layout.out().dims())
    shape.push_back(int64_t(1) << axis.bits);
  return get(context, shape, coordinates(layout, Dim::Register), coordinates(layout, Dim::Lane),
             coordinates(layout, Dim::Warp));
}

LinearLayout LayoutAttr::getLayout() const {
  unsigned rank = getShape().size();
  SmallVector<Space::Entry> axes;
  for (auto [index, extent] : llvm::enumerate(getShape()))
    axes.push_back({layout::axis(index), llvm::Log2_64(extent)});
  Space out{ArrayRef<Space::Entry>(axes)};
  SmallVector<uint64_t> columns;
  SmallVector<Space::Entry> in;
  for (auto [dim, flat] :
       {std::pair(Dim::Register, getRegisters()), std::pair(Dim::Lane, getLanes()), std::pair(Dim::Warp, getWarps())}) {
    in.push_back({dim, static_cast<unsigned>(flat.size() / rank)});
    for (; !flat.empty(); flat = flat.drop_front(rank)) {
      uint64_t column = 0;
      for (unsigned index = 0; index < rank; ++index)
        column |= out.pack(layout::axis(index), flat[index]);
      columns.push_back(column);
    }
  }
  return {Space(ArrayRef<Space::Entry>(in)), out, columns};
}

int64_t LayoutAttr::getNumRegisters() const { return int64_t(1) << getRegisters().size() / getShape().size(); }

LogicalResult LayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> registers, ArrayRef<int64_t> lanes, ArrayRef<int64_t> warps) {
  // Six axes are what a layout can tell apart.
  if (shape.empty() || shape.size() > 6 ||
      !llvm::all_of(shape, [](int64_t extent) { return llvm::isPowerOf2_64(extent); }))
    return emitError() << "a layout is of one to six axes whose extents are powers of two";
  unsigned rank = shape.size();
  for (ArrayRef<int64_t> flat : {registers, lanes, warps}) {
    if (flat.size() % rank != 0)
      return emitError() << "a column has a coordinate for each axis";
    for (auto [index, coordinate] : llvm::enumerate(flat))
      if (coordinate < 0 || coordinate >= shape[index % rank])
        return emitError() << "coordinate " << coordinate << " lies outside the tile";
  }
  return success();
}

/// Parses `name = [[0, 1], [0, 2]]`.
static ParseResult parseColumns(AsmParser &parser, StringRef name, unsigned rank, SmallVectorImpl<int64_t> &flat) {
  auto parseColumn = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    size_t before = flat.size();
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                       [&] { return parser.parseInteger(flat.emplace_back()); }))
      return failure();
    if (flat.size() - before != rank)
      return parser.emitError(loc) << "a column has a coordinate for each axis";
    return success();
  };
  return failure(parser.parseKeyword(name) || parser.parseEqual() ||
                 parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseColumn));
}

Attribute LayoutAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape, registers, lanes, warps;
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false, /*withTrailingX=*/false) ||
      parser.parseComma() || parseColumns(parser, "register", shape.size(), registers) || parser.parseComma() ||
      parseColumns(parser, "lane", shape.size(), lanes) || parser.parseComma() ||
      parseColumns(parser, "warp", shape.size(), warps) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), ArrayRef<int64_t>(shape),
                    ArrayRef<int64_t>(registers), ArrayRef<int64_t>(lanes), ArrayRef<int64_t>(warps));
}

void LayoutAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printDimensionList(getShape());
  for (auto [name, flat] :
       {std::pair("register", getRegisters()), std::pair("lane", getLanes()), std::pair("warp", getWarps())}) {
    printer << ", " << name << " = [";
    for (ArrayRef<int64_t> rest = flat; !rest.empty(); rest = rest.drop_front(getShape().size())) {
      printer << (rest.size() == flat.size() ? "[" : ", [");
      llvm::interleaveComma(rest.take_front(getShape().size()), printer);
      printer << ']';
    }
    printer << ']';
  }
  printer << '>';
}
