/* Opens data of any format. The content decides the format, not the name.
 *
 * Arrays and images become data sets at once. A text file is only opened here, because its columns
 * need a schema. Arrays of numbers that float32 cannot hold, or with missing values, become tables,
 * so that the schema can shift their columns in double precision.
 */
#ifndef WEFT_DATA_SOURCE_H
#define WEFT_DATA_SOURCE_H

#include "data/byte_source.h"
#include "data/dataset.h"
#include "data/table.h"

/* What to open. Pointers are borrowed. */
struct source_request {
    const char *what;   /* a known name, a file, a folder, or "-" */
    const char *labels; /* a second file that holds the labels or targets; NULL: options->labels,
                           if there is one */
    const struct weft_data_options *options; /* or NULL */
    bool train, test; /* which sets to read; at least one. If the data has only one set, it is the
                         training set, and `test` alone gives nothing */
    bool training;    /* the training set will train a model: the classes that occur in it become
                         the classes, and those of the test set are mapped by name */
    size_t features;  /* of the model or the training set, for LIBSVM files, whose samples need not
                         name the last features; 0: the largest index decides */
    bool tables;      /* read arrays into tables even where a data set would do, because a model has
                         a schema */
};

enum source_form {
    SOURCE_DATASETS, /* train, test */
    SOURCE_TABLES,   /* train_table, test_table, and target */
    SOURCE_TEXT      /* text */
};

/* What was opened. All members are owned; members of the other forms are NULL. */
struct source {
    enum source_form form;
    struct weft_dataset *train, *test; /* finished; a set that is not there or not asked for is
                                          NULL */
    struct weft_table *train_table, *test_table; /* columns are named by number, from 1 */
    char *target;             /* numbers of the columns that hold the targets, "785" or "3,4";
                                 NULL if the source does not tell, then options->target must */
    struct byte_source *text; /* at its first byte, for table_reader_open; whoever passes it on sets
                                 the member to NULL */
};

/* Opens data. After a failure, `*source` owns nothing.
 *
 * Returns WEFT_ERROR_IO for an unknown name or an unreadable file; WEFT_ERROR_DATA for wrong
 * contents, with the command that converts them where the format is known but not read; and
 * WEFT_ERROR_USAGE if a component is missing in this build or an option names an array that is not
 * there. */
WEFT_MUST_CHECK enum weft_status source_open(const struct source_request *request,
                                             struct source *source);
void source_reset(struct source *source);

#endif
