//===- ImageTest.cpp - What the compiler says of a kernel for a GPU *- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Target/NVPTX/NVPTX.h"

#include <gtest/gtest.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/Parser/Parser.h>

using namespace mlir;
using namespace tile;

namespace {

/// Kernels in a context of their own.
struct ImageTest : testing::Test {
  ImageTest() : context(registry(), MLIRContext::Threading::DISABLED) { context.loadAllAvailableDialects(); }

  static DialectRegistry registry() {
    DialectRegistry result;
    nvptx::registerDialects(result);
    return result;
  }

  std::optional<nvptx::Image> compile(StringRef source, const nvptx::Options &options = {}) {
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(source, &context);
    if (!module)
      return std::nullopt;
    return nvptx::compile(*module->getOps<ir::KernelOp>().begin(), options);
  }

  MLIRContext context;
};

TEST_F(ImageTest, SaysWhatALaunchNeeds) {
  std::optional<nvptx::Image> image = compile(R"(
    tile.kernel @copy(%a: !tile.view<?x?xf32> {tile.access = #tile.access<in>}, %b: !tile.view<?xf32> {tile.access = #tile.access<out>}, %n: index)
        attributes {phase = #tile.phase<synchronised>, target = "sm_90a", num_warps = 4, shared_bytes = 2048} {
      %x = tile.load %a[%n, %n] : !tile.view<?x?xf32> -> f32
      tile.store %x, %b[%n] : f32, !tile.view<?xf32>
      tile.return
    })");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->entry, "copy");
  EXPECT_EQ(image->words, 5u + 3u + 1u + 3u);
  EXPECT_EQ(image->threads, 128u);
  EXPECT_EQ(image->producerThreads, 0u);
  EXPECT_FALSE(image->persistent);
  EXPECT_TRUE(image->tensorMaps.empty());
  EXPECT_EQ(image->sharedBytes, 2048u);
  EXPECT_EQ(image->architecture, "sm_90a");
  EXPECT_TRUE(image->assertions.empty());
  EXPECT_TRUE(image->messages.empty());
  StringRef ptx = image->ptx;
  EXPECT_TRUE(ptx.contains(".target sm_90a"));
  std::string version =
      ".version " + std::to_string(image->ptxVersion / 10) + "." + std::to_string(image->ptxVersion % 10);
  EXPECT_TRUE(ptx.contains(version));
  EXPECT_TRUE(ptx.contains(".visible .entry copy("));
  EXPECT_TRUE(ptx.contains(".reqntid 128"));
  EXPECT_TRUE(ptx.contains(".loc"));
  EXPECT_GE(image->timings.size(), 5u);
}

TEST_F(ImageTest, SaysWhatACheckedKernelMaySay) {
  std::optional<nvptx::Image> image = compile(R"(
    #l = #tile.layout<32, register = [], lane = [[1], [2], [4], [8], [16]], warp = []>
    tile.kernel @checked(%ok: i1, %n: i8)
        attributes {phase = #tile.phase<synchronised>, target = "sm_80", num_warps = 1, shared_bytes = 100} {
      %i = tile.iota : tensor<32xi32, #l>
      tile.assert %ok, "first" : i1
      tile.print "{} of {}" (%i, %n) {unsigned_values = array<i1: false, true>} : tensor<32xi32, #l>, i8
      tile.assert %ok, "second" : i1
      tile.return
    })",
                                              {/*lineTables=*/false});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->words, 2u + 3u + 1u);
  // A word for the record's place, behind the kernel's own memory.
  EXPECT_EQ(image->sharedBytes, 128u);
  ASSERT_EQ(image->assertions.size(), 2u);
  EXPECT_EQ(image->assertions[0].message, "first");
  EXPECT_EQ(image->assertions[1].message, "second");
  ASSERT_EQ(image->messages.size(), 1u);
  const nvptx::Message &message = image->messages[0];
  EXPECT_EQ(message.format, "{} of {}");
  ASSERT_EQ(message.values.size(), 2u);
  EXPECT_TRUE(message.values[0].element.isInteger(32));
  EXPECT_EQ(message.values[0].shape, SmallVector<int64_t>{32});
  EXPECT_FALSE(message.values[0].isUnsigned);
  EXPECT_TRUE(message.values[1].element.isInteger(8));
  EXPECT_TRUE(message.values[1].shape.empty());
  EXPECT_TRUE(message.values[1].isUnsigned);
  EXPECT_FALSE(StringRef(image->ptx).contains(".loc"));
}

TEST_F(ImageTest, KeepsOutOfTheWayOfNamesThatAreTaken) {
  for (StringRef name : {"WARP_SZ", "tile_shared"}) {
    std::optional<nvptx::Image> image = compile(
        ("tile.kernel @" + name +
         "() attributes {phase = #tile.phase<synchronised>, target = \"sm_80\", num_warps = 1, shared_bytes = 0} "
         "{ tile.return }")
            .str());
    ASSERT_TRUE(image);
    EXPECT_EQ(image->entry, (name + "_").str());
  }
}

/// The tensor maps of a function of that attribute, of a kernel whose arguments are a scalar, a matrix and a view of six axes.
struct TensorMapTest : ImageTest {
  FailureOr<std::vector<nvptx::TensorMap>> read(const Twine &attribute) {
    module = parseSourceString<ModuleOp>(
        ("llvm.func @f() attributes {tile.persistent, tile.tensor_maps = " + attribute + "}").str(), &context);
    EXPECT_TRUE(module);
    return nvptx::readTensorMaps(&module->getBody()->front(), {-1, 2, 6});
  }
  /// What reading says.
  std::string errorOf(const Twine &attribute) {
    std::string text;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { text += diagnostic.str(); });
    EXPECT_TRUE(failed(read(attribute)));
    return text;
  }
  OwningOpRef<ModuleOp> module;
};

TEST_F(TensorMapTest, AreWrittenAndRead) {
  auto maps =
      read("[{view = 1 : i64, element = bf16, axes = array<i64: 1, 0>, box = array<i64: 64, 128>, swizzle = 128 : i64},"
           " {view = 1 : i64, element = i1, axes = array<i64: 0, 1>, box = array<i64: 16, 1>, swizzle = 0 : i64}]");
  ASSERT_TRUE(succeeded(maps));
  ASSERT_EQ(maps->size(), 2u);
  EXPECT_EQ((*maps)[0].view, 1u);
  EXPECT_TRUE((*maps)[0].element.isBF16());
  EXPECT_EQ((*maps)[0].axes, (SmallVector<int64_t, 5>{1, 0}));
  EXPECT_EQ((*maps)[0].box, (SmallVector<int64_t, 5>{64, 128}));
  EXPECT_EQ((*maps)[0].swizzle, 128);
  EXPECT_EQ(nvptx::toAttribute(&context, *maps),
            module->getBody()->front().getDiscardableAttr(ir::kTensorMapsAttrName));
  module->getBody()->front().removeDiscardableAttr(ir::kTensorMapsAttrName);
  auto none = nvptx::readTensorMaps(&module->getBody()->front(), {});
  ASSERT_TRUE(succeeded(none));
  EXPECT_TRUE(none->empty());
}

/// What a launch reads of a function is nothing to LLVM.
TEST_F(TensorMapTest, AreNoConcernOfTheCode) {
  ASSERT_TRUE(module = parseSourceString<ModuleOp>(R"(
    llvm.func @f() attributes {target_cpu = "sm_90a", nvvm.kernel, nvvm.reqntid = array<i32: 384>, tile.persistent, tile.tensor_maps = [
        {view = 1 : i64, element = bf16, axes = array<i64: 1, 0>, box = array<i64: 64, 128>, swizzle = 128 : i64}]} {
      llvm.return
    })",
                                                   &context));
  std::optional<std::string> text = nvptx::emitLLVMIR(*module, {});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("define ptx_kernel void @f()"), std::string::npos) << *text;
}

TEST_F(TensorMapTest, AreRefused) {
  auto entry = [](StringRef view, StringRef element, StringRef axes, StringRef box, StringRef swizzle) {
    return ("[{view = " + view + " : i64, element = " + element + ", axes = array<i64: " + axes +
            ">, box = array<i64: " + box + ">, swizzle = " + swizzle + " : i64}]")
        .str();
  };
  auto expectError = [&](const std::string &attribute, StringRef wanted) {
    std::string text = errorOf(attribute);
    EXPECT_TRUE(StringRef(text).contains(wanted)) << text;
  };
  expectError("1 : i64", "'tile.tensor_maps' must be a list");
  expectError("[{view = 1 : i64}]", "tensor map 0 must have 'view', 'element', 'axes', 'box' and 'swizzle'");
  expectError(entry("3", "f16", "1, 0", "64, 8", "128"), "tensor map 0 is of argument 3 of 3");
  expectError(entry("0", "f16", "1, 0", "64, 8", "128"), "no view");
  expectError(entry("2", "f16", "1, 0", "64, 8", "128"), "more than five");
  expectError(entry("1", "i128", "1, 0", "64, 8", "128"), "1, 2, 4 or 8 bytes");
  expectError(entry("1", "f16", "1", "64", "128"), "each axis");
  expectError(entry("1", "f16", "1, 1", "64, 8", "128"), "each axis");
  expectError(entry("1", "f16", "1, 0", "64", "128"), "from 1 to 256");
  expectError(entry("1", "f16", "1, 0", "64, 257", "128"), "from 1 to 256");
  expectError(entry("1", "f16", "1, 0", "64, 0", "128"), "from 1 to 256");
  expectError(entry("1", "f16", "1, 0", "4, 8", "128"), "multiple of 16 bytes");
  expectError(entry("1", "f16", "1, 0", "64, 8", "16"), "0, 32, 64 or 128");
  expectError(entry("1", "f16", "1, 0", "128, 8", "128"), "longer than the span");
}

TEST_F(ImageTest, EmitsLLVM) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      "tile.kernel @nothing() attributes {phase = #tile.phase<synchronised>, target = \"sm_90\", num_warps = 2, "
      "shared_bytes = 0} { tile.return }",
      &context);
  ASSERT_TRUE(module);
  ASSERT_TRUE(succeeded(nvptx::lowerToLLVM(*module)));
  std::optional<std::string> text = nvptx::emitLLVMIR(*module, {});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("define ptx_kernel void @nothing("), std::string::npos);
  EXPECT_NE(text->find("\"target-cpu\"=\"sm_90\""), std::string::npos);
}

} // namespace
