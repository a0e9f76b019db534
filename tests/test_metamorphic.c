/* Changes a training step in known ways and tests what must follow, on the reference and on both
 * devices, for random networks. Nothing is compared with a correct result. These tests can
 * therefore find errors that the reference and the devices have in common.
 *
 * Two results that are equal in exact arithmetic differ by at most the sum of their bounds
 * (check/error_analysis.h).
 */
#include "device_answer.h"
#include "step_bounds.h"

/* Who answers: the reference, or `device`. */
static struct answer (*answer_to)(const struct problem *problem, const struct spans *spans,
                                  const struct exact *exact);
static struct precision precision;

static struct answer answer_on_device(const struct problem *problem, const struct spans *spans,
                                      const struct exact *exact)
{
    (void)exact;
    return answer_of_device(problem, spans);
}

static void reference_answers(void)
{
    answer_to = answer_of_reference;
    precision = double_precision;
}

static void device_answers(void)
{
    answer_to = answer_on_device;
    precision = single_precision;
}

/* A problem with its answer and what the answer may be off by; all owned. */
struct solution {
    struct problem problem;
    struct spans spans;
    struct answer got;
    size_t unsure;  /* samples that may be counted as right or not */
    double *bounds; /* [spans.total] */
};

/* Takes `problem` over. */
static struct solution solve(struct problem problem)
{
    struct solution solution = {.problem = problem, .spans = spans_of(&problem)};
    struct exact exact = exact_prepare(&problem);
    exact_run(&problem, &exact);
    struct answer want = answer_of_reference(&problem, &solution.spans, &exact);
    solution.bounds = memory_of(solution.spans.total, sizeof *solution.bounds);
    step_bounds(&problem, &solution.spans, &exact, precision, &want, solution.bounds);
    solution.got = answer_to(&problem, &solution.spans, &exact);
    solution.unsure = want.right_most - want.right;
    answer_reset(&want);
    exact_reset(&exact);
    return solution;
}

static void solution_reset(struct solution *solution)
{
    problem_reset(&solution->problem);
    answer_reset(&solution->got);
    free(solution->bounds);
}

/* A quarter of what test_random_networks takes. */
static size_t networks(void)
{
    return (network_count() + 3) / 4;
}

/* ---- where a number goes ---- */

/* Sample i becomes sample samples[i], unit i of layer boundary l (0: the features, then the outputs
 * of each layer) becomes units[l][i]. */
struct places {
    size_t samples[LARGEST_BATCH];
    size_t units[MOST_LAYERS + 1][WIDEST];
};

static struct places places_kept(void)
{
    struct places places;
    for (size_t i = 0; i < LARGEST_BATCH; i++)
        places.samples[i] = i;
    for (size_t l = 0; l <= MOST_LAYERS; l++)
        for (size_t i = 0; i < WIDEST; i++)
            places.units[l][i] = i;
    return places;
}

static void shuffle(uint64_t seed, size_t *places, size_t n)
{
    uint32_t order[WIDEST];
    random_permutation(stream_of(seed, STREAM_SIGNS), order, n);
    for (size_t i = 0; i < n; i++)
        places[i] = order[i];
}

/* Numbers of `from` into the problem `to`, which may be wider: what has no number stays as it is.
 */
static void problem_place(const struct problem *from, const struct places *places,
                          struct problem *to)
{
    const size_t features = from->recipe.widths[0], layers = from->recipe.layers;
    const size_t *labels = places->units[layers];
    const bool single = from->recipe.widths[layers] == 1;
    for (size_t i = 0; i < from->samples; i++) {
        const size_t row = places->samples[i];
        for (size_t j = 0; j < features; j++)
            to->x[row * to->recipe.widths[0] + places->units[0][j]] = from->x[i * features + j];
        to->labels[row] = single ? from->labels[i] : (int32_t)labels[from->labels[i]];
        to->order[i] = (uint32_t)i;
    }
    for (size_t l = 0; l < layers; l++) {
        const struct dense_layer *old = &from->network.layers[l], *new = &to->network.layers[l];
        for (size_t o = 0; o < old->outputs; o++) {
            const size_t row = places->units[l + 1][o];
            for (size_t i = 0; i < old->inputs; i++)
                to->parameters[new->weight_offset + row *new->inputs + places->units[l][i]] =
                    from->parameters[old->weight_offset + o * old->inputs + i];
            const size_t vectors[][2] = {{old->bias_offset, new->bias_offset},
                                         {old->scale_offset, new->scale_offset},
                                         {old->shift_offset, new->shift_offset},
                                         {old->mean_offset, new->mean_offset},
                                         {old->variance_offset, new->variance_offset}};
            for (size_t v = old->bias ? 0 : 1; v < (old->batch_norm ? 5 : 1); v++)
                to->parameters[vectors[v][1] + row] = from->parameters[vectors[v][0] + o];
        }
    }
}

/* Where element `i` of a span of `from` lies in the answer of `to`. */
static size_t element_place(const struct solution *from, const struct places *places,
                            const struct solution *to, size_t span, size_t i)
{
    const size_t l = span / SPAN_KINDS;
    if (l == from->problem.recipe.layers) /* the sums */
        return to->spans.spans[span].first;
    const struct dense_layer *old = &from->problem.network.layers[l];
    const struct dense_layer *new = &to->problem.network.layers[l];
    const size_t first = to->spans.spans[span].first, *outputs = places->units[l + 1];
    switch ((enum span_kind)(span % SPAN_KINDS)) {
    case SPAN_A:
    case SPAN_DZ:
    case SPAN_Z:
    case SPAN_Q:
        return first + places->samples[i / old->outputs] * new->outputs + outputs[i % old->outputs];
    case SPAN_DW:
    case SPAN_W:
        return first + outputs[i / old->inputs] * new->inputs + places->units[l][i % old->inputs];
    default:
        return first + outputs[i];
    }
}

/* The networks in question, where a test fails. */
static const char *line_of(const struct solution *solution)
{
    static char line[RECIPE_TEXT];
    recipe_print(&solution->problem.recipe, line);
    return line;
}

static void assert_near(const struct solution *of, const char *name, size_t layer, size_t i,
                        double before, double after, double bound)
{
    ck_assert_msg(fabs(before - after) <= bound,
                  "%s of layer %zu, element %zu: %.17g, then %.17g, may differ by %.3g: "
                  "WEFT_RANDOM_NETWORK='%s'",
                  name, layer, i, before, after, bound, line_of(of));
}

/* Every number of `before` is found again in `after`, at its place. */
static void assert_same_numbers(const struct solution *before, const struct places *places,
                                const struct solution *after)
{
    for (size_t s = 0; s < before->spans.count; s++) {
        const struct span *span = &before->spans.spans[s];
        for (size_t i = 0; i < span->count; i++) {
            const size_t from = span->first + i, to = element_place(before, places, after, s, i);
            assert_near(before, span->name, span->layer, i, before->got.values[from],
                        after->got.values[to], before->bounds[from] + after->bounds[to]);
        }
    }
    const size_t more = before->got.right > after->got.right ? before->got.right - after->got.right
                                                             : after->got.right - before->got.right;
    ck_assert_msg(more <= before->unsure, "%zu samples right, then %zu: WEFT_RANDOM_NETWORK='%s'",
                  before->got.right, after->got.right, line_of(before));
}

/* Network `i`, its samples in file order. */
static struct recipe plain_number(size_t i)
{
    struct recipe recipe = network_number(i);
    recipe.ordered = false, recipe.before = 0;
    recipe.dropout = 0.0f; /* goes by the place of a number */
    return recipe;
}

/* ---- order does not matter ---- */

/* Solves the problem as it is and with its numbers at other places. */
static void check_places(const struct recipe *recipe, const struct places *places)
{
    struct problem moved = problem_allocate(recipe);
    struct solution before = solve(problem_create(recipe));
    problem_place(&before.problem, places, &moved);
    struct solution after = solve(moved);
    assert_same_numbers(&before, places, &after);
    solution_reset(&before);
    solution_reset(&after);
}

/* The same samples, drawn in another order. */
START_TEST(order_of_samples)
{
    for (size_t n = 0; n < networks(); n++) {
        struct recipe recipe = plain_number(n);
        struct places places = places_kept();
        shuffle(recipe.seed, places.samples, recipe.batch);
        struct solution before = solve(problem_create(&recipe));
        recipe.ordered = true;
        struct problem drawn = problem_create(&recipe);
        for (size_t i = 0; i < drawn.samples; i++)
            drawn.order[places.samples[i]] = (uint32_t)i;
        struct solution after = solve(drawn);
        assert_same_numbers(&before, &places, &after);
        solution_reset(&before);
        solution_reset(&after);
    }
}
END_TEST

START_TEST(order_of_features)
{
    for (size_t n = 0; n < networks(); n++) {
        const struct recipe recipe = plain_number(n);
        struct places places = places_kept();
        shuffle(recipe.seed, places.units[0], recipe.widths[0]);
        check_places(&recipe, &places);
    }
}
END_TEST

START_TEST(order_of_hidden_units)
{
    for (size_t n = 0; n < networks(); n++) {
        const struct recipe recipe = plain_number(n);
        struct places places = places_kept();
        for (size_t l = 1; l < recipe.layers; l++)
            shuffle(recipe.seed + l, places.units[l], recipe.widths[l]);
        check_places(&recipe, &places);
    }
}
END_TEST

START_TEST(order_of_classes)
{
    for (size_t n = 0; n < networks(); n++) {
        struct recipe recipe = plain_number(n);
        recipe.smooth = false; /* classes have weights there, and would not be alike */
        struct places places = places_kept();
        shuffle(recipe.seed, places.units[recipe.layers], recipe.widths[recipe.layers]);
        check_places(&recipe, &places);
    }
}
END_TEST

/* ---- the same samples again ---- */

/* A mean over the batch does not change, a sum over it doubles. */
static void assert_same_mean(const struct solution *once, const struct solution *twice)
{
    for (size_t s = 0; s < once->spans.count; s++) {
        const struct span *span = &once->spans.spans[s], *other = &twice->spans.spans[s];
        const bool sums = span->layer == 0 && s >= once->spans.count - SPAN_SUMS;
        const enum span_kind kind = (enum span_kind)(s % SPAN_KINDS);
        const double factor = sums && s == once->spans.count - SPAN_SUMS ? 2.0 : 1.0;
        if (!sums && (kind == SPAN_A || kind == SPAN_DZ || kind == SPAN_Z || kind == SPAN_Q))
            continue;
        if (!sums && kind == SPAN_RUNNING_VARIANCE) /* goes by the number of samples */
            continue;
        for (size_t i = 0; i < span->count; i++)
            assert_near(once, span->name, span->layer, i,
                        factor * once->got.values[span->first + i],
                        twice->got.values[other->first + i],
                        factor * once->bounds[span->first + i] + twice->bounds[other->first + i]);
    }
}

START_TEST(a_batch_given_twice)
{
    for (size_t n = 0; n < networks(); n++) {
        struct recipe recipe = plain_number(n);
        recipe.sum = false;
        struct solution once = solve(problem_create(&recipe));
        recipe.batch *= 2;
        struct problem doubled = problem_allocate(&recipe);
        struct places places = places_kept();
        for (size_t again = 0; again < 2; again++) {
            problem_place(&once.problem, &places, &doubled);
            for (size_t i = 0; i < once.problem.samples; i++)
                places.samples[i] += once.problem.samples;
        }
        for (size_t i = 0; i < doubled.samples; i++)
            doubled.order[i] = (uint32_t)i;
        struct solution twice = solve(doubled);
        assert_same_mean(&once, &twice);
        solution_reset(&once);
        solution_reset(&twice);
    }
}
END_TEST

/* ---- a unit that does nothing ---- */

/* The unit that was added to boundary `l` has no effect, so nothing pulls at what leads to it; what
 * leads from it has the gradient of a bias times activation(0), which is what it always gives. */
static void assert_idle(const struct solution *solution, size_t l)
{
    const struct spans *spans = &solution->spans;
    const double *values = solution->got.values, *bounds = solution->bounds;
    const struct dense_layer *to = &solution->problem.network.layers[l - 1];
    const struct dense_layer *from = &solution->problem.network.layers[l];
    const size_t unit = to->outputs - 1;
    double idle = 0.0;
    ref_activation_forward(to->activation, &idle, 1);
    for (size_t i = 0; i < to->inputs; i++) {
        const size_t at = unit * to->inputs + i;
        assert_near(solution, "dw of the idle unit", l - 1, i,
                    values[span_first(spans, l - 1, SPAN_DW) + at], 0.0, 0.0);
        assert_near(solution, "weight of the idle unit", l - 1, i,
                    values[span_first(spans, l - 1, SPAN_W) + at], 0.0, 0.0);
    }
    for (size_t o = 0; o < from->outputs && from->bias; o++) {
        const size_t dw = span_first(spans, l, SPAN_DW) + o * from->inputs + unit;
        const size_t db = span_first(spans, l, SPAN_DB) + o;
        assert_near(solution, "dw from the idle unit", l, o, values[dw], idle * values[db],
                    bounds[dw] + idle * bounds[db]);
    }
}

START_TEST(an_idle_unit_changes_nothing)
{
    for (size_t n = 0; n < networks(); n++) {
        struct recipe recipe = plain_number(n);
        if (recipe.layers == 1)
            continue;
        const struct places places = places_kept();
        const size_t l = 1 + n % (recipe.layers - 1); /* the boundary that gets it */
        struct solution before = solve(problem_create(&recipe));
        recipe.widths[l]++;
        struct problem wider = problem_allocate(&recipe); /* all weights 0 */
        problem_place(&before.problem, &places, &wider);
        struct solution after = solve(wider);
        assert_same_numbers(&before, &places, &after);
        assert_idle(&after, l);
        solution_reset(&before);
        solution_reset(&after);
    }
}
END_TEST

/* ---- no step ---- */

START_TEST(learning_rate_0_changes_no_byte)
{
    for (size_t n = 0; n < networks(); n++) {
        struct recipe recipe = plain_number(n);
        recipe.l1 = recipe.l2 = 0.1f;
        struct problem problem = problem_create(&recipe);
        problem.learning_rate = 0.0f;
        struct solution solution = solve(problem);
        for (size_t l = 0; l < recipe.layers; l++) {
            const struct dense_layer *layer = &problem.network.layers[l];
            const double *w = solution.got.values + span_first(&solution.spans, l, SPAN_W);
            const double *b = solution.got.values + span_first(&solution.spans, l, SPAN_B);
            for (size_t i = 0; i < layer->outputs * layer->inputs; i++)
                assert_near(&solution, "weight", l, i, w[i],
                            (double)problem.parameters[layer->weight_offset + i], 0.0);
            for (size_t i = 0; i < layer->outputs && layer->bias; i++)
                assert_near(&solution, "bias", l, i, b[i],
                            (double)problem.parameters[layer->bias_offset + i], 0.0);
        }
        solution_reset(&solution);
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, order_of_samples);
    tcase_add_test(tests, order_of_features);
    tcase_add_test(tests, order_of_hidden_units);
    tcase_add_test(tests, order_of_classes);
    tcase_add_test(tests, a_batch_given_twice);
    tcase_add_test(tests, an_idle_unit_changes_nothing);
    tcase_add_test(tests, learning_rate_0_changes_no_byte);
}

static void add_device_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, device_answers, NULL);
    add_tests(tests);
}

int main(void)
{
    Suite *suite = suite_create("metamorphic");
    TCase *reference = tcase_create("reference");
    tcase_add_checked_fixture(reference, reference_answers, NULL);
    add_tests(reference);
    suite_add_tcase(suite, reference);
    suite_add_devices(suite, add_device_tests);
    return suite_main(suite);
}
