/* The table of activations; see activation_traits.h. */
#include "options/activation_traits.h"

#define NAME(value, name, ...) [WEFT_ACTIVATION_##value] = #name,
const char *const activation_names[ACTIVATION_COUNT] = {ACTIVATION_ROWS(NAME)};

/* The words of the rows. */
enum { SLOPE_FROM_A, SLOPE_FROM_Z };
enum { SHAPE_SMOOTH, SHAPE_KINKED };

#define TRAITS(value, name, slope, init, shape)                                                    \
    [WEFT_ACTIVATION_##value] = {                                                                  \
        .slope_from_z = SLOPE_##slope, .kink = SHAPE_##shape, .initialization = WEFT_INIT_##init},
static const struct activation_traits table[ACTIVATION_COUNT] = {ACTIVATION_ROWS(TRAITS)};

/* The switch has no default, so -Wswitch names a value that has no row. */
#define CASE(value, ...) case WEFT_ACTIVATION_##value:
struct activation_traits activation_traits(enum weft_activation activation)
{
    switch (activation) {
        ACTIVATION_ROWS(CASE)
        break;
    }
    return table[activation];
}
