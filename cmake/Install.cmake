# `cmake --install`: the program, both libraries, the headers, a CMake package and a pkg-config file.
#
# Two export sets, because a program that links the shared library needs none of Weft's own
# dependencies, and one that links the static library needs them all.

include(CMakePackageConfigHelpers)

set(weft_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weft)
install(TARGETS weft_program)
install(TARGETS weft_shared EXPORT weft_shared_targets)
install(TARGETS weft_static EXPORT weft_static_targets)
install(FILES include/weft.h include/weft_checkpoint.h include/weft_data.h include/weft_dataset.h
  include/weft_device.h include/weft_embed.h include/weft_evaluation.h include/weft_model.h
  include/weft_options.h include/weft_plot.h include/weft_ranks.h include/weft_report.h
  include/weft_status.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT weft_shared_targets
  FILE weftShared.cmake NAMESPACE Weft:: DESTINATION ${weft_package_dir})
install(EXPORT weft_static_targets
  FILE weftStatic.cmake NAMESPACE Weft:: DESTINATION ${weft_package_dir})

# What the static library needs of the optional components, as NAME=MODULE for pkg-config.
set(weft_component_modules "")
set(weft_private_requires "")
foreach(component IN ITEMS PNG=libpng TURBOJPEG=libturbojpeg MINIZIP=minizip CAIRO=cairo)
  string(REGEX REPLACE "=.*" "" name ${component})
  string(REGEX REPLACE ".*=" "" module ${component})
  if(${name}_FOUND)
    string(APPEND weft_component_modules "${component} ")
    string(APPEND weft_private_requires " ${module}")
  endif()
endforeach()

configure_package_config_file(cmake/weftConfig.cmake.in weftConfig.cmake
  INSTALL_DESTINATION ${weft_package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(weftConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES
    ${PROJECT_BINARY_DIR}/weftConfig.cmake
    ${PROJECT_BINARY_DIR}/weftConfigVersion.cmake
    cmake/FindCBLAS.cmake
    cmake/FindCLBlast.cmake
    cmake/FindOpenCLLoader.cmake
  DESTINATION ${weft_package_dir})

# weft.pc finds its prefix from where it lies, so that an installed tree can be moved.
file(RELATIVE_PATH weft_prefix_from_pc
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
cmake_path(NORMAL_PATH weft_prefix_from_pc)
set(weft_private_libraries "-lclblast -lOpenCL")
foreach(library IN LISTS BLAS_LIBRARIES)
  string(APPEND weft_private_libraries " ${library}")
endforeach()
foreach(library IN LISTS MPI_C_LIBRARIES)
  string(APPEND weft_private_libraries " ${library}")
endforeach()
string(APPEND weft_private_libraries " ${OpenMP_C_FLAGS} -lm")
configure_file(cmake/weft.pc.in weft.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/weft.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
