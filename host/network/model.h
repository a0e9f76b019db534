/* A model: a network, its parameters, standardisation, class names, and how it was trained. */
#ifndef WEFT_NETWORK_MODEL_H
#define WEFT_NETWORK_MODEL_H

#include "data/scale.h"
#include "network/network.h"

/* What training leaves in the file; no times, no paths: the same training gives the same bytes. */
struct training_record {
    size_t epochs;
    double l1, l2, learning_rate;
    double train_accuracy, validation_accuracy,
        test_accuracy; /* NaN where there was no such part */
};

struct weft_model {
    char preset[32];
    struct network network;
    float *parameters; /* [network.parameter_count] owned, layout of struct network */
    struct scale scale;
    size_t classes;      /* C; outputs are C, or 1 with a single output */
    char **class_names;  /* [C] owned */
    size_t *widths;      /* [layer_count + 1] owned: features, hidden widths, outputs */
    bool article_quirks; /* probabilities are the softmax of the sigmoid outputs */
    uint64_t seed;
    struct training_record record;
};

#endif
