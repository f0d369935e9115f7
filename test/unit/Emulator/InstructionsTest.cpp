//===- InstructionsTest.cpp - What instructions give --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulatorTest.h"

#include <bit>
#include <cmath>

namespace {

class InstructionsTest : public EmulatorTest {
protected:
  /// What an instruction makes of constants; %r0 or %d0 or %h0 is the result.
  std::uint64_t valueOf(const std::string &body, const std::string &store) {
    Failure failure = run(body + "\n  " + store + ";");
    EXPECT_EQ(failure.text, "") << body;
    return result<std::uint64_t>(0);
  }
  std::uint32_t word(const std::string &body) {
    return static_cast<std::uint32_t>(valueOf(body, "st.global.b32 [%result], %r0"));
  }
  std::uint64_t wide(const std::string &body) { return valueOf(body, "st.global.b64 [%result], %d0"); }
  std::uint16_t half(const std::string &body) {
    return static_cast<std::uint16_t>(valueOf(body, "st.global.b16 [%result], %h0"));
  }
};

} // namespace

TEST_F(InstructionsTest, IntegersWrapAndShiftsStop) {
  EXPECT_EQ(word("add.s32 %r0, 2147483647, 1;"), 0x80000000u);
  EXPECT_EQ(word("mul.hi.s32 %r0, -2, 3;"), 0xffffffffu);
  EXPECT_EQ(word("mul.hi.u32 %r0, 0xffffffff, 3;"), 2u);
  EXPECT_EQ(wide("mul.wide.s32 %d0, -2, 3;"), static_cast<std::uint64_t>(-6));
  EXPECT_EQ(wide("mul.hi.u64 %d0, 0xffffffffffffffff, 3;"), 2u);
  EXPECT_EQ(word("mad.lo.s32 %r0, 100000, 100000, 7;"), static_cast<std::uint32_t>(10000000000u + 7));
  EXPECT_EQ(word("shl.b32 %r0, 1, 32;"), 0u);
  EXPECT_EQ(word("shr.u32 %r0, 0x80000000, 40;"), 0u);
  EXPECT_EQ(word("shr.s32 %r0, 0x80000000, 40;"), 0xffffffffu);
  EXPECT_EQ(half("shr.s16 %h0, 0x8000, 15;"), 0xffffu);
  EXPECT_EQ(word("shf.l.wrap.b32 %r0, 0x80000001, 2, 1;"), 5u);
  EXPECT_EQ(word("shf.r.clamp.b32 %r0, 1, 2, 33;"), 2u);
  EXPECT_EQ(word("div.s32 %r0, -7, 2;"), static_cast<std::uint32_t>(-3));
  EXPECT_EQ(word("rem.s32 %r0, -7, 2;"), static_cast<std::uint32_t>(-1));
  EXPECT_EQ(word("min.s32 %r0, -1, 1;"), 0xffffffffu);
  EXPECT_EQ(word("min.u32 %r0, -1, 1;"), 1u);
  EXPECT_EQ(word("max.s16x2 %r0, 0x0001ffff, 0xffff0000;"), 0x00010000u);
  EXPECT_EQ(word("max.relu.s32 %r0, -5, -3;"), 0u);
  EXPECT_EQ(word("max.relu.s32 %r0, -5, 3;"), 3u);
  EXPECT_EQ(word("min.relu.s32 %r0, -5, 3;"), 0u);
  EXPECT_EQ(word("add.s16x2 %r0, 0x0001ffff, 0x00010001;"), 0x00020000u);
}

TEST_F(InstructionsTest, BitsMove) {
  EXPECT_EQ(word("bfe.u32 %r0, 0x12345678, 8, 12;"), 0x456u);
  EXPECT_EQ(word("bfe.s32 %r0, 0x00000f00, 8, 4;"), 0xffffffffu);
  EXPECT_EQ(word("bfe.s32 %r0, 0x80000000, 28, 12;"), 0xfffffff8u);
  EXPECT_EQ(word("bfi.b32 %r0, 0xff, 0x11111111, 8, 4;"), 0x11111f11u);
  EXPECT_EQ(word("prmt.b32 %r0, 0x33221100, 0x77665544, 0x7531;"), 0x77553311u);
  EXPECT_EQ(word("prmt.b32 %r0, 0x00008000, 0, 0x9990;"), 0xffffff00u);
  EXPECT_EQ(word("lop3.b32 %r0, 0xf0f0f0f0, 0xcccccccc, 0xaaaaaaaa, 0x96;"), 0x96969696u);
  EXPECT_EQ(word("popc.b32 %r0, 0xff00ff00;"), 16u);
  EXPECT_EQ(word("clz.b64 %r0, 1;"), 63u);
  EXPECT_EQ(word("bfind.u32 %r0, 0;"), 0xffffffffu);
  EXPECT_EQ(word("bfind.s32 %r0, -5;"), 2u);
  EXPECT_EQ(word("brev.b32 %r0, 1;"), 0x80000000u);
  EXPECT_EQ(word("mov.b32 %r1, 0x00020001; mov.b32 {%h1, %h2}, %r1; mov.b32 %r0, {%h2, %h1};"), 0x00010002u);
}

TEST_F(InstructionsTest, FloatsRoundOnceAndOrderNaNs) {
  // 1 + 2^-12 squared needs more than an f32 has.
  EXPECT_EQ(word("fma.rn.f32 %r0, 0f3F800800, 0f3F800800, 0fBF801000;"), std::bit_cast<std::uint32_t>(0x1p-24f));
  EXPECT_EQ(word("min.f32 %r0, 0f7FC00000, 0f3F800000;"), 0x3f800000u);
  EXPECT_EQ(word("min.NaN.f32 %r0, 0f7FC00000, 0f3F800000;"), 0x7fffffffu);
  EXPECT_EQ(word("min.f32 %r0, 0f00000000, 0f80000000;"), 0x80000000u);
  EXPECT_EQ(word("max.f32 %r0, 0f80000000, 0f00000000;"), 0u);
  EXPECT_EQ(word("neg.f32 %r0, 0f7FC00001;"), 0xffc00001u);
  EXPECT_EQ(word("copysign.f32 %r0, 0f80000000, 0f3F800000;"), 0xbf800000u);
  EXPECT_EQ(word("mul.rn.f32 %r0, 0f00000001, 0f40000000;"), 2u);
  EXPECT_EQ(word("ex2.approx.ftz.f32 %r0, 0fC3010000;"), 0u);
  EXPECT_EQ(word("ex2.approx.f32 %r0, 0fC3010000;"), 0x00100000u);
  // Beyond 2^126 a device's approximate division gives nothing.
  EXPECT_EQ(word("div.approx.f32 %r0, 0f7E800000, 0f7E800000;"), 0x3f800000u);
  EXPECT_EQ(word("div.approx.f32 %r0, 0f7F000000, 0f7F000000;"), 0u);
  // 2^15 + 16 * 0.5 ulp and a bit: in f16 one rounding gives the upper neighbour, two give the lower.
  EXPECT_EQ(half("fma.rn.f16 %h0, 0x7800, 0x3c01, 0x0001;"), 0x7801u);
  EXPECT_EQ(half("add.rn.bf16 %h0, 0x3f80, 0x3b80;"), 0x3f80u);
  EXPECT_EQ(half("fma.rn.bf16 %h0, 0x3b80, 0x3f80, 0x3f80;"), 0x3f80u);
  EXPECT_EQ(word("fma.rn.f16x2 %r0, 0x40003c00, 0x40004000, 0x3c003c00;"), 0x45004200u);
  // A product just above the middle between two bf16: what is lost of the sum decides.
  EXPECT_EQ(half("fma.rn.bf16 %h0, 0x3f80, 0x3b80, 0x3f80; fma.rn.bf16 %h0, 0x3b81, 0x3f80, 0x3f80;"), 0x3f81u);
}

TEST_F(InstructionsTest, ComparisonsKnowNaN) {
  auto holds = [&](const std::string &comparison, const char *a, const char *b) {
    return word("setp." + comparison + " %p1, " + a + ", " + b + "; selp.b32 %r0, 1, 0, %p1;") == 1;
  };
  const char *one = "0f3F800000", *nan = "0f7FC00000";
  EXPECT_FALSE(holds("lt.f32", one, nan));
  EXPECT_TRUE(holds("ltu.f32", one, nan));
  EXPECT_FALSE(holds("ne.f32", one, nan));
  EXPECT_TRUE(holds("neu.f32", one, nan));
  EXPECT_TRUE(holds("nan.f32", one, nan));
  EXPECT_TRUE(holds("num.f32", one, one));
  EXPECT_TRUE(holds("lt.s32", "-1", "1"));
  EXPECT_TRUE(holds("hi.u32", "-1", "1"));
  EXPECT_TRUE(word("setp.eq.s32 %p2, 1, 2; setp.lt.and.s32 %p1|%p3, 1, 2, !%p2; selp.b32 %r0, 1, 0, %p1;"));
}

TEST_F(InstructionsTest, ConversionsRoundAndSaturate) {
  EXPECT_EQ(word("cvt.rni.s32.f32 %r0, 0f40200000;"), 2u);
  EXPECT_EQ(word("cvt.rzi.s32.f32 %r0, 0fC0200000;"), static_cast<std::uint32_t>(-2));
  EXPECT_EQ(word("cvt.rmi.s32.f32 %r0, 0fC0200000;"), static_cast<std::uint32_t>(-3));
  EXPECT_EQ(word("cvt.rzi.s32.f32 %r0, 0f7F800000;"), 0x7fffffffu);
  EXPECT_EQ(word("cvt.rzi.u32.f32 %r0, 0fBF800000;"), 0u);
  EXPECT_EQ(word("cvt.rzi.s32.f32 %r0, 0f7FC00000;"), 0u);
  EXPECT_EQ(wide("cvt.rzi.s64.f32 %d0, 0f7FC00000;"), std::uint64_t(1) << 63);
  EXPECT_EQ(word("cvt.rn.f32.s64 %r0, 0x7fffffffffffffff;"), 0x5f000000u);
  EXPECT_EQ(word("cvt.rn.f32.u64 %r0, 0x1000001;"), 0x4b800000u);
  EXPECT_EQ(half("cvt.rn.bf16.f32 %h0, 0f3F808000;"), 0x3f80u);
  EXPECT_EQ(half("cvt.rn.bf16.f32 %h0, 0f3F818000;"), 0x3f82u);
  EXPECT_EQ(half("cvt.rz.bf16.f32 %h0, 0f3F81FFFF;"), 0x3f81u);
  EXPECT_EQ(half("cvt.rn.f16.f32 %h0, 0f477FF000;"), 0x7c00u);
  EXPECT_EQ(half("cvt.rn.f16.f32 %h0, 0f33000000;"), 0u);
  EXPECT_EQ(half("cvt.rn.f16.f32 %h0, 0f33000001;"), 1u);
  EXPECT_EQ(word("mov.b16 %h1, 0x0001; cvt.f32.f16 %r0, %h1;"), std::bit_cast<std::uint32_t>(0x1p-24f));
  EXPECT_EQ(word("cvt.rn.bf16x2.f32 %r0, 0f40000000, 0f3F800000;"), 0x40003f80u);
  EXPECT_EQ(half("cvt.rn.satfinite.e4m3x2.f32 %h0, 0f43F00000, 0f3F800000;"), 0x7e38u);
  EXPECT_EQ(half("cvt.rn.satfinite.e5m2x2.f32 %h0, 0fC7800000, 0f7FC00000;"), 0xfb7fu);
  EXPECT_EQ(word("mov.b16 %h1, 0x7e38; cvt.rn.f16x2.e4m3x2 %r0, %h1;"), 0x5f003c00u);
  EXPECT_EQ(word("cvt.rna.tf32.f32 %r0, 0f3F801000;"), 0x3f802000u);
  EXPECT_EQ(half("mov.b16 %h1, 0x12ff; cvt.s16.s8 %h0, %h1;"), 0xffffu);
  EXPECT_EQ(word("cvt.u32.u64 %r0, 0x1234567890;"), 0x34567890u);
  EXPECT_EQ(word("cvt.sat.s16.s32 %r0, 100000;"), 32767u);
}

TEST_F(InstructionsTest, LanesGoApartAndMeet) {
  Failure failure = run(R"(
  and.b32 %r1, %tid32, 1;
  setp.eq.s32 %p1, %r1, 0;
  mov.b32 %r2, 0;
  mov.b32 %r3, 0;
  @%p1 bra EVEN;
LOOP:
  add.s32 %r2, %r2, 2;
  add.s32 %r3, %r3, 1;
  setp.lt.s32 %p2, %r3, %tid32;
  @%p2 bra LOOP;
  bra.uni JOIN;
EVEN:
  mov.b32 %r2, 7;
JOIN:
  shfl.sync.bfly.b32 %r0, %r2, 1, 31, -1;
  st.global.b32 [%result], %r0;)");
  ASSERT_EQ(failure.text, "");
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(result<std::uint32_t>(lane), lane % 2 ? 7 : 2 * (lane + 1)) << lane;
}

TEST_F(InstructionsTest, WarpsShuffleVoteAndReduce) {
  struct {
    const char *code;
    unsigned (*want)(unsigned lane);
  } cases[] = {
      {"shfl.sync.idx.b32 %r0, %tid32, 5, 31, -1;", [](unsigned) { return 5u; }},
      // Segments of eight lanes.
      {"shfl.sync.idx.b32 %r0, %tid32, 2, 0x181f, -1;", [](unsigned lane) { return (lane & ~7u) + 2; }},
      {"shfl.sync.up.b32 %r0, %tid32, 3, 0, -1;", [](unsigned lane) { return lane < 3 ? lane : lane - 3; }},
      {"shfl.sync.down.b32 %r0, %tid32, 3, 31, -1;", [](unsigned lane) { return lane + 3 > 31 ? lane : lane + 3; }},
      {"shfl.sync.down.b32 %r1|%p1, %tid32, 3, 31, -1; selp.b32 %r0, 1, 0, %p1;",
       [](unsigned lane) { return lane + 3 > 31 ? 0u : 1u; }},
      {"setp.lt.u32 %p1, %tid32, 4; vote.sync.ballot.b32 %r0, %p1, -1;", [](unsigned) { return 15u; }},
      {"setp.lt.u32 %p1, %tid32, 4; vote.sync.all.pred %p2, %p1, -1; selp.b32 %r0, 1, 0, %p2;",
       [](unsigned) { return 0u; }},
      {"setp.lt.u32 %p1, %tid32, 4; vote.sync.any.pred %p2, !%p1, -1; selp.b32 %r0, 1, 0, %p2;",
       [](unsigned) { return 1u; }},
      {"redux.sync.add.s32 %r0, %tid32, -1;", [](unsigned) { return 496u; }},
      {"sub.s32 %r1, %tid32, 9; redux.sync.min.s32 %r0, %r1, -1;", [](unsigned) { return 0xfffffff7u; }},
      {"sub.s32 %r1, %tid32, 9; redux.sync.min.u32 %r0, %r1, -1;", [](unsigned) { return 0u; }},
  };
  for (auto &[code, want] : cases) {
    Failure failure = run(std::string(code) + "\n  st.global.b32 [%result], %r0;");
    ASSERT_EQ(failure.text, "") << code;
    for (unsigned lane = 0; lane < 32; ++lane)
      EXPECT_EQ(result<std::uint32_t>(lane), want(lane)) << code << " lane " << lane;
  }
}

TEST_F(InstructionsTest, BlocksCountAtBarriers) {
  Failure failure = run(R"(
  setp.lt.u32 %p1, %tid32, 40;
  barrier.red.popc.aligned.u32 %r0, 0, %p1;
  st.global.b32 [%result], %r0;)",
                        96);
  ASSERT_EQ(failure.text, "");
  for (unsigned thread = 0; thread < 96; ++thread)
    EXPECT_EQ(result<std::uint32_t>(thread), 40u);
}

TEST_F(InstructionsTest, AtomicsCountEveryThread) {
  Failure failure = run("atom.global.add.u32 %r1, [%out], 3;", 64, 0, 5);
  ASSERT_EQ(failure.text, "");
  EXPECT_EQ(result<std::uint32_t>(0), 3u * 64 * 5);
  failure = run("atom.relaxed.sys.global.cas.b32 %r1, [%out], 0, 8; st.global.b32 [%result+4], %r1;", 3);
  ASSERT_EQ(failure.text, "");
  EXPECT_EQ(result<std::uint32_t>(0), 8u);
  EXPECT_EQ(result<std::uint64_t>(0) >> 32, 0u);
  EXPECT_EQ(result<std::uint64_t>(1) >> 32, 8u);
}

TEST_F(InstructionsTest, VectorsAndScopesOfAssembly) {
  give<std::uint32_t>(0, {1, 2, 3, 4});
  Failure failure = run(R"(
  { .reg .b32 t; .reg .pred p; setp.eq.u32 p, %tid32, 0; mov.b32 t, 9; @p ld.global.nc.b32 t, [%in+4]; mov.b32 %r9, t; }
  setp.eq.u32 %p1, %tid32, 0;
  @!%p1 bra END;
  ld.global.nc.L1::no_allocate.v4.b32 {%r1, %r2, %r3, %r4}, [%mine];
  st.global.v4.b32 [%result], {%r4, %r3, %r9, %r1};
END:)");
  ASSERT_EQ(failure.text, "");
  EXPECT_EQ(result<std::uint64_t>(0), 3ull << 32 | 4);
  std::uint32_t third;
  std::memcpy(&third, out.data() + 8, 4);
  EXPECT_EQ(third, 2u);
}

TEST_F(InstructionsTest, UnknownOnesAreNamed) {
  auto refusal = [](const std::string &body) -> std::string {
    try {
      tile::emulator::Program program(kernelOf(body));
    } catch (const tile::emulator::BadPtx &bad) {
      return bad.what();
    }
    return "accepted";
  };
  EXPECT_NE(refusal("frobnicate.b32 %r1, %r2;").find("the emulator doesn't know 'frobnicate.b32'"), std::string::npos);
  EXPECT_NE(refusal("add.rz.f32 %r1, %r2, %r3;").find("doesn't know 'add.rz.f32'"), std::string::npos);
  EXPECT_NE(
      refusal("mma.sync.aligned.m16n8k16.row.col.f32.bf16.f16.f32 {%r1,%r2,%r3,%r4}, {%r1,%r2,%r3,%r4}, {%r1,%r2}, "
              "{%r1,%r2,%r3,%r4};")
          .find("doesn't know 'mma"),
      std::string::npos);
  EXPECT_NE(refusal("add.s32 %r1, %d2, %r3;").find("on a register of 64 bits"), std::string::npos);
  EXPECT_NE(refusal("bra NOWHERE;").find("doesn't know 'bra'"), std::string::npos);
}
