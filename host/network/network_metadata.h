/* The metadata of a network. Model files and bundles share this table.
 *
 *     hidden       "128,64" from the input side, or "none"
 *     activation   "relu" for all hidden layers, or "relu,tanh", one for each
 *     head         "sigmoid", "softmax", "identity"
 *     bias         "true" or "false"
 *     batch_norm   "true": all hidden layers have it and no biases; if missing, none has it
 */
#ifndef WEFT_NETWORK_NETWORK_METADATA_H
#define WEFT_NETWORK_NETWORK_METADATA_H

#include "network/metadata_table.h"
#include "network/network.h"

struct network_metadata {
    size_t hidden[WEFT_MAX_HIDDEN];
    size_t hidden_count;
    enum weft_activation activations[WEFT_MAX_HIDDEN]; /* one per hidden layer */
    enum weft_head head;
    bool bias, batch_norm;
};

/* Returns the metadata of a network. */
struct network_metadata network_metadata_of(const struct network *network);

/* Adds the metadata to a file. */
WEFT_MUST_CHECK enum weft_status network_metadata_write(struct safetensors *file,
                                                        const struct network_metadata *metadata);

/* Reads the metadata of a network. If the key `activation` is missing, all hidden layers are
 * sigmoids. */
WEFT_MUST_CHECK enum weft_status network_metadata_read(struct metadata_source source,
                                                       struct network_metadata *metadata);

#endif
