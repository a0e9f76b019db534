/* Tests random networks. The reference is compared with finite differences of its own loss, and
 * both devices are compared with the reference. Every number of a step must be within a derived
 * bound (check/error_analysis.h).
 *
 * WEFT_RANDOM_NETWORKS sets the number of networks (200), and WEFT_RANDOM_SEED the first seed. A
 * network that fails is shrunk and reported as one line. WEFT_RANDOM_NETWORK runs that line
 * again.
 */
#include "device_answer.h"
#include "lost_slopes.h"
#include "shrink.h"
#include "step_bounds.h"

/* Ends the test: shrinks `recipe`, and shows what `explain` says of the smallest that fails. */
static void report(const struct recipe *recipe, recipe_fails *fails,
                   void (*explain)(const struct recipe *recipe, char *text, size_t size))
{
    char line[RECIPE_TEXT], reason[512];
    const struct recipe smallest = recipe_shrink(*recipe, fails);
    recipe_print(&smallest, line);
    explain(&smallest, reason, sizeof reason);
    ck_abort_msg("seed %" PRIu64 " fails; smallest: WEFT_RANDOM_NETWORK='%s': %s", recipe->seed,
                 line, reason);
}

/* ---- the reference against finite differences ---- */

/* The function whose gradient a step gives: factor x losses + l1 sum |w| + l2 / 2 sum w^2, the
 * losses over all classes: `true_class_only` changes the reported loss, not the gradient. */
static double objective(const struct problem *problem, const struct exact *exact, bool *crossed)
{
    struct ref_step step;
    struct ref_rule rule = exact->rule;
    rule.true_class_only = false;
    ck_ok(ref_step_run(&problem->network, exact->parameters, exact->x, exact->labels,
                       problem->recipe.batch, &rule, &step));
    const double value = rule.delta_factor * step.loss + rule.l1 * step.weight_abs +
                         0.5 * rule.l2 * step.weight_squares;
    *crossed = *crossed ||
               ref_kink_crossed(&problem->network, problem->recipe.batch, exact->step.z, step.z);
    ref_step_reset(&step);
    return value;
}

/* Differences are taken along at most 16 directions of a tensor: every 16th element, each with a
 * random sign, of length 1 together. They are at right angles, and together they touch every
 * element; a tensor of up to 16 elements is taken element by element. */
enum { DIRECTIONS = 16 };

static double direction_element(const struct problem *problem, size_t i, size_t elements)
{
    const uint32_t bits = random_bits(stream_of(problem->recipe.seed, STREAM_SIGNS), i);
    const double length = sqrt((double)elements);
    return bits % 2 == 0 ? 1.0 / length : -1.0 / length;
}

/* Elements direction, direction + DIRECTIONS, ... of a tensor of `count` elements from `first`. */
struct tensor_direction {
    size_t first, count, direction, elements;
};

static double gradient_along(const struct problem *problem, const struct exact *exact,
                             const struct tensor_direction *along)
{
    double sum = 0.0;
    for (size_t i = along->direction; i < along->count; i += DIRECTIONS)
        sum +=
            direction_element(problem, i, along->elements) * exact->step.gradient[along->first + i];
    return sum;
}

/* So short that it seldom crosses a kink, where there are any; batch norm bends as sharply where
 * samples are hardly apart. */
static double difference_step(const struct problem *problem)
{
    return ref_network_has_kinks(&problem->network) || problem->recipe.norm ? 1e-5 : 1e-3;
}

/* (8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h: right to h^4 and to the rounding of f. */
static double difference_along(const struct problem *problem, const struct exact *exact,
                               const struct tensor_direction *along, bool *crossed)
{
    const double h = difference_step(problem), steps[4] = {h, -h, 2.0 * h, -2.0 * h};
    double f[4];
    for (size_t s = 0; s < 4; s++) {
        for (size_t i = along->direction; i < along->count; i += DIRECTIONS)
            exact->parameters[along->first + i] =
                (double)problem->parameters[along->first + i] +
                steps[s] * direction_element(problem, i, along->elements);
        f[s] = objective(problem, exact, crossed);
    }
    for (size_t i = along->direction; i < along->count; i += DIRECTIONS)
        exact->parameters[along->first + i] = (double)problem->parameters[along->first + i];
    return (8.0 * (f[0] - f[1]) - (f[2] - f[3])) / (12.0 * h);
}

/* What rounding makes of a difference: f, right to some 8 u, u = 2^-53, times (8 + 8 + 1 + 1) /
 * 12h. It shows where the gradient of a tensor is nearly 0 by chance. */
static double difference_rounding(const struct problem *problem, const struct exact *exact)
{
    bool crossed = false;
    return 8.0 * 0x1p-53 * fabs(objective(problem, exact, &crossed)) * 1.5 /
           difference_step(problem);
}

/* ||g - f|| / (1e-8 (||g|| + ||f||) + rounding) over the directions of one tensor that cross no
 * kink: right up to 1; infinite where g is all zero, which it may be under a ReLU, or where
 * a sample alone is normalized, alone. */
static double tensor_error(const struct problem *problem, const struct exact *exact, size_t first,
                           size_t count)
{
    double error = 0.0, g = 0.0, f = 0.0;
    for (size_t d = 0; d < DIRECTIONS && d < count; d++) {
        const struct tensor_direction along = {first, count, d,
                                               (count - d + DIRECTIONS - 1) / DIRECTIONS};
        const double slope = gradient_along(problem, exact, &along);
        bool crossed = false;
        const double quotient = difference_along(problem, exact, &along, &crossed);
        if (crossed)
            continue;
        error += (slope - quotient) * (slope - quotient);
        g += slope * slope;
        f += quotient * quotient;
    }
    const double rounding = sqrt(DIRECTIONS) * difference_rounding(problem, exact);
    const bool may_be_zero = problem->recipe.dropout > 0.0f ||
                             ref_network_has_kinks(&problem->network) ||
                             (problem->recipe.norm && problem->recipe.batch == 1);
    if (g == 0.0 && !may_be_zero)
        return HUGE_VAL;
    return sqrt(error) / (1e-8 * (sqrt(g) + sqrt(f)) + rounding);
}

/* The worst tensor of a network. */
struct tensor_miss {
    const char *name;
    size_t layer;
    double error;
};

/* Of a gradient [O] of layer `l`, where it has one. */
static struct tensor_miss vector_error(const struct problem *problem, const struct exact *exact,
                                       const char *name, size_t l, bool there, size_t first)
{
    const size_t outputs = problem->network.layers[l].outputs;
    return (struct tensor_miss){name, l,
                                there ? tensor_error(problem, exact, first, outputs) : 0.0};
}

static struct tensor_miss reference_error(const struct recipe *recipe)
{
    struct problem problem = problem_create(recipe);
    struct exact exact = exact_prepare(&problem);
    struct tensor_miss worst = {"dw", 0, 0.0};
    exact_run(&problem, &exact);
    for (size_t l = 0; l < recipe->layers; l++) {
        const struct dense_layer *layer = &problem.network.layers[l];
        const struct tensor_miss dw = {
            "dw", l,
            tensor_error(&problem, &exact, layer->weight_offset, layer->outputs * layer->inputs)};
        const struct tensor_miss vectors[] = {
            vector_error(&problem, &exact, "db", l, layer->bias, layer->bias_offset),
            vector_error(&problem, &exact, "dscale", l, layer->batch_norm, layer->scale_offset),
            vector_error(&problem, &exact, "dshift", l, layer->batch_norm, layer->shift_offset)};
        worst = dw.error > worst.error ? dw : worst;
        for (size_t v = 0; v < sizeof vectors / sizeof *vectors; v++)
            worst = vectors[v].error > worst.error ? vectors[v] : worst;
    }
    exact_reset(&exact);
    problem_reset(&problem);
    return worst;
}

static bool reference_fails(const struct recipe *recipe)
{
    return reference_error(recipe).error > 1.0;
}

static void reference_explain(const struct recipe *recipe, char *text, size_t size)
{
    const struct tensor_miss miss = reference_error(recipe);
    snprintf(text, size, "%s of layer %zu: ||g - f|| is %g times its bound", miss.name, miss.layer,
             miss.error);
}

START_TEST(gradients_are_those_of_the_loss)
{
    for (size_t i = 0; i < network_count(); i++) {
        const struct recipe recipe = network_number(i);
        if (reference_fails(&recipe))
            report(&recipe, reference_fails, reference_explain);
    }
}
END_TEST

/* ---- the devices against the reference ---- */

/* A problem, what is right, and how far from it an answer may be; arrays owned. */
struct expectation {
    struct problem problem;
    struct exact exact;
    struct spans spans;
    struct answer want;
    double *bounds; /* [spans.total] */
};

static void expectation_init(struct expectation *expectation, const struct recipe *recipe)
{
    const struct problem *problem = &expectation->problem;
    expectation->problem = problem_create(recipe);
    expectation->exact = exact_prepare(problem);
    exact_run(problem, &expectation->exact);
    expectation->spans = spans_of(problem);
    expectation->want = answer_of_reference(problem, &expectation->spans, &expectation->exact);
    expectation->bounds = memory_of(expectation->spans.total, sizeof *expectation->bounds);
    step_bounds(problem, &expectation->spans, &expectation->exact, single_precision,
                &expectation->want, expectation->bounds);
}

static void expectation_reset(struct expectation *expectation)
{
    answer_reset(&expectation->want);
    free(expectation->bounds);
    exact_reset(&expectation->exact);
    problem_reset(&expectation->problem);
}

/* The worst number of an answer: against the reference's whole step, and stage by stage. The first
 * shows a stage that is not there or in the wrong place, the second is the sharper one. */
static struct miss expectation_compare(const struct expectation *expectation,
                                       const struct answer *got)
{
    const struct miss miss =
        answer_compare(&expectation->spans, got, &expectation->want, expectation->bounds);
    return miss.ratio > 1.0
               ? miss
               : answer_judge(&expectation->problem, &expectation->spans, &expectation->exact, got);
}

/* Finds a tensor whose bounds are so wide that zeros would pass. Comparing it proves nothing,
 * unless it is all zero itself, as under a ReLU that no sample passes, or near 0 by chance. `miss`
 * receives its worst element. */
static bool zeros_pass(const struct expectation *expectation, struct miss *miss)
{
    double *zeros = memory_of(expectation->spans.total, sizeof *zeros);
    bool pass = false;
    for (size_t s = 0; s < expectation->spans.count && !pass; s++) {
        const struct span *span = &expectation->spans.spans[s];
        *miss = (struct miss){.name = NULL};
        span_compare(span, zeros, expectation->want.values, expectation->bounds, miss);
        pass = span->count > 0 && miss->ratio <= 1.0 && !all_zero(&expectation->want, span) &&
               !span_may_vanish(&expectation->spans, s) &&
               !span_is_lost(&expectation->problem, &expectation->exact, s);
    }
    free(zeros);
    return pass;
}

/* What is wrong with a step: its worst number, or a tensor for which zeros would pass. */
struct finding {
    struct miss miss;
    bool zeros_pass;
};

static struct finding device_finding(const struct recipe *recipe)
{
    struct expectation expectation;
    struct finding finding = {.zeros_pass = false};
    expectation_init(&expectation, recipe);
    struct answer got = answer_of_device(&expectation.problem, &expectation.spans);
    if (!spread_is_lost(recipe))
        finding.zeros_pass = zeros_pass(&expectation, &finding.miss);
    if (!finding.zeros_pass)
        finding.miss = expectation_compare(&expectation, &got);
    answer_reset(&got);
    expectation_reset(&expectation);
    return finding;
}

static bool device_fails(const struct recipe *recipe)
{
    const struct finding finding = device_finding(recipe);
    return finding.zeros_pass || finding.miss.ratio > 1.0;
}

static void device_explain(const struct recipe *recipe, char *text, size_t size)
{
    const struct finding finding = device_finding(recipe);
    const struct miss *miss = &finding.miss;
    snprintf(text, size, "%s: %s of layer %zu, element %zu: %sgot %.9g, need %.9g within %.3g",
             device->info.name, miss->name, miss->layer, miss->element,
             finding.zeros_pass ? "the bounds are so wide that zeros would pass: " : "", miss->got,
             miss->want, miss->bound);
}

START_TEST(steps_as_the_reference)
{
    for (size_t i = 0; i < network_count(); i++) {
        const struct recipe recipe = network_number(i);
        if (device_fails(&recipe))
            report(&recipe, device_fails, device_explain);
    }
}
END_TEST

#define PLAIN(bias)                                                                                \
    " batch=1 head=identity bias=" bias " sum=0 true_class_only=0 ordered=0 before=0 l1=0 l2=0 "   \
    "smooth=0 dropout="

/* In the first three networks, a layer without biases gets zeros alone: from a ReLU that no sample
 * passes, or from dropout. Its z are exactly 0, and so its kink is decided. In the next two, an
 * updated bias and the only gradient of a bias are nearly 0. In the next four, float32 loses the
 * slope of the only unit (lost_slopes.h). In the last one, the slope of GELU is small. */
START_TEST(bounds_are_not_too_wide)
{
    static const char *const lines[] = {
        "seed=1780 widths=1,1,1,1,2" PLAIN("0") "0 activations=identity,relu,leaky_relu norm=0",
        "seed=1 widths=1,1,1,1,2" PLAIN("0") "0.5 activations=identity,identity,leaky_relu norm=0",
        "seed=1 widths=1,1,1,1,2" PLAIN("0") "0 activations=relu,tanh,leaky_relu norm=0",
        "seed=704270 widths=3,1,63,33,16 batch=9 head=softmax bias=1 sum=1 true_class_only=0 "
        "ordered=1 before=2 l1=0 l2=0 smooth=0 dropout=0 activations=mish,identity,elu norm=0",
        "seed=704270 widths=6,1,63,34,17 batch=10 head=softmax bias=1 sum=0 true_class_only=0 "
        "ordered=1 before=2 l1=0 l2=0 smooth=0 dropout=0 activations=mish,identity,gelu norm=0",
        "seed=901243 widths=3,18,1,1,2 batch=23 head=softmax bias=0 sum=0 true_class_only=0 "
        "ordered=1 before=1 l1=0 l2=0 smooth=0 dropout=0.6 activations=relu,softplus,tanh norm=0",
        "seed=14935 widths=1,1,1,1,2" PLAIN("1") "0 activations=identity,identity,sigmoid norm=0",
        "seed=532607 widths=3,1,1,1,2" PLAIN("1") "0 activations=identity,identity,elu norm=0",
        "seed=532607 widths=3,1,1,1,2" PLAIN("1") "0 activations=identity,identity,selu norm=0",
        "seed=337 widths=1,1,1,1,2" PLAIN("1") "0 activations=identity,identity,gelu norm=0",
    };
    const struct recipe recipe = recipe_read(lines[_i]);
    struct expectation expectation;
    struct miss miss;
    expectation_init(&expectation, &recipe);
    ck_assert_msg(!zeros_pass(&expectation, &miss), "%s of layer %zu, element %zu: %g within %g",
                  miss.name, miss.layer, miss.element, miss.want, miss.bound);
    expectation_reset(&expectation);
}
END_TEST

/* ---- the tests themselves can fail ---- */

/* Is the answer found wrong when the largest number of `span` is off by 0.1 %? */
static bool off_is_found(const struct expectation *expectation, const struct span *span,
                         struct answer *got)
{
    size_t largest = span->first;
    for (size_t i = span->first; i < span->first + span->count; i++)
        largest = fabs(got->values[i]) > fabs(got->values[largest]) ? i : largest;
    const double right = got->values[largest];
    got->values[largest] *= 1.001;
    const struct miss miss = expectation_compare(expectation, got);
    got->values[largest] = right;
    return miss.ratio > 1.0;
}

/* In how many networks is a number off by 0.1 % found, whichever tensor it is in? 200 networks are
 * enough for a share. */
START_TEST(a_number_off_is_found)
{
    const size_t count = size_min(network_count(), 200);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct recipe recipe = network_number(i);
        struct expectation expectation;
        expectation_init(&expectation, &recipe);
        struct answer got = answer_of_device(&expectation.problem, &expectation.spans);
        bool all = true;
        for (size_t s = 0; s < expectation.spans.count && all; s++) {
            const struct span *span = &expectation.spans.spans[s];
            all = all_zero(&got, span) || off_is_found(&expectation, span, &got);
        }
        found += all;
        answer_reset(&got);
        expectation_reset(&expectation);
    }
    ck_assert_msg(20 * found >= 19 * count, "0.1 %% in any tensor is found in %zu of %zu networks",
                  found, count);
}
END_TEST

/* A fault that needs three samples, a hidden layer of two and a bias. */
static bool fault_for_shrinking(const struct recipe *recipe)
{
    return recipe->batch >= 3 && recipe->layers >= 2 && recipe->widths[1] >= 2 && recipe->bias;
}

START_TEST(failures_are_shrunk)
{
    size_t shrunk = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        char line[RECIPE_TEXT], expected[RECIPE_TEXT];
        const struct recipe recipe = recipe_draw(seed);
        if (!fault_for_shrinking(&recipe))
            continue;
        const struct recipe smallest = recipe_shrink(recipe, fault_for_shrinking);
        recipe_print(&smallest, line);
        snprintf(expected, sizeof expected,
                 "seed=%" PRIu64 " widths=1,2,%d batch=3 head=%s bias=1 sum=0 true_class_only=0 "
                 "ordered=0 before=0 l1=0 l2=0 smooth=0 dropout=0 activations=identity norm=0",
                 seed, recipe.widths[recipe.layers] == 1 ? 1 : 2, head_name(recipe.head));
        ck_assert_str_eq(line, expected);
        shrunk++;
    }
    ck_assert_uint_gt(shrunk, 10);
}
END_TEST

START_TEST(lines_reproduce_networks)
{
    bool heads[3] = {false}, depths[MOST_LAYERS + 1] = {false};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        char line[RECIPE_TEXT], again[RECIPE_TEXT];
        const struct recipe recipe = recipe_draw(seed);
        recipe_print(&recipe, line);
        const struct recipe read = recipe_read(line);
        recipe_print(&read, again);
        ck_assert_str_eq(line, again);
        ck_assert(read.l1 == recipe.l1 && read.l2 == recipe.l2);
        heads[recipe.head] = true;
        depths[recipe.layers] = true;
    }
    ck_assert(heads[0] && heads[1] && heads[2]);
    ck_assert(depths[1] && depths[2] && depths[3] && depths[4]);
}
END_TEST

/* Thousands of networks take their time. */
enum { TIMEOUT_SECONDS = 1200 };

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, TIMEOUT_SECONDS);
    tcase_add_test(tests, steps_as_the_reference);
    tcase_add_test(tests, a_number_off_is_found);
}

int main(void)
{
    Suite *suite = suite_create("random_networks");
    TCase *reference = tcase_create("reference");
    tcase_set_timeout(reference, TIMEOUT_SECONDS);
    tcase_add_test(reference, gradients_are_those_of_the_loss);
    tcase_add_loop_test(reference, bounds_are_not_too_wide, 0, 10);
    tcase_add_test(reference, failures_are_shrunk);
    tcase_add_test(reference, lines_reproduce_networks);
    suite_add_tcase(suite, reference);
    suite_add_engines(suite, add_tests);
    return suite_main(suite);
}
