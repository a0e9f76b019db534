/* Recognizes numbers that are written with marks: "1,5", "1,234.50", "$12", "29 %", "31.5 kg". Weft
 * does not read them; it tells what to do about them. */
#ifndef WEFT_DATA_MARKED_NUMBER_H
#define WEFT_DATA_MARKED_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

struct marked_number {
    bool comma;         /* a decimal comma: "1,5" */
    bool grouped;       /* thousands separators: "1,234.50", "1.234,50", "12 345" */
    bool either;        /* a comma that may be either: "1,234" */
    const char *sign;   /* [sign_length] a currency sign in front; borrowed from the text */
    const char *unit;   /* [unit_length] a percent sign, currency sign or unit behind; borrowed */
    size_t sign_length; /* in bytes */
    size_t unit_length;
};

/* Takes a text apart. Returns false if it is no number, with marks or without. "1.234" is
 * plain. */
bool marked_number_take(const char *text, struct marked_number *number);

/* Says what the marks are, and what to do about them; NULL for a plain number. A comma that may be
 * either is taken for a thousands separator. */
const char *marked_number_advice(const struct marked_number *number);

#endif
