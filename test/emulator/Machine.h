//===- Machine.h - Decoded code, warps and blocks ----------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An instruction is a function over the 32 lanes of a warp. Registers lie lane beside lane, each as wide as it is declared, so that
/// these functions are short loops; a predicate is a word with a bit for each lane. Immediates and special registers are registers
/// that are filled beforehand.
///
//===----------------------------------------------------------------------===//

#ifndef TILE_TEST_EMULATOR_MACHINE_H
#define TILE_TEST_EMULATOR_MACHINE_H

#include "Emulator.h"
#include "GlobalMemory.h"
#include "GlobalWatch.h"
#include "Ptx.h"
#include "SharedMemory.h"

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace tile::emulator {

inline constexpr unsigned kLanes = 32;

/// Where generic addresses of shared and local memory and of parameters begin.
inline constexpr std::uint64_t kSharedWindow = std::uint64_t(1) << 60, kLocalWindow = std::uint64_t(2) << 60,
                               kParamWindow = std::uint64_t(3) << 60;
/// Addresses of the shared memory of a block of the cluster have its number, from 1, above these bits.
inline constexpr unsigned kRankShift = 24;

class Block;
class Warp;
struct Concurrent;
struct Instruction;

using Handler = void (*)(Warp &, const Instruction &);

/// A register of a warp: where its lanes begin in the warp's memory, and the bits of one.
struct Place {
  std::uint32_t offset = 0;
  std::uint16_t bits = 0;
};

enum class Kind : std::uint8_t {
  Plain,
  Branch,
  Exit,
  Trap,
  /// Waits for the lanes that it names.
  Synchronous,
  /// Plain, but others may run then.
  Pausing,
  /// Waits for other warps.
  Barrier,
};

/// What the warps wait for at a barrier.
enum class Meeting : std::uint8_t { Named, Product, Registers, Cluster };

struct Instruction {
  Handler run = nullptr;
  Kind kind = Kind::Plain;
  bool isNegated = false;
  /// Of a load: the memory doesn't change while the kernel runs. Of any access: it may meet those of other threads.
  bool stays = false, isShared = false;
  /// Of a load of global memory: other instructions have an order with it. Of one that has none: nothing holds it behind a wait.
  bool isOrdered = false, mayMove = false;
  /// A register becomes another one; the kernel's warps have to run at once.
  bool isMove = false, isConcurrent = false;
  /// Waits for the kernels before this one.
  bool isLaunchWait = false;
  Meeting meeting = Meeting::Named;
  /// For what the handler likes.
  std::uint8_t option = 0, count = 1, bytes = 0;
  Space space = Space::Generic;
  std::uint32_t predicate = kNoRegister;
  /// Of a branch; the length of what a synchronous instruction accesses; other numbers.
  std::uint32_t target = 0;
  std::int64_t value = 0, second = 0;
  Place to[8], from[16];
  /// What doesn't fit into that.
  std::shared_ptr<const void> form;
  /// The statement that it was.
  const Statement *statement = nullptr;
  /// Its number in the code.
  std::uint32_t number = 0;
};

/// Where the lanes of a warp's registers are filled from, before a block starts.
struct Filled {
  enum class What : std::uint8_t {
    Value,
    Thread,
    BlockId,
    Threads,
    Blocks,
    Lane,
    WarpId,
    Rank,
    Ranks,
    ClusterId,
    Clusters,
    InCluster,
    ClusterShape
  };
  What what;
  std::uint8_t axis = 0;
  Place place;
  std::uint64_t value = 0;
};

/// An entry that can be run.
struct Code {
  std::string name;
  std::vector<Instruction> instructions;
  std::vector<Filled> filled;
  /// Bytes of a warp's registers.
  std::uint32_t registerBytes = 0;
  /// Up to there they are the kernel's own.
  std::uint32_t ownBytes = 0;
  unsigned parameterBytes = 0;
  unsigned staticShared = 0, localBytes = 0;
  std::array<unsigned, 3> requiredThreads = {}, requiredCluster = {};
  /// Whether warps meet in other ways than at barriers of the whole block; whether products run by themselves.
  bool isConcurrent = false, usesProducts = false;
  /// Whether it waits for the kernels before it: threads touch no global memory before they have done so.
  bool waitsForLaunches = false;
  /// Variables in global memory.
  std::vector<Span> globals;
  std::vector<std::shared_ptr<void>> storage;
  const Entry *entry = nullptr;
  const Module *module = nullptr;
};

/// Makes code of an entry; BadPtx names what is not known.
Code decode(const Module &module, const Entry &entry);

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

struct Dimensions {
  unsigned x = 1, y = 1, z = 1;
  std::uint64_t count() const { return std::uint64_t(x) * y * z; }
};

/// What the instructions of a launch did, by their numbers.
struct Counters {
  struct Access {
    std::uint64_t requests = 0;
    /// Passes over shared memory, and how many there must be; sectors of global memory, and the bytes that were asked for.
    std::uint64_t wavefronts = 0, leastWavefronts = 0, sectors = 0, bytes = 0;
  };
  std::vector<std::uint64_t> executed;
  std::vector<Access> accesses;
};

/// A launch as its blocks see it.
struct Launch {
  const Code *code = nullptr;
  Dimensions grid, block, cluster;
  Schedule schedule;
  unsigned dynamicShared = 0;
  std::vector<std::uint8_t> parameters;
  GlobalMemory *memory = nullptr;
  bool countsAccesses = false;
};

/// What a kernel did wrong; the launch ends.
struct Fault {
  enum class Kind : std::uint8_t { Address, Misaligned, Uninitialised, Race, Synchronisation, Trap, Unknown };
  Kind kind;
  std::string text;
};

//===----------------------------------------------------------------------===//
// Warps
//===----------------------------------------------------------------------===//

/// Lanes that stand at one instruction.
struct Fragment {
  std::uint32_t at = 0, lanes = 0;
  /// Whether they wait for others at a synchronous instruction.
  bool waits = false;
};

class Warp {
public:
  Warp(Block &block, unsigned index) : block(block), index(index) {}

  void start(std::uint32_t lanes);
  /// Runs until all lanes have ended or stand at a barrier.
  void run();

  template <typename T>
  const T *lanes(Place place) const {
    return reinterpret_cast<const T *>(file.data() + place.offset);
  }
  /// Bits of a predicate.
  std::uint32_t predicate(Place place) const { return *lanes<std::uint32_t>(place); }
  /// One lane of a register of any width, without its sign.
  std::uint64_t lane(Place place, unsigned lane) const;

  /// Writes the lanes that run.
  template <typename T>
  void put(Place place, const T *values) {
    T *to = reinterpret_cast<T *>(file.data() + place.offset);
    if (active == ~0u) {
      std::memcpy(to, values, kLanes * sizeof(T));
      return;
    }
    for (unsigned lane = 0; lane < kLanes; ++lane)
      to[lane] = active >> lane & 1 ? values[lane] : to[lane];
  }
  void putPredicate(Place place, std::uint32_t bits) {
    auto *to = reinterpret_cast<std::uint32_t *>(file.data() + place.offset);
    *to = (*to & ~active) | (bits & active);
  }
  /// Writes lanes of a register of any width; places of no bits are sinks.
  void putWide(Place place, const std::uint64_t *values);

  /// A thread's number in its block.
  unsigned threadOf(unsigned lane) const { return index * kLanes + lane; }
  [[noreturn]] void fail(Fault::Kind kind, unsigned lane, const std::string &text) const;
  /// The same of an instruction that was run before.
  [[noreturn]] void failAt(const Instruction &instruction, Fault::Kind kind, unsigned lane, const std::string &text);

  Block &block;
  const unsigned index;
  /// The lanes that run the instruction at hand.
  std::uint32_t active = 0;
  /// Lanes that have not ended.
  std::uint32_t alive = 0;
  std::vector<Fragment> fragments;
  /// Whether all of them stand at a barrier, and which one.
  const Instruction *barrier = nullptr;
  const Instruction *current = nullptr;
  std::vector<std::uint8_t> file;
  /// Whether others run after this instruction; whether it came there in vain, for a barrier's phase.
  bool pauses = false, spins = false;
  /// Whether lanes that are farther go before those that wait in a loop.
  bool stepsAside = false;
  struct {
    std::uint32_t address = 0;
    std::uint64_t phase = 0;
    const Instruction *at = nullptr;
  } awaited;

private:
  [[noreturn]] void failStuck();
};

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// A copy to shared memory that has been issued and not been waited for.
struct PendingCopy {
  std::uint64_t from;
  std::uint32_t to, size, filled, group;
  const Instruction *instruction;
};

class Block {
public:
  explicit Block(const Launch &launch);

  /// Runs the block of that number; throws Fault.
  void run(std::uint64_t number);
  /// The block begins, and others run its warps.
  void begin(const Dimensions &at);

  /// Copies of a thread that belong to groups before one of that number arrive.
  void arrive(Warp &warp, unsigned thread, std::uint32_t groups);
  std::string nameOf(unsigned thread) const;

  const Launch &launch;
  const Code &code;
  GlobalMemory &memory;
  GlobalWatch watch;
  SharedMemory shared;
  Counters counters;
  unsigned threads;
  /// Of each thread: the copies that are on their way, and how many groups it has closed.
  std::vector<std::vector<PendingCopy>> copies;
  std::vector<std::uint32_t> groups;
  /// Of each thread, where the code waits for the kernels before it: whether it has.
  std::vector<bool> waited;
  std::vector<std::uint8_t> local;
  /// Where global accesses were found to be right last.
  Span recent;

  /// Instructions that its warps have run.
  std::uint64_t steps = 0;
  std::vector<std::unique_ptr<Warp>> warps;
  Dimensions id;
  /// What a block has whose warps run at once.
  std::shared_ptr<Concurrent> concurrent;
};

/// These warps stand at barriers of one kind, and go on.
void release(const std::vector<Warp *> &warps);

/// The text that names where an instruction stands: the line of the PTX, and of the source when it is known.
std::string placeOf(const Code &code, const Statement &statement);

/// Global memory, shared memory, local memory and parameters as instructions use them: the bytes of one lane's access, checked.
void readBytes(Warp &warp, const Instruction &instruction, unsigned lane, std::uint64_t address, void *to,
               unsigned bytes);
void writeBytes(Warp &warp, const Instruction &instruction, unsigned lane, std::uint64_t address, const void *from,
                unsigned bytes);

/// The space that an address is in, and its address there.
Space resolve(Space space, std::uint64_t &address);
std::string hexadecimal(std::uint64_t value);
void checkAligned(const Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes);
void checkWaited(Warp &warp, unsigned lane);
void checkShared(Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes);
void checkGlobal(Warp &warp, unsigned lane, std::uint64_t address, unsigned bytes);
[[noreturn]] void complain(Warp &warp, unsigned lane, const SharedMemory::Complaint &complaint, bool isWrite);
void failRace(const Warp &warp, unsigned lane, bool isWrite, unsigned bytes, std::uint64_t address, const char *why);

/// Notes an access for the statistics: passes over banks, or sectors.
void countAccess(Warp &warp, const Instruction &instruction, Space space, const std::uint64_t *addresses,
                 unsigned bytes);

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// A statement on its way to an instruction.
class Decoder {
public:
  Decoder(const Statement &statement, Instruction &instruction) : statement(statement), out(instruction) {}

  const std::string &part(std::size_t i) const {
    static const std::string none;
    return i < statement.parts.size() ? statement.parts[i] : none;
  }
  const std::string &type() const { return statement.parts.back(); }
  bool has(std::string_view part) const;
  /// Whether all parts but the first are among those; what is not known is not skipped.
  bool only(std::initializer_list<std::string_view> known) const;

  const Statement &statement;
  Instruction &out;
  /// Operands as places: vectors give all of theirs. Immediates are as wide as the type at hand.
  virtual Place to(const Operand &operand) = 0;
  virtual Place from(const Operand &operand, unsigned bits) = 0;
  virtual void setAddress(const Operand &operand, Place &base) = 0;
  virtual ~Decoder() = default;

  void setTo(const Operand &operand);
  void setFrom(std::size_t first, unsigned bits);
};

/// Each tries a group of opcodes; false when it is none of them.
bool decodeInteger(Decoder &decoder);
bool decodeFloat(Decoder &decoder);
bool decodeConvert(Decoder &decoder);
bool decodeCompare(Decoder &decoder);
bool decodeMove(Decoder &decoder);
bool decodeAccess(Decoder &decoder);
bool decodeCollective(Decoder &decoder);
bool decodeMatrix(Decoder &decoder);
bool decodeBarrier(Decoder &decoder);
bool decodeTensorCopy(Decoder &decoder);
bool decodeProducts(Decoder &decoder);
bool decodeMeeting(Decoder &decoder);
bool decodeOrder(Decoder &decoder);

} // namespace tile::emulator

#endif // TILE_TEST_EMULATOR_MACHINE_H
