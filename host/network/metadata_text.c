/* See metadata_text.h. */
#include "network/metadata_text.h"

enum weft_status metadata_text(struct metadata_source source, const char *key, const char **text)
{
    *text = safetensors_entry(source.file, key);
    if (*text == NULL)
        return fail(WEFT_ERROR_MODEL, "%s: %s: missing in the metadata", source.path, key);
    return WEFT_OK;
}

enum weft_status metadata_fail(struct metadata_source source, const char *key, const char *need)
{
    return fail(WEFT_ERROR_MODEL, "%s: %s: got \"%.64s\", need %s", source.path, key,
                safetensors_entry(source.file, key), need);
}
