/* Converts numbers to and from text, identically in every locale, and to float.
 *
 * strtod and printf follow the locale of the program that uses the library. In a German locale,
 * strtod reads "0.5" as 0. All text from users and files goes through these functions.
 */
#ifndef WEFT_BASE_NUMBER_H
#define WEFT_BASE_NUMBER_H

#include <float.h>
#include <math.h>

#include "base/status.h"

/* Converts `value` to float. A value beyond the float range becomes infinite; a plain cast would be
 * undefined behavior. */
static inline float number_to_float(double value)
{
    if (fabs(value) > (double)FLT_MAX)
        return value > 0.0 ? INFINITY : -INFINITY;
    return (float)value;
}

/* Reads `text` as one decimal number: an optional sign, digits with an optional point, and an
 * optional exponent. Returns false and leaves `*value` unchanged for anything else: blanks,
 * hexadecimal digits, inf, nan, more than 255 characters, or a number beyond the range of a
 * double. */
bool number_from_text(const char *text, double *value);

/* Tells whether `text` has the form that number_from_text accepts, even if the number is too
 * large. */
bool number_is_decimal(const char *text);

/* Reads the number that begins at `at` as number_from_text does, with `point` in place of the
 * decimal point. The number ends at the first byte that does not continue it, or at `end`. Returns
 * the place behind it, or NULL if no number begins here or if it is too long. A number beyond the
 * range of a double becomes infinite. This function is fast: most numbers of up to 19 digits take a
 * few nanoseconds, and less if eight bytes follow before `end`. */
const char *number_take(const char *at, const char *end, char point, double *value);

/* Reads bytes [length] in the same way. Returns false if the number does not end with them. */
bool number_from_bytes(const char *bytes, size_t length, char point, double *value);

/* Reads `text` as a whole number made of digits alone. Returns false if it has another form or if
 * it exceeds 64 bits. */
bool integer_from_text(const char *text, uint64_t *value);

enum { NUMBER_TEXT_SIZE = 32 };

/* Writes the shortest text of 15 to 17 digits that reads back as `value`, or "inf", "-inf" or
 * "nan". */
void number_to_text(double value, char text[NUMBER_TEXT_SIZE]);

/* Writes the shortest text of 6 to 9 digits that reads back as `value`, or as number_to_text
 * does. */
void number_float_to_text(float value, char text[NUMBER_TEXT_SIZE]);

#endif
