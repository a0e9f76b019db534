/* Tests every activation and its slope, in the reference and on both devices, against numbers that
 * mpmath computed with 60 digits from the published formulas. */
#include "check/error_activation.h"
#include "devices.h"
#include "reference/reference.h"

/* Far from 0, near it, and at the kinks. */
enum { POINTS = 13 };
static const double z[POINTS] = {-1e4,     -30, -5,   -1.25, -0.5, -0x1.4p-9, 0,
                                 0x1.4p-9, 0.5, 1.25, 5,     30,   1e4};

/* At 0, the slope of an activation with a kink is the one for z < 0. */
static const struct golden {
    double a[POINTS], slope[POINTS];
} golden[ACTIVATION_COUNT] = {
    [WEFT_ACTIVATION_IDENTITY] = {{-10000.0, -30.0, -5.0, -1.25, -0.5, -0.00244140625, 0.0,
                                   0.00244140625, 0.5, 1.25, 5.0, 30.0, 10000.0},
                                  {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0,
                                   1.0}},
    [WEFT_ACTIVATION_SIGMOID] = {{0.0, 9.357622968839299e-14, 0.0066928509242848554,
                                  0.22270013882530884, 0.37754066879814546, 0.4993896487406647, 0.5,
                                  0.5006103512593353, 0.6224593312018546, 0.7772998611746912,
                                  0.9933071490757152, 0.9999999999999064, 1.0},
                                 {0.0, 9.357622968838423e-14, 0.006648056670790155,
                                  0.173104786992497, 0.2350037122015945, 0.24999962747134022, 0.25,
                                  0.24999962747134022, 0.2350037122015945, 0.173104786992497,
                                  0.006648056670790155, 9.357622968838423e-14, 0.0}},
    [WEFT_ACTIVATION_TANH] = {{-1.0, -1.0, -0.9999092042625951, -0.8482836399575129,
                               -0.46211715726000974, -0.0024414013993731554, 0.0,
                               0.0024414013993731554, 0.46211715726000974, 0.8482836399575129,
                               0.9999092042625951, 1.0, 1.0},
                              {0.0, 3.502604305078608e-26, 0.0001815832309438067,
                               0.28041486618043265, 0.7864477329659274, 0.9999940395592072, 1.0,
                               0.9999940395592072, 0.7864477329659274, 0.28041486618043265,
                               0.0001815832309438067, 3.502604305078608e-26, 0.0}},
    [WEFT_ACTIVATION_RELU] = {{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.00244140625, 0.5, 1.25, 5.0,
                               30.0, 10000.0},
                              {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}},
    [WEFT_ACTIVATION_LEAKY_RELU] = {{-100.0, -0.3, -0.05, -0.0125, -0.005, -2.44140625e-05, 0.0,
                                     0.00244140625, 0.5, 1.25, 5.0, 30.0, 10000.0},
                                    {0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 1.0, 1.0, 1.0, 1.0,
                                     1.0, 1.0}},
    [WEFT_ACTIVATION_ELU] = {{-1.0, -0.9999999999999064, -0.9932620530009145, -0.7134952031398099,
                              -0.3934693402873666, -0.0024384284416008603, 0.0, 0.00244140625, 0.5,
                              1.25, 5.0, 30.0, 10000.0},
                             {0.0, 9.357622968840175e-14, 0.006737946999085467, 0.2865047968601901,
                              0.6065306597126334, 0.9975615715583991, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0,
                              1.0}},
    [WEFT_ACTIVATION_GELU] = {{0.0, -1.472014178144456e-196, -1.4332578593959695e-06,
                               -0.13206221708356908, -0.15426876936299344, -0.0012183252460712896,
                               0.0, 0.0012230810039287104, 0.34573123063700656, 1.117937782916431,
                               4.999998566742141, 30.0, 10000.0},
                              {0.0, -4.416031690708495e-195, -7.146946001792295e-06,
                               -0.12266158306942213, 0.13250487534383715, 0.49805204351672167, 0.5,
                               0.5019479564832783, 0.8674951246561629, 1.1226615830694222,
                               1.000007146946002, 1.0, 1.0}},
    [WEFT_ACTIVATION_SILU] = {{0.0, -2.8072868906517896e-12, -0.03346425462142428,
                               -0.27837517353163604, -0.18877033439907273, -0.0012192130096207634,
                               0.0, 0.0012221932403792366, 0.3112296656009273, 0.9716248264683639,
                               4.966535745378576, 29.999999999997193, 10000.0},
                              {0.0, -2.713710660963134e-12, -0.02654743242966592,
                               0.0063191550846875815, 0.2600388126973482, 0.49877929808765853, 0.5,
                               0.5012207019123415, 0.7399611873026518, 0.9936808449153124,
                               1.026547432429666, 1.0000000000027136, 1.0}},
    [WEFT_ACTIVATION_SOFTPLUS] =
        {{0.0, 9.357622968839737e-14, 0.006715348489118068, 0.2519290813453729, 0.4740769841801067,
          0.69192722249282, 0.6931471805599453, 0.69436862874282, 0.9740769841801067,
          1.501929081345373, 5.006715348489118, 30.000000000000092, 10000.0},
         {0.0, 9.357622968839299e-14, 0.0066928509242848554, 0.22270013882530884,
          0.37754066879814546, 0.4993896487406647, 0.5, 0.5006103512593353, 0.6224593312018546,
          0.7772998611746912, 0.9933071490757152, 0.9999999999999064, 1.0}},
    [WEFT_ACTIVATION_SELU] = {{-1.7580993408473768, -1.7580993408472123, -1.7462533606696202,
                               -1.254395446337865, -0.6917581878028713, -0.004286999435881969, 0.0,
                               0.002565187957410841, 0.5253504936777402, 1.3133762341943507,
                               5.253504936777403, 31.521029620664414, 10507.009873554805},
                              {0.0, 1.6451630773416185e-13, 0.01184598017775672, 0.5037038945095118,
                               1.0663411530445055, 1.753812341411495, 1.7580993408473768,
                               1.0507009873554805, 1.0507009873554805, 1.0507009873554805,
                               1.0507009873554805, 1.0507009873554805, 1.0507009873554805}},
    [WEFT_ACTIVATION_MISH] = {{0.0, -2.807286890651921e-12, -0.033576237730161704,
                               -0.3084139611415277, -0.22074377465173, -0.0014629361701660212, 0.0,
                               0.0014667508641726269, 0.37524521130489513, 1.1318703042410392,
                               4.999552077529406, 30.0, 10000.0},
                              {0.0, -2.713710660963392e-12, -0.026747498019901932,
                               -0.01469756247301954, 0.2895106779135122, 0.5984372165674261, 0.6,
                               0.6015622112278515, 0.8864243753577272, 1.080463093148231,
                               1.0008002248320826, 1.0, 1.0}},
};

static struct activated unit_at(int activation, size_t i)
{
    struct activated unit = {
        .activation = (enum weft_activation)activation, .z = z[i], .a = golden[activation].a[i]};
    activation_bound(single_precision, &unit);
    return unit;
}

static void assert_near(const char *what, int activation, size_t i, double got, double want,
                        double bound)
{
    ck_assert_msg(fabs(got - want) <= bound, "%s of %s at %g: got %.17g, need %.17g within %.3g",
                  what, activation_names[activation], z[i], got, want, bound);
}

/* A row that is missing here would be all zeros, which no activation is. */
START_TEST(every_activation_is_here)
{
    ck_assert(golden[_i].a[POINTS - 1] != 0.0);
    ck_assert_str_eq(weft_option_word("activation", (unsigned)_i), activation_names[_i]);
}
END_TEST

/* Within a few roundings in double precision. */
START_TEST(the_reference_is_right)
{
    for (size_t i = 0; i < POINTS; i++) {
        double a = z[i], slope = 1.0;
        ref_activation_forward((enum weft_activation)_i, &a, 1);
        ref_activation_backward((enum weft_activation)_i, &z[i], &a, &slope, 1);
        assert_near("a", _i, i, a, golden[_i].a[i], 1e-15 * fmax(fabs(z[i]), 1.0));
        assert_near("the slope", _i, i, slope, golden[_i].slope[i], 1e-15 * fmax(fabs(z[i]), 1.0));
    }
}
END_TEST

/* If the slope follows from a, the reference does not read z. */
START_TEST(a_slope_from_a_needs_no_z)
{
    for (size_t i = 0; i < POINTS && !activation_traits((enum weft_activation)_i).slope_from_z;
         i++) {
        double slope = 1.0;
        ref_activation_backward((enum weft_activation)_i, NULL, &golden[_i].a[i], &slope, 1);
        assert_near("the slope from a", _i, i, slope, golden[_i].slope[i], 1e-15);
    }
}
END_TEST

/* The bounds of the error analysis hold on a device. */
START_TEST(the_device_is_right)
{
    float in[POINTS], a[POINTS], slope[POINTS];
    for (size_t i = 0; i < POINTS; i++) {
        in[i] = (float)z[i];
        slope[i] = 1.0f;
    }
    struct primitive_call call = {.primitive = PRIMITIVE_LAYER_FORWARD,
                                  .rows = 1,
                                  .columns = POINTS,
                                  .activation = (enum weft_activation)_i,
                                  .arrays = {{in, POINTS}, {a, POINTS}}};
    ck_ok(backend->primitive_run(device, &call));
    call.primitive = PRIMITIVE_LAYER_BACKWARD;
    call.arrays[1].values = slope;
    ck_ok(backend->primitive_run(device, &call));
    for (size_t i = 0; i < POINTS; i++) {
        const struct activated unit = unit_at(_i, i);
        assert_near("a", _i, i, (double)a[i], unit.a, unit.e_a);
        assert_near("the slope", _i, i, (double)slope[i], golden[_i].slope[i],
                    activation_backward_bound(single_precision, &unit, 1.0, 0.0));
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, the_device_is_right, 0, ACTIVATION_COUNT);
}

int main(void)
{
    Suite *suite = suite_create("activations");
    TCase *formulas = tcase_create("formulas");
    tcase_add_loop_test(formulas, every_activation_is_here, 0, ACTIVATION_COUNT);
    tcase_add_loop_test(formulas, the_reference_is_right, 0, ACTIVATION_COUNT);
    tcase_add_loop_test(formulas, a_slope_from_a_needs_no_z, 0, ACTIVATION_COUNT);
    suite_add_tcase(suite, formulas);
    suite_add_devices(suite, add_tests);
    return suite_main(suite);
}
