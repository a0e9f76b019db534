/* The metadata of a bundle: one table for its writer and its reader.
 *
 *   format, format_version        "weft-bundle"; "1", or "2" if version 1 cannot represent the step
 *   weft_version, platform, device, driver, components   where the step ran
 *   epoch, batch, finding         when it ran, counted from 1, and what was found
 *   products                      the engine of the matrix products
 *   outputs, and network_metadata.h                      the network
 *   dropout.N                     dropout rate of hidden layer N, if it has one
 *   delta_factor, true_class_only, penalty               how the batch is judged
 *   learning_rate, l1, l2         the update; with an optimizer also all its scalars
 *   augment_*, draw_*             present if something in the step is random
 */
#ifndef WEFT_CHECK_BUNDLE_FIELDS_H
#define WEFT_CHECK_BUNDLE_FIELDS_H

#include "check/step_trial.h"
#include "network/network_metadata.h"

/* Programs that know only version 1 support the sigmoid activation and the update w -= rate g. They
 * know neither batch normalization nor dense targets. */
enum { BUNDLE_VERSIONS = 2 };

enum {
    BUNDLE_NAME_SIZE = 48,  /* size in bytes of a key with a layer number */
    BUNDLE_RULE_NUMBERS = 3 /* share, spread and each of dense targets */
};

/* Adds the metadata of a step to a bundle. */
WEFT_MUST_CHECK enum weft_status bundle_fields_write(struct safetensors *file,
                                                     const struct step_trial *trial,
                                                     enum weft_gemm products);

/* Reads the metadata that do not need the network. Fails with WEFT_ERROR_MODEL unless the file is a
 * bundle of a known version. */
WEFT_MUST_CHECK enum weft_status bundle_heading_read(struct metadata_source source,
                                                     enum weft_gemm *products, size_t *outputs);

/* Reads the rules of loss and update, and the augmentation with its draw. The network and targets
 * of the trial must be known. The trial borrows `draw`. */
WEFT_MUST_CHECK enum weft_status bundle_fields_read(struct metadata_source source,
                                                    struct step_trial *trial,
                                                    struct batch_draw *draw);

#endif
