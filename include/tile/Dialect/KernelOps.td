//===- KernelOps.td - The kernel and what it knows of its launch -*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_KERNELOPS_TD
#define TILE_DIALECT_KERNELOPS_TD

include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "tile/Dialect/OpBase.td"

def Tile_KernelOp : Tile_Op<"kernel", [FunctionOpInterface, IsolatedFromAbove, SingleBlock]> {
  let summary = "what one program of a grid does";
  let description = [{
    The arguments are views and scalars; a view argument has the attributes `tile.access` and, in a specialisation, `tile.facts`.
    The kernel states its phase, and the ops it holds are those that the phase allows. From `bound` on it names the target that
    decisions were made for, and how many warps of threads run a program, those of a `tile.producer` not counted; in `synchronised` also
    the shared memory of a program. In a `persistent` kernel, workers run programs: as many as the chip holds at once, each one program
    after the other in a loop of the kernel's body.

    ```mlir
    tile.kernel @copy(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>})
        attributes {phase = #tile.phase<tile>} {
      %p = tile.program_id 0
      %c64 = arith.constant 64 : index
      %i = arith.muli %p, %c64 : index
      %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
      tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
      tile.return
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type, Tile_PhaseAttr:$phase,
                       OptionalAttr<StrAttr>:$target, OptionalAttr<I64Attr>:$num_warps, OptionalAttr<I64Attr>:$shared_bytes,
                       UnitAttr:$persistent,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type, "::tile::ir::Phase":$phase)>];
  let extraClassDeclaration = [{
    ::mlir::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::mlir::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    /// What the kernel does to a view argument. Every view argument says so; the verifier holds it to that.
    ::tile::ir::Access getAccess(unsigned argument);
    /// What is known of a view argument; null when nothing is.
    ::tile::ir::FactsAttr getFacts(unsigned argument);
  }];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Tile_ReturnOp : Tile_Op<"return", [Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "the end of a kernel";
  let assemblyFormat = "attr-dict";
}

def Tile_ProgramIdOp : Tile_Op<"program_id", [Pure]> {
  let summary = "a program's index along an axis of the grid";
  let description = [{
    This program's, or in a persistent kernel that of the program whose number is given. The order of programs is the target's: close
    numbers share operands.

    ```mlir
    %p = tile.program_id 0
    %q = tile.program_id 0 of %number
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntMinValue<0>, IntMaxValue<2>]>:$axis, Optional<Index>:$number);
  let results = (outs Index:$result);
  let builders = [OpBuilder<(ins "int64_t":$axis), [{
    build($_builder, $_state, $_builder.getIndexType(), $_builder.getI64IntegerAttr(axis), ::mlir::Value());
  }]>];
  let assemblyFormat = "$axis (`of` $number^)? attr-dict";
}

def Tile_WorkerIdOp : Tile_Op<"worker_id", [Pure]> {
  let summary = "this worker's number, in a persistent kernel";
  let description = [{
    Worker w runs the programs w, w + `tile.workers`, … below `tile.programs`.

    ```mlir
    %w = tile.worker_id
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Tile_WorkersOp : Tile_Op<"workers", [Pure]> {
  let summary = "how many workers run a persistent kernel";
  let description = [{
    ```mlir
    %n = tile.workers
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Tile_ProgramsOp : Tile_Op<"programs", [Pure]> {
  let summary = "how many programs the grid has";
  let description = [{
    ```mlir
    %n = tile.programs
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Tile_ExtentOp : Tile_Op<"extent", [Pure]> {
  let summary = "a view's extent along an axis";
  let description = [{
    ```mlir
    %k = tile.extent %a, 1 : !tile.view<?x?xf32>
    ```
  }];
  let arguments = (ins Tile_ViewType:$view, ConfinedAttr<I64Attr, [IntNonNegative]>:$axis);
  let results = (outs Index:$result);
  let assemblyFormat = "$view `,` $axis attr-dict `:` qualified(type($view))";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_AssertOp : Tile_Op<"assert", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "stops the launch with a message when a condition does not hold";
  let description = [{
    The condition is a scalar or a tile of bools, all of which must hold. Present in checked builds only.

    ```mlir
    tile.assert %ok, "index out of range" : i1
    ```
  }];
  let arguments = (ins Tile_Value:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
  let hasVerifier = 1;
}

def Tile_PrintOp : Tile_Op<"print", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "prints values";
  let description = [{
    Each `{}` of the format takes the next value. `unsigned_values` says for each value whether its integers are unsigned. Present
    in checked builds only.

    ```mlir
    tile.print "row {} sum {}" (%i, %s) : index, f32
    ```
  }];
  let arguments = (ins StrAttr:$format, Variadic<Tile_Value>:$values, OptionalAttr<DenseBoolArrayAttr>:$unsigned_values);
  let assemblyFormat = "$format (`(` $values^ `)`)? attr-dict (`:` type($values)^)?";
  let hasVerifier = 1;
}

#endif // TILE_DIALECT_KERNELOPS_TD
