//===- TileDialect.cpp - The dialect, its types and attributes ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Tile.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/DialectImplementation.h>

using namespace mlir;
using namespace tile::ir;

#include "tile/Dialect/TileDialect.cpp.inc"
#include "tile/Dialect/TileEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tile/Dialect/TileAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "tile/Dialect/TileTypes.cpp.inc"

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tile/Dialect/TileAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "tile/Dialect/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tile/Dialect/TileOps.cpp.inc"
      >();
}

LogicalResult TileDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kAtAttrName) {
    if (!isa<AtAttr>(attribute.getValue()))
      return op->emitOpError("'") << kAtAttrName << "' must be a #tile.at";
    return success();
  }
  return op->emitOpError("has the unknown attribute '") << attribute.getName().strref() << "'";
}

Operation *TileDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

//===----------------------------------------------------------------------===//
// What the ops ask of types
//===----------------------------------------------------------------------===//

/// Whether memory can hold the type: what `Tile_Element` lists.
static bool isElement(Type type) {
  return isa<IndexType, Float16Type, BFloat16Type, Float32Type, Float64Type, Float8E4M3FNType, Float8E5M2Type>(type) ||
         type.isSignlessInteger();
}

bool tile::ir::isTile(Type type) {
  // Far more than any target holds, and far from what 64 bits of bytes can count.
  constexpr unsigned kMostElementsLog2 = 40;
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() == 0 || !tensor.hasStaticShape() || tensor.getEncoding() ||
      !isElement(tensor.getElementType()))
    return false;
  unsigned elementsLog2 = 0;
  for (int64_t extent : tensor.getShape()) {
    if (!llvm::isPowerOf2_64(extent))
      return false;
    elementsLog2 += llvm::Log2_64(extent);
  }
  return elementsLog2 <= kMostElementsLog2;
}

SmallVector<int64_t> tile::ir::accessShape(ArrayRef<int64_t> widths) {
  return SmallVector<int64_t>(llvm::make_filter_range(widths, [](int64_t width) { return width != kScalarIndex; }));
}

int64_t tile::ir::elementBytes(Type elementType) {
  if (elementType.isIndex())
    return 8;
  return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

int64_t tile::ir::valueBytes(Type type) {
  if (auto ring = dyn_cast<RingType>(type))
    type = ring.getTileType();
  if (auto slot = dyn_cast<SlotType>(type))
    type = slot.getTileType();
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.getNumElements() * elementBytes(tensor.getElementType());
  return elementBytes(type);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static LogicalResult verifyElement(function_ref<InFlightDiagnostic()> emitError, Type type) {
  if (!isElement(type))
    return emitError() << type << " is no element type";
  return success();
}

static LogicalResult verifyTileShape(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape,
                                     Type elementType) {
  if (!isTile(RankedTensorType::get(shape, elementType)))
    return emitError() << "the extents of a tile must be powers of two";
  return success();
}

LogicalResult ViewType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape,
                               Type elementType) {
  if (shape.empty())
    return emitError() << "a view has at least one axis";
  return verifyElement(emitError, elementType);
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t depth, ArrayRef<int64_t> shape,
                               Type elementType) {
  if (depth < 1)
    return emitError() << "a ring has at least one slot";
  if (failed(verifyElement(emitError, elementType)))
    return failure();
  return verifyTileShape(emitError, shape, elementType);
}

LogicalResult SlotType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape,
                               Type elementType) {
  if (failed(verifyElement(emitError, elementType)))
    return failure();
  return verifyTileShape(emitError, shape, elementType);
}

RankedTensorType RingType::getTileType() const { return RankedTensorType::get(getShape(), getElementType()); }
RankedTensorType SlotType::getTileType() const { return RankedTensorType::get(getShape(), getElementType()); }

/// Parses `64x32xf32` after an opening `<`, and the closing `>`.
static ParseResult parseShapedBody(AsmParser &parser, SmallVectorImpl<int64_t> &shape, Type &elementType,
                                   bool allowDynamic) {
  return failure(parser.parseDimensionList(shape, allowDynamic) || parser.parseType(elementType) ||
                 parser.parseGreater());
}

static void printShapedBody(AsmPrinter &printer, ArrayRef<int64_t> shape, Type elementType) {
  printer.printDimensionList(shape);
  printer << 'x' << elementType << '>';
}

Type ViewType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parseShapedBody(parser, shape, elementType, /*allowDynamic=*/true))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape, elementType);
}

void ViewType::print(AsmPrinter &printer) const {
  printer << '<';
  printShapedBody(printer, getShape(), getElementType());
}

Type RingType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t depth;
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parser.parseInteger(depth) || parser.parseKeyword("x") ||
      parseShapedBody(parser, shape, elementType, /*allowDynamic=*/false))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), depth, shape, elementType);
}

void RingType::print(AsmPrinter &printer) const {
  printer << '<' << getDepth() << " x ";
  printShapedBody(printer, getShape(), getElementType());
}

Type SlotType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parseShapedBody(parser, shape, elementType, /*allowDynamic=*/false))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape, elementType);
}

void SlotType::print(AsmPrinter &printer) const {
  printer << '<';
  printShapedBody(printer, getShape(), getElementType());
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult FactsAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t unitAxis, int64_t align,
                                int64_t extentAlign, bool index32) {
  if (unitAxis < -1)
    return emitError() << "'unit_axis' is an axis, or -1";
  if (align < 1 || !llvm::isPowerOf2_64(align) || extentAlign < 1 || !llvm::isPowerOf2_64(extentAlign))
    return emitError() << "alignments are powers of two";
  return success();
}

LogicalResult AtAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t stage, int64_t order, int64_t ahead,
                             int64_t depth) {
  if (stage < 0 || order < 0 || ahead < 0 || depth < 0)
    return emitError() << "stage, order, ahead and depth are not negative";
  // The expander writes the prologue out, stage by stage.
  constexpr int64_t kMost = 4096;
  if (stage > kMost || ahead > kMost)
    return emitError() << "a schedule has at most " << kMost << " stages";
  if (depth != 0 && ahead == 0)
    return emitError() << "a load that owns buffers is issued at least one iteration ahead";
  if (depth != 0 && depth <= ahead)
    return emitError() << "data that is read " << ahead << " iterations after its issue needs more than " << depth
                       << " buffers";
  return success();
}

LogicalResult PlanAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t stages, int64_t ii, int64_t serial,
                               StringRef bound, int64_t modelStages, int64_t sharedBytes) {
  if (stages < 1 || modelStages < 1)
    return emitError() << "a loop has at least one stage";
  if (ii < 0 || serial < 0 || sharedBytes < 0)
    return emitError() << "costs are not negative";
  return success();
}
