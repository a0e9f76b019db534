/* What weft train --resume takes from a checkpoint besides the training itself: the options of the
 * command line, and where the command was. The note of the checkpoint holds it as JSON. */
#ifndef WEFT_APP_RESUME_H
#define WEFT_APP_RESUME_H

#include "options.h"

/* Where the command was. */
struct resume_place {
    size_t
        slices; /* of a batch, which several ranks may have chosen; resume_place_read leaves it 0 */
    size_t member;       /* the member of the ensemble in training, from 1; 0 without one */
    long long log_bytes; /* length of the log up to here */
    /* Of the first member of an ensemble, once it is complete. */
    size_t epochs, best_epoch;
    bool stopped_early;
};

/* Adds the options of the checkpoint that --resume names to `line`. Options that say how to run,
 * and not what to train, may differ. Returns WEFT_ERROR_MODEL, with a message, for any other
 * difference. Does nothing without --resume. */
WEFT_MUST_CHECK enum weft_status resume_options(struct command_line *line);

/* Reads the place from the note of a checkpoint. */
WEFT_MUST_CHECK enum weft_status resume_place_read(const char *path, const char *note,
                                                   struct resume_place *place);

/* Returns the note that resume_options and resume_place_read read. The caller frees it. Returns
 * NULL without memory, or if an option is not UTF-8. */
char *resume_note(const struct command_line *line, const struct resume_place *place);

#endif
