/* Tests the table of options: every row is read, written, checked and described in the same way. */
#include <stddef.h>

#include "options/option_table.h"
#include "options/options.h"
#include "plain_options.h"
#include "preset.h"

static const char *const preset_names[] = {"default", "best-plain", "best", "article", "xor"};

START_TEST(every_option_is_described)
{
    size_t count = 0;
    for (; weft_option_describe(count) != NULL; count++) {
        const struct weft_option_info *info = weft_option_describe(count);
        ck_assert_msg(info->help != NULL && strlen(info->help) > 5, "%s", info->name);
        ck_assert_msg(info->group != NULL && info->letter == '\0', "%s", info->name);
        ck_assert_msg(!info->common || info->commands != 0, "%s", info->name);
        ck_assert((info->words == NULL) == (info->word_count == 0));
        for (size_t other = 0; other < count; other++)
            ck_assert_str_ne(weft_option_describe(other)->name, info->name);
    }
    ck_assert_uint_gt(count, 45);
    ck_assert_ptr_null(weft_option_describe(SIZE_MAX));
}
END_TEST

/* _i is the preset. What one object says another takes, option by option. */
START_TEST(what_is_written_is_read)
{
    const struct weft_options from = preset(preset_names[_i]);
    struct weft_options to = preset(preset_names[(_i + 2) % 5]);
    char text[WEFT_OPTION_TEXT_SIZE], back[WEFT_OPTION_TEXT_SIZE];
    for (size_t i = 0; weft_option_describe(i) != NULL; i++) {
        const char *name = weft_option_describe(i)->name;
        ck_ok(weft_options_get(&from, name, text, sizeof text));
        ck_ok(weft_options_set(&to, name, text));
        ck_ok(weft_options_get(&to, name, back, sizeof back));
        ck_assert_str_eq(back, text);
        ck_assert(weft_options_given(&to, name) && !weft_options_given(&from, name));
    }
}
END_TEST

START_TEST(values_are_told_as_they_are_set)
{
    static const char *const rows[][2] = {
        {"hidden", "7,5,3"},        {"hidden", "none"},        {"activation", "relu,tanh,gelu"},
        {"dropout", "0.25,0,0.5"},  {"batch-norm", "yes"},     {"learning-rate", "0.1"},
        {"class-weight", "1,2.5"},  {"class-weight", "none"},  {"seed", "18446744073709551615"},
        {"epochs", "auto"},         {"rate-factor", "auto"},   {"clip-norm", "none"},
        {"patience", "none"},       {"optimizer", "nesterov"}, {"check-every", "7"},
        {"label-smoothing", "auto"}};
    struct weft_options options = plain_options();
    char text[WEFT_OPTION_TEXT_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_ok(weft_options_set(&options, rows[i][0], rows[i][1]));
        ck_ok(weft_options_get(&options, rows[i][0], text, sizeof text));
        ck_assert_str_eq(text, rows[i][1]);
    }
    ck_fails(weft_options_get(&options, "optimizer", text, 8), WEFT_ERROR_USAGE,
             "optimizer: its text needs 9 bytes, got 8");
    ck_fails(weft_options_get(&options, "optimiser", text, sizeof text), WEFT_ERROR_USAGE,
             "option \"optimiser\": unknown; did you mean optimizer?");
    ck_assert_str_eq(weft_option_word("head", WEFT_HEAD_SOFTMAX), "softmax");
    ck_assert_ptr_null(weft_option_word("head", 3));
    ck_assert_ptr_null(weft_option_word("hidden", 0));
    ck_assert_ptr_null(weft_option_word("heads", 0));
}
END_TEST

/* ---- members filled by hand ---- */

/* Bytes that no member may hold: an enum of 77, a bool of 77, NaN, a count beyond every range. */
static void spoil(struct weft_options *options, const struct option_row *row)
{
    const unsigned word = 77;
    const unsigned char truth = 77;
    const double number = (double)NAN;
    const size_t count = SIZE_MAX;
    char *member = (char *)options + row->offset;
    switch (row->type) {
    case OPTION_TRUTH:
        memcpy(member, &truth, sizeof truth);
        break;
    case OPTION_WORD:
        memcpy(member, &word, sizeof word);
        break;
    case OPTION_NUMBER:
        memcpy(member, &number, sizeof number);
        break;
    case OPTION_COUNT:
        memcpy(member, &count, sizeof count);
        break;
    case OPTION_WIDTHS:
    case OPTION_ACTIVATIONS:
    case OPTION_RATES:
        memcpy((char *)options + row->count_offset, &count, sizeof count);
        break;
    case OPTION_CLASS_WEIGHT:
        options->class_weight = (enum weft_class_weight)77;
        break;
    case OPTION_SEED:
        break;
    }
}

/* Whichever function takes the options. */
START_TEST(every_member_is_checked)
{
    struct weft_dataset *data;
    struct weft_model *model;
    char text[WEFT_OPTION_TEXT_SIZE];
    ck_ok(weft_dataset_open("xor", &data, NULL));
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        struct weft_options options = preset("xor");
        spoil(&options, row);
        if (row->type == OPTION_SEED)
            continue;
        ck_fails(weft_options_check(&options), WEFT_ERROR_USAGE, row->info.name);
        ck_assert_str_eq(weft_error_option(), row->info.name);
        ck_fails(weft_options_get(&options, row->info.name, text, sizeof text), WEFT_ERROR_USAGE,
                 row->info.name);
        ck_fails(weft_model_create(&options, data, &model), WEFT_ERROR_USAGE, row->info.name);
        ck_assert_ptr_null(model);
    }
    weft_dataset_destroy(data);
}
END_TEST

/* No member lies outside the table, but for size, given, preset, check_bundle and memory, which
 * have no values to check. Padding may lie between members. */
START_TEST(every_member_has_a_row)
{
    char covered[sizeof(struct weft_options)] = {0};
    size_t open = 0;
    for (size_t i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];
        memset(covered + row->offset, 1, row->end - row->offset);
        if (row->count_offset > 0)
            memset(covered + row->count_offset, 1, sizeof(size_t));
    }
    memset(covered, 1, offsetof(struct weft_options, task));
    memset(covered + offsetof(struct weft_options, class_weight), 1, sizeof(unsigned));
    memset(covered + offsetof(struct weft_options, class_weight_count), 1, sizeof(size_t));
    memset(covered + offsetof(struct weft_options, check_bundle), 1, sizeof(void *));
    memset(covered + offsetof(struct weft_options, memory), 1, sizeof(uint64_t));
    for (size_t i = 0; i < sizeof covered; i++) {
        open = covered[i] ? 0 : open + 1;
        ck_assert_msg(open < sizeof(double), "byte %zu belongs to no option", i);
    }
}
END_TEST

START_TEST(items_of_lists_are_checked)
{
    struct weft_options o = plain_options();
    o.hidden[0] = 0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "hidden 0: the width must be between 1");
    o = plain_options();
    o.activation[0] = (enum weft_activation)99;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "activation 99: unknown activation");
    o = plain_options();
    o.dropout[0] = 1.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "dropout 1: the rate must be at least 0");
    o = plain_options();
    o.class_weight = WEFT_CLASS_WEIGHT_GIVEN;
    o.class_weight_count = 2;
    o.class_weights[0] = o.class_weights[1] = 0.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "class-weight: all weights are 0");
    o = plain_options();
    memset(o.preset, 'x', sizeof o.preset);
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "preset: the name is not terminated");
}
END_TEST

/* ---- programs of other versions ---- */

START_TEST(options_of_an_older_program_are_taken)
{
    /* It knows the members before `optimizer` alone; what lies beyond is not the library's. */
    const size_t known = offsetof(struct weft_options, optimizer);
    struct weft_options old, whole;
    char *const beyond = (char *)&old + known;
    memset(&old, 0xa5, sizeof old);
    ck_ok(weft_options_init_sized(&old, known, "best"));
    ck_assert_uint_eq(old.size, known);
    ck_ok(weft_options_set(&old, "epochs", "3"));
    ck_fails(weft_options_set(&old, "optimizer", "sgd"), WEFT_ERROR_USAGE,
             "option \"optimizer\": this program was built with an older weft.h");
    ck_ok(weft_options_check(&old));
    ck_ok(options_take(&old, &whole));
    for (size_t i = 0; i < sizeof old - known; i++)
        ck_assert_int_eq((unsigned char)beyond[i], 0xa5);
    ck_assert(whole.epochs == 3 && whole.optimizer == WEFT_OPTIMIZER_ADAMW && whole.flip);
    ck_assert(whole.weight_decay == 0.1 && whole.size == sizeof whole);
}
END_TEST

START_TEST(options_that_nobody_filled_are_refused)
{
    struct weft_options options = {.size = 0}, whole;
    ck_fails(options_take(&options, &whole), WEFT_ERROR_USAGE,
             "options: fill them with weft_options_init first");
    options = plain_options();
    options.size += 8;
    ck_fails(options_take(&options, &whole), WEFT_ERROR_USAGE, "options: got a struct of");
    ck_fails(weft_options_init_sized(&options, sizeof options + 1, "xor"), WEFT_ERROR_USAGE,
             "options: got a struct of");
    ck_fails(weft_options_init_sized(&options, 8, "xor"), WEFT_ERROR_USAGE,
             "options: got a struct");
}
END_TEST

/* ---- options beside each other ---- */

START_TEST(the_order_of_options_does_not_matter)
{
    struct weft_options o = preset("best");
    ck_ok(weft_options_set(&o, "task", "regress"));
    ck_assert(o.head == WEFT_HEAD_IDENTITY && o.label_smoothing == 0.0);
    ck_ok(weft_options_set(&o, "task", "multilabel"));
    ck_assert(o.head == WEFT_HEAD_SIGMOID && o.label_smoothing == 0.0);
    ck_ok(weft_options_set(&o, "task", "classify"));
    ck_assert(o.head == WEFT_HEAD_SOFTMAX && o.label_smoothing == 0.1);
    ck_ok(weft_options_set(&o, "head", "sigmoid"));
    ck_ok(weft_options_set(&o, "label-smoothing", "0.25"));
    ck_ok(weft_options_set(&o, "task", "multilabel"));
    ck_assert(o.head == WEFT_HEAD_SIGMOID && o.label_smoothing == 0.25);
    ck_ok(weft_options_set(&o, "task", "classify"));
    ck_assert(o.head == WEFT_HEAD_SIGMOID && o.label_smoothing == 0.25);
    o = preset("article");
    ck_ok(weft_options_set(&o, "task", "classify"));
    ck_assert_int_eq(o.head, WEFT_HEAD_SIGMOID);
}
END_TEST

static const struct {
    const char *options[3][2];
    const char *error; /* NULL: they are fine */
} combinations[] = {
    {{{"optimizer", "sgd"}, {"momentum", "0.5"}},
     "momentum: has no effect with optimizer sgd, only with momentum or nesterov"},
    {{{"optimizer", "sgd"}, {"momentum", "0"}}, NULL},
    {{{"optimizer", "adam"}, {"weight-decay", "0.1"}}, "only with adamw"},
    {{{"weight-decay", "0.1"}, {"optimizer", "adamw"}}, NULL},
    {{{"schedule", "cosine"}, {"rise", "0.5"}}, "rise: has no effect with schedule cosine"},
    {{{"hidden", "none"}, {"dropout", "0.5"}}, "dropout: has no effect without hidden layers"},
    {{{"hidden", "none"}, {"dropout", "0"}, {"batch-norm", "no"}}, NULL},
    {{{"hidden", "none"}, {"activation", "relu"}}, "activation: has no effect without hidden"},
    {{{"task", "regress"}, {"label-smoothing", "0.1"}}, "label-smoothing: has no effect with task"},
    {{{"task", "multilabel"}, {"class-weight", "balanced"}}, "class-weight: has no effect with"},
    {{{"task", "regress"}, {"class-weight", "none"}}, NULL},
    {{{"monitor", "accuracy"}}, "monitor: has no effect without patience, or schedule plateau"},
    {{{"monitor", "accuracy"}, {"patience", "3"}}, NULL},
    {{{"min-delta", "0.1"}, {"schedule", "plateau"}}, NULL},
    {{{"initial-range", "0.1"}}, "initial-range: has no effect with init auto, only with uniform"},
    {{{"schedule", "cosine"}, {"min-rate", "0.1"}, {"learning-rate", "0.01"}},
     "min-rate: got 0.1, need at most the learning"},
};

#define BIT(name) (1U << WEFT_##name)
static const struct {
    const char *option, *needs;
    unsigned needed;
} needs[] = {
    {"momentum", "optimizer", BIT(OPTIMIZER_MOMENTUM) | BIT(OPTIMIZER_NESTEROV)},
    {"beta1", "optimizer", BIT(OPTIMIZER_ADAM) | BIT(OPTIMIZER_ADAMW)},
    {"beta2", "optimizer", BIT(OPTIMIZER_RMSPROP) | BIT(OPTIMIZER_ADAM) | BIT(OPTIMIZER_ADAMW)},
    {"epsilon", "optimizer", BIT(OPTIMIZER_RMSPROP) | BIT(OPTIMIZER_ADAM) | BIT(OPTIMIZER_ADAMW)},
    {"weight-decay", "optimizer", BIT(OPTIMIZER_ADAMW)},
    {"rise", "schedule", BIT(SCHEDULE_ONE_CYCLE)},
    {"class-weight", "task", BIT(TASK_CLASSIFY)},
    {"initial-range", "init", BIT(INIT_UNIFORM)},
    {"hidden", NULL, 0},
    {"dropout", NULL, 0}, /* needs hidden layers, which is no word of an option */
};

START_TEST(needs_are_described)
{
    const struct weft_option_info *info = &option_find(needs[_i].option)->info;
    ck_assert_uint_eq(info->needed, needs[_i].needed);
    ck_assert(needs[_i].needs == NULL ? info->needs == NULL
                                      : strcmp(info->needs, needs[_i].needs) == 0);
}
END_TEST

START_TEST(options_without_an_effect_are_refused)
{
    struct weft_options o = preset("default");
    for (size_t i = 0; i < 3 && combinations[_i].options[i][0] != NULL; i++)
        ck_ok(weft_options_set(&o, combinations[_i].options[i][0], combinations[_i].options[i][1]));
    if (combinations[_i].error == NULL)
        ck_ok(weft_options_check(&o));
    else
        ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, combinations[_i].error);
}
END_TEST

START_TEST(presets_are_described)
{
    for (size_t i = 0; i < 5; i++) {
        ck_assert_str_eq(weft_preset_describe(i)->name, preset_names[i]);
        ck_assert_uint_gt(strlen(weft_preset_describe(i)->summary), 20);
    }
    ck_assert_str_eq(weft_preset_describe(4)->data, "xor");
    ck_assert_ptr_null(weft_preset_describe(0)->data);
    ck_assert_ptr_null(weft_preset_describe(5));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("option_table");
    TCase *tests = tcase_create("option_table");
    tcase_add_test(tests, every_option_is_described);
    tcase_add_loop_test(tests, what_is_written_is_read, 0, 5);
    tcase_add_test(tests, values_are_told_as_they_are_set);
    tcase_add_test(tests, every_member_is_checked);
    tcase_add_test(tests, every_member_has_a_row);
    tcase_add_test(tests, items_of_lists_are_checked);
    tcase_add_test(tests, options_of_an_older_program_are_taken);
    tcase_add_test(tests, options_that_nobody_filled_are_refused);
    tcase_add_test(tests, the_order_of_options_does_not_matter);
    tcase_add_loop_test(tests, needs_are_described, 0, sizeof needs / sizeof *needs);
    tcase_add_loop_test(tests, options_without_an_effect_are_refused, 0,
                        sizeof combinations / sizeof *combinations);
    tcase_add_test(tests, presets_are_described);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
