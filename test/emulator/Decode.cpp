//===- Decode.cpp - From statements to instructions --------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <algorithm>
#include <cstdlib>

using namespace tile::emulator;

//===----------------------------------------------------------------------===//
// Decoder
//===----------------------------------------------------------------------===//

bool Decoder::has(std::string_view part) const {
  return std::find(statement.parts.begin(), statement.parts.end(), part) != statement.parts.end();
}

bool Decoder::only(std::initializer_list<std::string_view> known) const {
  return statement.parts.size() > 1 &&
         std::all_of(statement.parts.begin() + 1, statement.parts.end(), [&](const std::string &part) {
           return std::find(known.begin(), known.end(), part) != known.end();
         });
}

void Decoder::setTo(const Operand &operand) {
  unsigned count = 0;
  if (operand.kind == Operand::Kind::Vector) {
    for (const Operand &element : operand.elements)
      if (count < std::size(out.to))
        out.to[count++] = to(element);
    return;
  }
  out.to[count++] = to(operand);
  if (operand.second != kNoRegister) {
    Operand second = operand;
    second.kind = Operand::Kind::Register;
    second.reg = operand.second;
    second.second = kNoRegister;
    out.to[count++] = to(second);
  }
}

void Decoder::setFrom(std::size_t first, unsigned bits) {
  unsigned count = 0;
  auto add = [&](const Operand &operand) {
    if (count == std::size(out.from))
      throw BadPtx("PTX line " + std::to_string(statement.line) + ": too many operands");
    out.from[count++] = from(operand, bits);
  };
  for (std::size_t i = first; i < statement.operands.size(); ++i) {
    if (statement.operands[i].kind == Operand::Kind::Vector)
      for (const Operand &element : statement.operands[i].elements)
        add(element);
    else
      add(statement.operands[i]);
  }
}

namespace {

/// Lays out the registers of an entry and decodes its statements.
class Builder {
public:
  Builder(const Module &module, const Entry &entry) : module(module), entry(entry) {
    code.name = entry.name;
    code.module = &module;
    code.entry = &entry;
    code.requiredThreads = entry.requiredThreads;
    code.requiredCluster = entry.requiredCluster;
    code.parameterBytes = entry.parameterBytes;
  }
  Code run();

private:
  friend class StatementDecoder;
  [[noreturn]] void fail(const Statement &statement, const std::string &what) const {
    throw BadPtx("PTX line " + std::to_string(statement.line) + ": " + what);
  }
  Place newPlace(unsigned bits);
  Place filled(Filled filled, unsigned bits);
  /// The address of a variable or parameter in its space.
  bool addressOf(const std::string &symbol, Space &space, std::int64_t &address) const;
  void placeVariables();
  void instruction(const Statement &statement, Instruction &out);

  const Module &module;
  const Entry &entry;
  Code code;
  std::vector<Place> registers;
  std::map<std::string, std::pair<Space, std::int64_t>> variables;
  std::map<std::pair<std::uint64_t, unsigned>, Place> values;
  std::map<std::string, Place> specials;
};

class StatementDecoder : public Decoder {
public:
  StatementDecoder(Builder &builder, const Statement &statement, Instruction &out)
      : Decoder(statement, out), builder(builder) {}

  Place to(const Operand &operand) override {
    if (operand.kind == Operand::Kind::Sink)
      return {};
    if (operand.kind != Operand::Kind::Register)
      builder.fail(statement, "a register expected");
    return builder.registers[operand.reg];
  }
  Place from(const Operand &operand, unsigned bits) override;
  void setAddress(const Operand &operand, Place &base) override;

private:
  Builder &builder;
};

} // namespace

Place StatementDecoder::from(const Operand &operand, unsigned bits) {
  switch (operand.kind) {
  case Operand::Kind::Register: {
    Place place = builder.registers[operand.reg];
    if (bits && place.bits != bits)
      builder.fail(statement, "'" + statement.opcode + "' on a register of " + std::to_string(place.bits) + " bits");
    return place;
  }
  case Operand::Kind::Immediate: {
    auto value = static_cast<std::uint64_t>(operand.value);
    if (!bits)
      bits = operand.floatBits ? operand.floatBits : 64;
    if (operand.floatBits && operand.floatBits != bits)
      builder.fail(statement, "a constant of " + std::to_string(operand.floatBits) + " bits, where there are " +
                                  std::to_string(bits));
    if (bits < 64)
      value = bits == 1 ? value != 0 : value & ((std::uint64_t(1) << bits) - 1);
    return builder.filled({Filled::What::Value, 0, {}, value}, bits);
  }
  case Operand::Kind::Symbol: {
    static const std::map<std::string, Filled::What> axes = {{"%tid", Filled::What::Thread},
                                                             {"%ctaid", Filled::What::BlockId},
                                                             {"%ntid", Filled::What::Threads},
                                                             {"%nctaid", Filled::What::Blocks},
                                                             {"%clusterid", Filled::What::ClusterId},
                                                             {"%nclusterid", Filled::What::Clusters},
                                                             {"%cluster_ctaid", Filled::What::InCluster},
                                                             {"%cluster_nctaid", Filled::What::ClusterShape}};
    const std::string &name = operand.symbol;
    if (name.size() > 2 && name[name.size() - 2] == '.')
      if (auto found = axes.find(name.substr(0, name.size() - 2)); found != axes.end())
        return builder.filled({found->second, static_cast<std::uint8_t>(name.back() - 'x'), {}, 0}, 32);
    if (name == "%laneid")
      return builder.filled({Filled::What::Lane, 0, {}, 0}, 32);
    if (name == "%cluster_ctarank" || name == "%cluster_nctarank")
      return builder.filled({name == "%cluster_ctarank" ? Filled::What::Rank : Filled::What::Ranks, 0, {}, 0}, 32);
    if (name == "%warpid")
      return builder.filled({Filled::What::WarpId, 0, {}, 0}, 32);
    if (name == "WARP_SZ")
      return builder.filled({Filled::What::Value, 0, {}, kLanes}, bits);
    Space space;
    std::int64_t address;
    if (!builder.addressOf(name, space, address))
      builder.fail(statement, "'" + name + "' is not known here");
    return builder.filled({Filled::What::Value, 0, {}, static_cast<std::uint64_t>(address)}, bits);
  }
  default:
    builder.fail(statement, "an operand that is not known here");
  }
}

void StatementDecoder::setAddress(const Operand &operand, Place &base) {
  if (operand.kind != Operand::Kind::Address)
    builder.fail(statement, "an address expected");
  out.value = operand.value;
  if (operand.reg != kNoRegister) {
    base = builder.registers[operand.reg];
    return;
  }
  if (!operand.symbol.empty()) {
    Space space;
    std::int64_t address;
    if (!builder.addressOf(operand.symbol, space, address))
      builder.fail(statement, "'" + operand.symbol + "' is not known here");
    if (space != out.space)
      builder.fail(statement, "'" + operand.symbol + "' is in another space");
    out.value += address;
  }
  base = builder.filled({Filled::What::Value, 0, {}, 0}, 64);
}

//===----------------------------------------------------------------------===//
// Builder
//===----------------------------------------------------------------------===//

Place Builder::newPlace(unsigned bits) {
  Place place{code.registerBytes, static_cast<std::uint16_t>(bits)};
  code.registerBytes += bits == 1 ? 64 : std::max(bits / 8, 2u) * kLanes;
  return place;
}

Place Builder::filled(Filled filled, unsigned bits) {
  Place *known;
  if (filled.what == Filled::What::Value)
    known = &values[{filled.value, bits}];
  else
    known = &specials[std::to_string(static_cast<int>(filled.what)) + "." + std::to_string(filled.axis)];
  if (!known->bits) {
    *known = newPlace(bits);
    filled.place = *known;
    code.filled.push_back(filled);
  }
  return *known;
}

bool Builder::addressOf(const std::string &symbol, Space &space, std::int64_t &address) const {
  if (auto found = variables.find(symbol); found != variables.end()) {
    std::tie(space, address) = found->second;
    return true;
  }
  for (const Parameter &parameter : entry.parameters)
    if (parameter.name == symbol) {
      space = Space::Param;
      address = parameter.offset;
      return true;
    }
  return false;
}

void Builder::placeVariables() {
  auto place = [&](const Variable &variable, unsigned &size) {
    size = (size + variable.align - 1) / variable.align * variable.align;
    unsigned at = size;
    size += static_cast<unsigned>(variable.bytes);
    return static_cast<std::int64_t>(at);
  };
  std::vector<const Variable *> dynamic;
  for (const auto *list : {&module.variables, &entry.variables})
    for (const Variable &variable : *list) {
      switch (variable.space) {
      case Variable::Space::Shared:
        if (variable.isDynamic)
          dynamic.push_back(&variable);
        else
          variables[variable.name] = {Space::Shared, SharedMemory::kBase + place(variable, code.staticShared)};
        break;
      case Variable::Space::Local:
        variables[variable.name] = {Space::Local, place(variable, code.localBytes)};
        break;
      case Variable::Space::Global:
      case Variable::Space::Const: {
        // The kernel's own: it lives as long as the code.
        std::size_t bytes = (variable.bytes + 255) / 256 * 256;
        std::shared_ptr<void> memory(std::aligned_alloc(256, std::max<std::size_t>(bytes, 256)), std::free);
        std::memcpy(memory.get(), variable.contents.data(), variable.bytes);
        auto address = reinterpret_cast<std::uint64_t>(memory.get());
        variables[variable.name] = {Space::Global, static_cast<std::int64_t>(address)};
        code.globals.push_back({address, address + variable.bytes});
        code.storage.push_back(std::move(memory));
        break;
      }
      }
    }
  // All dynamic arrays begin where the static ones end.
  for (const Variable *variable : dynamic)
    code.staticShared = (code.staticShared + variable->align - 1) / variable->align * variable->align;
  for (const Variable *variable : dynamic)
    variables[variable->name] = {Space::Shared, SharedMemory::kBase + code.staticShared};
}

/// bra, ret, exit and trap.
static bool decodeControl(Decoder &decoder, const std::map<std::string, unsigned> &labels) {
  const std::string &head = decoder.part(0);
  const auto &operands = decoder.statement.operands;
  Instruction &out = decoder.out;
  if (head == "bra") {
    auto found = operands.size() == 1 ? labels.find(operands[0].symbol) : labels.end();
    if (found == labels.end())
      return false;
    out.kind = Kind::Branch;
    out.target = found->second;
    return true;
  }
  if ((head == "ret" || head == "exit") && operands.empty()) {
    out.kind = Kind::Exit;
    return true;
  }
  if (head == "trap") {
    out.kind = Kind::Trap;
    return true;
  }
  return false;
}

void Builder::instruction(const Statement &statement, Instruction &out) {
  out.statement = &statement;
  if (statement.predicate != kNoRegister) {
    Place place = registers[statement.predicate];
    if (place.bits != 1)
      fail(statement, "a guard that is no predicate");
    out.predicate = place.offset;
    out.isNegated = statement.isNegated;
  }
  StatementDecoder decoder(*this, statement, out);
  if (decodeControl(decoder, entry.labels))
    return;
  for (auto decode :
       {decodeMove, decodeCompare, decodeInteger, decodeFloat, decodeConvert, decodeAccess, decodeCollective,
        decodeMatrix, decodeBarrier, decodeTensorCopy, decodeProducts, decodeMeeting, decodeOrder})
    if (decode(decoder))
      return;
  fail(statement, "the emulator doesn't know '" + statement.opcode + "'");
}

Code Builder::run() {
  placeVariables();
  for (const Register &reg : entry.registers)
    registers.push_back(newPlace(reg.bits));
  code.ownBytes = code.registerBytes;
  code.instructions.resize(entry.statements.size());
  // Since the wait for the kernels before, in the order of the text.
  bool hasLoaded = false;
  for (std::size_t i = 0; i < entry.statements.size(); ++i) {
    code.instructions[i].number = static_cast<std::uint32_t>(i);
    try {
      instruction(entry.statements[i], code.instructions[i]);
    } catch (const std::out_of_range &) {
      fail(entry.statements[i], "'" + entry.statements[i].opcode + "' has too few operands");
    }
    Instruction &made = code.instructions[i];
    code.isConcurrent |= made.isConcurrent;
    code.waitsForLaunches |= made.isLaunchWait;
    hasLoaded |= made.isOrdered && code.waitsForLaunches;
    made.mayMove = made.stays && !hasLoaded;
    code.usesProducts |= made.meeting == Meeting::Product;
  }
  return std::move(code);
}

Code tile::emulator::decode(const Module &module, const Entry &entry) { return Builder(module, entry).run(); }
