/* Round numbers along an axis, and numbers as people read them. */
#ifndef WEFT_PLOT_TICKS_H
#define WEFT_PLOT_TICKS_H

#include <stdbool.h>
#include <stddef.h>

/* A range of numbers that is drawn from one coordinate to another. */
struct axis_scale {
    double low, high; /* of the numbers; low < high, and above 0 if `log` */
    bool log;
    double from, to; /* coordinates of low and high */
};

/* Tells whether a chart shows a number. Those beyond 1e300 leave gaps, like those that are not
 * finite: doubles have no room for an axis around them. */
bool scale_shows(double value);

/* Returns the coordinate of a number. A number that a logarithmic scale cannot show gives NaN. */
double scale_at(const struct axis_scale *scale, double value);

/* Widens `*low` and `*high` to include the values that are shown (those above 0 if `positive`).
 * They start as INFINITY and -INFINITY. */
void range_add(double *low, double *high, const double *values, size_t count, bool positive);

/* Makes a range usable: one without values becomes 0 to 1, or 1 to 10; one of a single value gets
 * a width. */
void range_repair(double *low, double *high, bool positive);

enum { TICKS_LIMIT = 16 };

/* Numbers at 1, 2 or 5 times a power of ten, 4 to 7 of them where the range allows it. */
struct ticks {
    double values[TICKS_LIMIT];
    size_t count;
    int decimals; /* that tell them apart */
};

/* Finds the ticks in the range of a scale. */
void ticks_find(const struct axis_scale *scale, struct ticks *ticks);

/* Finds the ticks of whole numbers, such as epochs. */
void ticks_find_whole(const struct axis_scale *scale, struct ticks *ticks);

/* Widens a linear range to round numbers at both ends. */
void ticks_round_range(double *low, double *high);

enum { LABEL_SIZE = 64 };

/* Writes a number with `decimals` digits after the point, a true minus sign, and a power of ten if
 * it is very large or very small. Every locale gives the same text. */
void label_fixed(double value, int decimals, char text[LABEL_SIZE]);

/* Writes a number with `digits` significant digits. */
void label_number(double value, int digits, char text[LABEL_SIZE]);

/* Writes a fraction in percent: "90.6 %". */
void label_percent(double fraction, int decimals, char text[LABEL_SIZE]);

/* Writes a whole number with thin spaces between thousands. */
void label_count(size_t count, char text[LABEL_SIZE]);

/* Writes the tick `index`. */
void label_tick(const struct ticks *ticks, size_t index, bool percent, char text[LABEL_SIZE]);

#endif
