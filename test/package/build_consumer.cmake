# Installs the library into a fresh prefix, then configures, builds and runs a project outside of its tree.
#
#   -D source=    the outside project           -D work=      a folder for all that is made
#   -D registry=  what the program loads from   -D generator= -D compiler=
# and one of
#   -D library_build=   a build of the library that is there
#   -D library_source=  the library is built first, with all options off; the program must link nothing heavy

cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${work}/prefix ${work}/consumer)
if(library_source)
  set(library_build ${work}/library)
  run(${CMAKE_COMMAND} -S ${library_source} -B ${library_build} -G ${generator} -DCMAKE_CXX_COMPILER=${compiler}
    -DCMAKE_BUILD_TYPE=Release -DFURIOSA_WITH_ONNX=OFF -DFURIOSA_WITH_CPU=OFF -DFURIOSA_WITH_OPENCV=OFF
    -DFURIOSA_BUILD_TESTS=OFF -DFURIOSA_BUILD_EXAMPLES=OFF -DFURIOSA_BUILD_BENCHMARKS=OFF
    -DFURIOSA_WARNINGS_AS_ERRORS=ON)
  run(${CMAKE_COMMAND} --build ${library_build})
endif()
run(${CMAKE_COMMAND} --install ${library_build} --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -S ${source} -B ${work}/consumer -G ${generator} -DCMAKE_CXX_COMPILER=${compiler}
  -DCMAKE_PREFIX_PATH=${work}/prefix)
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${CMAKE_COMMAND} -E env FURIOSA_CACHE_HOME=${work}/store ${work}/consumer/app ${registry})

if(library_source)
  execute_process(COMMAND ldd ${work}/consumer/app OUTPUT_VARIABLE libraries COMMAND_ERROR_IS_FATAL ANY)
  if(libraries MATCHES "(dnnl|onnx|protobuf|opencv|gomp)")
    message(FATAL_ERROR "a program that only loads models links ${CMAKE_MATCH_1}:\n${libraries}")
  endif()
endif()
