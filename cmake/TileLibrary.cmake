# How the project's libraries and tools are declared.
#
# Every folder of lib/ is one static library. `libtile.so` (lib/Runtime) is made of all of them; tools and unit tests link what
# they need. LLVM and MLIR come as two shared libraries in development and as static archives in the portable build; the choice
# is hidden behind the interface target `tile_llvm`.

# LLVM's headers as system headers: no warnings from them, and clang-tidy is three times faster.
add_library(tile_llvm INTERFACE)
target_include_directories(tile_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_compile_definitions(tile_llvm INTERFACE ${LLVM_DEFINITIONS_LIST})
target_link_libraries(tile_llvm INTERFACE MLIR LLVM)

# One precompiled header of what almost every file of the compiler includes.
file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp.tmp "// The precompiled header's owner.\n")
file(COPY_FILE ${PROJECT_BINARY_DIR}/pch.cpp.tmp ${PROJECT_BINARY_DIR}/pch.cpp ONLY_IF_DIFFERENT)
add_library(tile_pch OBJECT ${PROJECT_BINARY_DIR}/pch.cpp)
target_link_libraries(tile_pch PRIVATE tile_llvm)
target_precompile_headers(tile_pch PRIVATE
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/IR/Builders.h>
  <mlir/IR/BuiltinTypes.h>
  <mlir/IR/IRMapping.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Pass/Pass.h>
  <mlir/Pass/PassManager.h>
  <llvm/ADT/TypeSwitch.h>
  <algorithm> <functional> <map> <memory> <optional> <string> <vector>)

# tile_use_pch(target): for targets that link the compiler's libraries. Programs are compiled as the libraries are, with -fPIC:
# clang takes no precompiled header across the difference to -fPIE.
function(tile_use_pch target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM tile_pch)
endfunction()

# tile_add_library(name SOURCES... [LINK libraries...])
function(tile_add_library name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(${name} PUBLIC ${arg_LINK} tile_llvm)
  tile_use_pch(${name})
endfunction()

# tile_tablegen(target TDFILE.td gen-flag output ...): runs mlir-tblgen on include/tile/<current folder>/TDFILE.td.
function(tile_tablegen target td)
  set(outputs)
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest flags output)
    string(REPLACE " " ";" flags "${flags}")
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${output})
    add_custom_command(OUTPUT ${out}
      COMMAND mlir-tblgen ${flags} ${CMAKE_CURRENT_SOURCE_DIR}/${td}
              -I ${PROJECT_SOURCE_DIR}/include -I ${MLIR_INCLUDE_DIRS}
              --write-if-changed -o ${out} -d ${out}.d
      DEPFILE ${out}.d
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${td}
      COMMENT "Generating ${output}")
    list(APPEND outputs ${out})
  endwhile()
  add_custom_target(${target} DEPENDS ${outputs})
  add_dependencies(tile_pch ${target})
endfunction()
