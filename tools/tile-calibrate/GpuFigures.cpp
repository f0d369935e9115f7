//===- GpuFigures.cpp - What a GPU does in a cycle -----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Chip.h"
#include "ChipCode.h"
#include "Figures.h"

#include <llvm/Support/FormatVariadic.h>

#include <cmath>
#include <numeric>
#include <random>

using namespace tile;
using namespace tile::calibrate;

namespace {
/// The measurements of one GPU. All blocks of a launch do the same; there is one on each multiprocessor where nothing else is said.
class Measurements {
public:
  Measurements(const std::shared_ptr<driver::Gpu> &gpu, bool quick) : chip(gpu), quick(quick) {}

  Figures operator()() {
    attempt(&Measurements::arithmetic);
    attempt(&Measurements::products);
    attempt(&Measurements::memory);
    attempt(&Measurements::latencies);
    attempt(&Measurements::sharedMemory);
    attempt(&Measurements::copies);
    if (chip.isHopper()) {
      attempt(&Measurements::warpgroupProducts);
      attempt(&Measurements::tensorCopies);
    }
    attempt(&Measurements::launches);
    return std::move(found);
  }

private:
  /// What can't be measured is said, and the rest goes on.
  void attempt(void (Measurements::*measure)()) {
    try {
      (this->*measure)();
    } catch (const std::exception &error) {
      add(error.what(), "", NAN);
    }
  }

  void add(std::string what, std::string unit, double value, std::string field = "") {
    found.push_back({std::move(what), std::move(unit), value, std::move(field)});
  }

  std::string ptxOf(const Code &code) const { return write(chip.gpu()->capability(), code); }

  /// Rounds of something that is to be long.
  std::uint64_t rounds(std::uint64_t count) const { return quick ? 2 : count; }

  Shape everywhere(unsigned threads, unsigned sharedBytes = 0) const {
    return {quick ? 2 : chip.multiprocessors(), threads, sharedBytes};
  }

  //===--------------------------------------------------------------------===//
  // Arithmetic
  //===--------------------------------------------------------------------===//

  void arithmetic() {
    constexpr unsigned kChains = 8, kLanes = 32;
    const unsigned threads = quick ? kLanes : 1024;
    auto rate = [&](const char *instruction) {
      std::uint64_t count = rounds(2000);
      Spent spent = chip.run(ptxOf(chains(instruction, kChains)), everywhere(threads), {count});
      return static_cast<double>(threads * count * kStepsOfChain * kChains) / spent.cycles;
    };
    auto latency = [&](const char *instruction) {
      std::uint64_t count = rounds(2000);
      Spent spent = chip.run(ptxOf(chains(instruction, 1)), {1, kLanes, 0}, {count});
      return spent.cycles / static_cast<double>(count * kStepsOfChain);
    };
    double fma = rate("fma.rn.f32 @, @, %x, %y;");
    add("multiply-adds of f32", "a cycle", fma, "aluRate");
    add("… as dots of f32", "multiply-adds a cycle", fma, "dotRates.bits32");
    add("additions of i32", "a cycle", rate("add.s32 @, @, %t;"));
    add("elementary functions (ex2)", "a cycle", rate("ex2.approx.ftz.f32 @, @;"), "specialRate");
    add("latency of a multiply-add", "cycles", latency("fma.rn.f32 @, @, %x, %y;"), "aluLatency");
    add("latency of ex2", "cycles", latency("ex2.approx.ftz.f32 @, @;"));
  }

  void products() {
    struct {
      const char *type, *instruction;
      Operands operands;
      double multiplyAdds;
      const char *field;
    } kinds[] = {
        {"bf16", "m16n8k16.row.col.f32.bf16.bf16.f32", {4, 2, 4, "f32"}, 16 * 8 * 16, "dotRates.bits16"},
        {"f16", "m16n8k16.row.col.f32.f16.f16.f32", {4, 2, 4, "f32"}, 16 * 8 * 16, ""},
        {"tf32", "m16n8k8.row.col.f32.tf32.tf32.f32", {4, 2, 4, "f32"}, 16 * 8 * 8, ""},
        {"i8", "m16n8k32.row.col.s32.s8.s8.s32", {4, 2, 4, "b32"}, 16 * 8 * 32, "dotRates.bits8"},
        {"f64", "m8n8k4.row.col.f64.f64.f64.f64", {1, 1, 2, "f64"}, 8 * 8 * 4, "dotRates.bits64"},
    };
    constexpr unsigned kChains = 8, kLanes = 32;
    const unsigned warps = quick ? 1 : 8;
    for (const auto &kind : kinds) {
      std::uint64_t count = rounds(1000);
      Spent spent = chip.run(ptxOf(calibrate::products(kind.instruction, kind.operands, kChains)),
                             everywhere(kLanes * warps), {count});
      add(llvm::formatv("mma.sync of {0}", kind.type).str(), "multiply-adds a cycle",
          static_cast<double>(warps * count * kChains * kStepsOfChain) * kind.multiplyAdds / spent.cycles, kind.field);
    }
    std::uint64_t count = rounds(1000);
    Spent spent =
        chip.run(ptxOf(calibrate::products(kinds[0].instruction, kinds[0].operands, 1)), {1, kLanes, 0}, {count});
    add("latency of mma.sync of bf16", "cycles", spent.cycles / static_cast<double>(count * kStepsOfChain),
        "dotLatency");
  }

  void warpgroupProducts() {
    struct {
      const char *type;
      WarpgroupProduct product;
      const char *field;
    } kinds[] = {
        {"bf16", {"f32.bf16.bf16", ", 1, 1, 0, 0", 256, 16, 0x807F807F, 0x3F003F00}, "tensor.dotRates.bits16"},
        {"bf16", {"f32.bf16.bf16", ", 1, 1, 0, 0", 128, 16, 0x807F807F, 0x3F003F00}, ""},
        {"bf16", {"f32.bf16.bf16", ", 1, 1, 0, 0", 64, 16, 0x807F807F, 0x3F003F00}, ""},
        {"f16", {"f32.f16.f16", ", 1, 1, 0, 0", 256, 16, 0x83FF83FF, 0x38003800}, ""},
        {"tf32", {"f32.tf32.tf32", ", 1, 1", 256, 8, 0x807FFFFF, 0x3F000000}, "tensor.dotRates.bits32"},
        {"e4m3", {"f32.e4m3.e4m3", ", 1, 1", 256, 32, 0x87878787, 0x30303030}, "tensor.dotRates.bits8"},
        {"i8", {"s32.s8.s8", "", 256, 32, 0xFFFFFFFF, 0}, ""},
    };
    constexpr unsigned kThreads = 256, kShared = 40 << 10;
    for (const auto &kind : kinds) {
      const WarpgroupProduct &product = kind.product;
      Shape shape = everywhere(kThreads, kShared);
      auto kernel = chip.load(ptxOf(calibrate::warpgroupProducts(product)), shape);
      double multiplyAdds = 64.0 * product.n * product.k * kProductsOfBody * 2;
      std::string name = llvm::formatv("wgmma 64 x {0} x {1} of {2}", product.n, product.k, kind.type).str();
      std::uint64_t count = rounds(500);
      Spent spent = chip.run(*kernel, shape, {count});
      add(name + ", for a moment", "multiply-adds a cycle", multiplyAdds * static_cast<double>(count) / spent.cycles);
      add("…: of one", "cycles", spent.cycles / static_cast<double>(count * kProductsOfBody * 2));
      // Long enough for the chip's power to decide, and by the clock on the wall.
      std::uint64_t many = rounds(100000);
      spent = chip.run(*kernel, shape, {many}, nullptr, quick ? 1 : 5);
      add("… for a second, at the highest clock", "multiply-adds a cycle",
          multiplyAdds * static_cast<double>(many) / (spent.seconds * chip.clock()), kind.field);
    }
  }

  //===--------------------------------------------------------------------===//
  // Memory
  //===--------------------------------------------------------------------===//

  /// Blocks of 1024 threads, two to a multiprocessor, and the bytes that all of them move in one step.
  Shape sweepers() const { return quick ? Shape{2, 64, 0} : Shape{2 * chip.multiprocessors(), 1024, 0}; }
  std::uint64_t stepBytes() const {
    constexpr std::uint64_t kOfThread = 64;
    return kOfThread * sweepers().blocks * sweepers().threads;
  }

  void memory() {
    Shape shape = sweepers();
    const std::uint64_t small = stepBytes(), large = small * (quick ? 2 : 64);
    Memory from(chip.gpu(), large), to(chip.gpu(), large);
    double all = chip.clock() * chip.multiprocessors();
    auto rate = [&](const char *what, const Code &code, std::uint64_t bytes, double moved, std::uint64_t passes,
                    const char *field = "") {
      llvm::SmallVector<std::uint64_t> words = {passes, from.address(), bytes};
      if (code.words == 3)
        words.push_back(to.address());
      Spent spent = chip.run(ptxOf(code), shape, words, nullptr, quick ? 1 : 5);
      double bytesOfSecond = moved * static_cast<double>(bytes * passes) / spent.seconds;
      add(what, "GB/s", bytesOfSecond * 1e-9);
      add("… of a multiprocessor, at the highest clock", "bytes a cycle", bytesOfSecond / all, field);
    };
    rate("reading memory", reads(), large, 1, 1, "memoryBytesPerCycle");
    rate("writing memory", writes(), large, 1, 1);
    rate("copying memory, both ways together", calibrate::copies(), large, 2, 1);
    rate(llvm::formatv("reading {0:F1} MB again and again, from the second-level cache",
                       static_cast<double>(small) * 1e-6)
             .str()
             .c_str(),
         reads(), small, 1, rounds(64), "copyBytesPerCycle");
  }

  /// Cycles from one access of a chain through `bytes` to the next, the lines in a random order. `flush` has the cache hold other lines.
  double latencyOf(std::uint64_t bytes, bool flush) {
    constexpr std::uint64_t kLine = 1024;
    std::vector<std::uint64_t> order(bytes / kLine);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
    Memory chain(chip.gpu(), bytes);
    std::vector<std::uint64_t> words(bytes / sizeof(std::uint64_t));
    for (std::size_t i = 0; i < order.size(); ++i)
      words[order[i] * (kLine / sizeof(std::uint64_t))] = chain.address() + order[(i + 1) % order.size()] * kLine;
    chain.upload(words.data(), bytes);
    auto kernel = chip.load(ptxOf(chase()), {1, 1, 0});
    std::uint64_t count = quick ? 2 : 500;
    if (flush) {
      // The first run, which isn't counted, walks another part.
      const std::uint64_t large = stepBytes() * (quick ? 1 : 16);
      Memory other(chip.gpu(), large);
      chip.run(ptxOf(writes()), sweepers(), {1, other.address(), large});
      std::uint64_t half = chain.address() + order[order.size() / 2] * kLine;
      chip.run(*kernel, {1, 1, 0}, {count, half});
      chip.run(ptxOf(writes()), sweepers(), {1, other.address(), large});
      return chip.once(*kernel, {1, 1, 0}, {count, chain.address() + order[0] * kLine}).cycles /
             static_cast<double>(count * kStepsOfBody);
    }
    // All of it, to have it in the cache.
    chip.run(*kernel, {1, 1, 0}, {order.size() / kStepsOfBody, chain.address()});
    return chip.run(*kernel, {1, 1, 0}, {count, chain.address()}).cycles / static_cast<double>(count * kStepsOfBody);
  }

  void latencies() {
    add("latency of memory", "cycles", latencyOf(quick ? 1 << 16 : 128 << 20, true), "copyLatency");
    add("latency of the second-level cache", "cycles", latencyOf(quick ? 1 << 16 : 8 << 20, false));
  }

  void sharedMemory() {
    const unsigned threads = quick ? 32 : 512;
    constexpr unsigned kBytes = 16, kShared = 64 << 10;
    std::uint64_t count = rounds(2000);
    Spent spent = chip.run(ptxOf(sharedReads()), everywhere(threads, kShared), {count});
    add("reading shared memory", "bytes a cycle",
        static_cast<double>(threads * kBytes * kStepsOfBody * count) / spent.cycles,
        chip.isHopper() ? "tensor.sharedBytesPerCycle" : "");
    for (unsigned each : {128U, 256U}) {
      spent = chip.run(ptxOf(barriers()), everywhere(each), {count});
      add(llvm::formatv("a barrier of {0} threads", each).str(), "cycles",
          spent.cycles / static_cast<double>(count * kStepsOfBody));
    }
  }

  //===--------------------------------------------------------------------===//
  // Copies
  //===--------------------------------------------------------------------===//

  /// The line through some points: what it has at 0, and by how much it rises.
  static std::pair<double, double> line(llvm::ArrayRef<std::pair<double, double>> points) {
    double n = static_cast<double>(points.size()), x = 0, y = 0, xx = 0, xy = 0;
    for (auto [px, py] : points) {
      x += px;
      y += py;
      xx += px * px;
      xy += px * py;
    }
    double slope = (n * xy - x * y) / (n * xx - x * x);
    return {(y - slope * x) / n, slope};
  }

  /// Bytes of the second-level cache that copies of a block come from.
  static constexpr std::uint64_t kOwnBytes = 256 << 10;

  void copies() {
    constexpr unsigned kThreads = 256;
    Memory from(chip.gpu(), kOwnBytes * chip.multiprocessors());
    for (bool alone : {true, false}) {
      llvm::SmallVector<std::pair<double, double>> points;
      for (std::uint64_t bytes : {4 << 10, 8 << 10, 16 << 10, 32 << 10}) {
        Shape shape = everywhere(kThreads, static_cast<unsigned>(bytes));
        shape.blocks = alone ? 1 : shape.blocks;
        std::uint64_t count = rounds(kOwnBytes / bytes);
        Spent spent = chip.run(ptxOf(asyncCopies()), shape, {count, from.address(), bytes});
        points.emplace_back(static_cast<double>(bytes), spent.cycles / static_cast<double>(count));
      }
      auto [latency, slope] = line(points);
      std::string name = alone ? "cp.async, one block alone" : "cp.async, on all multiprocessors";
      add(name + ": until bytes are there", "cycles", latency);
      add("…: then", "bytes a cycle", 1 / slope);
    }
  }

  void tensorCopies() {
    constexpr unsigned kThreads = 32, kShared = 200 << 10, kBox = 8 << 10;
    // The stream asks for 16 pairs of boxes more than it waits for.
    const std::uint64_t bytes = kOwnBytes * (chip.multiprocessors() + 1);
    Memory memory(chip.gpu(), bytes);
    driver::TensorMapObject map = chip.rowsOf(memory.address(), bytes);
    for (bool alone : {true, false}) {
      llvm::SmallVector<std::pair<double, double>> points;
      for (unsigned boxes : {1U, 2U, 4U, 8U}) {
        Shape shape = everywhere(kThreads, kShared);
        shape.blocks = alone ? 1 : shape.blocks;
        std::uint64_t count = rounds(kOwnBytes / kBox / boxes);
        Spent spent = chip.run(ptxOf(calibrate::tensorCopies(boxes)), shape, {count}, &map);
        points.emplace_back(boxes * kBox, spent.cycles / static_cast<double>(count));
      }
      auto [latency, slope] = line(points);
      std::string name = alone ? "tensor copies, one block alone" : "tensor copies, on all multiprocessors";
      add(name + ": until bytes are there", "cycles", latency, alone ? "" : "tensor.copyLatency");
      add("…: then", "bytes a cycle", 1 / slope, alone ? "" : "tensor.arrivalBytesPerCycle");
    }
    std::uint64_t count = rounds(kOwnBytes / (2 * kBox));
    Spent spent = chip.run(ptxOf(tensorStream()), everywhere(kThreads, kShared), {count}, &map);
    add("tensor copies, 128 KiB under way", "bytes a cycle", static_cast<double>(2 * kBox * count) / spent.cycles,
        "tensor.copyBytesPerCycle");
    for (bool untilDone : {false, true}) {
      spent = chip.run(ptxOf(tensorStores(untilDone)), everywhere(kThreads, kShared), {count}, &map);
      add(untilDone ? "a tensor store of 16 KiB, until it is done" : "a tensor store of 16 KiB, until it has been read",
          "cycles", spent.cycles / static_cast<double>(count));
    }
  }

  void launches() {
    Shape shape = everywhere(128);
    // Short ones come as fast as the host can ask for them; long ones one after the other.
    constexpr double kNanoseconds = 1e-9, kMicro = 1e6;
    constexpr std::uint64_t kShort = 0, kLong = 20000;
    auto kernel = chip.load(ptxOf(rest()), shape);
    const unsigned count = quick ? 2 : 500;
    Spent idle = chip.run(*kernel, shape, {1, kShort}, nullptr, count),
          busy = chip.run(*kernel, shape, {1, kLong}, nullptr, count);
    add("a launch that does nothing, in a row of them", "µs", idle.seconds * kMicro);
    add("between two launches that take longer", "µs",
        (busy.seconds - static_cast<double>(kLong) * kNanoseconds) * kMicro);
  }

  Chip chip;
  bool quick;
  Figures found;
};
} // namespace

Figures calibrate::measureGpu(const std::shared_ptr<driver::Gpu> &gpu, bool quick) {
  return Measurements(gpu, quick)();
}
