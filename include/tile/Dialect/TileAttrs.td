//===- TileAttrs.td - Attributes of the tile dialect ---------*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_DIALECT_TILEATTRS_TD
#define TILE_DIALECT_TILEATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "tile/Dialect/TileDialect.td"

class Tile_Attr<string name, string attrMnemonic> : AttrDef<Tile_Dialect, name> {
  let mnemonic = attrMnemonic;
}

class Tile_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::tile::ir";
  let genSpecializedAttr = 0;
}

//===----------------------------------------------------------------------===//
// The kernel: phase, and what is known of its arguments
//===----------------------------------------------------------------------===//

def Tile_Phase : Tile_Enum<"Phase", "how far a kernel has come through the compiler", [
  I32EnumAttrCase<"Tile", 0, "tile">,
  I32EnumAttrCase<"Bound", 1, "bound">,
  I32EnumAttrCase<"Planned", 2, "planned">,
  I32EnumAttrCase<"Pipelined", 3, "pipelined">,
  I32EnumAttrCase<"Placed", 4, "placed">,
  I32EnumAttrCase<"Synchronised", 5, "synchronised">
]>;

def Tile_PhaseAttr : EnumAttr<Tile_Dialect, Tile_Phase, "phase"> {
  let summary = "the phase that a kernel is in";
  let description = [{
    `tile`: as the frontend wrote it. `bound`: copy mechanisms and dot instructions are chosen for one target. `planned`: every op
    of a pipelined loop has a stage and an order. `pipelined`: `scf` loops over explicit rings and channels. `placed`: every tile says
    which thread holds which element, every ring how its slots lie in shared memory. `synchronised`: channels are gone, and every wait
    is what the hardware does.
  }];
  let assemblyFormat = "`<` $value `>`";
}

def Tile_Access : Tile_Enum<"Access", "what a kernel does to a view", [
  I32EnumAttrCase<"In", 0, "in">,
  I32EnumAttrCase<"Out", 1, "out">,
  I32EnumAttrCase<"InOut", 2, "inout">
]>;

def Tile_AccessAttr : EnumAttr<Tile_Dialect, Tile_Access, "access"> {
  let summary = "whether a view argument is read, written, or both";
  let description = [{
    The argument attribute `tile.access`. Views that are written overlap no other view, which the launch checks; so a view that is
    only read never changes while the kernel runs.
  }];
  let assemblyFormat = "`<` $value `>`";
}

def Tile_FactsAttr : Tile_Attr<"Facts", "facts"> {
  let summary = "what a specialisation knows of a view";
  let description = [{
    The argument attribute `tile.facts`. `unit_axis`: the axis whose stride is 1, or -1. `align`: a power of two of bytes that
    divides the base address and the byte stride of every other axis. `extent_align`: a power of two of bytes that divides the
    bytes along the unit axis. `index32`: every element's offset from the base fits in 31 bits. `tensor_map`: a tensor map of the
    target can describe the view, which has elements.

    ```mlir
    #tile.facts<unit_axis = 1, align = 16, extent_align = 16, index32 = true>
    ```
  }];
  let parameters = (ins "int64_t":$unit_axis, DefaultValuedParameter<"int64_t", "1">:$align,
                        DefaultValuedParameter<"int64_t", "1">:$extent_align,
                        DefaultValuedParameter<"bool", "false">:$index32,
                        DefaultValuedParameter<"bool", "false">:$tensor_map);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Binding and plan
//===----------------------------------------------------------------------===//

def Tile_Copy : Tile_Enum<"Copy", "how a load moves its data", [
  I32EnumAttrCase<"Direct", 0, "direct">,
  I32EnumAttrCase<"Scalar", 1, "scalar">,
  I32EnumAttrCase<"Async", 2, "async">,
  I32EnumAttrCase<"Staged", 3, "staged">,
  I32EnumAttrCase<"Tensor", 4, "tensor">
]>;

def Tile_BindingAttr : Tile_Attr<"Binding", "binding"> {
  let summary = "how a load or a store moves its data on the target";
  let description = [{
    `direct`: between memory and registers, waited for where it stands. `scalar`: one element, which a pipelined loop carries as a
    value. `async`: by the target's copy engine into a ring. `staged`: into registers ahead of time, and from there into a ring, for
    what the copy engine can't take. `tensor`: a whole tile at once, between the view and shared memory, by the unit that copies tensors;
    what lies outside the view reads as zeros and is not written. `bytes` is the width of one access: the address of each piece of so many bytes along the view's
    unit axis is a multiple of it, and the piece lies wholly inside or wholly outside the view; only an `async` copy may be cut off by
    the view's end.
  }];
  let parameters = (ins EnumParameter<Tile_Copy>:$copy, "int64_t":$bytes);
  let assemblyFormat = "`<` $copy `,` `bytes` `=` $bytes `>`";
}

def Tile_DotBindingAttr : Tile_Attr<"DotBinding", "dot_binding"> {
  let summary = "the instruction that a dot is made of";
  let description = [{
    The target's product of m by n by k, by name: `#tile.dot_binding<"mma.sync", 16 x 8 x 16>`.
  }];
  let parameters = (ins StringRefParameter<>:$instruction, "int64_t":$m, "int64_t":$n, "int64_t":$k);
  let assemblyFormat = "`<` $instruction `,` $m `x` $n `x` $k `>`";
}

def Tile_AtAttr : Tile_Attr<"At", "at"> {
  let summary = "where an op of a pipelined loop stands in the schedule";
  let description = [{
    The attribute `tile.at` of every op in the body of a loop that is planned to be pipelined. An op of stage s works on iteration i - s while the loop is
    at step i; within one step ops run by `order`. For a pipelined load, `ahead` is how many iterations after its issue its data is
    read, and `depth` how many buffers it owns; a load that is carried as a value owns none.

    ```mlir
    #tile.at<stage = 0, order = 0, ahead = 2, depth = 3>
    ```
  }];
  let parameters = (ins "int64_t":$stage, "int64_t":$order, DefaultValuedParameter<"int64_t", "0">:$ahead,
                        DefaultValuedParameter<"int64_t", "0">:$depth);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Tile_PlanAttr : Tile_Attr<"Plan", "plan"> {
  let summary = "the plan of one loop";
  let description = [{
    `stages`: buffers that each pipelined load owns; 1 when the loop stays as written. `ii`: predicted cycles from one iteration to
    the next. `serial`: predicted cycles of an iteration when nothing overlaps. `bound`: the unit or the recurrence that decides
    `ii`. `model_stages`: what the model would choose, beside an explicit count. `shared_bytes`: the rings' memory.

    ```mlir
    #tile.plan<stages = 3, ii = 512, serial = 1400, bound = "tensor core", model_stages = 4, shared_bytes = 98304>
    ```
  }];
  let parameters = (ins "int64_t":$stages, "int64_t":$ii, "int64_t":$serial, StringRefParameter<>:$bound,
                        "int64_t":$model_stages, "int64_t":$shared_bytes);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Placement
//===----------------------------------------------------------------------===//

def Tile_LayoutAttr : Tile_Attr<"Layout", "layout"> {
  let summary = "which thread of a program holds which element of a tile, in which register";
  let description = [{
    The encoding of a tile's type from phase `placed` on: a linear map from the bits of a register's, a lane's and a warp's number to
    the tile's coordinates (see `include/tile/Layout/LinearLayout.h`). Each bit has a column: the coordinates that it adds by
    exclusive or. A column of zeros is a copy: places that differ in that bit alone hold the same element.

    ```mlir
    #tile.layout<64x32, register = [[0, 1], [0, 2], [32, 0]], lane = [[0, 4], [0, 8], [0, 16], [1, 0], [2, 0]], warp = [[4, 0], [8, 0], [16, 0]]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, ArrayRefParameter<"int64_t">:$registers,
                        ArrayRefParameter<"int64_t">:$lanes, ArrayRefParameter<"int64_t">:$warps);
  let genMnemonicAlias = 1;
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The attribute of a layout from (register, lane, warp) to the axes of a tile.
    static LayoutAttr get(::mlir::MLIRContext *context, const ::tile::layout::LinearLayout &layout);
    /// The map, from (register, lane, warp) in this order, lowest bits first, to the tile's axes in theirs.
    ::tile::layout::LinearLayout getLayout() const;
    /// How many registers of a thread hold the tile.
    int64_t getNumRegisters() const;
  }];
}

def Tile_SwizzleAttr : Tile_Attr<"Swizzle", "swizzle"> {
  let summary = "how a tile lies in shared memory";
  let description = [{
    Axis `unit` is the fastest, the others follow from the last to the first, without gaps. Within spans of `span` bytes along the unit axis
    (0: none; or 32, 64 or 128), 16-byte pieces are exchanged by exclusive or with the row, so that a column's pieces of eight rows are in
    different banks. These are the swizzles that the hardware's tensor copies know.

    ```mlir
    !tile.ring<3 x 128x64xbf16, #tile.swizzle<unit = 1, span = 128>>
    ```
  }];
  let parameters = (ins "int64_t":$unit, "int64_t":$span);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

def Tile_ReduceKind : Tile_Enum<"ReduceKind", "how a fold combines two elements", [
  I32EnumAttrCase<"Sum", 0, "sum">,
  I32EnumAttrCase<"Prod", 1, "prod">,
  I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">,
  I32EnumAttrCase<"UMin", 4, "umin">,
  I32EnumAttrCase<"UMax", 5, "umax">,
  I32EnumAttrCase<"Any", 6, "any">,
  I32EnumAttrCase<"All", 7, "all">,
  I32EnumAttrCase<"ArgMin", 8, "argmin">,
  I32EnumAttrCase<"ArgMax", 9, "argmax">,
  I32EnumAttrCase<"UArgMin", 10, "uargmin">,
  I32EnumAttrCase<"UArgMax", 11, "uargmax">
]>;
def Tile_ReduceKindAttr : EnumAttr<Tile_Dialect, Tile_ReduceKind, "reduce_kind">;

def Tile_Moment : Tile_Enum<"Moment", "what a warp comes to when the time is written down", [
  I32EnumAttrCase<"Acquire", 0, "acquire">,
  I32EnumAttrCase<"Issue", 1, "issue">,
  I32EnumAttrCase<"Issued", 2, "issued">,
  I32EnumAttrCase<"Await", 3, "await">,
  I32EnumAttrCase<"Arrived", 4, "arrived">,
  I32EnumAttrCase<"Begin", 5, "begin">,
  I32EnumAttrCase<"End", 6, "end">
]>;
def Tile_MomentAttr : EnumAttr<Tile_Dialect, Tile_Moment, "moment">;

def Tile_Precision : Tile_Enum<"Precision", "how exactly f32 operands of a dot are multiplied", [
  I32EnumAttrCase<"Exact", 0, "exact">,
  I32EnumAttrCase<"TF32", 1, "tf32">
]>;
def Tile_PrecisionAttr : EnumAttr<Tile_Dialect, Tile_Precision, "precision">;

#endif // TILE_DIALECT_TILEATTRS_TD
