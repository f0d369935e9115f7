//===- Accesses.h - Accesses of memory, and which of them meet -----*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What an op touches of shared memory, or of a view that the kernel writes: views are memory too. A thread that wrote an element may read it
// again without more ado.
//
// A table gives each access that differs in anything a number, and remembers of numbers which of them meet: an analysis asks that again and
// again.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LIB_PLACEMENT_ACCESSES_H
#define TILE_LIB_PLACEMENT_ACCESSES_H

#include "StructuredFlow.h"

namespace tile::placement {

struct MemoryAccess {
  mlir::Operation *op;
  /// A ring, a scratch, or a kernel's argument that is a view.
  mlir::Value memory;
  bool writes;
  /// The slot's ticket by all the names that it has; without one it may be any. Counted modulo the ring's depth.
  llvm::SmallVector<Ticket, 2> names;
  /// Loops around the op that have begun another iteration since, or ended, so that their values name other things now.
  llvm::SmallVector<mlir::Operation *, 2> past;

  bool operator==(const MemoryAccess &) const = default;
};

/// An access to memory as a whole, or to a ring's slot.
MemoryAccess accessOf(mlir::Operation *op, mlir::Value memory, bool writes, mlir::Value ticket = {});
/// The access to a slot.
MemoryAccess slotAccess(mlir::Operation *op, mlir::Value slot, bool writes);
/// The argument whose view a load or a store touches.
mlir::BlockArgument viewOf(mlir::Operation *op);

/// The number of an access in its table.
using AccessId = unsigned;

class AccessTable {
public:
  AccessId add(const MemoryAccess &access);
  const MemoryAccess &operator[](AccessId access) const { return accesses[access]; }
  /// The same for accesses by one op to one memory.
  unsigned siteOf(AccessId access) const { return siteOfAccess[access]; }

  /// Whether an access has to wait for an earlier one by a barrier.
  bool meet(AccessId before, AccessId now);
  /// Whether nothing meets `less` that doesn't meet `more`: an access that is known by fewer names may meet more.
  bool covers(AccessId more, AccessId less) const;
  /// What accesses are known by behind a renaming, which stays where it is as long as the table.
  llvm::SmallVector<AccessId> rename(llvm::ArrayRef<AccessId> ids, const Renaming &renaming);
  /// Leaves those names that all accesses have that differ in nothing else.
  llvm::SmallVector<AccessId> widen(llvm::ArrayRef<AccessId> ids);

private:
  std::vector<MemoryAccess> accesses;
  std::vector<unsigned> siteOfAccess;
  llvm::DenseMap<std::pair<mlir::Operation *, mlir::Value>, unsigned> sites;
  /// The accesses of each site.
  std::vector<llvm::SmallVector<AccessId, 2>> ofSite;
  llvm::DenseMap<std::pair<AccessId, AccessId>, bool> knownToMeet;
  /// By a renaming, what each access becomes as far as it was asked for.
  llvm::DenseMap<const Renaming *, std::vector<std::optional<AccessId>>> renamed;
};

} // namespace tile::placement

#endif // TILE_LIB_PLACEMENT_ACCESSES_H
