# How every file of Weft is compiled: weft_compile_options(TARGET).
#
# Strict C17, no extensions, no -ffast-math in any build: with it the training that this program
# exists for turns to NaN.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(WEFT_WARNINGS
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wdouble-promotion -Wformat=2)
set(WEFT_SANITIZERS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
# ThreadSanitizer is not up yet when the loader picks the copies of cloned functions, so there are none.
set(WEFT_THREAD_SANITIZER -fsanitize=thread -fno-omit-frame-pointer)

function(weft_compile_options target)
  if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE ${WEFT_WARNINGS} $<$<BOOL:${WEFT_WERROR}>:-Werror>)
  endif()
  if(WEFT_SANITIZE)
    target_compile_options(${target} PRIVATE ${WEFT_SANITIZERS})
    target_link_options(${target} PRIVATE ${WEFT_SANITIZERS})
  endif()
  if(WEFT_SANITIZE_THREADS)
    target_compile_options(${target} PRIVATE ${WEFT_THREAD_SANITIZER})
    target_compile_definitions(${target} PRIVATE WEFT_NO_CLONES)
    target_link_options(${target} PRIVATE ${WEFT_THREAD_SANITIZER})
  endif()
endfunction()
