//===- VerifyTest.cpp - Pipelined kernels that don't do what the written one does are refused *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Pipeline/Verify.h"

#include <gtest/gtest.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/Diagnostics.h>
#include <mlir/Parser/Parser.h>

using namespace mlir;

namespace {

/// The written loop: copies tiles from a to b.
constexpr const char *kWritten = R"mlir(
tile.kernel @copy(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<tile>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  tile.for %i = %c0 to %n step %c64 {
    %x = tile.load %a[%i +: 64] : !tile.view<?xf32> -> tensor<64xf32>
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
  }
  tile.return
}
)mlir";

/// A pipelined loop that does the same, with places for a fault.
std::string pipelined(const std::string &address = "%next", const std::string &guard = "%more",
                      const std::string &pad = "",
                      const std::string &store = "tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>") {
  return R"mlir(
tile.kernel @copy(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "cpu"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %always = arith.constant true
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %ch = tile.channel %r : !tile.ring<2 x 64xf32>
  %some = arith.cmpi slt, %c0, %n : index
  scf.if %some {
    tile.acquire %ch[%t0]
    tile.copy_async %a[%c0 +: 64], %r[%t0] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
    tile.commit %ch[%t0]
  }
  %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    tile.await %ch[%t]
    %next = arith.addi %i, %c64 : index
    %t1 = arith.addi %t, %one : i32
    %more = arith.cmpi slt, %next, %n : index
    scf.if )mlir" +
         guard + R"mlir( {
      tile.acquire %ch[%t1]
      tile.copy_async %a[)mlir" +
         address + " +: 64], %r[%t1] " + pad + R"mlir( : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
      tile.commit %ch[%t1]
    }
    %s = tile.slot %r[%t] : !tile.ring<2 x 64xf32> -> !tile.slot<64xf32>
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.release %ch[%t]
    )mlir" +
         store + R"mlir(
    scf.yield %t1 : i32
  }
  tile.return
}
)mlir";
}

/// One that does the same with a producer, with places for a fault.
std::string produced(const std::string &address = "%i", const std::string &from = "%c0",
                     const std::string &read = "%t") {
  return R"mlir(
tile.kernel @copy(%a: !tile.view<?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
    attributes {phase = #tile.phase<pipelined>, target = "sm_90a"} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %t0 = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %r = tile.ring : !tile.ring<2 x 64xf32>
  %ch = tile.channel %r : !tile.ring<2 x 64xf32>
  tile.producer {
    %end = scf.for %i = )mlir" +
         from + R"mlir( to %n step %c64 iter_args(%t = %t0) -> (i32) {
      tile.acquire %ch[%t]
      tile.copy_async %a[)mlir" +
         address + R"mlir( +: 64], %r[%t] : !tile.view<?xf32>, !tile.ring<2 x 64xf32>
      tile.commit %ch[%t]
      %t1 = arith.addi %t, %one : i32
      scf.yield %t1 : i32
    }
  }
  %end = scf.for %i = %c0 to %n step %c64 iter_args(%t = %t0) -> (i32) {
    %t1 = arith.addi %t, %one : i32
    tile.await %ch[%t]
    %s = tile.slot %r[)mlir" +
         read + R"mlir(] : !tile.ring<2 x 64xf32> -> !tile.slot<64xf32>
    %x = tile.read %s : !tile.slot<64xf32> -> tensor<64xf32>
    tile.release %ch[%t]
    tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>
    scf.yield %t1 : i32
  }
  tile.return
}
)mlir";
}

class VerifyTest : public testing::Test {
protected:
  VerifyTest() {
    context.loadDialect<tile::ir::TileDialect>();
    context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  }

  /// The error that verifying gives; empty when it accepts.
  std::string verify(const std::string &text) {
    OwningOpRef<ModuleOp> written = parseSourceString<ModuleOp>(kWritten, &context),
                          made = parseSourceString<ModuleOp>(text, &context);
    if (!written || !made)
      return "does not parse: " + message;
    auto kernel = [](ModuleOp module) { return *module.getOps<tile::ir::KernelOp>().begin(); };
    return succeeded(tile::pipeline::verifyPipelined(kernel(*made), kernel(*written))) ? "" : message;
  }

  MLIRContext context;
  std::string message;
};

TEST_F(VerifyTest, AcceptsWhatDoesTheSame) { EXPECT_EQ(verify(pipelined()), ""); }

TEST_F(VerifyTest, RefusesAnotherAddress) {
  EXPECT_EQ(verify(pipelined("%i")), "the pipelined loop does not do what the written one does: with trip counts of 2, "
                                     "effect 1 of the kernel differs");
}

TEST_F(VerifyTest, RefusesAnotherPadding) {
  EXPECT_EQ(verify(pipelined("%next", "%more", "pad 1.0 : f32")),
            "the pipelined loop does not do what the written one does: with trip counts of 2, effect 1 of the kernel "
            "differs");
}

TEST_F(VerifyTest, RefusesAStoreTooMany) {
  std::string store = "tile.store %x, %b[%i +: 64] : tensor<64xf32>, !tile.view<?xf32>";
  EXPECT_EQ(verify(pipelined("%next", "%more", "", store + "\n" + store)),
            "the pipelined loop does not do what the written one does: with trip counts of 1, effect 1 of the kernel "
            "differs");
}

TEST_F(VerifyTest, RefusesAStoreTooFew) {
  EXPECT_EQ(verify(pipelined("%next", "%more", "", "")), "the pipelined loop does not do what the written one does: "
                                                         "with trip counts of 1, effect 0 of the kernel differs");
}

TEST_F(VerifyTest, RefusesAHazard) {
  EXPECT_EQ(verify(pipelined("%next", "%always")),
            "slot 1 holds ticket 1 at the end and is never released (with trip counts of 1)");
}

TEST_F(VerifyTest, AcceptsAProducerThatDoesTheSame) { EXPECT_EQ(verify(produced()), ""); }

TEST_F(VerifyTest, RefusesAProducersOtherAddress) {
  EXPECT_EQ(verify(produced("%c0")), "the pipelined loop does not do what the written one does: with trip counts of 2, "
                                     "effect 1 of the kernel differs");
}

TEST_F(VerifyTest, RefusesAProducerThatStartsLate) {
  EXPECT_EQ(verify(produced("%i", "%c64")), "ticket 0 is awaited, and the producer has ended (with trip counts of 1)");
}

TEST_F(VerifyTest, RefusesAReadOfAnotherTicket) {
  EXPECT_EQ(verify(produced("%i", "%c0", "%t1")),
            "ticket 1 is read, but its slot was released (with trip counts of 1)");
}

} // namespace
