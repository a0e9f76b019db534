# Builds the project a second time, with other options, and runs the tests there that are not long and
# whose names match TESTS and do not match WITHOUT. KIND is what compiler_kind prints in such a build
# (compiler_kind.c), so options that get lost on the way here fail the test. TARGETS are built instead of
# everything. JOBS is how many compilers, then tests, run at a time.
#
# cmake -D SOURCE=... -D BUILD=... -D KIND=... -D JOBS=... [-D TARGETS=a,b] [-D TESTS=...] [-D WITHOUT=...]
#     -P nested_build.cmake -- OPTION...

if(NOT TESTS)
  set(TESTS ".") # to ctest, an empty expression matches nothing
endif()
if(NOT WITHOUT)
  set(WITHOUT "^$")
endif()
if(TARGETS)
  string(REPLACE "," ";" targets "--target,compiler_kind,${TARGETS}")
endif()
set(options)
set(begun FALSE)
foreach(i RANGE ${CMAKE_ARGC})
  if(begun)
    list(APPEND options ${CMAKE_ARGV${i}})
  elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
    set(begun TRUE)
  endif()
endforeach()

execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -DWEFT_WERROR=ON ${options}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --parallel ${JOBS} ${targets}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${BUILD}/tests/compiler_kind OUTPUT_VARIABLE kind
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT kind STREQUAL KIND)
  message(FATAL_ERROR "${BUILD}: built by \"${kind}\", need \"${KIND}\"")
endif()
# The sanitizers know the leaks of drivers by their modules. Names of functions cost a quarter of the
# time, because each forked process reads them again, so only tests that have failed get them.
set(ctest ${CMAKE_CTEST_COMMAND} --test-dir ${BUILD} --output-on-failure)
set(ENV{ASAN_OPTIONS} symbolize=0)
execute_process(COMMAND ${ctest} -LE long -R "${TESTS}" -E ${WITHOUT} --parallel ${JOBS}
  --no-tests=error RESULT_VARIABLE failed)
if(failed)
  unset(ENV{ASAN_OPTIONS})
  execute_process(COMMAND ${ctest} --rerun-failed)
  message(FATAL_ERROR "${BUILD}: tests failed; see above")
endif()
