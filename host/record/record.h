/* The device record: what Weft remembers of a device from one run to the next.
 *
 * A record is a note to oneself, never a proof. It lies in a folder that anyone may empty, fill or
 * break ($XDG_CACHE_HOME/weft, else ~/.cache/weft), so it may save time and tell dates, and nothing
 * else: the known-answer test runs with a record as without one. A record that is missing, damaged,
 * not readable or of something else is an empty one, and no command fails because of it.
 *
 * A record is one JSON file for each key: the device, its driver, the library of its products, and
 * the kernels that it runs. Members that this version does not know stay in the file.
 */
#ifndef WEFT_RECORD_RECORD_H
#define WEFT_RECORD_RECORD_H

#include "base/file.h"

/* What a record is about: where any of it differs, it is another record. Characters other than
 * printable ASCII are as good as '?'. */
struct record_key {
    char backend[16]; /* "opencl", "cpu" */
    char platform[128], device[128], driver[128];
    char products[128]; /* the library of the layer products: "CLBlast 1.5.3" */
    uint64_t kernels;   /* digest of the kernels' source and build options; 0: there are none */
};

/* The last time that `weft check` found nothing wrong. */
struct record_check {
    char date[DATE_SIZE]; /* "2026-11-22", UTC */
    char network[128];    /* whose shapes were checked: "784-50-10" */
    bool thorough;
    size_t results; /* how many single results there were */
};

/* What took the place of engines that computed wrong. All texts are words of the backend. */
struct record_repair {
    char date[DATE_SIZE]; /* since when */
    char setting[48];     /* of the products' library, in force: the next start begins there */
    char wrong[256];      /* a list of what computed wrong: "blocked products, fused step" */
    char use[96];         /* what is used instead: "CLBlast setting cpu, steps by operation" */
    char fault[384];      /* what was seen of the first, one line */
};

/* Who computes products of one shape the fastest, as measured. Forms and engines are words of the
 * backend; numbers as in backend/primitive.h. */
struct record_product {
    char form[24];
    uint64_t m, n, k;
    char engine[16]; /* as product_engine_name has it */
    double gflops;
};

/* Whether the training step of a network is fused, as measured. */
struct record_step {
    char network[128]; /* "784-50-10" */
    uint64_t batch;
    bool fused;
    double gflops;
};

enum { RECORD_PRODUCTS = 128, RECORD_STEPS = 16 };

/* What `weft tune` found. */
struct record_tuning {
    char date[DATE_SIZE];
    char setting[48]; /* of the products' library, of what won; "": nothing did */
    size_t product_count, step_count;
    struct record_product products[RECORD_PRODUCTS]; /* [product_count] the oldest first */
    struct record_step steps[RECORD_STEPS];          /* [step_count] likewise */
};

struct record;

/* Reads the record of `key`. Fails for lack of memory only; what is not there or not right gives an
 * empty record. Every other function takes NULL for such a one, too. */
WEFT_MUST_CHECK enum weft_status record_open(const struct record_key *key, struct record **record);
void record_destroy(struct record *record);

/* The key it was opened with, borrowed. Not of NULL. */
const struct record_key *record_key(const struct record *record);

/* What is remembered, borrowed from the record; NULL: nothing. A check by another version of Weft
 * is not remembered: launchers and tests may have changed. */
const struct record_check *record_last_check(const struct record *record);
const struct record_repair *record_last_repair(const struct record *record);
const struct record_tuning *record_last_tuning(const struct record *record);

/* `repair` for the user, in one line: "fused step computed wrong; using steps by operation ...". */
void record_repair_text(const struct record_repair *repair, char *text, size_t size);

/* Whether the list repair->wrong has `what`; and adding it to the list unless it is there. */
bool record_repair_has(const struct record_repair *repair, const char *what);
void record_repair_add(struct record_repair *repair, const char *what);

/* Change the record in memory. `check`, `repair` and `tuning` are copied, with today's date where
 * theirs is empty; NULL: nothing is remembered any more, as after a check that failed. */
void record_set_check(struct record *record, const struct record_check *check);
void record_set_repair(struct record *record, const struct record_repair *repair);
void record_set_tuning(struct record *record, const struct record_tuning *tuning);

/* Writes what was set since the last time, if anything: the file is read anew and keeps all else,
 * so that two processes lose little of each other's. WEFT_ERROR_IO where it cannot be written,
 * which is worth a line to whoever debugs, and no more; the old file is then untouched. */
WEFT_MUST_CHECK enum weft_status record_store(struct record *record);

/* ---- the lists of a tuning: record_tuning.c ---- */

/* Add a product or a step in the place of the same shape's; the oldest goes where there is no room.
 */
void record_tuning_add_product(struct record_tuning *tuning, const struct record_product *product);
void record_tuning_add_step(struct record_tuning *tuning, const struct record_step *step);

/* ---- bytes beside the record: record_bytes.c ---- */

/* The bytes that were kept for this key under `name` ("kernels") and `digest`, exactly as they
 * were; none where they are missing, damaged or of another digest. memory_free(content->data).
 * Fails for lack of memory only. */
WEFT_MUST_CHECK enum weft_status record_bytes_read(const struct record *record, const char *name,
                                                   uint64_t digest, struct file_content *content);

/* Keeps `data` [size] in the place of what was kept there. WEFT_ERROR_IO as record_store. */
WEFT_MUST_CHECK enum weft_status record_bytes_write(const struct record *record, const char *name,
                                                    uint64_t digest, const void *data, size_t size);

#endif
