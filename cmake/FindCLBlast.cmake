# CLBlast, as target clblast, and CLBlast_VERSION.
#
# Its own CMake package comes first, but that tells no version; so the version is asked of
# pkg-config, then read off the name of the library file.

find_package(CLBlast CONFIG QUIET)
if(NOT TARGET clblast)
  find_path(CLBlast_INCLUDE_DIR clblast_c.h)
  find_library(CLBlast_LIBRARY clblast)
  if(CLBlast_INCLUDE_DIR AND CLBlast_LIBRARY)
    add_library(clblast UNKNOWN IMPORTED)
    set_target_properties(clblast PROPERTIES
      IMPORTED_LOCATION ${CLBlast_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${CLBlast_INCLUDE_DIR})
  endif()
endif()

if(TARGET clblast AND NOT CLBlast_VERSION)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(CLBlast_PC QUIET clblast)
    set(CLBlast_VERSION "${CLBlast_PC_VERSION}")
  endif()
endif()
if(TARGET clblast AND NOT CLBlast_VERSION)
  set(CLBlast_VERSION "unknown version")
  get_target_property(configurations clblast IMPORTED_CONFIGURATIONS)
  list(TRANSFORM configurations PREPEND "IMPORTED_LOCATION_")
  foreach(property IN ITEMS IMPORTED_LOCATION LISTS configurations)
    get_target_property(location clblast ${property})
    if(location)
      file(REAL_PATH "${location}" location)
      if(location MATCHES "clblast\\.(so\\.)?([0-9]+\\.[0-9]+(\\.[0-9]+)?)")
        set(CLBlast_VERSION ${CMAKE_MATCH_2})
      endif()
    endif()
  endforeach()
endif()

if(TARGET clblast)
  set(CLBlast_FOUND TRUE)
else()
  set(CLBlast_FOUND FALSE)
  if(CLBlast_FIND_REQUIRED)
    message(FATAL_ERROR "CLBlast: clblast_c.h and the library were not found")
  endif()
endif()
