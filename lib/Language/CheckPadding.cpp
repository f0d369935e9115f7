//===- CheckPadding.cpp - Warns of padding that reaches a fold ---- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile that hangs over the edge of a view holds padding there, and a fold along that axis takes it in. The maximum of a row padded
// with 0 is wrong where all elements are negative, and no test with a row that fits will show it. So each value is followed from its
// load through elementwise ops: what stands in its padded places is a constant, or something that varies; a fold of it is fine when it
// is a constant and the fold's identity. What loops carry and what dots give is not followed, and never warned of.
//
//===----------------------------------------------------------------------===//

#include "tile/Language/CheckPadding.h"

#include <llvm/ADT/SmallBitVector.h>
#include <llvm/ADT/TypeSwitch.h>
#include <llvm/Support/Format.h>
#include <mlir/IR/Matchers.h>
#include <mlir/Pass/Pass.h>

using namespace mlir;
using namespace tile;

namespace {
/// What is known of the places of a tile that lie outside the views it comes from.
struct Padding {
  enum Kind { Unknown, Clean, Padded } kind = Unknown;
  /// The axes along which there is padding.
  llvm::SmallBitVector axes;
  /// What stands there, as one element; for a clean value what stands everywhere. Null: it varies.
  TypedAttr value;
  /// Where the padding comes from, and whether its value is still what was read.
  Operation *origin = nullptr;
  bool untouched = false;
};

class PaddingFlow {
public:
  void run(ir::KernelOp kernel) {
    kernel->walk<WalkOrder::PreOrder>([&](Operation *op) { visit(op); });
  }

private:
  Padding get(Value value);
  void visit(Operation *op);
  Padding ofAccess(Operation *op, Value view, OperandRange offsets, ArrayRef<int64_t> widths, TypedAttr pad);
  Padding ofShape(Operation *op, Value operand);
  Padding ofReduce(ir::ReduceOp op);
  Padding ofSelect(arith::SelectOp op);
  Padding ofElementwise(Operation *op);
  TypedAttr fold(Operation *op, ArrayRef<Padding> operands);

  llvm::DenseMap<Value, Padding> known;
};
} // namespace

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

/// Whether the index is a multiple of `width`, as far as simple forms show it.
static bool isMultipleOf(Value index, int64_t width) {
  IntegerAttr constant;
  if (matchPattern(index, m_Constant(&constant)))
    return constant.getInt() % width == 0;
  if (auto product = index.getDefiningOp<arith::MulIOp>())
    return isMultipleOf(product.getLhs(), width) || isMultipleOf(product.getRhs(), width);
  if (auto argument = dyn_cast<BlockArgument>(index))
    if (auto loop = dyn_cast<ir::ForOp>(argument.getOwner()->getParentOp()); loop && argument == loop.getInductionVar())
      return isMultipleOf(loop.getLower(), width) && isMultipleOf(loop.getStep(), width);
  return false;
}

/// Whether an access of `width` elements from `offset` on may leave an axis of that extent in part.
static bool mayHangOver(Value offset, int64_t width, int64_t extent) {
  if (ShapedType::isDynamic(extent))
    return true;
  IntegerAttr constant;
  if (matchPattern(offset, m_Constant(&constant)))
    return constant.getInt() < 0 || constant.getInt() + width > extent;
  return extent % width != 0 || !isMultipleOf(offset, width);
}

//===----------------------------------------------------------------------===//
// Following values
//===----------------------------------------------------------------------===//

Padding PaddingFlow::get(Value value) {
  if (auto it = known.find(value); it != known.end())
    return it->second;
  Padding result;
  // A scalar is folded or indexed already: nothing in it lies outside a view.
  if (!isa<RankedTensorType>(value.getType()))
    result.kind = Padding::Clean;
  return result;
}

Padding PaddingFlow::ofAccess(Operation *op, Value view, OperandRange offsets, ArrayRef<int64_t> widths,
                              TypedAttr pad) {
  Padding result;
  ArrayRef<int64_t> extents = cast<ir::ViewType>(view.getType()).getShape();
  for (auto [axis, width] : llvm::enumerate(widths)) {
    if (width == ir::kScalarIndex)
      continue;
    result.axes.resize(result.axes.size() + 1);
    result.axes[result.axes.size() - 1] = mayHangOver(offsets[axis], width, extents[axis]);
  }
  result.kind = result.axes.any() ? Padding::Padded : Padding::Clean;
  result.value = result.axes.any() ? pad : TypedAttr();
  result.origin = op;
  result.untouched = true;
  return result;
}

Padding PaddingFlow::ofShape(Operation *op, Value operand) {
  Padding result = get(operand);
  if (result.kind != Padding::Padded)
    return result;
  auto from = cast<RankedTensorType>(operand.getType()), to = cast<RankedTensorType>(op->getResult(0).getType());
  llvm::SmallBitVector axes(to.getRank());
  if (auto transpose = dyn_cast<ir::TransposeOp>(op)) {
    for (auto [axis, source] : llvm::enumerate(transpose.getOrder()))
      axes[axis] = result.axes[source];
  } else if (isa<ir::BroadcastOp>(op)) {
    axes = result.axes;
  } else {
    // A reshape that adds or drops axes of one element keeps the others in order; another one mixes them.
    int64_t i = 0, j = 0;
    while (i < from.getRank() || j < to.getRank()) {
      if (i < from.getRank() && j < to.getRank() && from.getDimSize(i) == to.getDimSize(j))
        axes[j++] = result.axes[i++];
      else if (j < to.getRank() && to.getDimSize(j) == 1)
        ++j;
      else if (i < from.getRank() && from.getDimSize(i) == 1)
        ++i;
      else
        return {};
    }
  }
  result.axes = axes;
  return result;
}

/// Whether a fold may take the value in without a change of its result.
static bool isIdentity(ir::ReduceKind kind, TypedAttr value) {
  using K = ir::ReduceKind;
  bool wantsLeast = kind == K::Max || kind == K::ArgMax;
  if (auto real = dyn_cast<FloatAttr>(value)) {
    llvm::APFloat number = real.getValue();
    if (kind == K::Sum)
      return number.isZero();
    if (kind == K::Prod)
      return number.isExactlyValue(1.0);
    // The finite end is as good as infinity to those who write it.
    return (number.isInfinity() || number.isLargest()) && number.isNegative() == wantsLeast;
  }
  llvm::APInt number = cast<IntegerAttr>(value).getValue();
  switch (kind) {
  case K::Sum:
  case K::Any:
  case K::UMax:
  case K::UArgMax:
    return number.isZero();
  case K::Prod:
    return number.isOne();
  case K::Max:
  case K::ArgMax:
    return number.isMinSignedValue();
  case K::Min:
  case K::ArgMin:
    return number.isMaxSignedValue();
  case K::All:
  case K::UMin:
  case K::UArgMin:
    return number.isAllOnes();
  }
  return false;
}

/// How the identity of a fold is written.
static std::string identityText(ir::ReduceKind kind, Type element) {
  using K = ir::ReduceKind;
  bool isFloat = isa<FloatType>(element);
  unsigned bits = isFloat || element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  switch (kind) {
  case K::Sum:
    return isFloat ? "0.0" : "0";
  case K::Prod:
    return isFloat ? "1.0" : "1";
  case K::Any:
    return "false";
  case K::All:
    return "true";
  case K::Max:
  case K::ArgMax:
    return isFloat ? "-inf" : std::to_string(llvm::minIntN(bits));
  case K::Min:
  case K::ArgMin:
    return isFloat ? "inf" : std::to_string(llvm::maxIntN(bits));
  case K::UMax:
  case K::UArgMax:
    return "0";
  case K::UMin:
  case K::UArgMin:
    return std::to_string(llvm::maxUIntN(bits));
  }
  return "";
}

static std::string spelled(TypedAttr value) {
  std::string text;
  llvm::raw_string_ostream out(text);
  if (auto real = dyn_cast<FloatAttr>(value))
    out << llvm::format("%g", real.getValueAsDouble());
  else if (value.getType().isInteger(1))
    out << (cast<IntegerAttr>(value).getValue().isZero() ? "false" : "true");
  else
    cast<IntegerAttr>(value).getValue().print(out, /*isSigned=*/true);
  return text;
}

Padding PaddingFlow::ofReduce(ir::ReduceOp op) {
  Padding operand = get(op.getOperand());
  if (operand.kind != Padding::Padded)
    return operand;
  StringRef name = ir::stringifyReduceKind(op.getKind());
  // Signedness shows in the operand, not in the language's name.
  name.consume_front("u");
  bool fits = operand.value && isIdentity(op.getKind(), operand.value);
  if (operand.axes[op.getAxis()] && !fits) {
    Type element = op.getOperand().getType().getElementType();
    std::string identity = identityText(op.getKind(), element);
    InFlightDiagnostic diagnostic = emitWarning(op.getLoc())
                                    << "'" << name << "' takes in what lies beyond the edge of a view, which is "
                                    << (operand.value ? spelled(operand.value) : "not " + identity) << " here";
    Diagnostic &note = diagnostic.attachNote(operand.origin->getLoc());
    if (operand.untouched && isa<ir::LoadOp>(operand.origin))
      note << "pad with what doesn't count: 'pad = " << identity << "'";
    else
      note << "the view is read here; replace what lies outside before the fold: 'where(inside(…), …, " << identity
           << ")'";
  }
  llvm::SmallBitVector axes(operand.axes.size() - 1);
  for (unsigned from = 0, to = 0; from < operand.axes.size(); ++from)
    if (from != op.getAxis())
      axes[to++] = operand.axes[from];
  // A row of padding folds to padding; only the simplest is followed.
  if (!fits || isa<IndexType>(getElementTypeOrSelf(op.getType())))
    operand.value = {};
  operand.kind = axes.any() ? Padding::Padded : Padding::Clean;
  operand.untouched = false;
  operand.axes = axes;
  if (operand.kind == Padding::Clean)
    operand.value = {};
  return operand;
}

Padding PaddingFlow::ofSelect(arith::SelectOp op) {
  Padding yes = get(op.getTrueValue()), no = get(op.getFalseValue());
  if (auto inside = op.getCondition().getDefiningOp<ir::InsideOp>()) {
    // Outside the view stands what was chosen for there.
    Padding result = ofAccess(inside, inside.getView(), inside.getOffsets(), inside.getWidths(), no.value);
    result.untouched = false;
    if (no.kind == Padding::Unknown)
      return {};
    return result;
  }
  bool isScalar = !isa<RankedTensorType>(op.getCondition().getType());
  if (!isScalar || yes.kind == Padding::Unknown || no.kind == Padding::Unknown)
    return {};
  if (yes.kind == Padding::Clean)
    std::swap(yes, no);
  if (yes.value != no.value)
    yes.value = {};
  yes.untouched = false;
  return yes;
}

/// A value of one operand that decides the result whatever the other is, as long as that is finite; null when there is none.
static TypedAttr absorbed(Operation *op, ArrayRef<Padding> operands) {
  for (unsigned i = 0; i < operands.size(); ++i) {
    TypedAttr value = operands[i].value;
    if (!value)
      continue;
    auto real = dyn_cast<FloatAttr>(value);
    auto integer = dyn_cast<IntegerAttr>(value);
    bool zero = real ? real.getValue().isZero() : integer.getValue().isZero();
    bool infinite = real && real.getValue().isInfinity();
    if (isa<arith::MulFOp, arith::MulIOp, arith::AndIOp>(op) && zero)
      return value;
    if (isa<arith::DivFOp>(op) && i == 0 && (zero || infinite))
      return zero ? value : TypedAttr();
    if (isa<arith::AddFOp>(op) && infinite)
      return value;
    if (isa<arith::SubFOp>(op) && infinite)
      return i == 0 ? value : cast<TypedAttr>(FloatAttr::get(real.getType(), llvm::neg(real.getValue())));
    if (isa<arith::MaximumFOp>(op) && infinite && !real.getValue().isNegative())
      return value;
    if (isa<arith::MinimumFOp>(op) && infinite && real.getValue().isNegative())
      return value;
  }
  return {};
}

TypedAttr PaddingFlow::fold(Operation *op, ArrayRef<Padding> operands) {
  SmallVector<Attribute> constants;
  for (auto [padding, operand] : llvm::zip_equal(operands, op->getOperands())) {
    if (!padding.value)
      return absorbed(op, operands);
    auto tensor = dyn_cast<RankedTensorType>(operand.getType());
    constants.push_back(tensor ? Attribute(DenseElementsAttr::get(tensor, Attribute(padding.value)))
                               : Attribute(padding.value));
  }
  SmallVector<OpFoldResult> results;
  Operation *copy = op->cloneWithoutRegions();
  bool folded = succeeded(copy->fold(constants, results)) && results.size() == 1;
  copy->destroy();
  Attribute attribute = folded ? dyn_cast<Attribute>(results[0]) : Attribute();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(attribute))
    attribute = splat.getSplatValue<Attribute>();
  return dyn_cast_or_null<TypedAttr>(attribute);
}

Padding PaddingFlow::ofElementwise(Operation *op) {
  SmallVector<Padding> operands;
  Padding result;
  result.kind = Padding::Clean;
  for (Value operand : op->getOperands()) {
    operands.push_back(get(operand));
    const Padding &last = operands.back();
    if (last.kind == Padding::Unknown)
      return {};
    if (last.kind != Padding::Padded)
      continue;
    result.kind = Padding::Padded;
    if (result.axes.empty())
      result.axes = last.axes;
    result.axes |= last.axes;
    if (!result.origin)
      result.origin = last.origin;
  }
  result.value = fold(op, operands);
  // A conversion leaves the padding recognisable to whoever wrote it.
  result.untouched =
      isa<arith::ExtFOp, arith::TruncFOp, arith::ExtSIOp, arith::ExtUIOp, arith::SIToFPOp, arith::UIToFPOp>(op) &&
      operands[0].untouched;
  return result;
}

void PaddingFlow::visit(Operation *op) {
  if (op->getNumResults() != 1)
    return;
  Value result = op->getResult(0);
  Padding padding;
  Attribute constant;
  if (matchPattern(op, m_Constant(&constant))) {
    padding.kind = Padding::Clean;
    if (auto splat = dyn_cast<SplatElementsAttr>(constant))
      constant = splat.getSplatValue<Attribute>();
    padding.value = dyn_cast<TypedAttr>(constant);
    if (isa<ElementsAttr>(constant))
      padding.value = {};
    known[result] = padding;
    return;
  }
  if (!isa<RankedTensorType>(result.getType()) && !isa<ir::ReduceOp>(op))
    return;
  padding = llvm::TypeSwitch<Operation *, Padding>(op)
                .Case([&](ir::LoadOp load) {
                  return ofAccess(op, load.getView(), load.getOffsets(), load.getWidths(), load.getPadding());
                })
                .Case<ir::BroadcastOp, ir::ReshapeOp, ir::TransposeOp>(
                    [&](auto shape) { return ofShape(op, shape.getOperand()); })
                .Case([&](tensor::SplatOp splat) { return get(splat.getInput()); })
                .Case([&](ir::ReduceOp reduce) { return ofReduce(reduce); })
                .Case([&](arith::SelectOp select) { return ofSelect(select); })
                .Case([&](ir::IotaOp) {
                  Padding clean;
                  clean.kind = Padding::Clean;
                  return clean;
                })
                .Default([&](Operation *) {
                  return OpTrait::hasElementwiseMappableTraits(op) ? ofElementwise(op) : Padding();
                });
  known[result] = padding;
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

void lang::checkPadding(ir::KernelOp kernel) { PaddingFlow().run(kernel); }

namespace {
struct CheckPadding : PassWrapper<CheckPadding, OperationPass<ir::KernelOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CheckPadding)
  StringRef getArgument() const final { return "tile-check-padding"; }
  StringRef getDescription() const final { return "Warn of folds that take in padding which is not their identity"; }
  void runOnOperation() final {
    lang::checkPadding(getOperation());
    markAllAnalysesPreserved();
  }
};
} // namespace

void lang::registerPasses() { PassRegistration<CheckPadding>(); }
