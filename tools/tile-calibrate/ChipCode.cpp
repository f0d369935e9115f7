//===- ChipCode.cpp - The kernels that measure a GPU ---------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChipCode.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/FormatVariadic.h>

using namespace tile;
using namespace tile::calibrate;

/// The names PREFIX0, PREFIX1, … as a list.
static std::string list(const std::string &prefix, unsigned count, unsigned first = 0) {
  std::string names;
  for (unsigned i = 0; i < count; ++i)
    names += (i ? ", " : "") + prefix + std::to_string(first + i);
  return names;
}

/// Some text so many times, with '@' replaced by the number.
static std::string repeat(unsigned count, llvm::StringRef text) {
  std::string all;
  for (unsigned i = 0; i < count; ++i) {
    llvm::SmallVector<llvm::StringRef> parts;
    text.split(parts, '@');
    all += llvm::join(parts, std::to_string(i));
  }
  return all;
}

std::string calibrate::write(int capability, const Code &code) {
  constexpr int kHopper = 90, kAda = 89;
  std::string target = capability == kHopper  ? "sm_90a"
                       : capability > kHopper ? "sm_90"
                       : capability >= kAda   ? "sm_89"
                                              : "sm_80";
  std::string parameters = ".param .u64 p0, .param .u64 p1", loads;
  for (unsigned i = 2; i < code.words + 2; ++i) {
    parameters += llvm::formatv(", .param .u64 p{0}", i).str();
    loads += llvm::formatv("ld.param.u64 %w{0}, [p{0}];\n", i).str();
  }
  if (code.hasMap) {
    parameters += ", .param .align 64 .b8 pmap[128]";
    loads += "mov.b64 %map, pmap;\ncvta.param.u64 %map, %map;\n";
  }
  // What is never true keeps results from being dropped.
  std::string keep;
  llvm::SmallVector<llvm::StringRef> results;
  llvm::StringRef(code.results).split(results, ", ", /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  bool isDouble = code.registers.find(".f64 %c") != std::string::npos;
  for (llvm::StringRef result : results)
    keep += ("@%never st.global." + llvm::Twine(isDouble ? "f64" : "b32") + " [%out], " + result + ";\n").str();
  std::string result = code.hasOwnSum ? "%sum" : "%start";
  return llvm::formatv(
             R"(.version 8.0
.target {0}
.address_size 64
.extern .shared .align 1024 .b8 shared[];
.visible .entry measure({1}) {{
.reg .pred %more, %never, %last, %others;
.reg .b32 %t, %block, %blocks, %threads, %shared, %round, %lane;
.reg .b64 %out, %rounds, %count, %start, %end, %sum, %map, %place, %w<8>;
{2}ld.param.u64 %out, [p0];
ld.param.u64 %rounds, [p1];
{3}mov.u32 %t, %tid.x;
mov.u32 %block, %ctaid.x;
mov.u32 %blocks, %nctaid.x;
mov.u32 %threads, %ntid.x;
mov.u32 %shared, shared;
mov.b64 %sum, 0;
mov.b64 %start, 0;
setp.eq.u64 %never, %rounds, 0;
setp.ne.u32 %others, %t, 0;
{5}{4}{11}mov.u64 %start, %clock64;
mov.b64 %count, 0;
mov.b32 %round, 0;
again:
{6}add.s64 %count, %count, 1;
add.s32 %round, %round, 1;
setp.lt.u64 %more, %count, %rounds;
@%more bra again;
{7}{8}sub.s64 %start, %end, %start;
{9}mul.wide.u32 %place, %block, 8;
add.s64 %place, %out, %place;
setp.eq.u32 %last, %t, 0;
@%last st.global.u64 [%place], {10};
done:
ret;
}
)",
             target, parameters, code.registers, loads, code.before, code.ofOneThread ? "@%others bra done;\n" : "",
             code.body, code.ofOneThread ? "" : "bar.sync 0;\n",
             code.after.find("%end") == std::string::npos ? code.after + "mov.u64 %end, %clock64;\n" : code.after, keep,
             result, code.ofOneThread ? "" : "bar.sync 0;\n")
      .str();
}

Code calibrate::chains(const std::string &instruction, unsigned chains) {
  Code code;
  code.registers = ".reg .b32 %f<8>, %x, %y;\n";
  code.before = "mov.b32 %x, 0f3F7FBE77;\nmov.b32 %y, 0f3A83126F;\n" + repeat(8, "cvt.rn.f32.u32 %f@, %t;\n");
  std::string one;
  for (unsigned i = 0; i < chains; ++i) {
    llvm::SmallVector<llvm::StringRef> parts;
    llvm::StringRef(instruction).split(parts, '@');
    one += llvm::join(parts, "%f" + std::to_string(i)) + "\n";
  }
  for (unsigned i = 0; i < kStepsOfChain; ++i)
    code.body += one;
  code.results = list("%f", chains);
  return code;
}

Code calibrate::products(const std::string &instruction, const Operands &operands, unsigned chains) {
  bool isDouble = operands.type == "f64";
  Code code;
  code.registers = llvm::formatv(".reg {0} %a<{1}>, %b<{2}>;\n.reg .{3} %c<{4}>;\n", isDouble ? ".f64" : ".b32",
                                 operands.a, operands.b, operands.type, operands.sum * chains)
                       .str();
  auto clear = [&](const char *name, unsigned count, bool isNumber) {
    std::string zero = !isNumber                ? "mov.b32 "
                       : operands.type == "f64" ? "mov.f64 "
                       : operands.type == "f32" ? "mov.f32 "
                                                : "mov.b32 ";
    std::string value = !isNumber                ? ", 0;\n"
                        : operands.type == "f64" ? ", 0d0000000000000000;\n"
                        : operands.type == "f32" ? ", 0f00000000;\n"
                                                 : ", 0;\n";
    for (unsigned i = 0; i < count; ++i)
      code.before += zero + name + std::to_string(i) + value;
  };
  clear("%a", operands.a, isDouble);
  clear("%b", operands.b, isDouble);
  clear("%c", operands.sum * chains, true);
  std::string one;
  for (unsigned chain = 0; chain < chains; ++chain)
    one += llvm::formatv("mma.sync.aligned.{0} {{{1}}, {{{2}}, {{{3}}, {{{1}};\n", instruction,
                         list("%c", operands.sum, chain * operands.sum), list("%a", operands.a), list("%b", operands.b))
               .str();
  for (unsigned i = 0; i < kStepsOfChain; ++i)
    code.body += one;
  code.results = list("%c", operands.sum * chains);
  return code;
}

/// Fills 40 KiB of shared memory by 256 threads with words that a type takes: random ones, as what power a product takes depends on them.
static std::string fillShared(unsigned mask, unsigned bits) {
  return llvm::formatv(R"(mad.lo.s32 %hash, %block, 9781, %t;
mad.lo.s32 %at, %t, 4, %shared;
mov.b32 %step, 0;
fill:
mad.lo.s32 %hash, %hash, 1664525, 1013904223;
shf.l.wrap.b32 %word, %hash, %hash, 13;
xor.b32 %word, %word, %hash;
and.b32 %word, %word, {0};
or.b32 %word, %word, {1};
st.shared.b32 [%at], %word;
add.s32 %at, %at, 1024;
add.s32 %step, %step, 1;
setp.lt.u32 %more, %step, 40;
@%more bra fill;
fence.proxy.async;
bar.sync 0;
)",
                       mask, bits)
      .str();
}

Code calibrate::warpgroupProducts(const WarpgroupProduct &product) {
  unsigned sums = product.n / 2;
  Code code;
  bool isInteger = product.types.starts_with("s32");
  code.registers =
      llvm::formatv(".reg .b32 %hash, %at, %step, %word;\n.reg .pred %adds;\n.reg .b64 %da, %db;\n.reg .{0} %c<{1}>;\n",
                    isInteger ? "b32" : "f32", sums)
          .str();
  // 64 rows of 128 bytes, then n of them, which products read as they lie, 16-byte pieces exchanged within 128 bytes: 1024 bytes from one
  // eight rows to the next.
  code.before = fillShared(product.mask, product.bits) + R"(setp.eq.u32 %adds, 0, 0;
and.b32 %at, %shared, 0x3FFFF;
shr.u32 %at, %at, 4;
cvt.u64.u32 %da, %at;
or.b64 %da, %da, 0x4000004000010000;
add.s64 %db, %da, 512;
)";
  for (unsigned i = 0; i < sums; ++i)
    code.before +=
        (isInteger ? "mov.b32 %c" : "mov.f32 %c") + std::to_string(i) + (isInteger ? ", 0;\n" : ", 0f00000000;\n");
  code.body = "wgmma.fence.sync.aligned;\n";
  for (unsigned i = 0; i < kProductsOfBody; ++i)
    code.body += llvm::formatv("wgmma.mma_async.sync.aligned.m64n{0}k{1}.{2} {{{3}}, %da, %db, %adds{4};\n", product.n,
                               product.k, product.types, list("%c", sums), product.immediates)
                     .str();
  code.body += "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n";
  code.results = list("%c", sums);
  return code;
}

/// A loop of all threads over 64 bytes each at a time, with what is done at %at, %stride bytes from one 16 bytes to the next.
static Code sweep(const std::string &work, unsigned words) {
  Code code;
  code.registers = ".reg .b32 %v<16>, %acc;\n.reg .b64 %at, %at2, %begin, %stride, %to, %own;\n.reg .pred %inside;\n";
  code.before = R"(mov.b32 %acc, 0;
mad.lo.s32 %lane, %block, %threads, %t;
mul.wide.u32 %own, %lane, 16;
add.s64 %begin, %w2, %own;
mul.lo.s32 %lane, %blocks, %threads;
mul.wide.u32 %stride, %lane, 16;
add.s64 %to, %w2, %w3;
)";
  code.body = "mov.b64 %at, %begin;\nsweep:\n" + work + "setp.lt.u64 %inside, %at, %to;\n@%inside bra sweep;\n";
  code.results = "%acc";
  code.words = words;
  return code;
}

/// Registers that hold 16 bytes.
static std::string piece(unsigned i) { return "{" + list("%v", 4, 4 * i) + "}"; }

/// Folds 16 bytes into %acc.
static std::string foldPiece(unsigned i) {
  std::string text;
  for (unsigned word = 4 * i; word < 4 * i + 4; ++word)
    text += "xor.b32 %acc, %acc, %v" + std::to_string(word) + ";\n";
  return text;
}

Code calibrate::reads() {
  std::string work;
  for (unsigned i = 0; i < 4; ++i)
    work += "ld.global.cg.v4.b32 " + piece(i) + ", [%at];\nadd.s64 %at, %at, %stride;\n";
  for (unsigned i = 0; i < 4; ++i)
    work += foldPiece(i);
  return sweep(work, 2);
}

Code calibrate::writes() {
  std::string work;
  for (unsigned i = 0; i < 4; ++i)
    work += "st.global.v4.b32 [%at], {%lane, %lane, %lane, %lane};\nadd.s64 %at, %at, %stride;\n";
  return sweep(work, 2);
}

Code calibrate::copies() {
  std::string work = "sub.s64 %at2, %at, %w2;\nadd.s64 %at2, %at2, %w4;\n";
  for (unsigned i = 0; i < 4; ++i)
    work += "ld.global.cg.v4.b32 " + piece(i) + ", [%at];\nadd.s64 %at, %at, %stride;\n";
  for (unsigned i = 0; i < 4; ++i)
    work += "st.global.v4.b32 [%at2], " + piece(i) + ";\nadd.s64 %at2, %at2, %stride;\n";
  return sweep(work, 3);
}

Code calibrate::chase() {
  Code code;
  code.registers = ".reg .b64 %at;\n.reg .b32 %low;\n";
  code.before = "mov.b64 %at, %w2;\n";
  for (unsigned i = 0; i < kStepsOfBody; ++i)
    code.body += "ld.global.cg.u64 %at, [%at];\n";
  code.body += "cvt.u32.u64 %low, %at;\n";
  code.results = "%low";
  code.words = 1;
  code.ofOneThread = true;
  return code;
}

Code calibrate::sharedReads() {
  Code code;
  code.registers = ".reg .b32 %v<16>, %at, %acc, %row;\n";
  code.before = "mad.lo.s32 %at, %t, 16, %shared;\nshl.b32 %row, %threads, 4;\nmov.b32 %acc, 0;\n";
  // Neighbours change places each round, so that nothing is known to be read before.
  code.body = "xor.b32 %at, %at, 16;\nmov.b32 %lane, %at;\n";
  for (unsigned i = 0; i < kStepsOfBody; ++i)
    code.body += "ld.shared.v4.b32 " + piece(i % 4) + ", [%lane];\nadd.s32 %lane, %lane, %row;\n" + foldPiece(i % 4);
  code.results = "%acc";
  return code;
}

/// The address of this round's bytes, of which there are %w3.
static const char *const kOwnBytes = "mul.lo.s64 %own, %blockrounds, %w3;\nadd.s64 %from, %w2, %own;\n";

Code calibrate::asyncCopies() {
  Code code;
  code.registers =
      ".reg .b32 %at, %piece;\n.reg .b64 %from, %own, %blockrounds, %t0, %t1, %wide;\n.reg .pred %inside;\n";
  code.before = "cvt.u64.u32 %blockrounds, %block;\nmul.lo.s64 %blockrounds, %blockrounds, %rounds;\n";
  code.body = std::string("bar.sync 0;\nmov.u64 %t0, %clock64;\n") + kOwnBytes + R"(mul.lo.s32 %piece, %t, 16;
pieces:
cvt.u64.u32 %wide, %piece;
add.s32 %at, %shared, %piece;
add.s64 %own, %from, %wide;
cp.async.cg.shared.global [%at], [%own], 16;
mad.lo.s32 %piece, %threads, 16, %piece;
cvt.u64.u32 %wide, %piece;
setp.lt.u64 %inside, %wide, %w3;
@%inside bra pieces;
cp.async.commit_group;
cp.async.wait_group 0;
bar.sync 0;
mov.u64 %t1, %clock64;
sub.s64 %t1, %t1, %t0;
add.s64 %sum, %sum, %t1;
add.s64 %blockrounds, %blockrounds, 1;
)";
  code.words = 2;
  code.hasOwnSum = true;
  return code;
}

/// An mbarrier at the start of shared memory for each of some slots, and the first row that is this block's: 64 a box.
static std::string prepareBoxes(unsigned slots, const std::string &rows) {
  std::string text;
  for (unsigned i = 0; i < slots; ++i)
    text += "mbarrier.init.shared::cta.b64 [%shared+" + std::to_string(8 * i) + "], 1;\n";
  return text +
         "fence.mbarrier_init.release.cluster;\nfence.proxy.async;\ncvt.u32.u64 %row, %rounds;\nmul.lo.s32 %row, "
         "%row, " +
         rows + ";\nmul.lo.s32 %row, %row, %block;\nmov.b32 %zero, 0;\n";
}

static const char *const kBoxRegisters =
    ".reg .b32 %row, %zero, %phase, %bar, %at, %slot;\n.reg .b64 %t0, %t1;\n.reg .pred %arrived, %ask;\n";

static std::string waitFor(const std::string &label) {
  return label + ":\nmbarrier.try_wait.parity.shared::cta.b64 %arrived, [%bar], %phase;\n@!%arrived bra " + label +
         ";\n";
}

/// Asks for boxes from %row on, to %at, for the mbarrier %bar.
static std::string ask(unsigned boxes, const std::string &condition = "") {
  std::string text =
      llvm::formatv("{0}mbarrier.arrive.expect_tx.shared::cta.b64 _, [%bar], {1};\n", condition, 8192 * boxes).str();
  for (unsigned i = 0; i < boxes; ++i)
    text +=
        llvm::formatv("{0}cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%at+{1}], "
                      "[%map, {{%zero, %row}], [%bar];\nadd.s32 %row, %row, 64;\n",
                      condition, 8192 * i)
            .str();
  return text;
}

Code calibrate::tensorCopies(unsigned boxes) {
  Code code;
  code.registers = kBoxRegisters;
  code.before = prepareBoxes(1, std::to_string(64 * boxes)) +
                "mov.b32 %phase, 0;\nmov.b32 %bar, %shared;\nadd.s32 %at, %shared, 1024;\n";
  code.body = "mov.u64 %t0, %clock64;\n" + ask(boxes) + waitFor("waits") + R"(mov.u64 %t1, %clock64;
sub.s64 %t1, %t1, %t0;
add.s64 %sum, %sum, %t1;
xor.b32 %phase, %phase, 1;
)";
  code.hasMap = code.ofOneThread = code.hasOwnSum = true;
  return code;
}

Code calibrate::tensorStream() {
  constexpr unsigned kSlots = 8;
  Code code;
  code.registers = kBoxRegisters;
  // What the last rounds ask for is another block's, and there are so many rows more.
  code.before = prepareBoxes(kSlots, "128");
  for (unsigned i = 0; i < kSlots; ++i)
    code.before +=
        llvm::formatv("add.s32 %bar, %shared, {0};\nadd.s32 %at, %shared, {1};\n", 8 * i, 1024 + 16384 * i).str() +
        ask(2);
  code.body = "and.b32 %slot, %round, 7;\nmad.lo.s32 %bar, %slot, 8, %shared;\nmad.lo.s32 %at, %slot, 16384, %shared;\n"
              "add.s32 %at, %at, 1024;\nbfe.u32 %phase, %round, 3, 1;\n" +
              waitFor("waits") + ask(2);
  // Nobody may leave while its shared memory is written.
  code.after = "mov.u64 %end, %clock64;\n";
  for (unsigned i = 0; i < kSlots; ++i)
    code.after += "and.b32 %slot, %round, 7;\nmad.lo.s32 %bar, %slot, 8, %shared;\nbfe.u32 %phase, %round, 3, 1;\n" +
                  waitFor("drains" + std::to_string(i)) + "add.s32 %round, %round, 1;\n";
  code.hasMap = code.ofOneThread = true;
  return code;
}

Code calibrate::tensorStores(bool untilDone) {
  Code code;
  code.registers = kBoxRegisters;
  code.before = prepareBoxes(1, "128") + "add.s32 %at, %shared, 1024;\n";
  code.body = "mov.u64 %t0, %clock64;\n";
  for (unsigned i = 0; i < 2; ++i)
    code.body +=
        llvm::formatv("cp.async.bulk.tensor.2d.global.shared::cta.tile.bulk_group [%map, {{%zero, %row}], [%at+{0}];\n"
                      "add.s32 %row, %row, 64;\n",
                      8192 * i)
            .str();
  code.body +=
      std::string("cp.async.bulk.commit_group;\ncp.async.bulk.wait_group") + (untilDone ? "" : ".read") + R"( 0;
mov.u64 %t1, %clock64;
sub.s64 %t1, %t1, %t0;
add.s64 %sum, %sum, %t1;
)";
  code.after = "cp.async.bulk.wait_group 0;\n";
  code.hasMap = code.ofOneThread = code.hasOwnSum = true;
  return code;
}

Code calibrate::barriers() {
  Code code;
  code.body = repeat(kStepsOfBody, "bar.sync 0;\n");
  return code;
}

Code calibrate::rest() {
  Code code;
  code.registers = ".reg .b64 %now, %until;\n.reg .pred %early;\n";
  code.body = "mov.u64 %until, %globaltimer;\nadd.s64 %until, %until, %w2;\nwaits:\nmov.u64 %now, %globaltimer;\n"
              "setp.lt.u64 %early, %now, %until;\n@%early bra waits;\n";
  code.words = 1;
  return code;
}
