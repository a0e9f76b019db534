/* Frees safetensors files, open ones and those in memory. */
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

void safetensors_reset(struct safetensors *file)
{
    for (size_t i = 0; i < file->tensor_count; i++) {
        memory_free(file->tensors[i].name);
        memory_free(file->tensors[i].values);
    }
    for (size_t i = 0; i < file->entry_count; i++) {
        memory_free(file->entries[i].key);
        memory_free(file->entries[i].value);
    }
    memory_free(file->tensors);
    memory_free(file->entries);
    safetensors_input_close(file->input);
    *file = (struct safetensors){0};
}
