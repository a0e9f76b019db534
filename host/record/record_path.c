/* Finds the cache folder as specifications.freedesktop.org/basedir-spec requires: $XDG_CACHE_HOME
 * if that is an absolute path, or else $HOME/.cache. Weft's own folder in it is weft/. */
#include "record/record_path.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/memory.h"

/* Stores the cache folder of all programs in `*caches`, or NULL if the environment names none. */
static enum weft_status find_caches(char **caches)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    *caches = NULL;
    if (xdg != NULL && xdg[0] == '/')
        return text_copy(xdg, caches);
    return home != NULL && home[0] == '/' ? path_join(home, ".cache", caches) : WEFT_OK;
}

uint64_t record_key_digest(const struct record_key *key)
{
    uint64_t digest = DIGEST_START;
    digest = digest_text(digest, key->backend);
    digest = digest_text(digest, key->platform);
    digest = digest_text(digest, key->device);
    digest = digest_text(digest, key->driver);
    digest = digest_text(digest, key->products);
    for (unsigned shift = 0; shift < 64; shift += 8) { /* independent of the byte order */
        const unsigned char byte = (unsigned char)(key->kernels >> shift);
        digest = digest_bytes(digest, &byte, 1);
    }
    return digest;
}

enum weft_status record_path(const char *kind, const struct record_key *key, const char *suffix,
                             char **path)
{
    char name[96], *caches;
    *path = NULL;
    snprintf(name, sizeof name, "weft/%s-%016llx.%s", kind,
             (unsigned long long)record_key_digest(key), suffix);
    TRY(find_caches(&caches));
    if (caches == NULL)
        return WEFT_OK;
    const enum weft_status status = path_join(caches, name, path);
    memory_free(caches);
    return status;
}

/* Stores the name of Weft's folder in `caches` in `*folder`; the caller frees it, even on failure.
 * If `make` is true, missing folders are created. Returns WEFT_ERROR_IO unless folder_check_own
 * accepts the folder. */
static enum weft_status own_folder_in(const char *caches, bool make, char **folder)
{
    if (make)
        TRY(folder_create(caches));
    TRY(path_join(caches, "weft", folder));
    if (make)
        TRY(folder_create(*folder));
    return folder_check_own(*folder);
}

static enum weft_status check_own_folder(bool make)
{
    char *caches, *folder = NULL;
    TRY(find_caches(&caches));
    const enum weft_status status = caches != NULL ? own_folder_in(caches, make, &folder) : WEFT_OK;
    memory_free(folder);
    memory_free(caches);
    return status;
}

enum weft_status record_file_read(const char *path, size_t limit, struct file_content *content)
{
    *content = (struct file_content){NULL, 0};
    TRY(check_own_folder(false));
    return file_read_own(path, limit, WEFT_ERROR_DATA, content);
}

enum weft_status record_file_replace(const char *path, const struct file_part *parts, size_t count)
{
    TRY(check_own_folder(true));
    return file_replace_own(path, parts, count);
}
