/* The candidates of a tuning: every way to compute every product of a network, then its step. */
#ifndef WEFT_TUNE_CANDIDATES_H
#define WEFT_TUNE_CANDIDATES_H

#include "tune/tune.h"
#include "weft_device.h"

enum { TUNE_ROUNDS = 5, TUNE_WAYS = 16 };

/* One way of computing something. */
struct tune_way {
    char engine[16];
    char setting[48]; /* of the device; "": whichever it has */
};

/* What a child finds out about the device: which products of the job it runs by themselves, its
 * ways for each, and whether a record decides how it runs the step. */
struct tune_survey {
    struct weft_device_info device;
    bool fusible;
    size_t product_count;
    struct record_product products[RECORD_PRODUCTS]; /* [product_count] as tune_products has them */
    size_t counts[RECORD_PRODUCTS];
    struct tune_way ways[RECORD_PRODUCTS][TUNE_WAYS];
};

/* The products of training the first `layers` layers and of passes, each once, the longest first;
 * the engine is empty. At most RECORD_PRODUCTS, how many there are comes back. */
size_t tune_products(const struct tune_job *job, size_t layers, struct record_product *products);

struct tune_candidate {
    struct weft_tune_candidate told; /* what the user sees of it */
    size_t group;                    /* which product; the step comes after all products */
    struct record_product product;   /* of a product: with the engine of the way */
    struct record_step step;         /* of the step */
    struct tune_way way;
    double operations;           /* of one run */
    size_t rounds;               /* how often it was timed */
    double seconds[TUNE_ROUNDS]; /* [rounds] of one run, each a median itself */
    bool out;                    /* it failed: it is not tried again */
    bool idle;                   /* nothing runs this product: the step is fused */
};

/* The candidates that a survey found; `*candidates` [*count] belongs to the caller (memory_free).
 * There are two of the step where they run different kernels, else none. */
WEFT_MUST_CHECK enum weft_status tune_candidates_create(const struct tune_job *job,
                                                        const struct tune_survey *survey,
                                                        struct tune_candidate **candidates,
                                                        size_t *count);

/* When a candidate's first turn comes: 0 to TUNE_TURNS - 1. What Weft ships for the type of the
 * device is first, and plain kernels, which are fast nowhere, are last: where time runs out, what
 * is left over is the least likely. */
enum { TUNE_TURNS = 6 };
int tune_candidate_turn(const struct tune_candidate *candidate, const char *device_type);

/* Whether it can be left out of a comparison without having been tried. */
bool tune_candidate_is_plain(const struct tune_candidate *candidate);

/* The median of its times; infinite where it has none or is out. */
double tune_candidate_seconds(const struct tune_candidate *candidate);

#endif
