/* Fuzzes the reader of LIBSVM files.
 *
 * The input is the file. A second parser below reads it word by word with strtod. The reader must
 * accept the same files and return the same numbers.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "data/libsvm.h"
#include "fuzz_target.h"
#include "memory_files.h"

enum { MOST_SAMPLES = 4096, MOST_PAIRS = 4096, MOST_WORD = 255, MOST_INDEX = 64 };

struct pair {
    size_t sample;
    long index;
    double value;
};

/* A file as the format says it. */
static struct {
    bool right;
    size_t samples, pairs;
    double labels[MOST_SAMPLES];
    struct pair list[MOST_PAIRS];
    long largest;
    bool zero, whole, small, finite;
} truth;

/* A decimal number: sign, digits with a point, exponent. */
static bool parse_number(const char *word, double *value)
{
    const char *c = word + (*word == '+' || *word == '-');
    size_t digits = 0;
    for (; isdigit((unsigned char)*c); c++)
        digits++;
    if (*c == '.')
        for (c++; isdigit((unsigned char)*c); c++)
            digits++;
    if (digits > 0 && (*c == 'e' || *c == 'E')) {
        c += 1 + (c[1] == '+' || c[1] == '-');
        if (!isdigit((unsigned char)*c))
            return false;
        while (isdigit((unsigned char)*c))
            c++;
    }
    *value = strtod(word, NULL);
    return digits > 0 && *c == '\0' && isfinite(*value);
}

static bool parse_pair(char *word, long *least)
{
    char *colon = strchr(word, ':');
    if (colon == NULL || truth.pairs == MOST_PAIRS)
        return false;
    *colon = '\0';
    if (strcmp(word, "qid") == 0)
        return true;
    struct pair *pair = &truth.list[truth.pairs];
    if (*word == '\0' || word[strspn(word, "0123456789")] != '\0' ||
        !parse_number(colon + 1, &pair->value))
        return false;
    double index = strtod(word, NULL);
    if (index > 2147483647.0 || index < (double)*least)
        return false;
    pair->index = (long)index;
    pair->sample = truth.samples - 1;
    *least = pair->index + 1;
    truth.largest = pair->index > truth.largest ? pair->index : truth.largest;
    truth.zero = truth.zero || pair->index == 0;
    truth.small = truth.small && pair->index <= MOST_INDEX;
    truth.finite = truth.finite && fabs(pair->value) <= 3.4028234663852886e38;
    truth.pairs++;
    return true;
}

static bool parse_line(char *line)
{
    static const char blanks[] = " \t\r";
    long least = 0;
    line[strcspn(line, "#")] = '\0';
    char *word = strtok(line, blanks);
    if (word == NULL)
        return true;
    if (strlen(word) > MOST_WORD || truth.samples == MOST_SAMPLES ||
        !parse_number(word, &truth.labels[truth.samples]))
        return false;
    truth.whole = truth.whole && floor(truth.labels[truth.samples]) == truth.labels[truth.samples];
    truth.samples++;
    while ((word = strtok(NULL, blanks)) != NULL)
        if (strlen(word) > MOST_WORD || !parse_pair(word, &least))
            return false;
    return true;
}

static void parse(char *text)
{
    memset(&truth, 0, sizeof truth);
    truth.whole = truth.small = truth.finite = truth.right = true;
    for (char *line = text; truth.right && line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        truth.right = parse_line(line);
        line = end;
    }
}

static void check(const struct weft_dataset *dataset)
{
    struct weft_dataset_info info;
    static float dense[MOST_INDEX + 1];
    size_t next = 0;
    weft_dataset_get_info(dataset, &info);
    REQUIRE(info.samples == truth.samples);
    REQUIRE(info.features == (size_t)truth.largest + truth.zero);
    for (size_t i = 0; i < info.samples; i++) {
        memset(dense, 0, sizeof dense);
        for (; next < truth.pairs && truth.list[next].sample == i; next++)
            dense[truth.list[next].index - !truth.zero] = (float)truth.list[next].value;
        REQUIRE(memcmp(dense, info.x + i * info.features, info.features * sizeof *dense) == 0);
        if (truth.whole)
            REQUIRE(strtod(info.class_names[info.labels[i]], NULL) == truth.labels[i]);
        else
            REQUIRE(info.targets[i] == (float)truth.labels[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[1 << 16];
    struct byte_source *source;
    struct weft_dataset *dataset;
    if (size >= sizeof text || memchr(data, '\0', size) != NULL ||
        (size >= 2 && data[0] == 0x1f && data[1] == 0x8b))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    parse(text);
    if (truth.samples == MOST_SAMPLES || truth.pairs == MOST_PAIRS || !truth.small)
        return 0;
    memory_files_set("file", data, size);
    REQUIRE(byte_source_open("file", &source) == WEFT_OK);
    const enum weft_status status = libsvm_read(source, "file", 0, NULL, &dataset);
    byte_source_close(source);
    memory_files_clear();
    bool right = truth.right && truth.samples > 0 && truth.finite && truth.largest + truth.zero > 0;
    const double largest = truth.whole ? 0x1p53 : 3.4028234663852886e38; /* a label or a target */
    for (size_t i = 0; i < truth.samples; i++)
        right = right && fabs(truth.labels[i]) <= largest;
    REQUIRE(right == (status == WEFT_OK));
    REQUIRE(right || status == WEFT_ERROR_DATA);
    if (status == WEFT_OK)
        check(dataset);
    weft_dataset_destroy(dataset);
    return 0;
}
