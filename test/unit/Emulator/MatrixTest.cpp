//===- MatrixTest.cpp - Products against plain loops --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Operands come through ldmatrix from rows in shared memory, as kernels get them, so that its layout and that of mma hold each other.
///
//===----------------------------------------------------------------------===//

#include "EmulatorTest.h"
#include "Formats.h"

using namespace tile::emulator;

namespace {

struct Kind {
  const char *shape, *a, *b, *sum;
  unsigned k, bits;
};

class MatrixTest : public EmulatorTest {
protected:
  /// Small whole numbers, which all formats hold.
  static int number(unsigned row, unsigned column, unsigned salt) {
    return static_cast<int>((row * 7 + column * 3 + row * column + salt) % 9) - 4;
  }
  static std::uint32_t codeOf(const std::string &type, int value) {
    if (type == "s8" || type == "u8")
      return static_cast<std::uint8_t>(type == "u8" ? value + 4 : value);
    const Format &format = *formatOf(type == "tf32" ? "f32" : type);
    return encode(value, format);
  }
  static int valueOf(const std::string &type, int value) { return type == "u8" ? value + 4 : value; }
};

} // namespace

TEST_F(MatrixTest, AgreeWithPlainProducts) {
  const Kind kinds[] = {
      {"m16n8k16", "f16", "f16", "f32", 16, 16},  {"m16n8k16", "bf16", "bf16", "f32", 16, 16},
      {"m16n8k8", "tf32", "tf32", "f32", 8, 32},  {"m16n8k32", "s8", "s8", "s32", 32, 8},
      {"m16n8k32", "u8", "s8", "s32", 32, 8},     {"m16n8k32", "e4m3", "e4m3", "f32", 32, 8},
      {"m16n8k32", "e5m2", "e4m3", "f32", 32, 8}, {"m16n8k32", "u8", "u8", "s32", 32, 8},
  };
  for (const Kind &kind : kinds) {
    std::string name = std::string(kind.shape) + " " + kind.a + " " + kind.b;
    unsigned bytes = kind.bits / 8;
    // A is 16 rows of 32 bytes, B is 8 columns of 32 bytes behind it.
    auto place = [&](const char *type, unsigned at, unsigned row, unsigned column, unsigned salt) {
      std::uint32_t code = codeOf(type, number(row, column, salt));
      std::memcpy(in.data() + at + row * 32 + column * bytes, &code, bytes);
    };
    for (unsigned i = 0; i < kind.k; ++i) {
      for (unsigned row = 0; row < 16; ++row)
        place(kind.a, 0, row, i, 1);
      for (unsigned column = 0; column < 8; ++column)
        place(kind.b, 512, column, i, 5);
    }
    Failure failure = run(R"(
  mov.u32 %r0, dynamic;
  shl.b32 %r1, %tid32, 4;
  add.s32 %r2, %r0, %r1;
  ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%mine];
  st.shared.v4.b32 [%r2], {%r3, %r4, %r5, %r6};
  setp.lt.u32 %p1, %tid32, 16;
  @%p1 ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%mine+512];
  @%p1 st.shared.v4.b32 [%r2+512], {%r3, %r4, %r5, %r6};
  bar.sync 0;
  and.b32 %r3, %tid32, 15;
  shl.b32 %r3, %r3, 5;
  shr.u32 %r4, %tid32, 4;
  shl.b32 %r4, %r4, 4;
  add.s32 %r3, %r3, %r4;
  add.s32 %r3, %r3, %r0;
  ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r10, %r11, %r12, %r13}, [%r3];
  and.b32 %r5, %tid32, 7;
  shl.b32 %r5, %r5, 5;
  bfe.u32 %r6, %tid32, 3, 1;
  shl.b32 %r6, %r6, 4;
  add.s32 %r5, %r5, %r6;
  add.s32 %r5, %r5, %r0;
  ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r14, %r15}, [%r5+512];
  mov.b32 %r20, 0;
  mma.sync.aligned.)" + std::string(kind.shape) +
                              ".row.col." + kind.sum + "." + kind.a + "." + kind.b + "." + kind.sum + R"(
    {%r21, %r22, %r23, %r24}, {%r10, %r11, %r12, %r13}, {%r14, %r15}, {%r20, %r20, %r20, %r20};
  st.global.v4.b32 [%result], {%r21, %r22, %r23, %r24};)",
                          32, 1024);
    ASSERT_EQ(failure.text, "") << name;
    for (unsigned row = 0; row < 16; ++row)
      for (unsigned column = 0; column < 8; ++column) {
        int want = 0;
        for (unsigned i = 0; i < kind.k; ++i)
          want += valueOf(kind.a, number(row, i, 1)) * valueOf(kind.b, number(column, i, 5));
        // Four lanes to a row, two columns to a lane, the lower half of the rows in the last two registers.
        std::uint32_t bits;
        std::memcpy(&bits, out.data() + 16 * (row % 8 * 4 + column / 2) + 4 * (row / 8 * 2 + column % 2), 4);
        double got = std::string(kind.sum) == "s32" ? static_cast<std::int32_t>(bits) : std::bit_cast<float>(bits);
        EXPECT_EQ(got, want) << name << " [" << row << ", " << column << "]";
      }
  }
}

TEST_F(MatrixTest, DoublesAgreeWithPlainProducts) {
  auto *numbers = reinterpret_cast<double *>(in.data());
  // A by rows of four at the lane's place, B by columns of four: both are the lane's own.
  for (unsigned lane = 0; lane < 32; ++lane) {
    numbers[2 * lane] = number(lane / 4, lane % 4, 1) + 0.5;
    numbers[2 * lane + 1] = number(lane / 4, lane % 4, 3) - 0.25;
  }
  Failure failure = run(R"(
  ld.global.v2.b64 {%d1, %d2}, [%mine];
  mov.b64 %d3, 0d3FF0000000000000;
  mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%d4, %d5}, {%d1}, {%d2}, {%d3, %d3};
  st.global.v2.b64 [%result], {%d4, %d5};)");
  ASSERT_EQ(failure.text, "");
  for (unsigned row = 0; row < 8; ++row)
    for (unsigned column = 0; column < 8; ++column) {
      double want = 1, got;
      for (unsigned i = 0; i < 4; ++i)
        want += (number(row, i, 1) + 0.5) * (number(column, i, 3) - 0.25);
      std::memcpy(&got, out.data() + 16 * (row * 4 + column / 2) + 8 * (column % 2), 8);
      EXPECT_EQ(got, want) << row << ", " << column;
    }
}

TEST_F(MatrixTest, TransposesWhatItLoads) {
  for (unsigned row = 0; row < 8; ++row)
    for (unsigned column = 0; column < 8; ++column) {
      auto value = static_cast<std::uint16_t>(16 * row + column);
      std::memcpy(in.data() + 16 * row + 2 * column, &value, 2);
    }
  for (bool transposed : {false, true}) {
    Failure failure = run(std::string(R"(
  mov.u32 %r0, dynamic;
  and.b32 %r1, %tid32, 7;
  shl.b32 %r1, %r1, 4;
  add.s32 %r2, %r0, %r1;
  setp.lt.u32 %p1, %tid32, 8;
  @%p1 ld.global.v4.b32 {%r3, %r4, %r5, %r6}, [%mine];
  @%p1 st.shared.v4.b32 [%r2], {%r3, %r4, %r5, %r6};
  bar.sync 0;
  ldmatrix.sync.aligned.m8n8.x1)") +
                              (transposed ? ".trans" : "") + R"(.shared.b16 {%r7}, [%r2];
  bar.sync 0;
  stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%r2], {%r7};
  bar.sync 0;
  @%p1 ld.shared.v4.b32 {%r3, %r4, %r5, %r6}, [%r2];
  @%p1 st.global.v4.b32 [%result+1024], {%r3, %r4, %r5, %r6};
  st.global.b32 [%result], %r7;)",
                          32, 128);
    ASSERT_EQ(failure.text, "");
    for (unsigned lane = 0; lane < 32; ++lane) {
      unsigned row = lane / 4, column = lane % 4 * 2;
      unsigned first = transposed ? 16 * column + row : 16 * row + column, next = transposed ? 16 : 1;
      EXPECT_EQ(result<std::uint32_t>(lane), (first + next) << 16 | first) << lane;
    }
    for (unsigned row = 0; row < 8; ++row)
      for (unsigned column = 0; column < 8; ++column) {
        std::uint16_t got;
        std::memcpy(&got, out.data() + 1024 + 16 * row + 2 * column, 2);
        EXPECT_EQ(got, transposed ? 16 * row + column : 16 * column + row);
      }
  }
}
