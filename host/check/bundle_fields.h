/* The metadata of a bundle: one table for its writer and its reader.
 *
 *     format, format_version               "weft-bundle"; "1", or "2" where version 1 lacks a word
 *     weft_version, platform, device, driver, components   where the step ran
 *     epoch, batch, finding                when, from 1, and what was found
 *     products                             the engine of the matrix products
 *     outputs, and network_metadata.h      the network
 *     dropout.N                            dropout rate of hidden layer N, where it has one
 *     delta_factor, true_class_only, penalty               how the batch is judged
 *     learning_rate, l1, l2                the update; with an optimizer, all of its scalars too
 *     augment_*, draw_*                    where something in the step is random
 */
#ifndef WEFT_CHECK_BUNDLE_FIELDS_H
#define WEFT_CHECK_BUNDLE_FIELDS_H

#include "check/step_trial.h"
#include "network/network_metadata.h"

/* Programs of version 1 know neither activations other than sigmoid, nor batch norm, nor dense
 * targets, nor an update that is more than w -= rate g. */
enum { BUNDLE_VERSIONS = 2 };

/* Bytes for a key with a layer's number. */
enum { BUNDLE_NAME_SIZE = 48 };

WEFT_MUST_CHECK enum weft_status bundle_fields_write(struct safetensors *file,
                                                     const struct step_trial *trial,
                                                     enum weft_gemm products);

/* Reads what does not need the network. WEFT_ERROR_MODEL unless the file is a bundle of a known
 * version. */
WEFT_MUST_CHECK enum weft_status bundle_heading_read(struct metadata_source source,
                                                     enum weft_gemm *products, size_t *outputs);

/* Reads the rules of loss and update, and the augmentation with its draw, for a trial whose network
 * and targets are known. `draw` is for the trial to borrow. */
WEFT_MUST_CHECK enum weft_status bundle_fields_read(struct metadata_source source,
                                                    struct step_trial *trial,
                                                    struct batch_draw *draw);

#endif
