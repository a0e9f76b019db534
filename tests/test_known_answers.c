/* Tests the known-answer test before a training. Both devices pass it. A kernel with a mistake or a
 * wrong matrix product does not pass. */
#define _XOPEN_SOURCE 700

#include "check/check.h"
#include "mistaken_kernel.h"
#include "opencl/products.h"
#include "plain_options.h"

/* Tests the device for a network of so many features. */
static enum weft_status test_features(struct weft_device *tested, enum weft_head head,
                                      size_t features)
{
    const size_t widths[] = {features, 10, 3};
    struct network network;
    ck_ok(network_init(&network, widths, 2, head, head != WEFT_HEAD_SIGMOID));
    const struct check_plan plan = {.network = &network,
                                    .batches = {32, 5},
                                    .block = 64,
                                    .products = device_products,
                                    .objective = {.article = head == WEFT_HEAD_SIGMOID}};
    const enum weft_status status = known_answer_test(tested, &plan, NULL);
    network_reset(&network);
    return status;
}

/* A network whose products take no time. */
static enum weft_status test_device(struct weft_device *tested, enum weft_head head)
{
    return test_features(tested, head, 20);
}

START_TEST(a_right_device_passes)
{
    ck_ok(test_device(device, WEFT_HEAD_SIGMOID));
    ck_ok(test_device(device, WEFT_HEAD_SOFTMAX));
    ck_ok(test_device(device, WEFT_HEAD_IDENTITY));
}
END_TEST

/* Steps of all heads, with and without biases, with several seeds. */
START_TEST(tiny_steps_are_right)
{
    static const size_t widths[] = {20, 10, 3};
    for (int i = 0; i < 3 * 2 * 2 * 3; i++) {
        struct network network;
        struct check_result fault;
        char text[RESULT_TEXT_SIZE];
        ck_ok(network_init(&network, widths, 2, (enum weft_head)(i % 3), i / 3 % 2 == 1));
        const struct check_plan plan = {.network = &network,
                                        .products = device_products,
                                        .objective = {.article = i / 6 % 2 == 1},
                                        .seed = (uint64_t)(i / 12)};
        ck_ok(check_tiny_steps(device, &plan, &fault));
        result_to_text(&fault, text);
        ck_assert_msg(fault.name == NULL, "%s", text);
        network_reset(&network);
    }
}
END_TEST

/* ---- samples and metrics of another place ---- */

static struct backend misplacing;

static enum weft_status gather_of_first(struct workspace *space, const struct device_data *samples,
                                        size_t first, size_t count, const struct batch_draw *draw)
{
    (void)first;
    return backend->batch_gather(space, samples, 0, count, draw);
}

static enum weft_status order_ignored(struct device_data *samples, const uint32_t *order)
{
    (void)samples;
    (void)order;
    return WEFT_OK;
}

static enum weft_status loss_in_first_slot(struct workspace *space, const struct loss_rule *rule,
                                           size_t slot)
{
    (void)slot;
    return backend->output_delta(space, rule, 0);
}

/* Steps by single operations: a device may ignore where a batch begins, its order, or the slot of
 * its metrics. */
START_TEST(a_wrong_place_is_named)
{
    static const char *const operations[] = {"gather", "gather", "loss"};
    static const size_t widths[] = {20, 10, 3};
    struct network network;
    struct check_result fault;
    ck_ok(network_init(&network, widths, 2, WEFT_HEAD_SOFTMAX, true));
    const struct check_plan plan = {.network = &network, .products = WEFT_GEMM_CLBLAST};
    misplacing = *backend;
    misplacing.batch_gather = _i == 0 ? gather_of_first : backend->batch_gather;
    misplacing.order_upload = _i == 1 ? order_ignored : backend->order_upload;
    misplacing.output_delta = _i == 2 ? loss_in_first_slot : backend->output_delta;
    device->backend = &misplacing;
    ck_ok(check_tiny_steps(device, &plan, &fault));
    ck_assert_ptr_nonnull(fault.name);
    ck_assert_str_eq(fault.name, operations[_i]);
    device->backend = backend;
    network_reset(&network);
}
END_TEST

/* ---- kernels with a mistake ---- */

/* The error names `operation`. */
static const struct mistake mistakes[] = {
    /* 0.1 % too much */
    {"common.cl", "const float e = exp(-fabs(z));", "const float e = 1.001f * exp(-fabs(z));",
     "sigmoid_forward"},
    {"common.cl", "log1p(exp(-fabs(z)))", "log1p(1.001f * exp(-fabs(z)))", "sigmoid_cross_entropy"},
    /* one column too many */
    {"activation.cl",
     "ulong b_offset, uint rows,\n                       uint columns)\n{\n    "
     "const uint c = get_global_id(0);\n    const uint r = get_global_id(1);\n    "
     "if (c >= columns",
     "ulong b_offset, uint rows,\n                       uint columns)\n{\n    "
     "const uint c = get_global_id(0);\n    const uint r = get_global_id(1);\n    if (c > columns",
     "bias_add"},
    /* nothing added */
    {"activation.cl", "z[(ulong)r * columns + c] += b[b_offset + c];", ";", "bias_add"},
    {"activation.cl", "return a * (one - a)", "return one - a", "layer_backward"},
    {"activation.cl", "clamp(z[i], 0.0f, 1.0f)", "fmin(z[i], 1.0f)", "clip_unit"},
    {"losses.cl", "sum += p[c];", "sum += c > 0 ? p[c] : 0.0f;", "softmax_rows"},
    {"losses.cl", "(log_sum - fall)", "(log_sum + fall)", "softmax_cross_entropy"},
    {"losses.cl", "exp(fall) / sum *", "exp(fall) *", "softmax_cross_entropy"},
    {"losses.cl", "delta_factor * weight;\n    float sum", "delta_factor;\n    float sum",
     "softmax_cross_entropy"},
    {"losses.cl", "> 0.0f ? rest : target", "> 0.0f ? target : rest", "sigmoid_cross_entropy"},
    {"losses.cl", "target * softplus(", "target + softplus(", "sigmoid_cross_entropy"},
    {"losses.cl", "true_class_only && columns > 1 ?", "columns > 1 ?", "sigmoid_cross_entropy"},
    {"losses.cl", "half_weight = 0.5f * weight", "half_weight = 0.5f", "identity_squared_error"},
    {"losses.cl", "scale * difference;", "scale * difference * difference;",
     "identity_squared_error"},
    {"common.cl", "for (uint c = 1; c < columns; c++)", "for (uint c = 2; c < columns; c++)",
     "softmax_cross_entropy"},
    {"common.cl", "if (z[c] > z[best])", "if (fabs(z[c]) > fabs(z[best]))",
     "softmax_cross_entropy"},
    {"random.cl", "mul_hi(0xd2511f53u, counter.x)", "mul_hi(0xd2511f53u, counter.y)",
     "image_draws"},
    {"random.cl", "words_of_longs(product1 >> 32)", "words_of_longs(product0 >> 32)", "dropout"},
    {"images.cl", "(int)width - 1 - moved", "(int)width - moved", "gather_images"},
    {"images.cl", "j - draw[2]", "j + draw[2]", "gather_images"},
    {"images.cl", "share * b + rest * a", "share * a + rest * b", "mix_rows"},
    {"losses.cl", "c == label) ? 1.0f : 0.0f", "c <= label) ? 1.0f : 0.0f", "label_targets"},
    {"losses.cl", "weights[order[order_first + r]];", "weights[order_first + r];", "label_targets"},
    {"losses.cl", "multiply_add(share, targets[", "multiply_add(1.0f, targets[", "gather_targets"},
    {"losses.cl", "sample = order[order_first + r]", "sample = order_first + r", "gather_targets"},
    {"norm.cl", "* (apart * apart)", "* apart", "norm_statistics"},
    {"norm.cl", "multiply_add(d, factor, term)", "multiply_add(d, factor, -term)", "norm_forward"},
    {"norm.cl", "products += partial[(ulong)s", "products = partial[(ulong)s", "norm_gradient"},
    {"norm.cl", "- even - d * slope", "- d * slope", "norm_backward"},
    {"norm.cl", "= unbiased * variance", "= variance", "norm_running"},
    {"reduce.cl", "const uint end = min((s + 1) * slice_rows, rows);",
     "const uint end = min((s + 1) * slice_rows, rows - 1);", "bias_gradient"},
    {"reduce.cl", "squares += w[i] * w[i];", "squares += fabs(w[i]);", "penalty_terms"},
    {"reduce.cl", "for (ulong i = share; i < n; i += shares) {\n        sum +=",
     "for (ulong i = share; i + 1 < n; i += shares) {\n        sum +=", "penalty_terms"},
    {"reduce.cl", "count += correct[r];", "count += 1;", "metrics_sum"},
    {"update.cl", "l1 * sign(w[i]) + l2 * w[i]", "(l1 + l2) * w[i]", "penalty_gradient"},
    {"update.cl", "sum[i] += dw[i]", "sum[i] = dw[i]", "gradient_add"},
    {"update.cl", "w[i] -= learning_rate * (clip", "w[i] += learning_rate * (clip",
     "parameters_update 67x19, sgd"},
    {"data.cl", "(x[i] - mean[c]) / std[c]", "(x[i] - mean[c]) * std[c]", "standardize_rows"},
    /* another stride, another sample, another label */
    {"data.cl", "lanes_load(x + sample * columns + c", "lanes_load(x + sample * (columns - 1) + c",
     "gather_rows"},
    {"data.cl", "present ? order[order_first + r]", "present ? order_first + r", "gather_rows"},
    {"data.cl", "raw - lanes_load(mean + c, width)", "raw + lanes_load(mean + c, width)",
     "gather_byte_rows"},
    {"data.cl", "i < count ? (float)p[i]", "i < count ? (float)p[0]", "gather_byte_rows"},
    {"images.cl", "(float)x[(ulong)as_uint(draws[0]) * columns + from]",
     "(float)x[(ulong)as_uint(draws[0]) * columns + c]", "gather_byte_images"},
    {"data.cl", "present ? labels[sample]", "present ? labels[r]", "gather_rows"},
    {"reduce.cl", "squares += dw[i] * dw[i];", "squares += fabs(dw[i]);", "clip_factor"},
    {"reduce.cl", "factor < 1.0f ? factor : 1.0f", "1.0f", "clip_factor"},
    {"update.cl", "momentum * v[i] + g", "momentum * v[i] - g",
     "parameters_update 67x19, momentum"},
    {"update.cl", "nesterov ? g + momentum * velocity", "nesterov ? velocity",
     "parameters_update 67x19, nesterov"},
    {"update.cl", "(g / (sqrt(square) + epsilon))", "(g / sqrt(square + epsilon))",
     "parameters_update 67x19, rmsprop"},
    {"update.cl", "gain2 * g * g", "gain2 * g", "parameters_update 67x19, adam"},
    {"update.cl", "select(old, decay_factor * old, lane_numbers() < decayed)", "decay_factor * old",
     "parameters_update 67x19, adam"},
    {"update.cl", "gain * (w[i] - average[i])", "gain * w[i]", "average_update"},
    {"repulsion.cl", "select(q, (lanes)0.0f, own)", "q", "repulsion"},
    {"repulsion.cl", "repulsion_add(tile, r * a, ex, ey)", "repulsion_add(tile, r * b, ex, ey)",
     "repulsion"},
    {"repulsion.cl", "lanes w = q * q;", "lanes w = q;", "repulsion"},
};
enum { MISTAKES = sizeof mistakes / sizeof *mistakes };

START_TEST(a_wrong_kernel_is_named)
{
    const struct mistake *mistake = &mistakes[_i * mistake_step()];
    mistaken_device_open(mistake, device_open_opencl);
    ck_fails(test_device(device, WEFT_HEAD_SOFTMAX), WEFT_ERROR_WRONG_RESULT, mistake->operation);
    ck_assert_ptr_nonnull(strstr(weft_error(), device->info.name));
    ck_assert_ptr_nonnull(strstr(weft_error(), "67x"));
    mistaken_device_close();
}
END_TEST

/* A mistake in Weft's own products or in the fused step; `operation` is what the note names. The
 * network has 300 features, and tiny steps have fewer than a fused step turns. */
static const struct mistake own_mistakes[] = {
    {"product.cl", "sum = multiply_add(a[k * a_term], b[k * b_term], sum)",
     "sum += a[k * a_term] * b[k]", "product_weight_gradient"},
    {"product_blocked.cl", "left.s0145, 0", "left.s0154, 0", "product_forward"},
    {"product_blocked.cl", "min(chunk, inner - k)", "min(chunk, inner - 1 - k)", "product_forward"},
    {"product_blocked.cl", "n - panel.used)", "n - panel.used - 1)", "product_weight_gradient"},
    {"product_blocked.cl", "a += a_term", "a++", "product_weight_gradient"},
    {"product_blocked.cl", "(ulong)k * columns, columns", "(ulong)k * columns, columns + 1",
     "product_weight_gradient"},
    {"lanes.cl", "const uint whole = n / LANES * LANES;",
     "const uint whole = n / LANES * LANES; n = whole;", "dense_forward layer 0"},
    {"lanes.cl", "a + k / LANES * a_panel + k % LANES * a_term", "a + k * a_term + k / LANES",
     "weight_gradient layer 0"},
    {"lanes.cl", "n - LANES);", "n - LANES - 1);", "weight_gradient layer 0"},
    {"step_layer.cl",
     "layer->has_bias ? parameters[layer->biases + o + j] : 0.0f;\n                for",
     "0.0f;\n                for", "step"},
    {"step_layer.cl", "if (whole + j < inputs)", "if (whole + j + 1 < inputs)", "step"},
    {"step_layer.cl", "shares[j] += shares[j + half_way]", "shares[j] = shares[j + half_way]",
     "step"},
    {"step_layer.cl", "column[i] = x[at[i] + k]", "column[i] = x[at[0] + k]", "step"},
    {"step_layer.cl", "delta * step_slope(layer->activation, z, a)", "delta * a", "step"},
    {"step.cl", "lanes g = lanes_load(partial + i, count)",
     "lanes g = 1.001f * lanes_load(partial + i, count)", "step"},
    {"step.cl", "l1 * sign(value) + l2 * value", "l1 * value + l2 * value", "step"},
    {"step.cl", "% BLOCK_WIDTH], r > first,", "% BLOCK_WIDTH], true,", "step"},
    {"step_head.cl", "whole * log(sum) - fallen", "whole * log(sum) + fallen", "step"},
    {"step_head.cl", "p * whole - lanes_at(c, y)", "p * whole + lanes_at(c, y)", "step"},
    {"step_head.cl", "lanes_put(select((lanes)0.0f, lanes_at(c, y), present), c, y)", ";", "step"},
};
enum { OWN_MISTAKES = sizeof own_mistakes / sizeof *own_mistakes };

/* CLBlast takes the products, and steps run by operation: all of it is right then. */
START_TEST(a_wrong_product_of_its_own_is_repaired)
{
    mistaken_device_open(&own_mistakes[_i], device_open_fused);
    ck_ok(test_features(device, WEFT_HEAD_SOFTMAX, 300));
    const char *note = device->info.note;
    const bool step = strncmp(own_mistakes[_i].operation, "product_", strlen("product_")) != 0;
    ck_assert_msg(strstr(note, own_mistakes[_i].operation) != NULL, "%s", note);
    ck_assert_msg(strstr(note, " computed wrong; using ") != NULL, "%s", note);
    ck_assert_msg((strstr(note, "CLBlast setting ") != NULL) != step, "%s", note);
    ck_assert_msg(!step || strstr(note, "fused step") == note, "%s", note);
    mistaken_device_close();
}
END_TEST

START_TEST(a_kernel_that_does_not_build_is_shown)
{
    struct weft_device *opened = NULL;
    mistake_install(
        &(struct mistake){"update.cl", "w[i] -= learning_rate * (clip", "w[i] -= rate", ""});
    ck_fails(weft_device_create("opencl", NULL, NULL, &opened), WEFT_ERROR_DEVICE, "do not build");
    ck_assert_ptr_nonnull(strstr(weft_error(), "rate"));
    ck_assert_ptr_null(opened);
}
END_TEST

/* ---- wrong products are repaired ---- */

static int wrong_settings; /* how many settings still compute wrong */

static enum weft_status run_with_wrong_products(struct weft_device *faulty,
                                                const struct primitive_call *call)
{
    ck_ok(backend->primitive_run(faulty, call));
    if (call->primitive == PRIMITIVE_PRODUCT && call->form == PRODUCT_DELTA && wrong_settings > 0)
        ((float *)call->arrays[2].values)[0] += 1.0f;
    return WEFT_OK;
}

static enum weft_status next_setting(struct weft_device *faulty, bool step,
                                     struct repair_change *change)
{
    (void)faulty;
    ck_assert(!step);
    snprintf(change->wrong, sizeof change->wrong, "%s", wrong_settings > 1 ? "first" : "second");
    snprintf(change->use, sizeof change->use, "%s", wrong_settings > 1 ? "second" : "third");
    wrong_settings--;
    return WEFT_OK;
}

static enum weft_status no_setting_left(struct weft_device *faulty, bool step,
                                        struct repair_change *change)
{
    (void)faulty;
    (void)step;
    (void)change;
    return WEFT_ERROR_WRONG_RESULT;
}

START_TEST(wrong_products_are_repaired)
{
    struct weft_device *faulty = device_spoil(run_with_wrong_products);
    faulty_backend.repair = next_setting;
    wrong_settings = 2;
    enum weft_status status = test_device(faulty, WEFT_HEAD_SOFTMAX);
    ck_assert_int_eq(wrong_settings, 0);
    ck_assert_msg(status == WEFT_OK, "%s", weft_error());
    struct weft_device_info info;
    weft_device_get_info(faulty, &info);
    ck_assert_ptr_nonnull(strstr(info.note, "product_delta 32x10x3"));
    ck_assert_ptr_nonnull(strstr(info.note, "first, second computed wrong; using third since 20"));
}
END_TEST

/* A device is not tested twice for the same plan, but for every new one. */
START_TEST(a_plan_is_tested_once)
{
    struct weft_device *faulty = device_spoil(run_with_wrong_products);
    faulty_backend.repair = NULL;
    wrong_settings = 0;
    ck_ok(test_device(faulty, WEFT_HEAD_SOFTMAX));
    wrong_settings = 1;
    ck_ok(test_device(faulty, WEFT_HEAD_SOFTMAX));
    ck_fails(test_device(faulty, WEFT_HEAD_IDENTITY), WEFT_ERROR_WRONG_RESULT, "product_delta");
}
END_TEST

START_TEST(products_without_a_right_setting_are_an_error)
{
    struct weft_device *faulty = device_spoil(run_with_wrong_products);
    faulty_backend.repair = _i == 0 ? no_setting_left : NULL;
    wrong_settings = 1;
    ck_fails(test_device(faulty, WEFT_HEAD_SOFTMAX), WEFT_ERROR_WRONG_RESULT,
             "product_delta 32x10x3");
}
END_TEST

/* ---- products of the last batch ---- */

static size_t last_products; /* of 5 samples */

static enum weft_status run_and_look(struct weft_device *faulty, const struct primitive_call *call)
{
    const bool gradient = call->form == PRODUCT_WEIGHT_GRADIENT;
    if (call->primitive == PRIMITIVE_PRODUCT && (gradient ? call->inner : call->rows) == 5) {
        ck_assert_uint_eq(call->like, 32);
        last_products++;
    }
    return backend->primitive_run(faulty, call);
}

/* They are computed by who computes the largest batch's: five products, each from two places. */
START_TEST(the_last_batch_has_the_engines_of_the_largest)
{
    ck_ok(test_device(device_spoil(run_and_look), WEFT_HEAD_SOFTMAX));
    ck_assert_uint_eq(last_products, 10);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, a_right_device_passes);
    tcase_add_test(tests, tiny_steps_are_right);
    tcase_add_loop_test(tests, a_wrong_place_is_named, 0, 3);
    tcase_add_test(tests, wrong_products_are_repaired);
    tcase_add_test(tests, a_plan_is_tested_once);
    tcase_add_test(tests, the_last_batch_has_the_engines_of_the_largest);
    tcase_add_loop_test(tests, products_without_a_right_setting_are_an_error, 0, 2);
}

int main(void)
{
    Suite *suite = suite_create("known_answers");
    suite_add_engines(suite, add_tests);
    TCase *broken = tcase_create("broken kernels");
    tcase_add_checked_fixture(broken, temporary_create, temporary_remove);
    tcase_add_loop_test(broken, a_wrong_kernel_is_named, 0, (MISTAKES - 1) / mistake_step() + 1);
    tcase_add_test(broken, a_kernel_that_does_not_build_is_shown);
    suite_add_tcase(suite, broken);
    TCase *repaired = tcase_create("broken engines");
    tcase_add_checked_fixture(repaired, temporary_create, temporary_remove);
    tcase_add_loop_test(repaired, a_wrong_product_of_its_own_is_repaired, 0, OWN_MISTAKES);
    suite_add_tcase(suite, repaired);
    return suite_main(suite);
}
