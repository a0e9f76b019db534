/* The metadata of a network; see network_metadata.h. */
#include "network/network_metadata.h"

#include "options/activation_text.h"
#include "options/hidden_text.h"

static enum weft_status write_hidden(struct safetensors *file, const char *key, const void *object)
{
    const struct network_metadata *metadata = object;
    char text[HIDDEN_TEXT_SIZE];
    hidden_to_text(metadata->hidden, metadata->hidden_count, text);
    return safetensors_add_entry(file, key, text);
}

static enum weft_status read_hidden(struct metadata_source source, const char *key, void *object)
{
    struct network_metadata *metadata = object;
    if (hidden_from_text(safetensors_entry(source.file, key), metadata->hidden,
                         &metadata->hidden_count) != WEFT_OK)
        return metadata_fail(source, key, "widths with commas between them, or none");
    return WEFT_OK;
}

static enum weft_status write_activations(struct safetensors *file, const char *key,
                                          const void *object)
{
    const struct network_metadata *metadata = object;
    char text[ACTIVATION_TEXT_SIZE];
    activations_to_text(metadata->activations, metadata->hidden_count, text);
    return safetensors_add_entry(file, key, text);
}

static enum weft_status read_activations(struct metadata_source source, const char *key,
                                         void *object)
{
    const char *text = safetensors_entry(source.file, key);
    struct network_metadata *metadata = object;
    enum weft_activation activations[WEFT_MAX_HIDDEN];
    size_t count = 0;
    if (activations_from_text(text, activations, &count) != WEFT_OK ||
        !activations_spread(activations, count, metadata->hidden_count, metadata->activations))
        return metadata_fail(source, key, "the name of one for all hidden layers, or one for each");
    return WEFT_OK;
}

#define ROW(KEY, TYPE, PRESENCE, MEMBER)                                                           \
    METADATA_MEMBER(KEY, TYPE, PRESENCE, struct network_metadata, MEMBER)

/* Rows are read in this order: `activation` requires `hidden`. */
static const struct metadata_field fields[] = {
    {.key = "hidden", .type = METADATA_OWN, .write = write_hidden, .read = read_hidden},
    {.key = "activation",
     .type = METADATA_OWN,
     .presence = METADATA_LATER,
     .write = write_activations,
     .read = read_activations},
    {ROW("head", WORD, ALWAYS, head), .words = head_names, .count = HEADS},
    {ROW("bias", TRUTH, ALWAYS, bias)},
    {ROW("batch_norm", TRUTH, SPARSE, batch_norm)},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct network_metadata network_metadata_of(const struct network *network)
{
    struct network_metadata metadata = {.hidden_count = network->layer_count - 1,
                                        .head = network->head,
                                        .bias = network_has_bias(network),
                                        .batch_norm = network_has_norm(network)};
    for (size_t l = 0; l < metadata.hidden_count; l++) {
        metadata.hidden[l] = network->layers[l].outputs;
        metadata.activations[l] = network->layers[l].activation;
    }
    return metadata;
}

enum weft_status network_metadata_write(struct safetensors *file,
                                        const struct network_metadata *metadata)
{
    return metadata_write(file, fields, FIELDS, metadata);
}

enum weft_status network_metadata_read(struct metadata_source source,
                                       struct network_metadata *metadata)
{
    *metadata = (struct network_metadata){.hidden_count = 0};
    for (size_t l = 0; l < WEFT_MAX_HIDDEN; l++)
        metadata->activations[l] = WEFT_ACTIVATION_SIGMOID;
    return metadata_read(source, fields, FIELDS, metadata);
}
