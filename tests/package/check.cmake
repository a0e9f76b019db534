# Installs BUILD into a folder, moves that folder, and uses it as strangers do: find_package with
# the shared and the static library, pkg-config. cmake -D BUILD=... -D VERSION=... -P check.cmake

set(work ${BUILD}/tests/package)
set(prefix ${work}/moved)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

file(REMOVE_RECURSE ${work})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/installed)
file(RENAME ${work}/installed ${prefix})

foreach(static IN ITEMS OFF ON)
  set(build ${work}/static-${static})
  run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${build} -DSTATIC=${static}
      -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_C_COMPILER=${COMPILER})
  run(${CMAKE_COMMAND} --build ${build})
  run(${build}/consumer ${VERSION})
endforeach()

file(GLOB pc ${prefix}/lib*/pkgconfig/weft.pc ${prefix}/lib/*/pkgconfig/weft.pc)
cmake_path(GET pc PARENT_PATH pc_folder)
cmake_path(GET pc_folder PARENT_PATH libraries)
set(ENV{PKG_CONFIG_PATH} ${pc_folder})
foreach(static IN ITEMS "" --static)
  execute_process(COMMAND pkg-config --cflags --libs ${static} weft
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags)
  if(static)
    list(TRANSFORM flags REPLACE "^-lweft$" "-l:libweft.a")
  endif()
  run(${COMPILER} -o ${work}/consumer ${CMAKE_CURRENT_LIST_DIR}/consumer.c ${flags}
      -Wl,-rpath,${libraries})
  run(${work}/consumer ${VERSION})
endforeach()

# The shared library shows what the public headers declare, and nothing else.
file(GLOB library ${libraries}/libweft.so)
execute_process(COMMAND nm -D --defined-only ${library}
  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" symbols "${symbols}")
list(FILTER symbols EXCLUDE REGEX "^weft_")
if(symbols)
  message(FATAL_ERROR "libweft.so shows symbols that are not weft_*: ${symbols}")
endif()
