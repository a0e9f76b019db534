# The first C block of README.md compiles without a warning, links, and learns XOR.
# cmake -D README=... -D INCLUDE=... -D LIBRARY=... -D COMPILER=... -D OUTPUT=... -P this

file(READ ${README} text)
string(FIND "${text}" "```c\n" start)
if(start EQUAL -1)
  message(FATAL_ERROR "${README}: no C example: a line ```c is looked for")
endif()
math(EXPR start "${start} + 5")
string(SUBSTRING "${text}" ${start} -1 text)
string(FIND "${text}" "\n```" end)
string(SUBSTRING "${text}" 0 ${end} text)
file(WRITE ${OUTPUT}.c "${text}\n")
cmake_path(GET LIBRARY PARENT_PATH library_folder)
execute_process(
  COMMAND ${COMPILER} -std=c17 -Wall -Wextra -Wpedantic -Werror -I ${INCLUDE} -o ${OUTPUT}
          ${OUTPUT}.c ${LIBRARY} -Wl,-rpath,${library_folder}
  COMMAND_ERROR_IS_FATAL ANY)

# ... and does what it says.
cmake_path(GET OUTPUT PARENT_PATH folder)
execute_process(COMMAND ${OUTPUT} WORKING_DIRECTORY ${folder} OUTPUT_VARIABLE printed
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT printed STREQUAL "learned XOR\n")
  message(FATAL_ERROR "${README}: the C example printed: ${printed}")
endif()
