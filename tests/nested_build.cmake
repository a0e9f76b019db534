# Builds the project a second time, with other options, and runs the tests there that are not long,
# or those of them whose names begin with TESTS and do not match WITHOUT.
# cmake -D SOURCE=... -D BUILD=... -D OPTIONS=-DA=1;-DB=2 [-D TESTS=...] [-D WITHOUT=...] -P nested_build.cmake

if(NOT WITHOUT)
  set(WITHOUT "^$")
endif()

cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -DWEFT_WERROR=ON ${OPTIONS}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --parallel ${jobs}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${BUILD} -LE long -R ^${TESTS} -E ${WITHOUT}
  --parallel ${jobs} --output-on-failure
  COMMAND_ERROR_IS_FATAL ANY)
