/* Prints predictions as CSV (RFC 4180) or JSON lines. See predict_print.c for the forms. */
#ifndef WEFT_APP_PREDICT_PRINT_H
#define WEFT_APP_PREDICT_PRINT_H

#include "options.h"

/* What is the same for all predictions of a run. */
struct predict_print {
    const struct weft_stream *stream;    /* borrowed: the id and the columns to keep */
    const struct weft_model_info *model; /* borrowed */
    bool json;
    bool all;      /* --proba: every probability */
    bool table;    /* the model was trained on a table */
    bool numbered; /* the names of all classes are whole numbers: the labels of the training data */
};

/* The prediction for one sample. */
struct prediction {
    size_t index;          /* number of the sample, from 0 */
    size_t row;            /* its row in the current block of the stream */
    const int32_t *labels; /* the class, or -1 for no answer; for task multilabel [C]; NULL for task
                              regress */
    const float *values;   /* [C] probabilities; outputs for task regress */
};

/* Tells whether the names of all classes are whole numbers. */
bool predict_print_is_numbered(const struct weft_model_info *model);

/* Prints the header of a CSV file. */
void predict_print_header(const struct predict_print *print);

/* Prints one line. */
WEFT_MUST_CHECK enum weft_status predict_print_sample(const struct predict_print *print,
                                                      const struct prediction *sample);

#endif
