# cmake -P cmake/quickstart.cmake
#
# From a fresh clone to an answer: installs what is missing, builds the library and the example, and classifies the
# sample images of the embedded registry.

cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/packages.cmake)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)
set(build ${source}/build/quickstart)

message(STATUS "1/3 packages")
furiosa_install_packages(build core onnx cpu program vision)

message(STATUS "2/3 building into ${build}")
furiosa_run(${CMAKE_COMMAND} -S ${source} -B ${build} -G Ninja -DCMAKE_BUILD_TYPE=Release -DFURIOSA_BUILD_TESTS=OFF)
furiosa_run(${CMAKE_COMMAND} --build ${build} --target quickstart)

message(STATUS "3/3 the quickstart")
furiosa_run(${build}/bin/quickstart)
