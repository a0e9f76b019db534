/* Error bounds of the three heads: their losses, the deltas of the output layer, and which
 * predictions are certainly correct. error_analysis.h has the method. */
#ifndef WEFT_CHECK_ERROR_LOSS_H
#define WEFT_CHECK_ERROR_LOSS_H

#include "check/error_analysis.h"
#include "weft.h"

/* One row of the output layer. */
struct head_row {
    enum weft_head head;
    const double *z, *e; /* [C] pre-activations and their errors; a NULL e means exact */
    const double *y;     /* [C] exact targets */
    const double *dz;    /* [C] exact */
    double *e_dz;        /* [C] receives the bounds of dz */
    double *scratch;     /* [C] */
    size_t columns;
    double factor, loss; /* delta factor; exact loss */
    double weight;       /* sample weight */
    bool each;           /* each output is judged separately */
    bool true_class_only;
};

/* Fills e_dz and returns e(loss). */
double head_row_bounds(struct precision in, const struct head_row *row);

/* Fills e_p [C] for p = softmax(z), which row->scratch receives. Reads only z, e and columns. */
void softmax_row_bounds(struct precision in, const struct head_row *row, double *e_p);

/* Returns 1 if the prediction of the row is certainly correct, -1 if it is certainly wrong, and 0
 * if both are possible. A single output counts as 1 if it, or its probability, exceeds 1/2. */
int head_row_verdict(struct precision in, const struct head_row *row);

#endif
