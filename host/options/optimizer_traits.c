/* The table of optimizers; see optimizer_traits.h. */
#include "options/optimizer_traits.h"

#define NAME(value, name, ...) [WEFT_OPTIMIZER_##value] = #name,
const char *const optimizer_names[OPTIMIZERS] = {OPTIMIZER_ROWS(NAME)};

const char *const optimizer_state_names[STATE_KINDS] = {[STATE_NONE] = "none",
                                                        [STATE_VELOCITIES] = "velocities",
                                                        [STATE_MEANS] = "means",
                                                        [STATE_SQUARES] = "squares"};

#define TRAITS(value, name, first, second, uses, beta2, rate)                                      \
    [WEFT_OPTIMIZER_##value] = {{STATE_##first, STATE_##second}, uses, beta2, rate},
static const struct optimizer_traits table[OPTIMIZERS] = {OPTIMIZER_ROWS(TRAITS)};

/* The switch has no default, so -Wswitch names a value that has no row. */
#define CASE(value, ...) case WEFT_OPTIMIZER_##value:
struct optimizer_traits optimizer_traits(enum weft_optimizer optimizer)
{
    switch (optimizer) {
        OPTIMIZER_ROWS(CASE)
        break;
    }
    return table[optimizer];
}

size_t optimizer_states(enum weft_optimizer optimizer)
{
    size_t states = 0;
    while (states < OPTIMIZER_MOST_STATES && table[optimizer].state[states] != STATE_NONE)
        states++;
    return states;
}
