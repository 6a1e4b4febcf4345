# cmake -D program= -D expected= -D cases= -P run_cases.cmake: the conformance cases, if they are there.

if(NOT EXISTS ${cases})
  message("skipped: ${cases} is not there")
  return()
endif()
execute_process(COMMAND ${program} --expected-failures ${expected} ${cases} RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the conformance cases do not do as expected")
endif()
