/* A safetensors file whose header has been read, but not its values. safetensors_open makes it. */
#ifndef WEFT_NETWORK_SAFETENSORS_INPUT_H
#define WEFT_NETWORK_SAFETENSORS_INPUT_H

#include "base/file_input.h"
#include "network/safetensors_header.h"

struct safetensors_input {
    char *path;                       /* owned; for messages */
    struct file_input *file;          /* owned; positioned after the header, at the values */
    struct safetensors_header header; /* owned; its places are still needed */
};

/* Closes the file, and frees `input`, which may be NULL. */
void safetensors_input_close(struct safetensors_input *input);

#endif
