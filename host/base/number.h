/* Numbers as text, the same in every locale, and as floats.
 *
 * strtod and printf obey the locale of the program around the library: in a German one, strtod
 * reads "0.5" as 0. Text of users and files goes through these functions and no others.
 */
#ifndef WEFT_BASE_NUMBER_H
#define WEFT_BASE_NUMBER_H

#include <float.h>
#include <math.h>

#include "base/status.h"

/* As a float; infinite beyond the largest one, where a cast is undefined. */
static inline float number_to_float(double value)
{
    if (fabs(value) > (double)FLT_MAX)
        return value > 0.0 ? INFINITY : -INFINITY;
    return (float)value;
}

/* The decimal number that is the whole of `text`: a sign or none, digits with a point or none, an
 * exponent or none. false, and `*value` as it was, for anything else (blanks, hexadecimal, inf,
 * nan, over 255 characters) and for what no double can hold. */
bool number_from_text(const char *text, double *value);

/* Whether `text` is written as number_from_text takes numbers, however large. */
bool number_is_decimal(const char *text);

/* The whole number, digits alone, that is the whole of `text`. */
bool integer_from_text(const char *text, uint64_t *value);

enum { NUMBER_TEXT_SIZE = 32 };

/* The shortest text of 15 to 17 digits that reads back as `value`; "inf", "-inf", "nan". */
void number_to_text(double value, char text[NUMBER_TEXT_SIZE]);

#endif
