# Configures the project as on a machine without Check, and says so: cmake -D SOURCE=... -D BUILD=...
# -D COMPILER=... -P without_check.cmake. pkg-config is one that does not know check.

find_program(PKG_CONFIG pkg-config REQUIRED)
file(REMOVE_RECURSE ${BUILD})
file(WRITE ${BUILD}/pkg-config "#!/bin/sh
for word in \"$@\"; do case $word in check) exit 1 ;; esac; done
exec ${PKG_CONFIG} \"$@\"
")
file(CHMOD ${BUILD}/pkg-config PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)

function(configure folder result output)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD}/${folder} -DCMAKE_C_COMPILER=${COMPILER}
      -DPKG_CONFIG_EXECUTABLE=${BUILD}/pkg-config ${ARGN}
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${result} ${code} PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

configure(plain code text)
if(NOT code EQUAL 0 OR NOT text MATCHES "Tests: not built, because Check is not installed")
  message(FATAL_ERROR "plain: exit code ${code}:\n${text}")
endif()
if(EXISTS ${BUILD}/plain/tests)
  message(FATAL_ERROR "plain: the tests are built all the same")
endif()

# Who asks for the tests is told what they need.
configure(asked code text -DWEFT_TESTS=ON)
if(code EQUAL 0 OR NOT text MATCHES "Check .*apt-get install check")
  message(FATAL_ERROR "asked: exit code ${code}:\n${text}")
endif()
