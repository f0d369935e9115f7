//===- Host.cpp - The processor that code is made for -------------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Host.h"

#include "tile/Target/CPU/CPU.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/SubtargetFeature.h>

using namespace tile::cpu;

const Host &Host::get() {
  static const Host host = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    Host found{llvm::sys::getProcessTriple(), llvm::sys::getHostCPUName().str(), {}, 128};
    llvm::StringMap<bool> known = llvm::sys::getHostCPUFeatures();
    llvm::SubtargetFeatures features;
    for (const auto &feature : known) {
      // The instructions that round to bf16 flush subnormals. The code generator would use them for a bf16 that it only moves, such
      // as a scalar in a select or carried by a loop.
      bool roundsToBF16 = llvm::is_contained({"avx512bf16", "avxneconvert", "avx10.2"}, feature.first());
      features.AddFeature(feature.first(), feature.second && !roundsToBF16);
    }
    found.features = features.getString();
    // Wide vectors pay where each processor has whole units for them; byte and word ops on them are part of that.
    if (known.lookup("avx512bw") && known.lookup("avx512vl") && known.lookup("avx512dq"))
      found.vectorBits = 512;
    else if (known.lookup("avx2"))
      found.vectorBits = 256;
    return found;
  }();
  return host;
}

const Host &Host::baseline() {
  static const Host host = [] {
    std::string triple = Host::get().triple;
    return Host{triple, llvm::Triple(triple).isX86() ? "x86-64" : "generic", {}, 128};
  }();
  return host;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> tile::cpu::createTargetMachine(const Host &host) {
  llvm::Triple triple(host.triple);
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  llvm::TargetOptions options;
  // What is fused was decided before; the code generator fuses nothing more.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(triple, host.processor, host.features, options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, /*JIT=*/true));
  if (!machine)
    return llvm::createStringError("no code generator for '" + host.triple + "'");
  return machine;
}

std::string tile::cpu::hostDescription() {
  const Host &host = Host::get();
  return host.processor + ", vectors of " + std::to_string(host.vectorBits) + " bits";
}
