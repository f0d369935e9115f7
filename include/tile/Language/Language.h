//===- Language.h - From source text to kernels in phase tile ---*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The frontend in four steps: `File::parse` reads a file once; `kernels()` says what each kernel takes; `bind` checks the arguments of
// a launch against that, cheaply and without MLIR, and finds names, dtypes and the grid; `emit` writes one specialisation as IR.
// A File does not change after parsing: any number of threads may bind and emit from it, each `emit` with a context of its own or
// with one that allows it.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_LANGUAGE_H
#define TILE_LANGUAGE_LANGUAGE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "tile/Language/DType.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <memory>
#include <string>
#include <vector>

namespace tile::lang {

namespace ast {
struct File;
struct Kernel;
} // namespace ast

/// A place in a file, counted from 1; line 0 is no place.
struct Position {
  unsigned line = 0, column = 0;
  bool operator==(const Position &) const = default;
};

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

/// The value of a parameter. `Unset` takes the default of the signature; `Auto` leaves the choice to the compiler.
struct ParamValue {
  enum Kind : uint8_t { Unset, Auto, Int, Bool, Type };
  Kind kind = Unset;
  int64_t value = 0;

  static ParamValue automatic() { return {Auto, 0}; }
  static ParamValue integer(int64_t v) { return {Int, v}; }
  static ParamValue boolean(bool v) { return {Bool, v}; }
  static ParamValue dtype(DType d) { return {Type, static_cast<int64_t>(d)}; }
  DType asDType() const { return static_cast<DType>(value); }
  bool operator==(const ParamValue &) const = default;
};

/// How a value is written in the language: "64", "true", "f32", "auto".
std::string toString(ParamValue value);
/// The value written so; nothing when it is none.
std::optional<ParamValue> parseParamValue(llvm::StringRef text);

enum class ParamKind : uint8_t { Int, Bool, Type };

/// One name in a kernel's `<>`.
struct ParamSignature {
  std::string name;
  ParamKind kind = ParamKind::Int;
  /// The values of its set, in order; empty when any value of the kind will do.
  std::vector<ParamValue> allowed;
  /// A constant default, `Auto`, or `Unset` when there is none or it is computed from other names.
  ParamValue defaultValue;
  /// It has a default that is an expression of extents or of other parameters.
  bool computed = false;
  /// It also names an extent, which gives it its value.
  bool isExtent = false;
  /// It stands as `stages = NAME`: left at auto it stays auto, and the planner chooses.
  bool isStages = false;
  Position position;
};

enum class Access : uint8_t { In, Out, InOut };

/// One argument of a kernel.
struct ArgumentSignature {
  std::string name;
  bool isView = false;
  /// The element type where the file states it; else `dtypeName` is the bound name or the parameter that holds it.
  std::optional<DType> dtype;
  std::string dtypeName;
  unsigned rank = 0;
  Access access = Access::In;
  bool optional = false;
  Position position;
};

/// What a kernel takes. Lives as long as its File.
struct KernelSignature {
  std::string name;
  Position position;
  std::vector<ParamSignature> params;
  std::vector<ArgumentSignature> arguments;
  /// Names that arguments bind to dtypes, and to extents, in the order of binding. Extents that also stand in `<>` are in both lists.
  std::vector<std::string> dtypeNames;
  std::vector<std::string> extentNames;
  const ast::Kernel *kernel = nullptr;
  const ast::File *file = nullptr;

  /// The position of a name in the lists above, or -1.
  int findParam(llvm::StringRef name) const;
  int findArgument(llvm::StringRef name) const;
  int findDTypeName(llvm::StringRef name) const;
  int findExtentName(llvm::StringRef name) const;
};

//===----------------------------------------------------------------------===//
// Binding the arguments of a launch
//===----------------------------------------------------------------------===//

/// What a caller passes for one argument.
struct Argument {
  enum Kind : uint8_t { Absent, Scalar, View };
  Kind kind = Absent;
  DType dtype = DType::F32;
  /// View: elements along each axis, and from one element to the next.
  llvm::ArrayRef<int64_t> extents = {}, strides = {};
  /// View: the base address. 0 skips the check of alignment.
  uint64_t address = 0;
  /// Scalar: its bits, in the low end; integers are sign- or zero-extended as their dtype says.
  uint64_t bits = 0;
};

/// What is wrong with a launch. Positions are in the kernel's file.
struct BindError {
  std::string message;
  Position position;
  std::string note;
  Position notePosition;
};

/// What is wrong with a value for a parameter: it is of another kind, or not in its set. Nothing is wrong with `Unset` and `Auto`.
std::optional<BindError> checkParam(const ParamSignature &param, ParamValue value);

/// What a launch binds; lists are parallel to those of the signature.
struct Bound {
  /// Every parameter has a value; only those of `stages =` may be `Auto`.
  llvm::SmallVector<ParamValue, 8> params;
  /// Nothing, or -1, for a name that only an absent argument would bind.
  llvm::SmallVector<std::optional<DType>, 4> dtypes;
  llvm::SmallVector<int64_t, 8> extents;
  llvm::SmallVector<bool, 8> present;
  std::array<int64_t, 3> grid = {1, 1, 1};
};

/// Checks parameters and arguments against the signature, and binds. `params` is parallel to the signature's, or shorter. Returns
/// what is wrong, or nothing. Takes microseconds, needs no MLIR context and is safe to call from several threads.
std::optional<BindError> bind(const KernelSignature &signature, llvm::ArrayRef<ParamValue> params,
                              llvm::ArrayRef<Argument> arguments, Bound &bound);

//===----------------------------------------------------------------------===//
// Specialisations
//===----------------------------------------------------------------------===//

/// What a specialisation relies on for one view; see `#tile.facts`.
struct Facts {
  int64_t unitAxis = -1;
  int64_t align = 1;
  int64_t extentAlign = 1;
  bool index32 = false;
  bool tensorMap = false;
  bool operator==(const Facts &) const = default;
};

/// The facts of an argument: its alignments are powers of two up to 16. Nothing for what is no view. Whether a tensor map can describe
/// it is said for targets with `tensorMaps`.
std::optional<Facts> factsOf(const Argument &argument, bool tensorMaps = false);

/// Whether a tensor map can describe a view, with this axis as its first: at most five axes, none of them empty, stride 1 along the
/// first, and a base and other strides of multiples of 16 bytes, upwards and below 2^40.
bool fitsTensorMap(const Argument &view, int64_t unitAxis);

/// What a call asks of a kernel that the compiler would else decide; 0 and false leave it to that.
struct Overrides {
  bool plain = false;
  int64_t teams = 0, groupRows = 0;
  bool operator==(const Overrides &) const = default;
};
/// All of them, as part of a key.
std::string toString(const Overrides &overrides);

/// Everything that emission depends on: equal specialisations give equal IR. Lists are parallel to those of the signature; shorter
/// lists, and members left empty, mean that nothing is known.
struct Specialization {
  std::string kernel;
  std::vector<ParamValue> params;
  std::vector<std::optional<DType>> dtypes;
  std::vector<std::optional<Facts>> facts;
  /// Whether an argument is passed; only an optional one may be absent.
  std::vector<bool> present;
  /// Extents that stand in `<>`, or that a computed parameter needs; the others stay unknown.
  std::vector<std::optional<int64_t>> extents;
  /// Keep `assert` and `print`.
  bool checked = false;
  /// The target has tensor maps, so that facts say which views they can describe.
  bool tensorMaps = false;
  /// The number of stages of every loop, whatever the source says of it; 0 leaves that to the source.
  int64_t stages = 0;
  Overrides overrides;
  /// Write down when each copy and each product was: see tile-instrument.
  bool instrumented = false;
  bool operator==(const Specialization &) const = default;
};

/// The specialisation that these arguments need. Of extents it keeps those that stand in `<>`.
Specialization specialize(const KernelSignature &signature, const Bound &bound, llvm::ArrayRef<Argument> arguments,
                          bool checked = false, bool tensorMaps = false);

/// Applies `NAME=VALUE` of a parameter. Returns what is wrong, or nothing.
std::optional<std::string> define(const KernelSignature &signature, llvm::StringRef text,
                                  Specialization &specialization);
/// Applies one assumption: `T=f32`, `N=1024`, `a.contiguous=1` (the unit axis), `a.align=16`, `a.extent_align=16`, `a.index32=true`,
/// `a.tensor_map=true`, `bias=absent`, `bias=present`. Returns what is wrong, or nothing.
std::optional<std::string> assume(const KernelSignature &signature, llvm::StringRef text,
                                  Specialization &specialization);
/// Assumes of each view with a unit axis, 16 bytes of alignment and not too many axes that a tensor map can describe it.
void assumeTensorMaps(const KernelSignature &signature, Specialization &specialization);

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// A parsed file.
class File {
public:
  /// Parses `text`; `name` is what locations say. Errors go to the context's diagnostics, several where there are several; the result
  /// is then null.
  static std::unique_ptr<File> parse(mlir::MLIRContext &context, llvm::StringRef text, llvm::StringRef name);
  ~File();

  llvm::StringRef name() const;
  llvm::StringRef text() const;
  llvm::ArrayRef<KernelSignature> kernels() const { return signatures; }
  /// The kernel of that name, or null.
  const KernelSignature *find(llvm::StringRef kernel) const;

private:
  File();
  std::unique_ptr<ast::File> ast;
  std::vector<KernelSignature> signatures;
};

/// The text of the prelude and the file name that its locations bear, for whoever renders diagnostics.
llvm::StringRef preludeText();
llvm::StringRef preludeName();

/// Writes a specialisation as a module with one `tile.kernel` in phase `tile`. Every op has a location in the file; where a `fn` was
/// inlined, a call site. Errors go to the context's diagnostics; the result is then null.
mlir::OwningOpRef<mlir::ModuleOp> emit(mlir::MLIRContext &context, const File &file,
                                       const Specialization &specialization);

} // namespace tile::lang

#endif // TILE_LANGUAGE_LANGUAGE_H
