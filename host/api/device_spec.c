/* Lists of devices; see device_spec.h. */
#include "api/device_spec.h"

#include <string.h>

/* Tells whether the first `length` characters are an item that a list may have. */
static bool is_item(const char *item, size_t length)
{
    static const char *const words[] = {"auto", "cpu", "opencl", "gpu"};
    bool known = length > 0 && strspn(item, "0123456789:") >= length;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        known = known || (strlen(words[i]) == length && strncmp(words[i], item, length) == 0);
    return known;
}

const char *device_spec_wrong_item(const char *list, size_t *known)
{
    const char *wrong = NULL;
    *known = 0;
    for (const char *item = list;; item++) {
        const size_t length = strcspn(item, ",");
        if (is_item(item, length))
            ++*known;
        else if (wrong == NULL)
            wrong = item;
        item += length;
        if (*item == '\0')
            return wrong;
    }
}

bool device_spec_is_list(const char *spec)
{
    size_t known;
    return strchr(spec, ',') != NULL && device_spec_wrong_item(spec, &known) == NULL;
}
