//===- LoopOps.td - The loop that may be pipelined ---------------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_LOOPOPS_TD
#define TILE_DIALECT_LOOPOPS_TD

include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/LoopLikeInterface.td"
include "tile/Dialect/OpBase.td"

def Tile_ForOp : Tile_Op<"for", [
    DeclareOpInterfaceMethods<LoopLikeOpInterface, [
      "getLoopInductionVars", "getLoopLowerBounds", "getLoopUpperBounds", "getLoopSteps", "getInitsMutable", "getYieldedValuesMutable",
      "getLoopResults"]>,
    DeclareOpInterfaceMethods<RegionBranchOpInterface, ["getEntrySuccessorOperands"]>,
    SingleBlockImplicitTerminator<"YieldOp">, RecursiveMemoryEffects]> {
  let summary = "a loop that the compiler may pipeline";
  let description = [{
    The induction variable runs from the lower bound, by the step, to below the upper bound; all are read once, and the step is
    positive. `stages(n)` gives each pipelined load n buffers; without it the planner chooses. In `planned` a loop has its `plan`.

    ```mlir
    %r = tile.for %k = %lo to %hi step %s iter_args(%acc = %zero) -> (tensor<64x64xf32>) stages(3) {
      tile.yield %acc : tensor<64x64xf32>
    }
    ```
  }];
  let arguments = (ins Index:$lower, Index:$upper, Index:$step, Variadic<AnyType>:$inits,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntPositive]>>:$num_stages, OptionalAttr<Tile_PlanAttr>:$plan);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$region);
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::Value":$lower, "::mlir::Value":$upper, "::mlir::Value":$step, "::mlir::ValueRange":$inits)>];
  let extraClassDeclaration = [{
    ::mlir::Value getInductionVar() { return getRegion().getArgument(0); }
    ::mlir::Block::BlockArgListType getRegionIterArgs() { return getRegion().getArguments().drop_front(); }
    ::tile::ir::YieldOp getYield();
    /// The value that the loop carries to the next iteration in place of an argument of its body.
    ::mlir::Value getYielded(::mlir::BlockArgument carried);
  }];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike, HasParent<"ForOp">]> {
  let summary = "what a loop carries to its next iteration";
  let arguments = (ins Variadic<AnyType>:$values);
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif // TILE_DIALECT_LOOPOPS_TD
