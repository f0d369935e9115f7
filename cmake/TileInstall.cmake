# `cmake --install` gives a prefix with bin, lib, include/tile, include/tile-c, python and a package for find_package(tile CONFIG),
# which has one target: tile::tile. `cpack` of the portable build makes the archive for other machines out of the same.

include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_BINDIR bin)
set(CMAKE_INSTALL_LIBDIR lib)
set(CMAKE_INSTALL_INCLUDEDIR include)
set(TILE_INSTALL_DATADIR share/tile)

file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/tile/*.h)
install(FILES ${public_headers} DESTINATION include/tile)
install(FILES include/tile-c/tile.h DESTINATION include/tile-c)
install(DIRECTORY bindings/python/tile DESTINATION python FILES_MATCHING PATTERN "*.py")
install(FILES LICENSE README.md DESTINATION ${TILE_INSTALL_DATADIR})
install(DIRECTORY examples DESTINATION ${TILE_INSTALL_DATADIR})
install(PROGRAMS utils/selftest DESTINATION ${TILE_INSTALL_DATADIR})

# In development libtile.so finds LLVM where it was linked; the portable one needs nothing.
set_target_properties(tile PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS tile EXPORT tileTargets)
install(EXPORT tileTargets NAMESPACE tile:: DESTINATION lib/cmake/tile)
write_basic_package_version_file(tileConfigVersion.cmake COMPATIBILITY SameMinorVersion)
file(CONFIGURE OUTPUT tileConfig.cmake CONTENT "include(\${CMAKE_CURRENT_LIST_DIR}/tileTargets.cmake)\n" @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tileConfig.cmake ${PROJECT_BINARY_DIR}/tileConfigVersion.cmake
  DESTINATION lib/cmake/tile)

set(CPACK_GENERATOR TXZ)
set(CPACK_PACKAGE_FILE_NAME tile-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_ARCHIVE_THREADS 0)
include(CPack)
