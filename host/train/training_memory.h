/* Counts the memory of a training before it starts, and decides which data sets stay on the host.
 */
#ifndef WEFT_TRAIN_TRAINING_MEMORY_H
#define WEFT_TRAIN_TRAINING_MEMORY_H

#include "train/trainer.h"

enum { MEMORY_SETS = 3 };

/* A training run. Everything is borrowed. */
struct memory_job {
    struct weft_device *device; /* NULL: the memory of its backend is not counted */
    const struct network *network;
    const struct weft_options *options; /* settled */
    const struct training_sets *sets;
    enum bytes_known *known; /* [MEMORY_SETS] about the samples of `sets`, in their order */
};

struct training_memory {
    size_t limit; /* training_memory_limit */
    struct memory_counts counts;
    struct memory_counts staging; /* the part of `counts` that is for streamed sets */
    uint64_t backend;             /* the part of counts.host that the backend allocates */
    uint64_t copied;              /* bytes that an epoch and its validation copy to the device */
};

/* Counts what trainer_run would allocate until the first batch if it streams `streamed`, and what
 * the data sets and the model hold. */
WEFT_MUST_CHECK enum weft_status training_memory_count(const struct memory_job *job,
                                                       struct streamed_sets streamed,
                                                       struct training_memory *memory);

/* What a training run lacks. */
struct memory_shortage {
    enum weft_status status; /* WEFT_OK: nothing */
    const char *what;        /* static */
    uint64_t needed, available;
    bool of_samples; /* most of it is for samples */
};

/* Returns the bytes that a training run may use on the host, or SIZE_MAX if that is unknown. */
size_t training_memory_limit(const struct weft_options *options);

/* Compares counted memory with the limits of the device, which may be NULL, and of the host. */
struct memory_shortage training_memory_judge(const struct weft_device *device,
                                             const struct training_memory *memory);

/* Decides which data sets are streamed: none if everything fits. Otherwise, each set in turn
 * becomes resident if it still fits, the training set first. */
WEFT_MUST_CHECK enum weft_status training_memory_stream(const struct memory_job *job,
                                                        struct streamed_sets *streamed);

/* Decides in source->streamed whether samples are streamed that a network scores. */
WEFT_MUST_CHECK enum weft_status scores_memory_stream(struct weft_device *device,
                                                      const struct network *network,
                                                      struct data_source *source);

/* Counts what an ensemble of `members` adds while its later members train. The first member keeps
 * its optimizer state until the second one is complete. */
void training_memory_count_members(const struct network *network,
                                   const struct weft_options *options, size_t batches,
                                   size_t members, struct memory_count *count);

#endif
