/* Tests options that are read from text or filled in by hand. */
#include <float.h>

#include "network/network.h"
#include "plain_options.h"
#include "preset.h"

START_TEST(every_option_of_the_network_is_set)
{
    struct weft_options o = preset("article");
    ck_ok(weft_options_set(&o, "hidden", "128,64"));
    ck_assert(o.hidden_count == 2 && o.hidden[0] == 128 && o.hidden[1] == 64);
    ck_ok(weft_options_set(&o, "hidden", "none"));
    ck_assert_uint_eq(o.hidden_count, 0);
    ck_ok(weft_options_set(&o, "head", "softmax"));
    ck_assert_int_eq(o.head, WEFT_HEAD_SOFTMAX);
    ck_ok(weft_options_set(&o, "head", "identity"));
    ck_assert_int_eq(o.head, WEFT_HEAD_IDENTITY);
    ck_ok(weft_options_set(&o, "head", "sigmoid"));
    ck_assert_int_eq(o.head, WEFT_HEAD_SIGMOID);
    ck_ok(weft_options_set(&o, "bias", "yes"));
    ck_assert(o.bias);
    ck_ok(weft_options_set(&o, "bias", "no"));
    ck_assert(!o.bias);
    ck_ok(weft_options_set(&o, "activation", "gelu"));
    ck_assert(o.activation_count == 1 && o.activation[0] == WEFT_ACTIVATION_GELU);
    ck_ok(weft_options_set(&o, "activation", "leaky_relu,softplus"));
    ck_assert(o.activation_count == 2 && o.activation[0] == WEFT_ACTIVATION_LEAKY_RELU &&
              o.activation[1] == WEFT_ACTIVATION_SOFTPLUS);
    ck_ok(weft_options_set(&o, "dropout", "0.25,0"));
    ck_assert(o.dropout_count == 2 && o.dropout[0] == 0.25 && o.dropout[1] == 0);
    ck_assert(!o.batch_norm);
    ck_ok(weft_options_set(&o, "batch-norm", "yes"));
    ck_assert(o.batch_norm);
    ck_ok(weft_options_set(&o, "batch-norm", "no"));
    ck_assert(!o.batch_norm);
    ck_ok(weft_options_set(&o, "initial-range", "0.25"));
    ck_assert(o.initial_range == 0.25);
    ck_ok(weft_options_set(&o, "init", "auto"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_AUTO);
    ck_ok(weft_options_set(&o, "init", "he"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_HE);
    ck_ok(weft_options_set(&o, "init", "lecun"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_LECUN);
    ck_ok(weft_options_set(&o, "init", "uniform"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_UNIFORM);
    ck_ok(weft_options_set(&o, "init", "zeros"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_ZEROS);
    ck_ok(weft_options_set(&o, "init", "glorot"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_GLOROT);
    ck_ok(weft_options_set(&o, "init", "uniform-unit"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_UNIFORM_UNIT);
    ck_ok(weft_options_set(&o, "init", "uniform-one"));
    ck_assert_int_eq(o.initialization, WEFT_INIT_UNIFORM_ONE);
}
END_TEST

START_TEST(every_option_of_the_training_is_set)
{
    struct weft_options o = preset("article");
    ck_ok(weft_options_set(&o, "seed", "18446744073709551615"));
    ck_assert_uint_eq(o.seed, UINT64_MAX);
    ck_ok(weft_options_set(&o, "epochs", "7"));
    ck_assert_uint_eq(o.epochs, 7);
    ck_ok(weft_options_set(&o, "learning-rate", "0"));
    ck_assert(o.learning_rate == 0);
    ck_ok(weft_options_set(&o, "learning-rate", "2.5e-2"));
    ck_assert(o.learning_rate == 0.025);
    ck_ok(weft_options_set(&o, "l1", "0.25"));
    ck_assert(o.l1 == 0.25);
    ck_ok(weft_options_set(&o, "l2", "1e-4"));
    ck_assert(o.l2 == 1e-4);
    ck_ok(weft_options_set(&o, "shuffle", "yes"));
    ck_assert(o.shuffle);
    ck_ok(weft_options_set(&o, "scale", "none"));
    ck_assert_int_eq(o.scale, WEFT_SCALE_NONE);
    ck_ok(weft_options_set(&o, "scale", "standard"));
    ck_assert_int_eq(o.scale, WEFT_SCALE_STANDARD);
    ck_ok(weft_options_set(&o, "gemm", "clblast"));
    ck_assert_int_eq(o.gemm, WEFT_GEMM_CLBLAST);
    ck_ok(weft_options_set(&o, "gemm", "own"));
    ck_assert_int_eq(o.gemm, WEFT_GEMM_OWN);
    ck_ok(weft_options_set(&o, "gemm", "auto"));
    ck_assert_int_eq(o.gemm, WEFT_GEMM_AUTO);
}
END_TEST

START_TEST(every_option_of_an_optimizer_is_set)
{
    struct weft_options o = preset("article");
    static const char *const optimizers[] = {"sgd",     "momentum", "nesterov",
                                             "rmsprop", "adam",     "adamw"};
    ck_assert_uint_eq(sizeof optimizers / sizeof *optimizers, OPTIMIZERS);
    for (int i = WEFT_OPTIMIZER_SGD; i < OPTIMIZERS; i++) {
        ck_ok(weft_options_set(&o, "optimizer", optimizers[i]));
        ck_assert_int_eq(o.optimizer, i);
    }
    ck_ok(weft_options_set(&o, "momentum", "0"));
    ck_ok(weft_options_set(&o, "beta1", "0.5"));
    ck_ok(weft_options_set(&o, "beta2", "0.75"));
    ck_ok(weft_options_set(&o, "epsilon", "1e-7"));
    ck_ok(weft_options_set(&o, "weight-decay", "0.02"));
    ck_ok(weft_options_set(&o, "clip-norm", "2"));
    ck_assert(o.momentum == 0 && o.beta1 == 0.5 && o.beta2 == 0.75 && o.epsilon == 1e-7);
    ck_assert(o.weight_decay == 0.02 && o.clip_norm == 2);
}
END_TEST

START_TEST(every_option_of_targets_and_samples_is_set)
{
    struct weft_options o = preset("default");
    ck_ok(weft_options_set(&o, "label-smoothing", "0.1"));
    ck_assert(o.label_smoothing == 0.1);
    ck_ok(weft_options_set(&o, "class-weight", "balanced"));
    ck_assert_int_eq(o.class_weight, WEFT_CLASS_WEIGHT_BALANCED);
    ck_ok(weft_options_set(&o, "class-weight", "1,0,2.5"));
    ck_assert_int_eq(o.class_weight, WEFT_CLASS_WEIGHT_GIVEN);
    ck_assert(o.class_weight_count == 3 && o.class_weights[2] == 2.5);
    ck_ok(weft_options_set(&o, "class-weight", "none"));
    ck_assert_int_eq(o.class_weight, WEFT_CLASS_WEIGHT_NONE);
    ck_ok(weft_options_set(&o, "shift", "2"));
    ck_ok(weft_options_set(&o, "flip", "yes"));
    ck_ok(weft_options_set(&o, "erase", "8"));
    ck_ok(weft_options_set(&o, "mixup", "0.2"));
    ck_assert(o.shift == 2 && o.flip && o.erase == 8 && o.mixup == 0.2);
}
END_TEST

START_TEST(every_option_of_a_schedule_is_set)
{
    static const char *const schedules[] = {"constant", "step", "exponential", "cosine",
                                            "one-cycle"};
    struct weft_options o = preset("article");
    for (int i = WEFT_SCHEDULE_CONSTANT; i <= WEFT_SCHEDULE_ONE_CYCLE; i++) {
        ck_ok(weft_options_set(&o, "schedule", schedules[i]));
        ck_assert_int_eq(o.schedule, i);
    }
    ck_ok(weft_options_set(&o, "warmup", "1.5"));
    ck_ok(weft_options_set(&o, "rate-factor", "0.5"));
    ck_ok(weft_options_set(&o, "rate-every", "7"));
    ck_ok(weft_options_set(&o, "rate-patience", "0"));
    ck_ok(weft_options_set(&o, "min-rate", "0.001"));
    ck_ok(weft_options_set(&o, "rise", "0.25"));
    ck_ok(weft_options_set(&o, "ema", "0.99"));
    ck_assert(o.warmup == 1.5 && o.rate_factor == 0.5 && o.rate_every == 7);
    ck_assert(o.min_rate == 0.001 && o.rise == 0.25 && o.ema == 0.99 && o.rate_patience == 0);
}
END_TEST

START_TEST(schedules_filled_by_hand_are_checked)
{
    struct weft_options o = plain_options();
    o.schedule = (enum weft_schedule)9;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "schedule 9: unknown schedule; known: constant, step");
    o = plain_options();
    o.warmup = (double)o.epochs;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "warmup: got 30 epochs, need fewer");
    o = plain_options();
    o.warmup = 1.0;
    o.schedule = WEFT_SCHEDULE_ONE_CYCLE;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "warmup: schedule one-cycle has its own");
    o = plain_options();
    o.rate_every = 0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "rate-every 0: the number of epochs must be between 1");
    o = plain_options();
    o.rate_factor = -1.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "rate-factor -1: the factor must be above 0");
    o = plain_options();
    o.rise = (double)NAN;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "rise nan: the fraction must be");
    o = plain_options();
    o.ema = 1.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "ema 1: the decay must be");
}
END_TEST

START_TEST(the_last_way_to_cut_an_epoch_decides)
{
    struct weft_options o = preset("article");
    ck_ok(weft_options_set(&o, "batch-size", "64"));
    ck_assert(o.batch_size == 64 && o.batches == 0);
    ck_ok(weft_options_set(&o, "batches", "25"));
    ck_assert(o.batches == 25 && o.batch_size == 0);
    ck_ok(weft_options_check(&o));
}
END_TEST

#define TEN_ZEROS "0000000000"
static const struct refusal {
    const char *name, *value, *error;
} refusals[] = {
    {"learning-rate", "abc", "learning-rate abc: not a number; the rate must be at least 0"},
    {"learning-rate", "", "learning-rate \"\": not a number; the rate must be at least 0"},
    {"learning-rate", " 1", "learning-rate \" 1\": not a number; the rate must be at least 0"},
    {"learning-rate", "1 ", "learning-rate \"1 \": not a number; the rate must be at least 0"},
    {"learning-rate", "0,5", "learning-rate 0,5: not a number; the rate must be at least 0"},
    {"learning-rate", "nan", "learning-rate nan: not a number; the rate must be at least 0"},
    {"learning-rate", "inf", "learning-rate inf: not a number; the rate must be at least 0"},
    {"learning-rate", "0x1p3", "learning-rate 0x1p3: not a number; the rate must be at least 0"},
    {"learning-rate", "1e999", "learning-rate 1e999: the rate must be at most 3.4e38"},
    {"learning-rate", "-0.1", "learning-rate -0.1: the rate must be at least 0"},
    {"learning-rate", "1e39", "learning-rate 1e39: the rate must be at most 3.4e38"},
    {"l1", "-1", "l1 -1: the penalty must be at least 0"},
    {"l2", "-1e-300", "l2 -1e-300: the penalty must be at least 0"},
    {"l2", "x", "l2 x: not a number; the penalty must be at least 0"},
    {"epochs", "0", "epochs 0: the number of epochs must be between 1 and 1000000000, or auto"},
    {"epochs", "1000000001",
     "epochs 1000000001: the number of epochs must be between 1 and 1000000000, or auto"},
    {"epochs", "Auto",
     "epochs Auto: not a whole number; the number of epochs must be between 1 and 1000000000, or "
     "auto"},
    {"batch-size", "Auto",
     "batch-size Auto: not a whole number; the batch size must be between 1 and 4294967295, or "
     "auto"},
    {"epochs", "1.5",
     "epochs 1.5: not a whole number; the number of epochs must be between 1 and 1000000000, or "
     "auto"},
    {"epochs", "-1", "epochs -1: the number of epochs must be between 1 and 1000000000, or auto"},
    {"epochs", "99999999999999999999",
     "epochs 99999999999999999999: the number of epochs must be between 1 and 1000000000, or auto"},
    {"batch-size", "0", "batch-size 0: the batch size must be between 1 and 4294967295, or auto"},
    {"batch-size", "4294967296",
     "batch-size 4294967296: the batch size must be between 1 and 4294967295, or auto"},
    {"batches", "0", "batches 0: the number of batches must be between 1 and 4294967295, or none"},
    {"batches", "many", "not a whole number"},
    {"seed", "-1", "seed -1: the seed must be between 0 and 18446744073709551615"},
    {"seed", "18446744073709551616",
     "seed 18446744073709551616: the seed must be between 0 and 18446744073709551615"},
    {"dropout", "1", "dropout 1: the rate must be at least 0 and below 1"},
    {"dropout", "-0.1", "dropout -0.1: the rate must be at least 0 and below 1"},
    {"dropout", "0.1,", "dropout 0.1,: value 2 is missing"},
    {"dropout", ",0.1", "dropout ,0.1: value 1 is missing"},
    {"dropout", "", "dropout \"\": value 1 is missing"},
    {"dropout", "0.1,,0.2", "dropout 0.1,,0.2: value 2 is missing"},
    {"dropout", "0." TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS TEN_ZEROS "x",
     "dropout 0.00000000000000000000000000000000000000000000000000000000000000: not a number; the "
     "rate must be at least 0 and below 1"},
    {"dropout", "0.1,x", "dropout x: not a number; the rate must be at least 0 and below 1"},
    {"input-dropout", "1", "input-dropout 1: the rate must be at least 0 and below 1"},
    {"task", "cluster", "task cluster: unknown task; known: classify, multilabel, regress"},
    {"activation", "rely",
     "activation rely: unknown activation; did you mean relu? Known: identity, sigmoid, tanh"},
    {"activation", "relu,", "activation relu,: value 2 is missing"},
    {"activation", "", "activation \"\": value 1 is missing"},
    {"initial-range", "-1", "initial-range -1: the range must be at least 0"},
    {"hidden", "", "hidden \"\": value 1 is missing"},
    {"hidden", "128,", "hidden 128,: value 2 is missing"},
    {"hidden", "0", "hidden 0: the width must be between 1 and 2147483647"},
    {"head", "softmx",
     "head softmx: unknown head; did you mean softmax? Known: sigmoid, softmax, identity"},
    {"head", "", "head \"\": unknown head; known: sigmoid, softmax, identity"},
    {"bias", "maybe", "bias maybe: need yes or no"},
    {"shuffle", "1", "shuffle 1: need yes or no"},
    {"scale", "standart", "did you mean standard? Known: none, standard, global"},
    {"init", "gloro", "did you mean glorot?"},
    {"gemm", "cublas", "Known: auto, clblast, own"},
    {"label-smoothing", "1",
     "label-smoothing 1: the share must be at least 0 and below 1, or auto"},
    {"label-smoothing", "-1",
     "label-smoothing -1: the share must be at least 0 and below 1, or auto"},
    {"class-weight", "balance",
     "class-weight balance: need none, balanced, or a number for each class with commas between "
     "them"},
    {"class-weight", "", "class-weight \"\": value 1 is missing"},
    {"class-weight", "1", "class-weight: got 1 weights, need 2 to 256"},
    {"class-weight", "1,", "class-weight 1,: value 2 is missing"},
    {"class-weight", "1,-1", "class-weight -1: the weight must be at least 0"},
    {"class-weight", "0,0,0", "class-weight: all weights are 0: nothing would be learned"},
    {"learning_rate", "1", "option \"learning_rate\": unknown; did you mean learning-rate?"},
    {"momentun", "0.5", "option \"momentun\": unknown; did you mean momentum?"},
    {"schedule", "cosin", "did you mean cosine? Known: constant, step, exponential, cosine, one-"},
    {"warmup", "-1", "warmup -1: the number of epochs must be at least 0"},
    {"rate-factor", "1.5", "rate-factor 1.5: the factor must be above 0 and at most 1, or auto"},
    {"rate-factor", "0", "rate-factor 0: the factor must be above 0 and at most 1, or auto"},
    {"rate-every", "0", "rate-every 0: the number of epochs must be between 1 and 1000000000"},
    {"rate-patience", "-1",
     "rate-patience -1: the number of epochs must be between 0 and 1000000000"},
    {"min-rate", "x", "min-rate x: not a number; the rate must be at least 0"},
    {"rise", "1.1", "rise 1.1: the fraction must be at least 0 and at most 1"},
    {"ema", "1", "ema 1: the decay must be at least 0 and below 1, or none"},
    {"optimizer", "adma",
     "optimizer adma: unknown optimizer; did you mean adam or adamw? Known: sgd, momentum, "
     "nesterov, rmsprop, adam, adamw"},
    {"momentum", "1", "momentum 1: the momentum must be at least 0 and below 1"},
    {"momentum", "-0.1", "momentum -0.1: the momentum must be at least 0 and below 1"},
    {"beta1", "0.99999999", "beta1 0.99999999: the decay must be at least 0 and below 1"},
    {"beta2", "x", "beta2 x: not a number; the decay must be above 0 and below 1, or auto"},
    {"beta2", "0", "beta2 0: the decay must be above 0 and below 1, or auto"},
    {"epsilon", "0", "epsilon 0: the value must be above 0"},
    {"epsilon", "-1", "epsilon -1: the value must be above 0"},
    {"weight-decay", "-1", "weight-decay -1: the decay must be at least 0"},
    {"clip-norm", "1e39", "clip-norm 1e39: the norm must be at most 3.4e38"},
    {"hidden", "128,99999999999", "hidden 99999999999: the width must be between 1 and 2147483647"},
    {"hidden", "128,x", "hidden x: not a whole number; the width must be between"},
    {"class-weight", "balanced,1", "class-weight balanced,1: need none, balanced, or a number for"},
    {"clip-norm", "1e-320",
     "clip-norm 1e-320: the norm is too small: above 0, need at least 1.2e-38"},
    {"learning-rate", "1e-40", "learning-rate 1e-40: the rate is too small"},
    {"gemm", "fused", "gemm fused: unknown engine; known: auto, clblast, own"},
    {"initialisation", "he", "option \"initialisation\": its name is now init"},
    {"products", "auto", "option \"products\": its name is now gemm"},
    {"preset", "best", "option \"preset\": only weft_options_init takes a preset"},
    {"", "1", "option \"\": unknown; known: hidden, activation"},
};

START_TEST(refusals_change_nothing)
{
    const struct refusal *refusal = &refusals[_i];
    struct weft_options options = preset("article"), before;
    memcpy(&before, &options, sizeof before);
    ck_fails(weft_options_set(&options, refusal->name, refusal->value), WEFT_ERROR_USAGE,
             refusal->error);
    ck_assert_int_eq(memcmp(&options, &before, sizeof before), 0);
}
END_TEST

START_TEST(members_filled_by_hand_are_checked)
{
    struct weft_options o = preset("article");
    o.epochs = (size_t)1000000001;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "epochs 1000000001: the number of epochs must be between 1 and 1000000000");
    o = preset("article");
    o.batch_size = 5;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "batch-size: got 5, and batches 25; one of them must be 0");
    o.batch_size = 0;
    ck_ok(weft_options_check(&o));
    o.batches = 0;
    ck_ok(weft_options_check(&o)); /* the data decide */
    o = preset("default");
    o.learning_rate = (double)NAN;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "learning-rate nan: the rate must be");
    o = preset("default");
    o.l1 = -1;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "l1 -1: the penalty must be");
    o = preset("default");
    o.l2 = DBL_MAX;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "l2 1.7976931348623157e+308: the penalty must be at most 3.4e38");
    o = preset("default");
    o.optimizer = (enum weft_optimizer)6;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "optimizer 6: unknown optimizer; known: sgd");
    o = preset("default");
    o.momentum = 1.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "momentum 1: the momentum must be");
    o = preset("default");
    o.beta2 = -1.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "beta2 -1: the decay must be");
    o = preset("default");
    o.epsilon = 0.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "epsilon 0: the value must be above 0");
    o = preset("default");
    o.clip_norm = (double)NAN;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE, "clip-norm nan: the norm must be");
    o = preset("default");
    o.label_smoothing = 1.0;
    ck_fails(weft_options_check(&o), WEFT_ERROR_USAGE,
             "label-smoothing 1: the share must be at least 0 and below 1");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    tcase_add_test(tests, every_option_of_the_network_is_set);
    tcase_add_test(tests, every_option_of_the_training_is_set);
    tcase_add_test(tests, every_option_of_targets_and_samples_is_set);
    tcase_add_test(tests, every_option_of_an_optimizer_is_set);
    tcase_add_test(tests, every_option_of_a_schedule_is_set);
    tcase_add_test(tests, schedules_filled_by_hand_are_checked);
    tcase_add_test(tests, the_last_way_to_cut_an_epoch_decides);
    tcase_add_loop_test(tests, refusals_change_nothing, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, members_filled_by_hand_are_checked);
    suite_add_tcase(suite, tests);
    return suite_main(suite);
}
