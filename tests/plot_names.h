/* Names and numbers for the charts of plot_charts.h. */
#ifndef WEFT_TESTS_PLOT_NAMES_H
#define WEFT_TESTS_PLOT_NAMES_H

static const char *const nasty_names[] = {
    "<script>alert(1)</script>",
    "quotes \" ' & ampersands",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd7\xa2\xd7\x95\xd7\x9c\xd7\x9d", /* Hebrew */
    "\xd8\xa7\xd9\x84\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\xa9",          /* Arabic */
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe3\x83\xa9\xe3\x83\x99\xe3\x83\xab",
    "a class name that is much longer than anybody would expect a class name to be",
    "broken \xff UTF-8 \x01 control",
    ""};
static const char *const fashion[] = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                      "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/* Numbers that look random: the same on every machine, 0 to below 1. */
static inline double chart_noise(unsigned i)
{
    unsigned x = i * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return (double)(x >> 8) / (double)(1u << 24);
}

#endif
