//===- ConcurrentTest.cpp - Warps that run at once ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulatorTest.h"

#include "Clocks.h"
#include "TensorMap.h"

using namespace tile::emulator;

namespace {

class ConcurrentTest : public EmulatorTest {
protected:
  void expectRight(const std::string &body, unsigned threads) {
    Failure failure = run(body, threads, 1024);
    EXPECT_EQ(failure.result, 0) << failure.text;
  }
  void expectFault(const std::string &body, unsigned threads, const std::string &part) {
    Failure failure = run(body, threads, 1024);
    EXPECT_NE(failure.result, 0) << "expected: " << part;
    EXPECT_NE(failure.text.find(part), std::string::npos) << failure.text;
  }
};

} // namespace

TEST_F(ConcurrentTest, ElectsOneLane) {
  expectRight(R"(
  mov.u32 %r0, 7;
  elect.sync %r1|%p0, -1;
  @%p0 mov.u32 %r0, 9;
  elect.sync _|%p1, -1;
  @%p1 add.u32 %r0, %r0, 1;
  st.global.v2.b32 [%result], {%r0, %r1};)",
              32);
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(result<std::uint32_t>(lane), lane ? 7u : 10u);
}

/// Lanes of a warp are ordered by its barrier, and by nothing else.
TEST_F(ConcurrentTest, OrdersLanesByTheirBarrier) {
  std::string body = R"(
  mov.u32 %r0, dynamic;
  shl.b32 %r1, %tid32, 2;
  add.u32 %r2, %r0, %r1;
  st.shared.b32 [%r2], %tid32;
  bar.warp.sync 0xffffffff;
  xor.b32 %r1, %r1, 4;
  add.u32 %r2, %r0, %r1;
  ld.shared.b32 %r3, [%r2];
  st.global.b32 [%result], %r3;)";
  expectRight(body, 32);
  EXPECT_EQ(result<std::uint32_t>(6), 7u);
  expectFault(body.replace(body.find("0xffffffff"), 10, "0x0000ffff"), 32, "is not among the members");
}

/// The second warp waits for what the first one has come to, which doesn't wait.
TEST_F(ConcurrentTest, OrdersWarpsByNamedBarriers) {
  std::string body = R"(
  mov.u32 %r0, dynamic;
  and.b32 %r1, %tid32, 31;
  shl.b32 %r1, %r1, 2;
  add.u32 %r0, %r0, %r1;
  setp.ge.u32 %p0, %tid32, 32;
  @%p0 bra READ;
  st.shared.b32 [%r0], %tid32;
  bar.arrive 3, 64;
  ret;
READ:
  bar.sync 3, 64;
  ld.shared.b32 %r3, [%r0];
  st.global.b32 [%result], %r3;)";
  expectRight(body, 64);
  EXPECT_EQ(result<std::uint32_t>(37), 5u);
  std::string without = body;
  expectFault(without.replace(without.find("bar.sync 3, 64;"), 15, "bar.sync 4, 32;"), 64, "");
  std::string apart = body;
  expectFault(apart.replace(apart.find("bar.sync 3, 64;"), 15, "bar.sync 3, 96;"), 96,
              "for others that have come to it");
  std::string alone = body;
  expectFault(alone.replace(alone.find("bar.arrive 3, 64;"), 17, ""), 64,
              "for barrier 3, to which 32 of 64 threads have come; 1 warp has ended");
}

/// A barrier by what arrivals give, labels of inner scopes that have the same names, and lanes that others of their warp wait for.
TEST_F(ConcurrentTest, WaitsByState) {
  expectRight(R"(
  mov.u32 %r0, dynamic;
  setp.ne.u32 %p0, %tid32, 0;
  @!%p0 mbarrier.init.shared.b64 [%r0], 64;
  bar.sync 0, 64;
  mbarrier.arrive.shared.b64 %d0, [%r0];
  {
    .reg .pred %q;
  WAIT:
    mbarrier.test_wait.shared.b64 %q, [%r0], %d0;
    @!%q bra WAIT;
  }
  mbarrier.arrive.release.cta.shared::cta.b64 _, [%r0];
  {
    .reg .pred %q;
  WAIT:
    mbarrier.try_wait.parity.acquire.cta.shared::cta.b64 %q, [%r0], 1, 1000;
    @%q bra.uni DONE;
    bra.uni WAIT;
  DONE:
  }
  setp.lt.u32 %p1, %tid32, 16;
  @%p1 bra FIRST;
  mbarrier.arrive.shared.b64 _, [%r0];
  bra LAST;
FIRST:
  mbarrier.arrive.shared.b64 %d1, [%r0];
  nanosleep.u32 20;
AGAIN:
  mbarrier.try_wait.shared.b64 %p2, [%r0], %d1;
  @!%p2 bra AGAIN;
LAST:
  bar.sync 0;
  @!%p0 mbarrier.inval.shared.b64 [%r0];
  st.global.b32 [%result], %tid32;)",
              64);
  EXPECT_EQ(result<std::uint32_t>(63), 63u);
}

/// Lanes that wait in a loop before those that they wait for.
TEST_F(ConcurrentTest, LetsOtherLanesPass) {
  expectRight(R"(
  mov.u32 %r0, dynamic;
  setp.ne.u32 %p0, %tid32, 0;
  @!%p0 mbarrier.init.shared.b64 [%r0], 1;
  bar.warp.sync -1;
  @%p0 bra OTHERS;
WAIT:
  mbarrier.try_wait.parity.shared.b64 %p1, [%r0], 0;
  @!%p1 bra WAIT;
  bra END;
OTHERS:
  setp.ne.u32 %p2, %tid32, 1;
  @!%p2 mbarrier.arrive.shared.b64 _, [%r0];
END:
  st.global.b32 [%result], %tid32;)",
              32);
}

TEST_F(ConcurrentTest, CountsWhatABarrierCan) {
  std::string body = R"(
  mov.u32 %r0, dynamic;
  setp.ne.u32 %p0, %tid32, 0;
  @%p0 bra END;
  mbarrier.init.shared.b64 [%r0], 2;
  mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%r0], 1048575;
  mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%r0], 1048575;
  mbarrier.arrive.shared.b64 _, [%r0], 2;
WAIT:
  mbarrier.try_wait.parity.shared.b64 %p1, [%r0], 0;
  @!%p1 bra WAIT;
END:
  st.global.b32 [%result], %tid32;)";
  expectRight(body, 32);
  std::string many = body;
  expectFault(many.replace(many.find("1048575"), 7, "1048576"), 32, "can't count 1048576 bytes");
  std::string more = body;
  expectFault(more.replace(more.find("_, [%r0], 2"), 11, "_, [%r0], 3"), 32, "more than the 2 arrivals");
  std::string gone = body;
  expectFault(gone.replace(gone.find("_, [%r0], 2;"), 12, "_, [%r0], 2; mbarrier.inval.shared.b64 [%r0];"), 32,
              "there is no barrier at byte 0");
  std::string read = body;
  expectFault(read.replace(read.find("WAIT:"), 5, "ld.shared.b32 %r1, [%r0+4]; WAIT:"), 32,
              "reads byte 4 of shared memory, and a barrier lies there");
  std::string fewer = body;
  expectFault(fewer.replace(fewer.find("_, [%r0], 2"), 11, "_, [%r0], 1"), 32,
              "in whose phase 0 1 of 2 arrivals and 0 bytes are missing");
}

TEST_F(ConcurrentTest, GivesRegistersAway) {
  std::string body = R"(
  setp.ge.u32 %p0, %tid32, 128;
  @%p0 bra GIVE;
  setmaxnreg.inc.sync.aligned.u32 240;
  ret;
GIVE:
  setmaxnreg.dec.sync.aligned.u32 24;)";
  // There are 256 for each of 256 threads, of which an assembler gives them what they ask for later.
  expectRight(body, 256);
  std::string fewer = body;
  expectFault(fewer.replace(fewer.find("ret;"), 4, "setmaxnreg.inc.sync.aligned.u32 232; ret;"), 256,
              "a thread has 240 registers, and would have 232");
}

TEST_F(ConcurrentTest, KnowsOnlyOwnBlocks) {
  expectFault(R"(
  mov.u32 %r0, dynamic;
  mapa.shared::cluster.u32 %r1, %r0, 1;)",
              32, "the cluster has no block 1");
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

TEST(ClocksTest, KnowWhatWasTold) {
  Clocks clocks;
  clocks.start(3);
  Stamp first = clocks.now(0);
  EXPECT_TRUE(Clocks::knows(clocks.of(0), first));
  EXPECT_FALSE(Clocks::knows(clocks.of(1), first));
  Knowledge told = clocks.nothing();
  clocks.tell(0, told);
  Stamp later = clocks.now(0);
  clocks.learn(1, told);
  EXPECT_TRUE(Clocks::knows(clocks.of(1), first));
  EXPECT_FALSE(Clocks::knows(clocks.of(1), later));
  // A fence counts once what came behind it is known.
  EXPECT_FALSE(clocks.isFenced(clocks.of(0), first, Fence::Proxy));
  clocks.fence(0, Fence::Proxy);
  EXPECT_TRUE(clocks.isFenced(clocks.of(0), first, Fence::Proxy));
  EXPECT_FALSE(clocks.isFenced(clocks.of(1), first, Fence::Proxy));
  clocks.tell(0, told);
  clocks.learn(1, told);
  EXPECT_TRUE(clocks.isFenced(clocks.of(1), first, Fence::Proxy));
  // The proxy's counts for the others as well, and not the other way round.
  EXPECT_TRUE(clocks.isFenced(clocks.of(1), first, Fence::Memory));
  Stamp third = clocks.now(2);
  clocks.fence(2, Fence::Memory);
  EXPECT_TRUE(clocks.isFenced(clocks.of(2), third, Fence::Memory));
  EXPECT_FALSE(clocks.isFenced(clocks.of(2), third, Fence::Proxy));
  EXPECT_FALSE(clocks.isFenced(clocks.of(2), third, Fence::Barriers));
}

TEST(ClocksTest, RememberAllReaders) {
  Clocks clocks;
  clocks.start(4);
  std::uint32_t readers = 0;
  for (unsigned thread = 0; thread < 3; ++thread)
    readers = clocks.addReader(readers, clocks.of(thread), clocks.now(thread));
  Knowledge told = clocks.nothing();
  clocks.tell(0, told);
  clocks.tell(2, told);
  clocks.learn(3, told);
  EXPECT_EQ(Clocks::whoOf(clocks.unknownReader(readers, clocks.of(3))), 1u);
  clocks.tell(1, told);
  clocks.learn(3, told);
  EXPECT_EQ(clocks.unknownReader(readers, clocks.of(3)), 0u);
}

TEST(TensorMapTest, SwizzlesWithinLines) {
  EXPECT_EQ(swizzled(0x480, 128), 0x490u);
  EXPECT_EQ(swizzled(0x7f0, 128), 0x780u);
  EXPECT_EQ(swizzled(0x180, 64), 0x1b0u);
  EXPECT_EQ(swizzled(0x180, 32), 0x190u);
  EXPECT_EQ(swizzled(0x180, 0), 0x180u);
}
