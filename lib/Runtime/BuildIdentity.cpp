//===- BuildIdentity.cpp - Which build of the library runs --------*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tile/Runtime/BuildIdentity.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/Support/MathExtras.h>

#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

namespace tile::runtime {

namespace {
/// What is looked for in the objects of the process: the build id of the one that has an address.
struct Search {
  std::uintptr_t address;
  std::string id;
};
} // namespace

/// The linker's GNU build id among an object's notes.
static std::string buildIdOf(const dl_phdr_info &object) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = object.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE)
      continue;
    llvm::StringRef notes(reinterpret_cast<const char *>(object.dlpi_addr + segment.p_vaddr), segment.p_memsz);
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
      ElfW(Nhdr) note;
      std::memcpy(&note, notes.data(), sizeof(note));
      notes = notes.drop_front(sizeof(note));
      llvm::StringRef name = notes.take_front(note.n_namesz);
      notes = notes.drop_front(std::min<std::size_t>(notes.size(), llvm::alignTo(note.n_namesz, 4)));
      llvm::StringRef contents = notes.take_front(note.n_descsz);
      notes = notes.drop_front(std::min<std::size_t>(notes.size(), llvm::alignTo(note.n_descsz, 4)));
      if (note.n_type == NT_GNU_BUILD_ID && name == llvm::StringRef("GNU\0", 4))
        return llvm::toHex(contents, /*LowerCase=*/true);
    }
  }
  return {};
}

static int visit(dl_phdr_info *object, std::size_t, void *data) {
  auto &search = *static_cast<Search *>(data);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr) &segment = object->dlpi_phdr[i];
    std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && search.address >= begin && search.address - begin < segment.p_memsz) {
      search.id = buildIdOf(*object);
      return 1;
    }
  }
  return 0;
}

static std::string find() {
  Search search{reinterpret_cast<std::uintptr_t>(&find), {}};
  dl_iterate_phdr(visit, &search);
  // A linker that writes none leaves the file itself.
  Dl_info info;
  struct stat status;
  if (search.id.empty() && dladdr(reinterpret_cast<void *>(search.address), &info) && info.dli_fname &&
      ::stat(info.dli_fname, &status) == 0)
    search.id = std::string(info.dli_fname) + ":" + std::to_string(status.st_size) + ":" +
                std::to_string(status.st_mtim.tv_sec) + ":" + std::to_string(status.st_mtim.tv_nsec);
  return search.id + "/" + LLVM_VERSION_STRING;
}

const std::string &buildIdentity() {
  static const std::string identity = find();
  return identity;
}

} // namespace tile::runtime
