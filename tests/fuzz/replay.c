/* Runs a fuzz target over files instead of made-up bytes: TARGET FILE|FOLDER...
 *
 * For compilers without libFuzzer, and for the corpus as a test: each input that ever showed a bug
 * is there.
 */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz_target.h"

enum { LARGEST_INPUT = 1 << 20, LONGEST_PATH = 4096 };

static size_t inputs;

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    unsigned char *read = malloc(LARGEST_INPUT);
    REQUIRE(file != NULL && read != NULL);
    const size_t size = fread(read, 1, LARGEST_INPUT, file);
    REQUIRE(feof(file) && !ferror(file));
    fclose(file);
    unsigned char *data = malloc(size > 0 ? size : 1); /* a step beyond it is seen */
    REQUIRE(data != NULL);
    memcpy(data, read, size);
    free(read);
    fprintf(stderr, "%s: %zu bytes\n", path, size); /* the last one is the one that failed */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    inputs++;
}

static void run_folder(const char *path)
{
    DIR *folder = opendir(path);
    REQUIRE(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[LONGEST_PATH];
        if (entry->d_name[0] == '.')
            continue;
        REQUIRE(snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < LONGEST_PATH);
        run_file(name);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat about;
        REQUIRE(stat(argv[i], &about) == 0);
        if (S_ISDIR(about.st_mode))
            run_folder(argv[i]);
        else
            run_file(argv[i]);
    }
    fprintf(stderr, "%zu inputs\n", inputs);
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What libFuzzer would do for a custom mutator, which nobody calls here. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    (void)data, (void)max_size;
    return size;
}
