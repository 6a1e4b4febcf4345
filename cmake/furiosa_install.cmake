# `cmake --install`: the library, its headers, and a package for find_package(furiosa).

include(CMakePackageConfigHelpers)
set(furiosa_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/furiosa)

install(TARGETS furiosa EXPORT furiosa-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT furiosa-targets NAMESPACE furiosa:: DESTINATION ${furiosa_package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/furiosa DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/src/registry/artifacts.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/furiosa)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/furiosa-config.cmake.in ${PROJECT_BINARY_DIR}/furiosa-config.cmake
  INSTALL_DESTINATION ${furiosa_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/furiosa-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/furiosa-config.cmake
  ${PROJECT_BINARY_DIR}/furiosa-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/furiosa_dependencies.cmake
  DESTINATION ${furiosa_package_dir})
