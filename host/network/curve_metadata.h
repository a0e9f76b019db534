/* The curves of a model's training in the metadata of its file. Programs that do not know these
 * keys ignore them.
 *
 * Each value is a list with a comma between its numbers, which have the same order in all lists. A
 * number that an epoch did not measure is "-"; a list without any number is left out:
 *
 *     curve_epoch                  numbers of the epochs, ascending; if missing, there is no curve
 *     curve_error, curve_train_accuracy, curve_validation_accuracy, curve_validation_r2,
 *     curve_learning_rate          what these epochs measured
 *     members.K.curve_epoch, ...   the curve of member K of an ensemble, from 1
 *
 * A file of one model keeps at most 500 evenly spaced epochs, and besides them the last and the
 * best one. The curves of a file together take at most about 128 KiB; ensembles keep fewer epochs
 * of each member, the same ones of all.
 */
#ifndef WEFT_NETWORK_CURVE_METADATA_H
#define WEFT_NETWORK_CURVE_METADATA_H

#include "network/model.h"
#include "network/safetensors.h"

/* Adds the curves of the model and its members to a file that has everything else. Curves for which
 * the header has no room are left out. */
WEFT_MUST_CHECK enum weft_status curve_metadata_write(const struct weft_model *model,
                                                      struct safetensors *file);

/* Reads the curves of the model and its members. Returns WEFT_ERROR_MODEL, with a message that
 * begins with `path`, if a list is damaged. */
WEFT_MUST_CHECK enum weft_status curve_metadata_read(const char *path,
                                                     const struct safetensors *file,
                                                     struct weft_model *model);

#endif
