/* Uses the installed library. It fails unless a call works and an error is reported. */
#include <stdio.h>
#include <string.h>
#include <weft.h>

int main(int argc, char **argv)
{
    struct weft_options options;
    if (argc != 2 || strcmp(weft_version(), argv[1]) != 0) {
        fprintf(stderr, "consumer: the library is %s\n", weft_version());
        return 1;
    }
    if (weft_options_init(&options, "default") != WEFT_OK ||
        weft_options_init(&options, "nothing") != WEFT_ERROR_USAGE ||
        strstr(weft_error(), "nothing") == NULL) {
        fprintf(stderr, "consumer: options: \"%s\"\n", weft_error());
        return 1;
    }
    return 0;
}
