/* Measures the ceiling. See ceiling.h. A single matrix product is the forward operation of a layer
 * without bias and activation, so the table of operations can run it on any backend. */
#include "bench/ceiling.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

enum { SMALLEST = 512, LARGEST = 4096, RUNS = 4 };
/* A product that takes longer keeps all units of the device busy. A larger one is no faster. */
static const double long_seconds = 0.02;

struct square {
    size_t n;      /* c [n][n] = a [n][n] b' [n][n] */
    bool training; /* training may use another engine than forward passes */
    struct network network;
    float *values; /* [n][n], used for both operands */
    struct device_data *data;
    struct workspace *workspace;
};

static enum weft_status square_create(struct weft_device *device, struct square *square)
{
    const size_t n = square->n, widths[] = {n, n};
    const struct random_stream stream = {.seed = n, .purpose = RANDOM_SYNTHETIC};
    TRY(network_init(&square->network, widths, 1, WEFT_HEAD_IDENTITY, false));
    TRY(NEW_ARRAY(square->values, n * n));
    for (size_t i = 0; i < n * n; i++)
        square->values[i] = random_uniform(stream, i, -1.0f, 1.0f);
    const struct data_source source = {.samples = n, .features = n, .x = square->values};
    /* Training must use CLBlast once, no matter what else the device offers. A fused step would
     * delay the product. */
    const struct workspace_plan plan = {.network = &square->network,
                                        .batch = n,
                                        .slots = 1,
                                        .training = square->training,
                                        .products =
                                            square->training ? WEFT_GEMM_CLBLAST : WEFT_GEMM_AUTO};
    TRY(device->backend->data_create(device, &source, &square->data));
    TRY(device->backend->workspace_create(device, &plan, &square->workspace));
    TRY(device->backend->parameters_upload(square->workspace, square->values));
    return device->backend->batch_gather(square->workspace, square->data, 0, n, NULL);
}

static void square_reset(struct weft_device *device, struct square *square)
{
    if (square->workspace != NULL)
        device->backend->workspace_destroy(square->workspace);
    if (square->data != NULL)
        device->backend->data_destroy(square->data);
    memory_free(square->values);
    network_reset(&square->network);
}

/* Returns the shortest time of several runs. The first run builds kernels and does not count. */
static enum weft_status square_time(struct weft_device *device, struct square *square,
                                    double *shortest)
{
    *shortest = 1e30;
    TRY(square_create(device, square));
    for (int run = 0; run <= RUNS; run++) {
        const double start = clock_seconds();
        TRY(device->backend->dense_forward(square->workspace, 0));
        TRY(device->backend->device_wait(device));
        const double seconds = clock_seconds() - start;
        if (run > 0 && seconds < *shortest)
            *shortest = seconds;
    }
    return WEFT_OK;
}

/* Checks the memory for the operands, the result, and the buffers that the GEMM library adds. */
static bool square_fits(const struct weft_device *device, size_t n)
{
    const uint64_t bytes = 12 * (uint64_t)sizeof(float) * n * n;
    return device->info.global_bytes == 0 || bytes <= device->info.global_bytes / 2;
}

/* Measures the rate of one kind of product at one size, and raises `*gflops` to it if it is
 * higher. */
static enum weft_status square_rate(struct weft_device *device, size_t n, bool training,
                                    double *shortest, double *gflops)
{
    struct square square = {.n = n, .training = training};
    const enum weft_status status = square_time(device, &square, shortest);
    square_reset(device, &square);
    TRY(status);
    const double rate = 2e-9 * (double)n * (double)n * (double)n / *shortest;
    if (rate > *gflops)
        *gflops = rate;
    return WEFT_OK;
}

enum weft_status ceiling_measure(struct weft_device *device, struct bench_progress *progress,
                                 double *gflops)
{
    *gflops = 0.0;
    for (int training = 0; training <= 1; training++) {
        double shortest = 0.0;
        for (size_t n = SMALLEST; n <= LARGEST && shortest < long_seconds && square_fits(device, n);
             n *= 2) {
            if (bench_progress_ask(progress))
                return WEFT_OK;
            TRY(square_rate(device, n, training, &shortest, gflops));
        }
    }
    return WEFT_OK;
}
