# Everything that Weft uses of this machine. Whatever is missing is collected, and said at the end,
# one line for each with the Debian package that holds it; tools/setup installs them all.
#
# What a program that links the static library needs too is repeated in weftConfig.cmake.in.

set(weft_missing "")

# weft_need(FOUND "what it is" debian-package)
macro(weft_need found what package)
  if(NOT ${found})
    list(APPEND weft_missing "${what}: not found (Debian: apt-get install ${package})")
  endif()
endmacro()

find_package(OpenCLLoader QUIET)
weft_need(OpenCLLoader_FOUND "OpenCL headers and ICD loader" "ocl-icd-opencl-dev opencl-headers")
find_package(CLBlast MODULE QUIET)
weft_need(CLBlast_FOUND "CLBlast" libclblast-dev)
find_package(CBLAS QUIET)
weft_need(CBLAS_FOUND "a BLAS with cblas.h" libopenblas-openmp-dev)
find_package(OpenMP QUIET COMPONENTS C)
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
  weft_need(OpenMP_C_FOUND "OpenMP for ${CMAKE_C_COMPILER}" libomp-dev)
else()
  weft_need(OpenMP_C_FOUND "OpenMP for ${CMAKE_C_COMPILER}" gcc)
endif()
find_package(ZLIB QUIET)
weft_need(ZLIB_FOUND "zlib" zlib1g-dev)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h DOC "Folder that holds Random123/philox.h")
weft_need(RANDOM123_INCLUDE_DIR "Random123" librandom123-dev)

find_package(PkgConfig QUIET)
weft_need(PKG_CONFIG_FOUND "pkg-config" pkg-config)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(JANSSON QUIET IMPORTED_TARGET jansson)
  weft_need(JANSSON_FOUND "jansson" libjansson-dev)
  pkg_check_modules(POPT QUIET IMPORTED_TARGET popt)
  weft_need(POPT_FOUND "popt" libpopt-dev)
  # Optional: without one of these, a format is not read or written, and the program says so.
  pkg_check_modules(PNG QUIET IMPORTED_TARGET libpng)
  pkg_check_modules(TURBOJPEG QUIET IMPORTED_TARGET libturbojpeg)
  pkg_check_modules(MINIZIP QUIET IMPORTED_TARGET minizip)
  pkg_check_modules(CAIRO QUIET IMPORTED_TARGET cairo>=1.16)
  if(WEFT_TESTS)
    pkg_check_modules(CHECK QUIET IMPORTED_TARGET check)
  endif()
  if(WEFT_TESTS AND NOT WEFT_TESTS STREQUAL "AUTO")
    weft_need(CHECK_FOUND "Check (or configure with -DWEFT_TESTS=OFF)" check)
  endif()
endif()

# AUTO builds the tests of this project where it is the one that is built and Check is there.
if(WEFT_TESTS STREQUAL "AUTO")
  set(WEFT_TESTS OFF)
  if(PROJECT_IS_TOP_LEVEL AND CHECK_FOUND)
    set(WEFT_TESTS ON)
  elseif(PROJECT_IS_TOP_LEVEL)
    message(STATUS "Tests: not built, because Check is not installed (Debian: apt-get install check)")
  endif()
endif()

if(weft_missing)
  list(JOIN weft_missing "\n  " weft_missing)
  message(FATAL_ERROR "Weft cannot be built yet (tools/setup installs all of it):\n  ${weft_missing}")
endif()

message(STATUS "OpenCL: ${OpenCLLoader_DESCRIPTION}")
message(STATUS "CLBlast: ${CLBlast_VERSION}")
message(STATUS "BLAS: ${CBLAS_DESCRIPTION}")

# weft_component(FOUND "what for: library" debian-package): lists an optional component, and collects
# its target and its definition for the sources.
set(weft_component_targets "")
set(weft_component_definitions "")
macro(weft_component name what package)
  if(${name}_FOUND)
    message(STATUS "${what} ${${name}_VERSION}")
    list(APPEND weft_component_targets PkgConfig::${name})
    list(APPEND weft_component_definitions WEFT_HAVE_${name})
  else()
    message(STATUS "${what}: not found, so left out (Debian: apt-get install ${package})")
  endif()
endmacro()

weft_component(PNG "PNG images: libpng" libpng-dev)
weft_component(TURBOJPEG "JPEG images: libturbojpeg" libturbojpeg0-dev)
weft_component(MINIZIP "NPZ files: minizip" libminizip-dev)
weft_component(CAIRO "PNG and PDF pictures: cairo" libcairo2-dev)

# The C bindings alone: no library for C++ is linked. WEFT_MPI=OFF leaves ranks out.
if(WEFT_MPI)
  find_package(MPI QUIET COMPONENTS C)
endif()
if(MPI_C_FOUND)
  message(STATUS "Ranks: MPI ${MPI_C_VERSION}")
else()
  message(STATUS
    "Ranks: MPI not found, so left out (Debian: apt-get install mpi-default-dev mpi-default-bin)")
endif()
