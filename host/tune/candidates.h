/* Lists the candidates of a tuning run: every algorithm for every matrix product of a network,
 * then every plan for its training step. */
#ifndef WEFT_TUNE_CANDIDATES_H
#define WEFT_TUNE_CANDIDATES_H

#include "tune/tune.h"
#include "weft_device.h"

enum { TUNE_ROUNDS = 5, TUNE_ALGORITHMS = 8 };

/* One algorithm for a product. */
struct tune_algorithm {
    char engine[16];
    char setting[48]; /* setting of the device; "": the current one */
};

/* What a child process finds out about the device: the products of the job that it runs as separate
 * operations, its algorithms for each one, and whether a record decides how the step runs. */
struct tune_survey {
    struct weft_device_info device;
    bool fusible;
    size_t product_count;
    struct record_product products[RECORD_PRODUCTS]; /* [product_count], from tune_products */
    size_t counts[RECORD_PRODUCTS];
    struct tune_algorithm algorithms[RECORD_PRODUCTS][TUNE_ALGORITHMS];
};

/* Lists the products that training the first `layers` layers and forward passes compute. Each
 * product appears once, the largest first, with an empty engine. Returns their number, which is at
 * most RECORD_PRODUCTS. */
size_t tune_products(const struct tune_job *job, size_t layers, struct record_product *products);

struct tune_candidate {
    struct weft_tune_candidate told; /* the part that the user sees */
    size_t group;                    /* index of the product; the step comes after all products */
    struct record_product product;   /* for a product: includes the engine of this algorithm */
    struct record_step step;         /* for the step */
    struct tune_algorithm algorithm;
    double operations;           /* in one run */
    size_t rounds;               /* how often it was timed */
    double seconds[TUNE_ROUNDS]; /* [rounds] time of one run; each is itself a median */
    bool out;                    /* it failed and is not tried again */
    bool idle;                   /* no operation uses this product, because the step is fused */
};

/* Creates the candidates that a survey found. The caller owns `*candidates` [*count] and frees it
 * with memory_free. The step has two candidates if they run different kernels, and none
 * otherwise. */
WEFT_MUST_CHECK enum weft_status tune_candidates_create(const struct tune_job *job,
                                                        const struct tune_survey *survey,
                                                        struct tune_candidate **candidates,
                                                        size_t *count);

/* Number of turns in the first round. tune_candidate_turn returns the turn of a candidate: 0 to
 * TUNE_TURNS - 1. The engine that Weft uses by default on this type of device comes first. Plain
 * kernels come last, because they are nowhere the fastest. If time runs out, only the least likely
 * winners stay untried. */
enum { TUNE_TURNS = 4 };
int tune_candidate_turn(const struct tune_candidate *candidate, const char *device_type);

/* Returns true if a comparison is valid without this candidate. */
bool tune_candidate_is_plain(const struct tune_candidate *candidate);

/* Returns the median of the measured times. It is infinite if there are none, or if the candidate
 * failed. */
double tune_candidate_seconds(const struct tune_candidate *candidate);

#endif
