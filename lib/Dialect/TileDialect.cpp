//===- TileDialect.cpp - The dialect, its types and attributes ------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Dialect/Pieces.h"
#include "tile/Dialect/Tile.h"
#include "tile/Layout/Layouts.h"

#include <llvm/ADT/StringSwitch.h>
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

/// Each of the overrides is known, and in its range.
static LogicalResult verifyOverrides(KernelOp kernel, Attribute value) {
  auto overrides = dyn_cast<DictionaryAttr>(value);
  if (!overrides)
    return kernel.emitOpError("'") << kOverridesAttrName << "' must be a dictionary";
  for (NamedAttribute each : overrides) {
    auto number = dyn_cast<IntegerAttr>(each.getValue());
    auto most = llvm::StringSwitch<int64_t>(each.getName())
                    .Case("plain", 1)
                    .Case("teams", kTeams)
                    .Case("group_rows", kMostGroupRows)
                    .Default(0);
    if (!number || number.getInt() < 1 || number.getInt() > most)
      return kernel.emitOpError("'") << kOverridesAttrName << "' doesn't take " << each.getName().getValue() << " = "
                                     << each.getValue();
  }
  return success();
}

LogicalResult TileDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() == kAtAttrName) {
    if (!isa<AtAttr>(attribute.getValue()))
      return op->emitOpError("'") << kAtAttrName << "' must be a #tile.at";
    return success();
  }
  if (auto kernel = dyn_cast<KernelOp>(op); kernel && attribute.getName() == kTeamsAttrName) {
    auto teams = dyn_cast<IntegerAttr>(attribute.getValue());
    if (!teams || teams.getInt() != kTeams)
      return op->emitOpError("'") << kTeamsAttrName << "' must be " << kTeams;
    if (!kernel.getPersistent() || kernel.getNumWarps() != kWarpsOfGroup)
      return op->emitOpError("has teams, and is not persistent or not of ") << kWarpsOfGroup << " warps";
    return success();
  }
  if (auto kernel = dyn_cast<KernelOp>(op); kernel && attribute.getName() == kOverridesAttrName)
    return verifyOverrides(kernel, attribute.getValue());
  // Those of lowered kernels are verified where they are read.
  if (isa<FunctionOpInterface>(op) && !isa<KernelOp>(op) &&
      llvm::is_contained({kTensorMapsAttrName, kPersistentAttrName}, attribute.getName().strref()))
    return success();
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
  if (!tensor || tensor.getRank() == 0 || !tensor.hasStaticShape() || !isElement(tensor.getElementType()))
    return false;
  if (Attribute encoding = tensor.getEncoding())
    if (auto layout = dyn_cast<LayoutAttr>(encoding); !layout || layout.getShape() != tensor.getShape())
      return false;
  unsigned elementsLog2 = 0;
  for (int64_t extent : tensor.getShape()) {
    if (!llvm::isPowerOf2_64(extent))
      return false;
    elementsLog2 += llvm::Log2_64(extent);
  }
  return elementsLog2 <= kMostElementsLog2;
}

LayoutAttr tile::ir::layoutOf(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? dyn_cast_if_present<LayoutAttr>(tensor.getEncoding()) : LayoutAttr();
}

RankedTensorType tile::ir::withLayout(RankedTensorType type, LayoutAttr layout) {
  return RankedTensorType::get(type.getShape(), type.getElementType(), layout);
}

Type tile::ir::withoutLayout(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getEncoding() ? withLayout(tensor, LayoutAttr()) : type;
}

tile::layout::LinearLayout tile::ir::sharedLayout(ArrayRef<int64_t> shape, Type elementType, SwizzleAttr swizzle) {
  SmallVector<unsigned> bits(llvm::map_range(shape, [](int64_t extent) { return llvm::Log2_64(extent); }));
  if (swizzle.getSpan() == 0)
    return tile::layout::plainShared(bits, swizzle.getUnit());
  return tile::layout::swizzledShared(bits, swizzle.getUnit(), elementBytes(elementType), swizzle.getSpan());
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

/// What slots and rings have in common.
static LogicalResult verifySlot(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, Type elementType,
                                SwizzleAttr swizzle) {
  if (failed(verifyElement(emitError, elementType)) || failed(verifyTileShape(emitError, shape, elementType)))
    return failure();
  if (swizzle && swizzle.getUnit() >= static_cast<int64_t>(shape.size()))
    return emitError() << "a tile of " << shape.size() << " axes has no axis " << swizzle.getUnit();
  return success();
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError, int64_t depth, ArrayRef<int64_t> shape,
                               Type elementType, SwizzleAttr swizzle) {
  if (depth < 1)
    return emitError() << "a ring has at least one slot";
  return verifySlot(emitError, shape, elementType, swizzle);
}

LogicalResult SlotType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, Type elementType,
                               SwizzleAttr swizzle) {
  return verifySlot(emitError, shape, elementType, swizzle);
}

RankedTensorType RingType::getTileType() const { return RankedTensorType::get(getShape(), getElementType()); }
RankedTensorType SlotType::getTileType() const { return RankedTensorType::get(getShape(), getElementType()); }

/// Parses `64x32xf32` after an opening `<`.
static ParseResult parseShape(AsmParser &parser, SmallVectorImpl<int64_t> &shape, Type &elementType,
                              bool allowDynamic) {
  return failure(parser.parseDimensionList(shape, allowDynamic) || parser.parseType(elementType));
}

static void printShape(AsmPrinter &printer, ArrayRef<int64_t> shape, Type elementType) {
  printer.printDimensionList(shape);
  printer << 'x' << elementType;
}

/// The rest of a slot's or a ring's type: `64x32xf32>`, or `64x32xf32, #tile.swizzle<…>>`.
static ParseResult parseSlot(AsmParser &parser, SmallVectorImpl<int64_t> &shape, Type &elementType,
                             SwizzleAttr &swizzle) {
  if (parseShape(parser, shape, elementType, /*allowDynamic=*/false) ||
      (succeeded(parser.parseOptionalComma()) && parser.parseAttribute(swizzle)))
    return failure();
  return parser.parseGreater();
}

static void printSlot(AsmPrinter &printer, ArrayRef<int64_t> shape, Type elementType, SwizzleAttr swizzle) {
  printShape(printer, shape, elementType);
  if (swizzle)
    printer << ", " << swizzle;
  printer << '>';
}

Type ViewType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parseShape(parser, shape, elementType, /*allowDynamic=*/true) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape, elementType);
}

void ViewType::print(AsmPrinter &printer) const {
  printer << '<';
  printShape(printer, getShape(), getElementType());
  printer << '>';
}

Type RingType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t depth;
  SmallVector<int64_t> shape;
  Type elementType;
  SwizzleAttr swizzle;
  if (parser.parseLess() || parser.parseInteger(depth) || parser.parseKeyword("x") ||
      parseSlot(parser, shape, elementType, swizzle))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), depth, shape, elementType, swizzle);
}

void RingType::print(AsmPrinter &printer) const {
  printer << '<' << getDepth() << " x ";
  printSlot(printer, getShape(), getElementType(), getSwizzle());
}

Type SlotType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> shape;
  Type elementType;
  SwizzleAttr swizzle;
  if (parser.parseLess() || parseSlot(parser, shape, elementType, swizzle))
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape, elementType, swizzle);
}

void SlotType::print(AsmPrinter &printer) const {
  printer << '<';
  printSlot(printer, getShape(), getElementType(), getSwizzle());
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult FactsAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t unitAxis, int64_t align,
                                int64_t extentAlign, bool index32, bool tensorMap) {
  if (unitAxis < -1)
    return emitError() << "'unit_axis' is an axis, or -1";
  if (align < 1 || !llvm::isPowerOf2_64(align) || extentAlign < 1 || !llvm::isPowerOf2_64(extentAlign))
    return emitError() << "alignments are powers of two";
  constexpr int64_t kMapAlign = 16;
  if (tensorMap && (unitAxis < 0 || align < kMapAlign))
    return emitError() << "a view that a tensor map describes has a unit axis and is aligned to " << kMapAlign
                       << " bytes";
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

LogicalResult SwizzleAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t unit, int64_t span) {
  if (unit < 0)
    return emitError() << "'unit' is an axis";
  if (span != 0 && span != 32 && span != 64 && span != 128)
    return emitError() << "'span' is 0, 32, 64 or 128";
  return success();
}
