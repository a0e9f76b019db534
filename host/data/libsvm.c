/* Reads LIBSVM files; see libsvm.h.
 *
 * The values that the file names are kept with their indices until the largest index is known. Then
 * they are spread over a dense array, after a comparison of its size with the memory of the
 * machine.
 */
#include "data/libsvm.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/classes.h"

enum { CHUNK_BYTES = 1 << 16, LONGEST_WORD = 256, LARGEST_INDEX = INT32_MAX };

/* A value that the file names. */
struct entry {
    uint32_t index;
    float value;
};

/* A file that is being read. */
struct svm {
    const char *path;           /* borrowed */
    struct byte_source *source; /* borrowed */
    unsigned char *chunk;       /* [CHUNK_BYTES] owned */
    size_t at, size;            /* the next byte of the chunk, and its end */
    size_t line;                /* from 1 */
    struct entry *entries;      /* [entry_room] owned */
    size_t entry_count, entry_room;
    double *labels; /* [label_room] owned */
    size_t *ends;   /* [end_room] owned: entries of samples 0 to i */
    size_t samples, label_room, end_room;
    uint32_t largest; /* index */
    bool zero;        /* the index 0 occurs */
    bool whole;       /* all labels are whole numbers */
};

/* ---- recognition ---- */

static size_t number_length(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && (isdigit((unsigned char)text[i]) || strchr("+-.eE", text[i]) != NULL) &&
           text[i] != '\0')
        i++;
    return i;
}

/* Returns the length of "INDEX:VALUE" or "qid:N" at the beginning of text, or 0. */
static size_t pair_length(const char *text, size_t size)
{
    size_t i = 0;
    if (size >= 4 && memcmp(text, "qid", 3) == 0)
        i = 3;
    else
        while (i < size && isdigit((unsigned char)text[i]))
            i++;
    if (i == 0 || i == size || text[i] != ':')
        return 0;
    const size_t value = number_length(text + i + 1, size - i - 1);
    return value > 0 ? i + 1 + value : 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Judges one line: 1 if it is a sample with features, 0 if it may be one, -1 if it is not. */
static int judge_line(const char *line, size_t size)
{
    size_t at = 0;
    bool pairs = false;
    while (at < size && is_blank(line[at]))
        at++;
    if (at == size || line[at] == '#' || line[at] == '\r')
        return 0;
    const size_t label = number_length(line + at, size - at);
    at += label;
    while (label > 0 && at < size) {
        const size_t blank = at;
        while (at < size && is_blank(line[at]))
            at++;
        if (at == size || line[at] == '#' || line[at] == '\r')
            break;
        const size_t length = pair_length(line + at, size - at);
        if (length == 0 || at == blank)
            return -1;
        at += length;
        pairs = true;
    }
    return label == 0 ? -1 : pairs;
}

bool libsvm_recognize(const char *text, size_t size)
{
    int judgment = 0;
    for (size_t at = 0; at < size && judgment == 0;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end != NULL ? (size_t)(end - text) - at : size - at;
        const size_t next = at + length + 1;
        if (end == NULL) /* The text may end inside a word. */
            while (length > 0 && !isspace((unsigned char)text[at + length - 1]) &&
                   judge_line(text + at, length) < 0)
                length--;
        judgment = judge_line(text + at, length);
        at = next;
    }
    return judgment == 1;
}

/* ---- words ---- */

enum { END_OF_FILE = -1 };

/* Stores the next byte in `*c`, or END_OF_FILE, without taking it. */
static enum weft_status see(struct svm *svm, int *c)
{
    if (svm->at == svm->size) {
        TRY(byte_source_read(svm->source, svm->chunk, CHUNK_BYTES, &svm->size));
        svm->at = 0;
    }
    *c = svm->at < svm->size ? svm->chunk[svm->at] : END_OF_FILE;
    return WEFT_OK;
}

static bool ends_line(int c)
{
    return c == '\n' || c == END_OF_FILE;
}

/* Skips blanks and comments up to the next word or the end of the line, and shows its first byte.
 */
static enum weft_status skip_blanks(struct svm *svm, int *c)
{
    bool comment = false;
    for (;;) {
        TRY(see(svm, c));
        comment = comment || *c == '#';
        if (ends_line(*c) || (!comment && !is_blank((char)*c) && *c != '\r'))
            return WEFT_OK;
        svm->at++;
    }
}

static enum weft_status take_word(struct svm *svm, char word[LONGEST_WORD])
{
    size_t length = 0;
    for (;;) {
        int c;
        TRY(see(svm, &c));
        if (ends_line(c) || is_blank((char)c) || c == '\r' || c == '#')
            break;
        if (length + 1 == LONGEST_WORD || c == '\0')
            return fail(WEFT_ERROR_DATA, "%s:%zu: got %s, need LABEL INDEX:VALUE ...", svm->path,
                        svm->line, c == '\0' ? "a NUL byte" : "a word of over 255 bytes");
        word[length++] = (char)c;
        svm->at++;
    }
    word[length] = '\0';
    return WEFT_OK;
}

/* ---- samples ---- */

static enum weft_status add_sample(struct svm *svm, double label)
{
    TRY(memory_grow(&svm->labels, sizeof *svm->labels, svm->samples, svm->samples + 1,
                    &svm->label_room));
    TRY(memory_grow(&svm->ends, sizeof *svm->ends, svm->samples, svm->samples + 1, &svm->end_room));
    svm->labels[svm->samples] = label;
    svm->ends[svm->samples++] = svm->entry_count;
    svm->whole = svm->whole && floor(label) == label;
    return WEFT_OK;
}

static enum weft_status add_entry(struct svm *svm, uint32_t index, double value)
{
    TRY(memory_grow(&svm->entries, sizeof *svm->entries, svm->entry_count, svm->entry_count + 1,
                    &svm->entry_room));
    svm->entries[svm->entry_count++] = (struct entry){index, number_to_float(value)};
    svm->largest = index > svm->largest ? index : svm->largest;
    svm->zero = svm->zero || index == 0;
    return WEFT_OK;
}

/* Reads "INDEX:VALUE". Indices of a line must ascend from `*least`. */
static enum weft_status read_pair(struct svm *svm, char *word, uint64_t *least)
{
    char *colon = strchr(word, ':');
    uint64_t index;
    double value;
    if (colon == NULL)
        return fail(WEFT_ERROR_DATA, "%s:%zu: got \"%.64s\", need INDEX:VALUE", svm->path,
                    svm->line, word);
    *colon = '\0';
    if (strcmp(word, "qid") == 0)
        return WEFT_OK;
    if (!integer_from_text(word, &index) || index > LARGEST_INDEX)
        return fail(WEFT_ERROR_DATA, "%s:%zu: index: got \"%.64s\", need 0 to %ld", svm->path,
                    svm->line, word, (long)LARGEST_INDEX);
    if (!number_from_text(colon + 1, &value))
        return fail(WEFT_ERROR_DATA, "%s:%zu: value of index %s: got \"%.64s\", need a number",
                    svm->path, svm->line, word, colon + 1);
    if (index < *least)
        return fail(WEFT_ERROR_DATA,
                    "%s:%zu: index: got %s after %llu, need indices in ascending order", svm->path,
                    svm->line, word, (unsigned long long)*least - 1);
    *least = index + 1;
    return add_entry(svm, (uint32_t)index, value);
}

/* Reads the rest of the line after its label. */
static enum weft_status read_pairs(struct svm *svm)
{
    uint64_t least = 0;
    for (;;) {
        char word[LONGEST_WORD];
        int c;
        TRY(skip_blanks(svm, &c));
        if (ends_line(c))
            return WEFT_OK;
        TRY(take_word(svm, word));
        TRY(read_pair(svm, word, &least));
        svm->ends[svm->samples - 1] = svm->entry_count;
    }
}

/* Reads one line. A line without words is no sample. */
static enum weft_status read_line(struct svm *svm, bool *more)
{
    char word[LONGEST_WORD];
    double label;
    int c;
    TRY(skip_blanks(svm, &c));
    if (!ends_line(c)) {
        TRY(take_word(svm, word));
        if (!number_from_text(word, &label))
            return fail(WEFT_ERROR_DATA, "%s:%zu: label: got \"%.64s\", need a number%s", svm->path,
                        svm->line, word,
                        strchr(word, ',') != NULL ? "; several labels are not supported" : "");
        TRY(add_sample(svm, label));
        TRY(read_pairs(svm));
    }
    TRY(see(svm, &c));
    *more = c != END_OF_FILE;
    svm->at += *more;
    svm->line++;
    return WEFT_OK;
}

/* ---- the data set ---- */

/* Decides D and checks that the dense samples fit into memory. */
static enum weft_status settle_features(const struct svm *svm, size_t needed, size_t *features)
{
    const size_t own = (size_t)svm->largest + (svm->zero ? 1 : 0);
    size_t numbers, bytes;
    *features = size_max(own, needed);
    if (svm->samples == 0)
        return fail(WEFT_ERROR_DATA, "%s: samples: got 0, need at least 1", svm->path);
    if (size_multiply(svm->samples, *features, &numbers) &&
        size_multiply(numbers, sizeof(float), &bytes) && bytes <= memory_limit())
        return WEFT_OK;
    return fail(WEFT_ERROR_DATA,
                "%s: %zu samples of %zu features take %.0f bytes as dense numbers, but this "
                "machine has %zu; leave out rare features",
                svm->path, svm->samples, *features,
                (double)svm->samples * (double)*features * (double)sizeof(float), memory_limit());
}

static void spread(const struct svm *svm, struct weft_dataset *dataset)
{
    const uint32_t base = svm->zero ? 0 : 1;
    size_t next = 0;
    for (size_t i = 0; i < svm->samples; i++)
        for (; next < svm->ends[i]; next++)
            dataset->x[i * dataset->features + svm->entries[next].index - base] =
                svm->entries[next].value;
}

static enum weft_status finish(const struct svm *svm, bool labels, struct weft_dataset *dataset)
{
    spread(svm, dataset);
    if (labels)
        return classes_finish_numbers(dataset, svm->labels);
    TRY(dataset_allocate_targets(dataset, 1));
    for (size_t i = 0; i < svm->samples; i++)
        dataset->targets[i] = number_to_float(svm->labels[i]);
    return dataset_finish(dataset, 0, NULL);
}

static enum weft_status read_all(struct svm *svm, size_t needed,
                                 const struct weft_data_options *options,
                                 struct weft_dataset **dataset)
{
    const bool given = options != NULL && options->task_given;
    size_t features;
    TRY(NEW_ARRAY(svm->chunk, CHUNK_BYTES));
    for (bool more = true; more;)
        TRY(read_line(svm, &more));
    TRY(settle_features(svm, needed, &features));
    const bool labels = given ? options->task == WEFT_TASK_CLASSIFY : svm->whole;
    TRY(dataset_allocate(svm->path, svm->samples, features, labels, dataset));
    const enum weft_status status = finish(svm, labels, *dataset);
    if (status != WEFT_OK) {
        weft_dataset_destroy(*dataset);
        *dataset = NULL;
    }
    return status;
}

enum weft_status libsvm_read(struct byte_source *source, const char *path, size_t features,
                             const struct weft_data_options *options, struct weft_dataset **dataset)
{
    struct svm svm = {.path = path, .source = source, .line = 1, .whole = true};
    *dataset = NULL;
    const enum weft_status status = read_all(&svm, features, options, dataset);
    memory_free(svm.chunk);
    memory_free(svm.entries);
    memory_free(svm.labels);
    memory_free(svm.ends);
    return status;
}
