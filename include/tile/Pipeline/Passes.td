//===- Passes.td - From a written loop to a pipelined one ----*- tablegen -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef TILE_PIPELINE_PASSES_TD
#define TILE_PIPELINE_PASSES_TD

include "mlir/Pass/PassBase.td"

def TileBind : Pass<"tile-bind", "::tile::ir::KernelOp"> {
  let summary = "decide for one target how loads move data and what dots are made of";
  let description = [{
    From phase `tile` to `bound`. Names the target on the kernel, and binds each load to a copy mechanism and each dot to an
    instruction. A tile that the target can't hold is an error.
  }];
  let options = [Option<"target", "target", "std::string", "\"cpu\"", "The target that the plan is made for: cpu, sm_80, sm_90, …">];
}

def TilePlan : Pass<"tile-plan", "::tile::ir::KernelOp"> {
  let summary = "plan which iterations of each loop are in flight together";
  let description = [{
    From phase `bound` to `planned`. Gives every loop a `#tile.plan` and every op of its body a `#tile.at`, and every loop and
    every load in a loop a verdict, as a remark of category `pipeline`. Stage counts that don't fit the target's memory are an
    error that names the largest that does.
  }];
  let options = [Option<"maxStages", "max-stages", "int64_t", "0",
                        "The most stages that a loop gets which leaves their number open; 0 is no limit">];
}

def TileExpand : Pass<"tile-expand", "::tile::ir::KernelOp"> {
  let summary = "make planned loops into loops over rings and channels";
  let description = [{
    From phase `planned` to `pipelined`. Works on a clone that replaces the kernel once it is verified: symbolic runs of both must do the
    same to memory, and the clone must keep to the protocol of its rings.
  }];
}

def TileInstrument : Pass<"tile-instrument", "::tile::ir::KernelOp"> {
  let summary = "write down when copies are issued and arrive, and when products begin and end";
  let description = [{
    Puts `tile.stamp` ops into the loops of a kernel of phase `pipelined`, and into the producer that serves them. A loop without a ring
    counts its iterations for it. A kernel without loops over tiles stays as it is.
  }];
}

def TileVerify : Pass<"tile-verify", "::tile::ir::KernelOp"> {
  let summary = "check that a pipelined kernel keeps to the protocol of its rings";
  let description = [{
    Runs a kernel of phase `pipelined` symbolically, for trip counts from 0 to where its steady states repeat themselves. A slot that is
    filled before its last reader released it, or read before its copies were awaited, is an error that names the op, the ticket and
    the slot. `tile-expand` does this by itself, and compares with the written loop too.
  }];
}

#endif // TILE_PIPELINE_PASSES_TD
