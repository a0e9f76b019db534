/* The table of all training options. It drives all code that handles options one by one: reading,
 * printing and checking values, the help of the program, and the records in model files. To add an
 * option, add a member to struct weft_options and a row here. */
#ifndef WEFT_OPTIONS_OPTION_TABLE_H
#define WEFT_OPTIONS_OPTION_TABLE_H

#include "options/option_values.h"

/* How struct weft_options stores a value. */
enum option_type {
    OPTION_TRUTH,       /* bool: "yes" or "no" */
    OPTION_WORD,        /* an enum, one of info.words */
    OPTION_NUMBER,      /* double, in rule.range */
    OPTION_COUNT,       /* size_t, rule.least to rule.most */
    OPTION_SEED,        /* uint64_t */
    OPTION_WIDTHS,      /* size_t [WEFT_MAX_HIDDEN] with a count, or "none" */
    OPTION_ACTIVATIONS, /* enum weft_activation [WEFT_MAX_HIDDEN] with a count */
    OPTION_RATES,       /* double [WEFT_MAX_HIDDEN] within rule.range, with a count */
    OPTION_CLASS_WEIGHT /* "none", "balanced" or a list: class_weight, class_weights and a count */
};

/* The condition under which an option has an effect, besides info.needs. */
struct option_need {
    bool (*met)(const struct weft_options *options); /* NULL if there is no such function */
    const char *what;                                /* what `met` requires: "hidden layers" */
};

/* Whether a model file records the value that its last training run used. */
enum option_record {
    NOT_RECORDED,
    RECORDED,       /* if the training run used the option */
    ALWAYS_RECORDED /* in every file, even for a model that was never trained */
};

struct option_row {
    struct weft_option_info info;
    enum option_type type;
    size_t offset;       /* offset of the member in struct weft_options */
    size_t end;          /* offset of its end; programs with an older weft.h may lack it */
    size_t count_offset; /* offset of the count of a list */
    struct value_rule rule;
    struct option_need need;
    bool off; /* no, none and 0 disable the option, and are therefore always valid */
    enum option_record recorded;
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* Returns the row of that name, or NULL. */
const struct option_row *option_find(const char *name);

/* Tells whether weft_options_set or the reader of a file has set the option. */
bool option_given(const struct weft_options *options, const struct option_row *row);
void option_mark_given(struct weft_options *options, const struct option_row *row);

/* Tells whether the option has an effect with the other values of `options`. */
bool option_used(const struct weft_options *options, const struct option_row *row);

#endif
