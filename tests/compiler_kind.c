/* Prints the compiler and the sanitizer of this build: `clang thread`. With it nested_build.cmake
 * proves that its options have arrived. */
#include <stdio.h>

#ifdef __clang__
#define COMPILER "clang"
#else
#define COMPILER "gcc"
#endif

#ifndef __has_feature
#define __has_feature(name) 0 /* gcc 12 */
#endif

#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
#define SANITIZER " address"
#elif defined __SANITIZE_THREAD__ || __has_feature(thread_sanitizer)
#define SANITIZER " thread"
#else
#define SANITIZER ""
#endif

int main(void)
{
    puts(COMPILER SANITIZER);
    return 0;
}
