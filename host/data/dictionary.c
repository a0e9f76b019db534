/* Implements dictionaries; see dictionary.h.
 *
 * The words lie one after another in pages, so that a million short words cost little more than
 * their bytes. A hash table with open addressing finds them.
 */
#include "data/dictionary.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

enum { FIRST_PAGE = 1 << 10, LARGEST_PAGE = 1 << 20, FIRST_SLOTS = 16 };

/* Memory of words. */
struct dictionary_page {
    struct dictionary_page *older; /* owned */
    size_t used, size;
    char bytes[]; /* [size] */
};

/* ---- finding ---- */

/* Returns the slot of text [length], or the empty slot where it belongs. */
static size_t find_slot(const struct dictionary *dictionary, const char *text, size_t length)
{
    const size_t mask = dictionary->slot_count - 1;
    const uint64_t digest = digest_bytes(DIGEST_START, text, length);
    size_t slot = (size_t)(digest ^ digest >> 32) & mask;
    while (dictionary->slots[slot] != 0) {
        const char *word = dictionary->words[dictionary->slots[slot] - 1];
        if (strncmp(word, text, length) == 0 && word[length] == '\0')
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

uint32_t dictionary_find(const struct dictionary *dictionary, const char *text, size_t length)
{
    if (dictionary->slot_count == 0)
        return UINT32_MAX;
    return dictionary->slots[find_slot(dictionary, text, length)] - 1; /* empty: UINT32_MAX */
}

/* ---- adding ---- */

static enum weft_status double_slots(struct dictionary *dictionary)
{
    struct dictionary larger = *dictionary;
    larger.slot_count = size_max(FIRST_SLOTS, dictionary->slot_count * 2);
    TRY(NEW_ARRAY(larger.slots, larger.slot_count));
    for (size_t i = 0; i < larger.count; i++)
        larger.slots[find_slot(&larger, larger.words[i], strlen(larger.words[i]))] =
            (uint32_t)(i + 1);
    memory_free(dictionary->slots);
    *dictionary = larger;
    return WEFT_OK;
}

/* Makes room for a word of `bytes` bytes. */
static enum weft_status make_room(struct dictionary *dictionary, size_t bytes)
{
    struct dictionary_page *page = dictionary->page;
    if (page != NULL && page->size - page->used >= bytes)
        return WEFT_OK;
    const size_t usual = page == NULL ? FIRST_PAGE : size_min(page->size * 2, LARGEST_PAGE);
    const size_t size = size_max(usual, bytes);
    struct dictionary_page *made = memory_zeroed(sizeof *made + size, 1);
    if (made == NULL)
        return memory_exhausted(size, 1);
    made->older = page;
    made->size = size;
    dictionary->page = made;
    return WEFT_OK;
}

static enum weft_status append(struct dictionary *dictionary, const char *text, size_t length)
{
    TRY(memory_grow(&dictionary->words, sizeof *dictionary->words, dictionary->count,
                    dictionary->count + 1, &dictionary->capacity));
    TRY(make_room(dictionary, length + 1));
    struct dictionary_page *page = dictionary->page;
    char *word = page->bytes + page->used;
    memcpy(word, text, length);
    word[length] = '\0';
    page->used += length + 1;
    dictionary->words[dictionary->count++] = word;
    return WEFT_OK;
}

enum weft_status dictionary_add(struct dictionary *dictionary, const char *text, size_t length,
                                uint32_t *index)
{
    if (dictionary->count >= dictionary->slot_count / 2)
        TRY(double_slots(dictionary));
    uint32_t *slot = &dictionary->slots[find_slot(dictionary, text, length)];
    if (*slot == 0) {
        if (dictionary->count == UINT32_MAX - 1)
            return fail(WEFT_ERROR_DATA, "a column: got more than %zu distinct texts",
                        dictionary->count);
        TRY(append(dictionary, text, length));
        *slot = (uint32_t)dictionary->count;
    }
    *index = *slot - 1;
    return WEFT_OK;
}

/* ---- releasing ---- */

static void free_pages(struct dictionary_page *page)
{
    while (page != NULL) {
        struct dictionary_page *older = page->older;
        memory_free(page);
        page = older;
    }
}

void dictionary_clear(struct dictionary *dictionary)
{
    if (dictionary->page != NULL) { /* Keep the newest page, which is the largest. */
        free_pages(dictionary->page->older);
        dictionary->page->older = NULL;
        dictionary->page->used = 0;
    }
    if (dictionary->count > 0)
        memset(dictionary->slots, 0, dictionary->slot_count * sizeof *dictionary->slots);
    dictionary->count = 0;
}

void dictionary_reset(struct dictionary *dictionary)
{
    free_pages(dictionary->page);
    memory_free(dictionary->words);
    memory_free(dictionary->slots);
    *dictionary = (struct dictionary){0};
}
