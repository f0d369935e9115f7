//===- TileTests.cpp - Whatever is done to tiles between layouts -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Generated straight-line kernels, and folds to positions over every axis of tiles of many shapes.
///
//===----------------------------------------------------------------------===//

#include "Launch.h"
#include "TileGenerator.h"

#include <cmath>

using namespace numeric;
using tile::DType;

namespace {

class TileTest : public testing::TestWithParam<int> {};

std::uint64_t seedOf(int program) { return (std::uint64_t(options.seed) << 32) + program; }

} // namespace

TEST_P(TileTest, Agrees) {
  TileProgram program = generateTileProgram(seedOf(GetParam()));
  const Generated &generated = program.kernel;
  Random random(seedOf(GetParam()) ^ 0x711e);
  std::string about =
      "program " + std::to_string(GetParam()) + " of --seed=" + std::to_string(options.seed) + "\n" + generated.source;
  std::int64_t turn = 2 + GetParam() % 5;
  for (bool exact : {true, false}) {
    std::int64_t trips = program.hasLoop ? GetParam() % 5 : 1;
    std::uint64_t caseSeed = random.bits();
    std::vector<std::vector<Expected>> want;
    std::vector<Agreement> agreements(generated.views.size());
    for (const std::string &device : deviceNames())
      for (std::int64_t stages : {std::int64_t(1), turn}) {
        // The CPU's two devices share the counts.
        if (stages > 1 && (!program.hasLoop || device == "cpu"))
          continue;
        if (stages == 1 && program.hasLoop && device == "cpu-late")
          continue;
        Random again(caseSeed);
        Case arguments = makeCase(program, again, trips, exact);
        if (want.empty())
          want = reference(generated, arguments);
        std::string where = device + ", S = " + std::to_string(stages) + ", " + std::to_string(trips) + " iterations";
        std::vector<Operand> operands;
        for (std::size_t i = 0; i < generated.views.size(); ++i)
          operands.push_back(generated.views[i].access == "in" ? Operand(arguments.arrays[i])
                                                               : Operand(&arguments.arrays[i]));
        operands.emplace_back(static_cast<std::int32_t>(trips));
        try {
          launch(tile::Program::fromString(generated.source, "generated.tile").kernel("generated", {{"S", stages}}),
                 device, operands);
        } catch (const tile::Error &error) {
          FAIL() << where << "\n" << error.what() << "\n" << about;
        }
        for (std::size_t i = 0; i < generated.views.size(); ++i) {
          const Array &array = arguments.arrays[i];
          if (agreements[i].isFirst(device) || isGpu(device))
            ASSERT_EQ(difference(array, want[i]), "")
                << "view " << generated.views[i].name << " is wrong: " << where << "\n"
                << about;
          ASSERT_EQ(agreements[i].difference(device, array), "")
              << "view " << generated.views[i].name << " differs from one stage: " << where << "\n"
              << about;
          ASSERT_TRUE(array.intact()) << "memory beside view " << generated.views[i].name << " was written: " << where
                                      << "\n"
                                      << about;
        }
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Generated, TileTest, testing::Range(0, static_cast<int>(options.programs)));

/// The reference is no reference if everything is within its errors.
TEST(TileReference, IsSharp) {
  std::int64_t exact = 0, all = 0;
  for (int number = 0; number < 50; ++number) {
    TileProgram program = generateTileProgram(seedOf(number));
    Random random(number);
    Case arguments = makeCase(program, random, 2, true);
    std::vector<std::vector<Expected>> want = reference(program.kernel, arguments);
    for (std::size_t i = 0; i < want.size(); ++i)
      for (const Expected &element : want[i])
        if (program.kernel.views[i].access == "out") {
          ++all;
          exact += element.error == 0;
        }
  }
  EXPECT_GT(exact, all * 9 / 10);
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

TEST(Positions, OfTiesAndNaNsOverEveryAxis) {
  const std::vector<Shape> shapes = {{1},      {2},       {32},      {256},      {1, 64},    {64, 1},    {4, 8},
                                     {16, 16}, {128, 32}, {2, 4, 8}, {16, 1, 4}, {4, 64, 2}, {1, 2, 256}};
  for (DType type : {DType::F32, DType::BF16, DType::I32, DType::U8, DType::F64})
    for (const Shape &shape : shapes) {
      // One kernel: both folds over each axis and over all.
      std::string name = tile::nameOf(type), axes, at, source, body;
      std::int64_t size = 1;
      for (std::size_t i = 0; i < shape.size(); ++i) {
        axes += (i ? ", " : "") + std::string("D") + std::to_string(i);
        at += (i ? ", 0 +: " : "0 +: ") + std::to_string(shape[i]);
        size *= shape[i];
      }
      source = "kernel positions(x: " + name + "[" + axes + "]";
      std::vector<Array> out;
      std::vector<int> axisOf;
      std::vector<bool> isMax;
      for (int axis = -1; axis < static_cast<int>(shape.size()); ++axis)
        for (const char *fold : {"argmax", "argmin"}) {
          std::string view = "o" + std::to_string(out.size());
          // A tile of one axis becomes a scalar.
          bool whole = axis < 0 || shape.size() == 1;
          Shape rest = shape;
          if (!whole)
            rest.erase(rest.begin() + axis);
          else
            rest = {1};
          source += ", " + view + ": out i64[" + (whole ? "1" : "") + "";
          std::string place;
          for (std::size_t i = 0; !whole && i < rest.size(); ++i) {
            source += (i ? ", " : "") + std::to_string(rest[i]);
            place += (i ? ", 0 +: " : "0 +: ") + std::to_string(rest[i]);
          }
          source += "]";
          body += "  " + view + "[" + (whole ? "0" : place) + "] = i64(" + fold + "(v" +
                  (axis < 0 ? "" : ", axis = " + std::to_string(axis)) + "));\n";
          out.emplace_back(DType::I64, rest);
          axisOf.push_back(axis);
          isMax.push_back(fold[3] == 'm' && fold[4] == 'a');
        }
      source += ") grid (1) {\n  let v = x[" + at + "];\n" + body + "}\n";
      Array x(type, shape);
      Random random(options.seed + size);
      for (std::int64_t i = 0; i < size; ++i)
        x.set(i, static_cast<double>(random.range(0, 3)));
      if (isFloat(type) && size > 8)
        for (std::int64_t i = 0; i < size / 16 + 1; ++i)
          x.set(random.range(0, size - 1), NAN);
      for (const std::string &device : deviceNames()) {
        std::vector<Operand> operands = {x};
        for (Array &array : out)
          operands.push_back(&array);
        try {
          launch(tile::Program::fromString(source, "positions.tile").kernel("positions"), device, operands);
        } catch (const tile::Error &error) {
          FAIL() << error.what() << "\n" << source;
        }
        for (std::size_t k = 0; k < out.size(); ++k) {
          std::int64_t outer = 1, folded = 1, inner = 1;
          for (int i = 0; i < static_cast<int>(shape.size()); ++i)
            (axisOf[k] < 0 || i == axisOf[k] ? folded : i < axisOf[k] ? outer : inner) *= shape[i];
          for (std::int64_t o = 0; o < outer; ++o)
            for (std::int64_t i = 0; i < inner; ++i) {
              std::int64_t best = 0;
              for (std::int64_t f = 0; f < folded; ++f) {
                double value = x.get((o * folded + f) * inner + i), most = x.get((o * folded + best) * inner + i);
                if (std::isnan(most))
                  break;
                if (std::isnan(value) || (isMax[k] ? value > most : value < most))
                  best = f;
              }
              ASSERT_EQ(static_cast<std::int64_t>(out[k].getInteger(o * inner + i)), best)
                  << "result " << o * inner + i << " of o" << k << " on " << device << "\n"
                  << source;
            }
        }
      }
    }
}
