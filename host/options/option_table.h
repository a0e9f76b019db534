/* THE table of the options of a training. Everything that treats options one by one is driven by
 * it: reading and printing values, checking them, the help of the program, and what a model file
 * records. A new option is a member of struct weft_options and a row here. */
#ifndef WEFT_OPTIONS_OPTION_TABLE_H
#define WEFT_OPTIONS_OPTION_TABLE_H

#include "options/option_values.h"

/* How a value is kept in struct weft_options. */
enum option_type {
    OPTION_TRUTH,       /* bool: "yes" or "no" */
    OPTION_WORD,        /* an enum, one of info.words */
    OPTION_NUMBER,      /* double, in rule.range */
    OPTION_COUNT,       /* size_t, rule.least to rule.most */
    OPTION_SEED,        /* uint64_t */
    OPTION_WIDTHS,      /* size_t [WEFT_MAX_HIDDEN] and their count, or "none" */
    OPTION_ACTIVATIONS, /* enum weft_activation [WEFT_MAX_HIDDEN] and their count */
    OPTION_RATES,       /* double [WEFT_MAX_HIDDEN], in rule.range, and their count */
    OPTION_CLASS_WEIGHT /* "none", "balanced" or a list: class_weight, class_weights, their count */
};

/* What an option needs to have an effect: a value of another option, or whatever `met` looks at. */
struct option_need {
    const char *option; /* the name of an OPTION_WORD; NULL: see `met` */
    unsigned values;    /* bits of its enum: with these values the option is used */
    bool (*met)(const struct weft_options *options); /* NULL: there is no such need */
    const char *what;                                /* that it looks at: "hidden layers" */
};

/* Whether a model file says what the option was in its last training. */
enum option_record {
    NOT_RECORDED,
    RECORDED,       /* where the training used it */
    ALWAYS_RECORDED /* every file has it, also that of a model that was never trained */
};

struct option_row {
    struct weft_option_info info;
    enum option_type type;
    size_t offset;       /* of the member in struct weft_options */
    size_t end;          /* one past it: a program built with an older weft.h may not have it */
    size_t count_offset; /* of the count of a list */
    struct value_rule rule;
    struct option_need need;
    bool off; /* no, none and 0 ask for nothing, and so need nothing */
    enum option_record recorded;
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* The row of that name, or NULL. */
const struct option_row *option_find(const char *name);

/* Whether weft_options_set, or the reader of a file, has set the option. */
bool option_given(const struct weft_options *options, const struct option_row *row);
void option_mark_given(struct weft_options *options, const struct option_row *row);

/* Whether the option has an effect beside the others of `options`. */
bool option_used(const struct weft_options *options, const struct option_row *row);

#endif
