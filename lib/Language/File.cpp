//===- File.cpp - A parsed file --------------------------------- -*- C++ -*-===//
//
// Part of the tile project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Diagnostics.h"
#include "tile/Language/Parser.h"
#include "tile/Language/Prelude.h"
#include "tile/Language/Signature.h"
#include "llvm/Support/ErrorHandling.h"

using namespace tile::lang;
using llvm::StringRef;

StringRef tile::lang::preludeName() { return "prelude.tile"; }
StringRef tile::lang::preludeText() { return kPreludeText; }

const ast::File &tile::lang::preludeFile() {
  static const ast::File *prelude = [] {
    auto *file = new ast::File;
    file->name = preludeName().str();
    file->text = preludeText().str();
    std::vector<SyntaxError> errors;
    Parser(*file, errors).parseFile();
    if (!errors.empty())
      llvm::report_fatal_error(llvm::Twine("the prelude does not parse: ") + errors.front().message);
    return file;
  }();
  return *prelude;
}

File::File() : ast(std::make_unique<ast::File>()) {}
File::~File() = default;
StringRef File::name() const { return ast->name; }
StringRef File::text() const { return ast->text; }

const KernelSignature *File::find(StringRef kernel) const {
  for (const KernelSignature &signature : signatures)
    if (signature.name == kernel)
      return &signature;
  return nullptr;
}

/// Passes a finding on to MLIR.
static void emitSyntaxError(mlir::MLIRContext &context, StringRef file, const SyntaxError &error) {
  auto locate = [&](Position position) -> mlir::Location {
    return mlir::FileLineColLoc::get(&context, file, position.line, position.column);
  };
  mlir::InFlightDiagnostic diagnostic = mlir::emitError(locate(error.position)) << error.message;
  if (!error.note.empty())
    diagnostic.attachNote(locate(error.notePosition.line ? error.notePosition : error.position)) << error.note;
}

std::unique_ptr<File> File::parse(mlir::MLIRContext &context, StringRef text, StringRef name) {
  std::unique_ptr<File> file(new File);
  file->ast->name = name.str();
  file->ast->text = text.str();
  std::vector<SyntaxError> errors;
  Parser(*file->ast, errors).parseFile();
  if (errors.empty())
    evaluateConstants(*file->ast, errors);
  if (errors.empty())
    for (auto &[kernelName, kernel] : file->ast->kernels)
      file->signatures.push_back(makeSignature(*file->ast, *kernel, errors));
  for (const SyntaxError &error : errors)
    emitSyntaxError(context, name, error);
  if (!errors.empty())
    return nullptr;
  return file;
}
