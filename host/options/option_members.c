/* Converts members of struct weft_options from and to text. Each type of member has its own
 * function. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/words.h"
#include "options/activation_text.h"
#include "options/hidden_text.h"
#include "options/options.h"

static const char *const truths[] = {"no", "yes"};
static const char *const class_weight_words[] = {"none", "balanced"};
enum { CLASS_WEIGHT_WORDS = 2 };

_Static_assert(sizeof(enum weft_head) == sizeof(unsigned) && sizeof(bool) == 1,
               "members are read as unsigned numbers and bytes");

static struct value_rule rule_of(const struct option_row *row)
{
    struct value_rule rule = row->rule;
    rule.option = row->info.name;
    return rule;
}

static size_t *count_of(struct weft_options *options, const struct option_row *row)
{
    return (size_t *)(void *)((char *)options + row->count_offset);
}

/* ---- reading ---- */

static enum weft_status read_rate(const struct value_rule *rule, const char *text, size_t place,
                                  void *values)
{
    return value_read_number(rule, text, (double *)values + place);
}

static enum weft_status check_weights(const struct value_rule *rule, const double *weights,
                                      size_t count)
{
    double largest = 0.0;
    if (count < 2 || count > WEFT_MAX_CLASS_WEIGHTS)
        return fail_option(rule->option, NULL, "got %zu weights, need 2 to %d", count,
                           WEFT_MAX_CLASS_WEIGHTS);
    for (size_t c = 0; c < count; c++) {
        TRY(value_check_number(rule, weights[c]));
        largest = weights[c] > largest ? weights[c] : largest;
    }
    return largest > 0.0
               ? WEFT_OK
               : fail_option(rule->option, NULL, "all weights are 0: nothing would be learned");
}

/* Reads "none", "balanced", or a number for each class. */
static enum weft_status read_class_weight(struct weft_options *options,
                                          const struct value_rule *rule, const char *text)
{
    /* Only these members: the struct of an older program may end behind them. */
    double weights[WEFT_MAX_CLASS_WEIGHTS];
    size_t count = 0;
    const size_t word = words_find(text, class_weight_words, CLASS_WEIGHT_WORDS);
    if (word == CLASS_WEIGHT_WORDS) {
        const char *first = text + strspn(text, "+-");
        if (first[0] != '\0' && strchr("0123456789.,", first[0]) == NULL)
            return fail_option(rule->option, text,
                               "need none, balanced, or a number for each class with commas "
                               "between them");
        TRY(value_read_list(rule, text, WEFT_MAX_CLASS_WEIGHTS, read_rate, weights, &count));
        TRY(check_weights(rule, weights, count));
        memcpy(options->class_weights, weights, count * sizeof *weights);
    }
    options->class_weight =
        word < CLASS_WEIGHT_WORDS ? (enum weft_class_weight)word : WEFT_CLASS_WEIGHT_GIVEN;
    options->class_weight_count = count;
    return WEFT_OK;
}

static enum weft_status read_rates(struct weft_options *options, const struct option_row *row,
                                   const struct value_rule *rule, const char *text)
{
    double rates[WEFT_MAX_HIDDEN];
    size_t count = 0;
    TRY(value_read_list(rule, text, WEFT_MAX_HIDDEN, read_rate, rates, &count));
    memcpy((char *)options + row->offset, rates, count * sizeof *rates);
    *count_of(options, row) = count;
    return WEFT_OK;
}

static enum weft_status read_position(void *member, const struct value_rule *rule, const char *text,
                                      const char *const *words, size_t count)
{
    unsigned position = 0;
    TRY(value_read_word(rule, text, words, count, &position));
    memcpy(member, &position, sizeof position);
    return WEFT_OK;
}

static enum weft_status read_count(void *member, const struct value_rule *rule, const char *text)
{
    uint64_t number = 0;
    TRY(value_read_whole(rule, text, &number));
    *(size_t *)member = (size_t)number;
    return WEFT_OK;
}

static enum weft_status read_truth(bool *member, const struct value_rule *rule, const char *text)
{
    const size_t position = words_find(text, truths, 2);
    if (position == 2)
        return fail_option(rule->option, text, "need yes or no");
    *member = position == 1;
    return WEFT_OK;
}

enum weft_status option_read(struct weft_options *options, const struct option_row *row,
                             const char *text)
{
    const struct value_rule rule = rule_of(row);
    void *member = (char *)options + row->offset;
    switch (row->type) {
    case OPTION_TRUTH:
        return read_truth(member, &rule, text);
    case OPTION_WORD:
        return read_position(member, &rule, text, row->info.words, row->info.word_count);
    case OPTION_NUMBER:
        return value_read_number(&rule, text, member);
    case OPTION_COUNT:
        return read_count(member, &rule, text);
    case OPTION_SEED:
        return value_read_whole(&rule, text, member);
    case OPTION_WIDTHS:
        return hidden_from_text(text, member, count_of(options, row));
    case OPTION_ACTIVATIONS:
        return activations_from_text(text, member, count_of(options, row));
    case OPTION_RATES:
        return read_rates(options, row, &rule, text);
    case OPTION_CLASS_WEIGHT:
        return read_class_weight(options, &rule, text);
    }
    return fail(WEFT_ERROR_INTERNAL, "%s: the option has no type", row->info.name);
}

/* ---- checking ---- */

static enum weft_status check_count(const struct option_row *row, size_t count)
{
    return count <= WEFT_MAX_HIDDEN
               ? WEFT_OK
               : fail_option(row->info.name, NULL, "got %zu values, need at most %d", count,
                             WEFT_MAX_HIDDEN);
}

/* Checks the items of a list for hidden layers. */
static enum weft_status check_list(const struct weft_options *options, const struct option_row *row,
                                   const struct value_rule *rule)
{
    size_t count = 0;
    memcpy(&count, (const char *)options + row->count_offset, sizeof count);
    TRY(check_count(row, count));
    if (count == 0 && row->type == OPTION_ACTIVATIONS)
        return fail_option(row->info.name, NULL, "got 0, need 1 or one for each hidden layer");
    for (size_t i = 0; i < count; i++) {
        if (row->type == OPTION_WIDTHS)
            TRY(value_check_whole(&hidden_rule, options->hidden[i]));
        else if (row->type == OPTION_ACTIVATIONS)
            TRY(value_check_word(&activation_rule, (unsigned)options->activation[i],
                                 activation_names, ACTIVATION_COUNT));
        else
            TRY(value_check_number(rule, options->dropout[i]));
    }
    return WEFT_OK;
}

static enum weft_status check_class_weight(const struct weft_options *options,
                                           const struct value_rule *rule)
{
    static const char *const kinds[] = {"none", "balanced", "given"};
    TRY(value_check_word(rule, (unsigned)options->class_weight, kinds, 3));
    return options->class_weight == WEFT_CLASS_WEIGHT_GIVEN
               ? check_weights(rule, options->class_weights, options->class_weight_count)
               : WEFT_OK;
}

enum weft_status option_check(const struct weft_options *options, const struct option_row *row)
{
    const struct value_rule rule = rule_of(row);
    const char *member = (const char *)options + row->offset;
    unsigned word = 0;
    unsigned char truth = 0;
    double number = 0.0;
    size_t count = 0;
    switch (row->type) {
    case OPTION_TRUTH: /* Reading any other byte as a bool would be undefined behavior. */
        memcpy(&truth, member, sizeof truth);
        return truth <= 1 ? WEFT_OK
                          : fail_option(rule.option, NULL, "got %d, need yes or no", truth);
    case OPTION_WORD:
        memcpy(&word, member, sizeof word);
        return value_check_word(&rule, word, row->info.words, row->info.word_count);
    case OPTION_NUMBER:
        memcpy(&number, member, sizeof number);
        return value_check_number(&rule, number);
    case OPTION_COUNT:
        memcpy(&count, member, sizeof count);
        return value_check_whole(&rule, count);
    case OPTION_SEED:
        return WEFT_OK;
    case OPTION_WIDTHS:
    case OPTION_ACTIVATIONS:
    case OPTION_RATES:
        return check_list(options, row, &rule);
    case OPTION_CLASS_WEIGHT:
        return check_class_weight(options, &rule);
    }
    return fail(WEFT_ERROR_INTERNAL, "%s: the option has no type", row->info.name);
}

/* ---- writing ---- */

static void write_numbers(const double *values, size_t count, char *text)
{
    size_t used = (size_t)snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", count == 0 ? "0" : "");
    for (size_t i = 0; i < count && used < WEFT_OPTION_TEXT_SIZE; i++) {
        char number[NUMBER_TEXT_SIZE];
        number_to_text(values[i], number);
        used += (size_t)snprintf(text + used, WEFT_OPTION_TEXT_SIZE - used, "%s%s",
                                 i == 0 ? "" : ",", number);
    }
}

static void write_class_weight(const struct weft_options *options, char *text)
{
    if (options->class_weight == WEFT_CLASS_WEIGHT_GIVEN)
        write_numbers(options->class_weights, options->class_weight_count, text);
    else
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", class_weight_words[options->class_weight]);
}

/* Writes a single number, or the word that stands for 0 or -1. */
static void write_number(const struct option_row *row, const char *member, char *text)
{
    double number = 0.0;
    memcpy(&number, member, sizeof number);
    if (row->rule.zero != NULL && number == 0.0)
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", row->rule.zero);
    else if (row->rule.minus != NULL && number == -1.0)
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", row->rule.minus);
    else
        number_to_text(number, text);
}

static void write_whole(const struct option_row *row, uint64_t number, char *text)
{
    if (row->rule.zero != NULL && number == 0)
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", row->rule.zero);
    else
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%" PRIu64, number);
}

void option_write(const struct weft_options *options, const struct option_row *row, char *text)
{
    const char *member = (const char *)options + row->offset;
    unsigned word = 0;
    size_t count = 0;
    switch (row->type) {
    case OPTION_TRUTH:
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", truths[*(const bool *)member]);
        return;
    case OPTION_WORD:
        memcpy(&word, member, sizeof word);
        snprintf(text, WEFT_OPTION_TEXT_SIZE, "%s", row->info.words[word]);
        return;
    case OPTION_NUMBER:
        write_number(row, member, text);
        return;
    case OPTION_COUNT:
        memcpy(&count, member, sizeof count);
        write_whole(row, count, text);
        return;
    case OPTION_SEED:
        write_whole(row, options->seed, text);
        return;
    case OPTION_WIDTHS:
        hidden_to_text(options->hidden, options->hidden_count, text);
        return;
    case OPTION_ACTIVATIONS:
        activations_to_text(options->activation, options->activation_count, text);
        return;
    case OPTION_RATES:
        write_numbers(options->dropout, options->dropout_count, text);
        return;
    case OPTION_CLASS_WEIGHT:
        write_class_weight(options, text);
        return;
    }
}
