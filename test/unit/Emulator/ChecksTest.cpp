//===- ChecksTest.cpp - What the emulator finds wrong -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmulatorTest.h"

using tile::emulator::Failure;

static void expectFault(const Failure &found, const std::string &part) {
  EXPECT_NE(found.result, 0) << "expected: " << part;
  EXPECT_NE(found.text.find(part), std::string::npos) << found.text;
}

namespace {

class ChecksTest : public EmulatorTest {
protected:
  /// A ring of three slots of 16 bytes for each of 64 threads. A thread copies its own pieces and adds up its neighbour's of the other
  /// warp.
  static std::string pipeline() {
    return kernelOf(R"(
  mov.u32 %r0, dynamic;
  shl.b32 %r1, %tid32, 4;
  add.s32 %r2, %r0, %r1;
  xor.b32 %r3, %r1, 512;
  add.s32 %r3, %r3, %r0;
  cp.async.cg.shared.global [%r2], [%mine], 16, 16;
  cp.async.commit_group;
  cp.async.cg.shared.global [%r2+1024], [%mine+1024], 16, 16;
  cp.async.commit_group;
  mov.b32 %r5, 0;
  cp.async.wait_group 1;
  bar.sync 0;
  ld.shared.b32 %r6, [%r3];
  add.s32 %r5, %r5, %r6;
  cp.async.cg.shared.global [%r2+2048], [%mine+2048], 16, 16;
  cp.async.commit_group;
  cp.async.wait_group 1;
  bar.sync 0;
  ld.shared.b32 %r6, [%r3+1024];
  add.s32 %r5, %r5, %r6;
  cp.async.wait_group 0;
  bar.sync 0;
  ld.shared.b32 %r6, [%r3+2048];
  add.s32 %r5, %r5, %r6;
  st.global.b32 [%result], %r5;)");
  }
  static std::string edited(std::string text, const std::string &from, const std::string &to, unsigned which = 0) {
    std::size_t at = text.find(from);
    for (; which && at != std::string::npos; --which)
      at = text.find(from, at + 1);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
  Failure pipelined(const std::string &text, unsigned shared = 3072) { return runText(text, 64, shared); }
};

} // namespace

TEST_F(ChecksTest, PassesWhatIsRight) {
  for (unsigned i = 0; i < 1024; ++i) {
    auto value = static_cast<std::uint32_t>(i);
    std::memcpy(in.data() + 4 * i, &value, 4);
  }
  Failure failure = pipelined(pipeline());
  ASSERT_EQ(failure.text, "");
  for (unsigned thread = 0; thread < 64; ++thread)
    EXPECT_EQ(result<std::uint32_t>(thread), 3 * 4 * (thread ^ 32) + 256 + 512);
  EXPECT_EQ(statistics.sum("cp.async.cg").executed, 6u);
  EXPECT_EQ(statistics.sum("cp.async.cg").sectors, 6 * 16u);
  // Lanes 16 bytes apart: four of each eight meet in a bank.
  EXPECT_EQ(statistics.sum("ld.shared.b32").wavefronts, 6 * 4u);
  EXPECT_EQ(statistics.sum("ld.shared.b32").leastWavefronts, 6u);
}

TEST_F(ChecksTest, FindsWaitsThatAreTooShort) {
  for (unsigned which : {0, 1})
    expectFault(pipelined(edited(pipeline(), "wait_group 1", "wait_group 2", which)), "on its way");
  expectFault(pipelined(edited(pipeline(), "wait_group 0", "wait_group 1")), "on its way");
}

TEST_F(ChecksTest, FindsMissingCommits) {
  for (unsigned which : {0, 1, 2})
    expectFault(pipelined(edited(pipeline(), "cp.async.commit_group;", "", which)), "on its way");
}

TEST_F(ChecksTest, FindsMissingBarriers) {
  // Without the barrier a warp reads what the other has not copied, or not made visible.
  for (unsigned which : {0, 1, 2}) {
    Failure failure = pipelined(edited(pipeline(), "bar.sync 0;", "", which));
    EXPECT_NE(failure.text.find("of shared memory, and"), std::string::npos) << failure.text;
  }
}

TEST_F(ChecksTest, FindsRaces) {
  const char *head = "mov.u32 %r0, dynamic; shl.b32 %r1, %tid32, 2; add.s32 %r2, %r0, %r1; st.shared.b32 [%r2], %r1;";
  // Neighbours in one warp, with nothing between.
  expectFault(run(std::string(head) + "xor.b32 %r3, %r1, 4; add.s32 %r3, %r0, %r3; ld.shared.b32 %r4, [%r3];", 64, 256),
              "wrote there since the last barrier");
  // Bytes that nobody else touches are no race.
  EXPECT_EQ(
      run("mov.u32 %r0, dynamic; add.s32 %r2, %r0, %tid32; st.shared.b8 [%r2], 1; ld.shared.b8 %h1, [%r2];", 64, 64)
          .text,
      "");
  // Writing what others have read.
  expectFault(run(std::string(head) +
                      "bar.sync 0; xor.b32 %r3, %r1, 128; add.s32 %r3, %r0, %r3; ld.shared.b32 %r4, [%r3];"
                      "st.shared.b32 [%r2], %r4;",
                  64, 256),
              "since the last barrier");
}

TEST_F(ChecksTest, FindsRacesInGlobalMemory) {
  // A neighbour's element, before and behind a barrier.
  const std::string store =
      "st.global.b32 [%result], %tid32; xor.b32 %r1, %tid32, 32; mad.wide.u32 %d1, %r1, 16, %out;";
  expectFault(run(store + "ld.global.b32 %r2, [%d1];", 64), "since the last barrier");
  EXPECT_EQ(run(store + "bar.sync 0; ld.global.b32 %r2, [%d1];", 64).text, "");
  expectFault(run("ld.global.nc.b32 %r1, [%out]; st.global.b32 [%out], 1;", 1), "loaded as memory that stays");
  expectFault(run("st.global.b32 [%out], 1; ld.global.nc.b32 %r1, [%out];", 1), "the kernel has written it");
  expectFault(run("st.global.b32 [%out], %tid32;", 64), "has written something else");
  // All write the same.
  EXPECT_EQ(run("st.global.b32 [%out], 5;", 64).text, "");
  expectFault(run("ld.global.b32 %r1, [%out]; st.global.b32 [%out+4], 1;  ld.global.b32 %r1, [%out+4];", 1, 0, 2),
              "another block");
}

TEST_F(ChecksTest, FindsReadsOfNothing) {
  expectFault(run("mov.u32 %r0, dynamic; ld.shared.b32 %r1, [%r0+8];", 1, 64),
              "byte 8 of shared memory, and nothing was written");
  // Of a word of which only three bytes were.
  expectFault(
      run("mov.u32 %r0, dynamic; st.shared.b16 [%r0], 1; st.shared.b8 [%r0+2], 1; ld.shared.b32 %r1, [%r0];", 1, 64),
      "byte 3 of shared memory");
}

TEST_F(ChecksTest, FindsAddressesOutside) {
  expectFault(run("st.global.b32 [%out+4096], 1;", 1), "0 bytes behind an allocation of 4096 bytes");
  expectFault(run("st.global.b32 [%out+-4], 1;", 1), "4 bytes before an allocation");
  expectFault(run("ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%out+4088];", 1), "");
  expectFault(run("mov.u32 %r0, dynamic; st.shared.b32 [%r0+64], 1;", 1, 64), "at byte 64 of 64");
  expectFault(run("mov.u32 %r0, dynamic; cp.async.ca.shared.global [%r0], [%in+4096], 4, 4;", 1, 64),
              "behind an allocation");
  // Nothing is read where nothing is copied.
  EXPECT_EQ(run("mov.u32 %r0, dynamic; cp.async.ca.shared.global [%r0], [%in+4096], 4, 0; cp.async.wait_all;"
                "ld.shared.b32 %r1, [%r0]; st.global.b32 [%result], %r1;",
                1, 64)
                .text,
            "");
  expectFault(run("mov.u32 %r0, dynamic; cp.async.cg.shared.global [%r0], [%in], 16, 17;", 1, 64),
              "a copy of 17 bytes");
}

TEST_F(ChecksTest, FindsUseAfterFree) {
  tile::emulator::Program program(kernelOf("ld.global.b32 %r1, [%in];"));
  std::vector<std::uint8_t> parameters(16);
  auto address = reinterpret_cast<std::uint64_t>(in.data());
  std::memcpy(parameters.data(), &address, 8);
  Failure failure = program.run("kernel", {}, parameters, {{}, {{address, 4096}}});
  expectFault(failure, "in memory of 4096 bytes that was given back");
}

TEST_F(ChecksTest, FindsMisalignedAccesses) {
  expectFault(run("ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%in+4];", 1), "16 bytes at the address");
  expectFault(run("mov.u32 %r0, dynamic; st.shared.v2.b32 [%r0+4], {%r1, %r1};", 1, 64), "8 bytes at the address");
  expectFault(run("mov.u32 %r0, dynamic; cp.async.cg.shared.global [%r0+8], [%in], 16, 16;", 1, 64), "16 bytes at");
}

TEST_F(ChecksTest, FindsBarriersThatNotAllReach) {
  expectFault(run("setp.lt.u32 %p1, %tid32, 32; @%p1 bar.sync 0;", 64), "32 threads of the block have ended");
  expectFault(run("setp.lt.u32 %p1, %tid32, 7; @%p1 bra OUT; bar.sync 0;\nOUT:", 32), "only lanes 7 8");
  EXPECT_EQ(run("bar.sync 0; bar.sync 0;", 64).text, "");
}

TEST_F(ChecksTest, FindsLanesThatDontTakePart) {
  expectFault(run("setp.lt.u32 %p1, %tid32, 7; @%p1 bra OUT; shfl.sync.idx.b32 %r1, %tid32, 0, 31, -1;\nOUT:", 32),
              "lanes 7 8");
  expectFault(run("setp.lt.u32 %p1, %tid32, 7; @%p1 exit; redux.sync.add.s32 %r1, %tid32, -1;", 32),
              "it waits for lane 0, which has ended");
  expectFault(run("shfl.sync.idx.b32 %r1, %tid32, 0, 31, 0xfffffff0;", 32), "a lane is not among the members");
  // Half a warp may be by itself.
  EXPECT_EQ(run("setp.lt.u32 %p1, %tid32, 16; @!%p1 bra OUT; redux.sync.add.s32 %r1, %tid32, 0xffff;\nOUT:", 32).text,
            "");
}

TEST_F(ChecksTest, NamesThePlace) {
  std::string ptx =
      edited(kernelOf("\t.loc 1 12 5\n  st.global.b32 [%out+4096], 1;"), ".visible", ".file 1 \"add.tile\"\n.visible");
  Failure failure = runText(ptx, 1, 0, 2);
  EXPECT_NE(failure.text.find("kernel 'kernel', block (0, 0, 0), thread 0, 'st.global.b32' at line"), std::string::npos)
      << failure.text;
  EXPECT_NE(failure.text.find("add.tile:12:5"), std::string::npos) << failure.text;
  EXPECT_EQ(failure.result, 700);
}

/// What a kernel does that may start before the one before it has ended.
TEST_F(ChecksTest, FindsAccessesBeforeTheWait) {
  const std::string wait = "  griddepcontrol.wait;\n", early = "touches global memory before the thread has waited";
  const std::string load = "  ld.global.b32 %r0, [%mine];\n", store = "  st.global.b32 [%result], %r0;\n",
                    move = "  mov.b32 %r0, 1;\n", isFirst = "  setp.eq.u32 %p0, %tid32, 0;\n";
  EXPECT_EQ(run(wait + "  griddepcontrol.launch_dependents;\n" + load + store).text, "");
  EXPECT_EQ(run(load + store).text, "") << "it need not wait at all";
  expectFault(run(load + wait + store), early);
  expectFault(run(move + store + wait), early);
  expectFault(run("  atom.global.add.u32 %r0, [%result], 1;\n" + wait), early);
  expectFault(
      run("  mov.u32 %r1, dynamic;\n  cp.async.ca.shared.global [%r1], [%mine], 4;\n  cp.async.wait_all;\n" + wait, 1,
          64),
      early);
  expectFault(run("  griddepcontrol.launch_dependents;\n" + wait + load + store),
              "lets the next kernel start before the thread has waited");
  // Nothing but what was loaded otherwise holds what loads memory that stays behind the wait.
  const std::string stays = "  ld.global.nc.b32 %r0, [%mine];\n", moves = "the assembler may move it before the wait";
  EXPECT_EQ(run(wait + load + stays + store).text, "");
  EXPECT_EQ(run(stays + store).text, "");
  expectFault(run(wait + stays + load + store), moves);
  expectFault(run(wait + "  griddepcontrol.launch_dependents;\n" + stays + store), moves);
  expectFault(run(load + wait + stays + store), "touches global memory before");
  // Each thread waits for itself.
  expectFault(run(isFirst + "  @%p0 griddepcontrol.wait;\n" + load + store), early);
  expectFault(run(isFirst + "  @%p0 griddepcontrol.wait;\n"), "the thread ends and has not waited");
}

TEST_F(ChecksTest, RefusesLaunchesThatDontFit) {
  Failure failure = runText(edited(kernelOf(""), ")\n{", ")\n.reqntid 64\n{"), 32);
  EXPECT_NE(failure.text.find("made for blocks of other threads"), std::string::npos) << failure.text;
}
