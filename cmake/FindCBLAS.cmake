# A BLAS with the C interface, as target CBLAS::CBLAS: cblas.h is there, and cblas_sgemm links.
#
# OpenBLAS is preferred (Weft names its version and sets its threads: CBLAS_IS_OPENBLAS), then
# whatever FindBLAS knows; BLA_VENDOR chooses another. CBLAS_DESCRIPTION says what was taken.

include(CheckSymbolExists)
include(CMakePushCheckState)

if(BLA_VENDOR)
  find_package(BLAS QUIET)
else()
  set(BLA_VENDOR OpenBLAS)
  find_package(BLAS QUIET)
  unset(BLA_VENDOR)
  if(NOT BLAS_FOUND)
    find_package(BLAS QUIET)
  endif()
endif()
find_path(CBLAS_INCLUDE_DIR cblas.h
  PATH_SUFFIXES openblas-openmp openblas openblas-pthread openblas-serial cblas
  DOC "Folder that holds cblas.h")

set(CBLAS_FOUND FALSE)
if(BLAS_FOUND AND CBLAS_INCLUDE_DIR)
  cmake_push_check_state(RESET)
  set(CMAKE_REQUIRED_QUIET ON)
  set(CMAKE_REQUIRED_INCLUDES ${CBLAS_INCLUDE_DIR})
  set(CMAKE_REQUIRED_LIBRARIES BLAS::BLAS m)
  set(cblas_libraries BLAS::BLAS)
  check_symbol_exists(cblas_sgemm cblas.h CBLAS_SGEMM_IN_BLAS)
  set(CBLAS_FOUND ${CBLAS_SGEMM_IN_BLAS})
  if(NOT CBLAS_FOUND) # Netlib's keeps the C interface in a library of its own
    find_library(CBLAS_LIBRARY cblas)
    if(CBLAS_LIBRARY)
      list(PREPEND CMAKE_REQUIRED_LIBRARIES ${CBLAS_LIBRARY})
      list(PREPEND cblas_libraries ${CBLAS_LIBRARY})
      check_symbol_exists(cblas_sgemm cblas.h CBLAS_SGEMM_IN_CBLAS)
      set(CBLAS_FOUND ${CBLAS_SGEMM_IN_CBLAS})
    endif()
  endif()
  check_symbol_exists(openblas_get_config cblas.h CBLAS_IS_OPENBLAS)
  cmake_pop_check_state()
endif()

if(CBLAS_FOUND AND NOT TARGET CBLAS::CBLAS)
  add_library(CBLAS::CBLAS INTERFACE IMPORTED)
  target_include_directories(CBLAS::CBLAS INTERFACE ${CBLAS_INCLUDE_DIR})
  target_link_libraries(CBLAS::CBLAS INTERFACE ${cblas_libraries})
endif()
set(CBLAS_DESCRIPTION "${BLAS_LIBRARIES}, ${CBLAS_INCLUDE_DIR}/cblas.h")
if(CBLAS_FIND_REQUIRED AND NOT CBLAS_FOUND)
  message(FATAL_ERROR "CBLAS: cblas.h and a library with cblas_sgemm were not found")
endif()
