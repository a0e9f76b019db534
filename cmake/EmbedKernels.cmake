# Turns kernels/*.cl into one C file of the build folder, so that the library needs no file at run
# time: embed_kernels(TARGET KERNEL...) adds it to TARGET, behind host/opencl/kernel_sources.h.
#
# The configuration includes this file for that function; the build runs it as a script (cmake -P),
# which writes the C. Texts are written as arrays of characters, not as string literals: C
# promises literals of 4095 characters only, and CMake's strings change semicolons and brackets.

function(embed_kernels target)
  set(output ${PROJECT_BINARY_DIR}/generated/kernel_sources.c)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DKERNELS=${ARGN}" -DOUTPUT=${output}
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedKernels.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/EmbedKernels.cmake
    COMMENT "Embedding the kernels"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

# text = the bytes of `path` as C character constants, sixteen a line, with a 0 at the end.
function(read_as_characters path text)
  file(READ ${path} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(REPEAT "'.x[0-9a-f][0-9a-f]'," 16 line)
  string(REGEX REPLACE "(${line})" "\\1\n    " bytes "${bytes}")
  set(${text} "${bytes}'\\0'" PARENT_SCOPE)
endfunction()

function(write_kernel_sources output)
  set(arrays "")
  set(rows "")
  set(count 0)
  foreach(kernel IN LISTS ARGN)
    cmake_path(GET kernel FILENAME name)
    read_as_characters(${kernel} text)
    string(APPEND arrays "static const char text_${count}[] = {\n    ${text}};\n\n")
    string(APPEND rows "    {\"${name}\", text_${count}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  file(WRITE ${output}
    "/* Written by cmake/EmbedKernels.cmake from kernels/; do not edit. */\n"
    "#include \"opencl/kernel_sources.h\"\n\n"
    "${arrays}"
    "const struct kernel_source kernel_sources[] = {\n${rows}};\n\n"
    "const size_t kernel_source_count = ${count};\n")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  write_kernel_sources(${OUTPUT} ${KERNELS})
endif()
