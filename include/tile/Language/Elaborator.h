//===- Elaborator.h - Walks the tree of one kernel and emits it ---- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pass over the tree of one kernel for one specialisation: constants are folded, functions inlined, types and shapes checked, and
// ops emitted as the walk meets them. Errors are reported and the walk goes on with the next statement; what failed becomes an Error
// value, which silences what follows from it. A kernel with an error is thrown away whole.
//
//===----------------------------------------------------------------------===//

#ifndef TILE_LANGUAGE_ELABORATOR_H
#define TILE_LANGUAGE_ELABORATOR_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "tile/Language/Value.h"
#include "llvm/ADT/MapVector.h"
#include <deque>

namespace tile::lang {

/// A name in scope.
struct Binding {
  Value value;
  bool isVar = false;
  Position position;
  /// A variable that began as a constant and so, once carried, has the dtype of constants.
  bool startedConstant = false;
};

class Elaborator {
public:
  Elaborator(mlir::MLIRContext &context, const KernelSignature &signature, const Specialization &specialization);

  /// The module, or null after reports.
  mlir::OwningOpRef<mlir::ModuleOp> run();

private:
  //===--- Kernel, names, reports (Elaborator.cpp) ---===//
  bool resolve();
  void emitKernel(mlir::ModuleOp module);
  Value argumentValue(unsigned i, mlir::Value ssa);
  void bindExtents(ir::KernelOp kernel);
  std::optional<Const> headerName(llvm::StringRef name) const;

  mlir::Location loc(Position position) const;
  mlir::InFlightDiagnostic error(Position position, const llvm::Twine &message);
  /// The same, as the value of the expression that failed.
  Value fail(Position position, const llvm::Twine &message, const llvm::Twine &note = {});
  Binding *find(llvm::StringRef name);
  void define(ast::Ident ident, Value value, bool isVar);
  /// All names that could have been meant.
  llvm::SmallVector<llvm::StringRef> namesInScope();

  //===--- Statements (ElabStmts.cpp) ---===//
  enum class Flow { Next, Returned };
  Flow runBlock(const ast::Block &block);
  Flow runStatements(const ast::Block &block);
  Flow runStatement(const ast::Stmt &statement);
  void runBind(const ast::BindStmt &statement);
  void runAssign(const ast::AssignStmt &statement);
  void assign(ast::Ident ident, Value value);
  std::optional<Value> fuseDot(const ast::AssignStmt &statement, const Value &current);
  void runStore(const ast::AssignStmt &statement);
  Flow runReturn(const ast::ReturnStmt &statement);
  Flow runStaticIf(const ast::IfStmt &statement);
  void runStaticAssert(const ast::StaticAssertStmt &statement);
  void runAssert(const ast::AssertStmt &statement);
  void runPrint(const ast::PrintStmt &statement);

  //===--- Loops and branches (ElabLoops.cpp) ---===//
  void runFor(const ast::ForStmt &statement);
  void runWhile(const ast::WhileStmt &statement);
  void runIf(const ast::IfStmt &statement);
  /// Whether a condition of the running program is one bool; reports it when not.
  bool checkCondition(const Value &condition, Position position);
  std::optional<int64_t> stagesOf(const ast::Expr *expr);
  /// The variables of the scopes around that the block assigns.
  llvm::SmallVector<ast::Ident> assignedVars(const ast::Block &block);
  void collectAssigned(const ast::Block &block, llvm::MapVector<llvm::StringRef, Position> &names);
  /// Makes a variable's value ready to be carried: numbers become SSA values. False after a report.
  bool makeCarried(const ast::Ident &ident, Value &value);
  static void flatten(const Value &value, llvm::SmallVectorImpl<mlir::Value> &list);
  static void unflatten(Value &value, mlir::ValueRange &list);
  /// What the variables hold at the end of a loop's body, in the types they had at its start.
  llvm::SmallVector<mlir::Value> yielded(llvm::ArrayRef<ast::Ident> vars, llvm::ArrayRef<Value> starts);
  bool mergeBranches(const ast::Ident &ident, Value &first, mlir::Block *firstBlock, Value &second,
                     mlir::Block *secondBlock);

  //===--- Expressions (ElabExprs.cpp) ---===//
  Value eval(const ast::Expr *expr);
  Value evalExpr(const ast::Expr *expr);
  Value evalName(const ast::NameExpr &name);
  Value evalUnary(const ast::UnaryExpr &expr);
  Value evalLogical(const ast::BinaryExpr &expr);
  Value evalCall(const ast::CallExpr &call);
  Value inlineCall(const ast::CallExpr &call, const ast::Function &function, llvm::ArrayRef<Value> args);
  Value callType(const ast::CallExpr &call, const Value &type, llvm::ArrayRef<Value> args);
  std::optional<Const> constantOf(const Value &value);
  std::optional<int64_t> evalConstInt(const ast::Expr *expr, llvm::StringRef what);
  std::optional<int64_t> constInt(const Value &value, Position position, llvm::StringRef what);
  /// The truth of a condition that has to be known now; an optional argument is true when it is there.
  std::optional<bool> evalStaticCondition(const ast::Expr *expr);
  std::optional<bool> truth(const Value &value);
  /// An extent of a tile: a power of two.
  std::optional<int64_t> evalWidth(const ast::Expr *expr, llvm::StringRef what);
  bool checkTileSize(Position position, llvm::ArrayRef<int64_t> shape);

  //===--- Arithmetic (ElabArith.cpp) ---===//
  Value binary(BinaryOp op, Value lhs, Value rhs, Position position);
  mlir::Value emitInt(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at);
  mlir::Value emitFloat(BinaryOp op, mlir::Value a, mlir::Value b, mlir::Location at);
  mlir::Value emitCompare(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at);
  mlir::Value emitDivMod(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at);
  mlir::Value emitShift(BinaryOp op, DType dtype, mlir::Value a, mlir::Value b, mlir::Location at);
  /// Gives the operands one dtype: constants take that of the others. Nothing after a report.
  std::optional<DType> unify(llvm::StringRef what, llvm::MutableArrayRef<Value *> operands, Position position);
  /// Gives the operands, all Data, one shape. False after a report.
  bool broadcast(llvm::StringRef what, llvm::MutableArrayRef<Value *> operands, Position position);
  mlir::Value expand(mlir::Value value, llvm::ArrayRef<int64_t> shape, mlir::Location at);

  //===--- Constants and casts (ElabCasts.cpp) ---===//
  /// The constant as an attribute of that dtype; null after a report.
  mlir::TypedAttr attributeOf(const Const &value, DType dtype, Position position);
  Value materialize(const Value &value, DType dtype, Position position);
  /// A constant gets the dtype that constants have by themselves: index, f32, bool. Others stay as they are.
  Value concretize(const Value &value, Position position);
  Value cast(const Value &value, DType to, Position position);
  mlir::Value convert(mlir::Value value, DType from, DType to, mlir::Location at);
  mlir::Value convertFloatToInt(mlir::Value value, DType from, DType to, mlir::Location at);
  mlir::Value number(double value, mlir::Type like, mlir::Location at);
  mlir::Value integer(int64_t value, mlir::Type like, mlir::Location at);
  /// An integer scalar as an index, for positions and bounds.
  Value toIndex(Value value, Position position, llvm::StringRef what);

  //===--- Access (ElabAccess.cpp) ---===//
  struct Place {
    mlir::Value view;
    DType dtype;
    llvm::SmallVector<mlir::Value> offsets;
    llvm::SmallVector<int64_t> widths;
    mlir::Type valueType(mlir::MLIRContext *context, DType dtype) const;
  };
  Value evalIndex(const ast::IndexExpr &index);
  Value indexType(const ast::IndexExpr &index, DType dtype);
  Value indexTile(const ast::IndexExpr &index, const Value &tile);
  Value load(const ast::IndexExpr &index, const Value &view);
  Value subview(const ast::IndexExpr &index, const Value &view);
  std::optional<Place> place(const ast::IndexExpr &index, const Value &view);
  Value loadFrom(const Place &place, const ast::Expr *pad, Position position);
  bool checkReadable(const Value &view, Position position);

  //===--- Builtins (ElabBuiltins.cpp, ElabShapes.cpp, ElabFolds.cpp) ---===//
  Value callBuiltin(llvm::StringRef name, const ast::CallExpr &call);
  Value mathFunction(llvm::StringRef name, const ast::CallExpr &call, Value x);
  Value minMax(bool isMax, const ast::CallExpr &call, Value a, Value b);
  Value absolute(const ast::CallExpr &call, Value x);
  Value where(const ast::CallExpr &call, Value condition, Value a, Value b);
  Value fma(const ast::CallExpr &call, Value a, Value b, Value c);
  Value mulhi(const ast::CallExpr &call, Value a, Value b);
  Value bitcast(const ast::CallExpr &call, const Value &type, Value x);
  Value inside(const ast::CallExpr &call);
  Value program(const ast::CallExpr &call);
  Value extent(const ast::CallExpr &call, const Value &view);
  Value iota(const ast::CallExpr &call);
  Value transpose(const ast::CallExpr &call, const Value &x);
  Value reshape(const ast::CallExpr &call, const Value &x);
  Value join(const ast::CallExpr &call, Value a, Value b);
  Value fold(llvm::StringRef name, const ast::CallExpr &call, const Value &x);
  Value dot(const ast::CallExpr &call, const Value &a, const Value &b, mlir::Value accumulator = {});
  bool checkOptions(const ast::CallExpr &call, llvm::ArrayRef<llvm::StringRef> known);
  const ast::Expr *findOption(const ast::CallExpr &call, llvm::StringRef name);

  mlir::arith::FastMathFlagsAttr mathFlags() const;
  template <typename Op, typename... Args>
  mlir::Value make(mlir::Location at, Args &&...args) {
    return builder.createOrFold<Op>(at, std::forward<Args>(args)...);
  }
  mlir::Type typeOf(DType dtype) { return toMLIR(dtype, &context); }
  /// The type of `like`, tile or scalar, with another element type.
  static mlir::Type withElement(mlir::Type like, mlir::Type element);

  mlir::MLIRContext &context;
  const KernelSignature &signature;
  const ast::Kernel &kernel;
  const Specialization &specialization;
  mlir::OpBuilder builder;

  /// What the header decides.
  llvm::SmallVector<ParamValue> params;
  llvm::SmallVector<int64_t> extents;

  /// The kernel's body, or a function while it is inlined.
  struct Frame {
    const ast::File *file;
    const ast::Function *function = nullptr;
    std::optional<mlir::Location> caller;
    std::vector<llvm::MapVector<llvm::StringRef, Binding>> scopes;
    /// Loops and branches of the running program around this point; a return can't leave them.
    unsigned dynamicDepth = 0;
    Value result;
  };
  /// A deque: a frame stays where it is while others come and go.
  std::deque<Frame> frames;
  Frame &frame() { return frames.back(); }

  unsigned errors = 0;
  unsigned depth = 0;
  unsigned work = 0;
  /// The walk is over: what remains is neither evaluated nor reported.
  bool abandoned = false;
};

} // namespace tile::lang

#endif // TILE_LANGUAGE_ELABORATOR_H
