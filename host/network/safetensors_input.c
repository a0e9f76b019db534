/* An open safetensors file; see safetensors_input.h. */
#include "network/safetensors_input.h"

#include "base/memory.h"

void safetensors_input_close(struct safetensors_input *input)
{
    if (input == NULL)
        return;
    file_input_close(input->file);
    safetensors_header_reset(&input->header);
    memory_free(input->path);
    memory_free(input);
}
