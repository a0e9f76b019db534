/* The device record: what Weft remembers about a device from one run to the next.
 *
 * A record is a hint, never a proof. It lies in a folder that anyone may empty, fill or damage
 * ($XDG_CACHE_HOME/weft, or else ~/.cache/weft). Therefore, a record may only save time and provide
 * dates. The known-answer test runs whether or not there is a record. A record that is missing,
 * damaged, unreadable or about another key counts as empty, and no command fails because of it.
 *
 * Each key has one JSON file. The key consists of the device, its driver, the library for its
 * matrix products, and the kernels that it runs. Members of the file that this version does not
 * know are kept.
 */
#ifndef WEFT_RECORD_RECORD_H
#define WEFT_RECORD_RECORD_H

#include "base/file.h"

/* What a record is about. If any member differs, it is another record. Characters other than
 * printable ASCII become '?'. */
struct record_key {
    char backend[16]; /* "opencl", "cpu" */
    char platform[128], device[128], driver[128];
    char products[128]; /* the library for the matrix products of layers: "CLBlast 1.5.3" */
    uint64_t kernels;   /* digest of the kernels' source and build options; 0 without kernels */
};

/* The last time that `weft check` found no errors. */
struct record_check {
    char date[DATE_SIZE]; /* "2026-11-22", UTC */
    char network[128];    /* the network whose shapes were checked: "784-50-10" */
    bool thorough;
    size_t results; /* how many single results were compared */
};

/* What replaced the engines that computed wrong results. The backend chooses all words. */
struct record_repair {
    char date[DATE_SIZE]; /* date of the repair */
    char setting[48];     /* setting of the GEMM library in use; the next run starts with it */
    char wrong[256];      /* what computed wrong results: "blocked products, fused step" */
    char use[96];         /* what replaces it: "CLBlast setting cpu, steps by operation" */
    char fault[384];      /* the first error, in one line */
};

/* The fastest engine for matrix products of one shape, as measured. The backend chooses the words
 * for forms and engines. backend/primitive.h defines the sizes. */
struct record_product {
    char form[24];
    uint64_t m, n, k;
    char engine[16]; /* a name that product_engine_name returns */
    double gflops;
};

/* Whether a fused training step is faster for a network, as measured. */
struct record_step {
    char network[128]; /* "784-50-10" */
    uint64_t batch;
    bool fused;
    double gflops;
};

enum { RECORD_PRODUCTS = 128, RECORD_STEPS = 16 };

/* The results of `weft tune`. */
struct record_tuning {
    char date[DATE_SIZE];
    char setting[48]; /* fastest setting of the GEMM library; "" if none was faster */
    size_t product_count, step_count;
    struct record_product products[RECORD_PRODUCTS]; /* [product_count], oldest first */
    struct record_step steps[RECORD_STEPS];          /* [step_count], oldest first */
};

/* The rate of a training over a whole epoch, as `weft bench` measured it. */
struct record_speed {
    char network[128]; /* "784-50-10" */
    uint64_t batch;    /* samples in the largest batch */
    double gflops;     /* 10^9 operations per second, counting the matrix products alone */
};

enum { RECORD_SPEEDS = 16 };

struct record_speeds {
    size_t count;
    struct record_speed list[RECORD_SPEEDS]; /* [count], oldest first */
};

struct record;

/* Reads the record of `key`. A file that is missing or invalid gives an empty record, so the
 * function fails only if memory is short. All other functions except record_key accept NULL as an
 * empty record. */
WEFT_MUST_CHECK enum weft_status record_open(const struct record_key *key, struct record **record);
void record_destroy(struct record *record);

/* Returns the key of the record, borrowed. `record` must not be NULL. */
const struct record_key *record_key(const struct record *record);

/* Return the content of the record, borrowed, or NULL if there is none. A check by another version
 * of Weft does not count, because launchers and tests may have changed. */
const struct record_check *record_last_check(const struct record *record);
const struct record_repair *record_last_repair(const struct record *record);
const struct record_tuning *record_last_tuning(const struct record *record);

/* Returns the measured speeds, borrowed, or NULL without a record. */
const struct record_speeds *record_speeds_of(const struct record *record);

/* Describes `repair` to the user in one line: "fused step computed wrong; using steps by operation
 * ...". */
void record_repair_text(const struct record_repair *repair, char *text, size_t size);

/* Tell whether the list repair->wrong contains `what`, and add it unless it does. */
bool record_repair_has(const struct record_repair *repair, const char *what);
void record_repair_add(struct record_repair *repair, const char *what);

/* Change the record in memory. The argument is copied; an empty date becomes today's date. NULL
 * removes the entry, for example after a check that failed. */
void record_set_check(struct record *record, const struct record_check *check);
void record_set_repair(struct record *record, const struct record_repair *repair);
void record_set_tuning(struct record *record, const struct record_tuning *tuning);

/* Adds a speed. It replaces that of the same network and batch; if the list is full, the oldest one
 * goes. */
void record_add_speed(struct record *record, const struct record_speed *speed);

/* Writes the entries that were set since the last call. It reads the file again and keeps
 * everything else, so two processes rarely overwrite each other's entries. Returns WEFT_ERROR_IO if
 * the file cannot be written; the old file is then untouched. This error deserves at most a line in
 * the log. */
WEFT_MUST_CHECK enum weft_status record_store(struct record *record);

/* ---- the lists of a tuning: record_tuning.c ---- */

/* Add a product or a step. It replaces an entry of the same shape; if the list is full, the oldest
 * entry goes. */
void record_tuning_add_product(struct record_tuning *tuning, const struct record_product *product);
void record_tuning_add_step(struct record_tuning *tuning, const struct record_step *step);

/* ---- bytes beside the record: record_bytes.c ---- */

/* Reads the bytes that record_bytes_write stored for this key under `name` ("kernels") and
 * `digest`. The content is empty if the bytes are missing, damaged or stored with another digest.
 * Free it with memory_free(content->data). The function fails only if memory is short. */
WEFT_MUST_CHECK enum weft_status record_bytes_read(const struct record *record, const char *name,
                                                   uint64_t digest, struct file_content *content);

/* Stores `data` [size] and replaces what was stored there. Returns WEFT_ERROR_IO under the same
 * conditions as record_store. */
WEFT_MUST_CHECK enum weft_status record_bytes_write(const struct record *record, const char *name,
                                                    uint64_t digest, const void *data, size_t size);

#endif
