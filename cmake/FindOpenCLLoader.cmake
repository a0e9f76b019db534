# The OpenCL headers and ICD loader, as target OpenCL::OpenCL.
#
# The Khronos loader brings a CMake package; where it is not installed, CMake's own FindOpenCL takes
# whatever libOpenCL there is: Debian 12's ocl-icd has the same ABI. OpenCLLoader_DESCRIPTION says
# which it was.

find_package(OpenCLHeaders CONFIG QUIET)
find_package(OpenCLICDLoader CONFIG QUIET)
if(OpenCLICDLoader_FOUND AND TARGET OpenCL::OpenCL)
  set(OpenCLLoader_FOUND TRUE)
  set(OpenCLLoader_DESCRIPTION "Khronos ICD loader, ${OpenCLICDLoader_DIR}")
else()
  find_package(OpenCL QUIET)
  set(OpenCLLoader_FOUND ${OpenCL_FOUND})
  set(OpenCLLoader_DESCRIPTION "${OpenCL_LIBRARIES}, headers ${OpenCL_VERSION_STRING}")
endif()
if(OpenCLLoader_FIND_REQUIRED AND NOT OpenCLLoader_FOUND)
  message(FATAL_ERROR "OpenCL: no ICD loader and headers found")
endif()
