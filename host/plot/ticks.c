/* Finds round numbers and writes them. See ticks.h. */
#include "plot/ticks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TICKS_MOST = 7, TICKS_LEAST = 4 };

bool scale_shows(double value)
{
    return fabs(value) <= 1e300; /* false for NaN */
}

double scale_at(const struct axis_scale *scale, double value)
{
    const double low = scale->log ? log(scale->low) : scale->low;
    const double high = scale->log ? log(scale->high) : scale->high;
    if (scale->log && !(value > 0.0))
        return (double)NAN;
    const double t = ((scale->log ? log(value) : value) - low) / (high - low);
    return scale->from + t * (scale->to - scale->from);
}

void range_add(double *low, double *high, const double *values, size_t count, bool positive)
{
    for (size_t i = 0; values != NULL && i < count; i++)
        if (scale_shows(values[i]) && (!positive || values[i] > 0.0)) {
            *low = fmin(*low, values[i]);
            *high = fmax(*high, values[i]);
        }
}

void range_repair(double *low, double *high, bool positive)
{
    if (*low > *high) {
        *low = positive ? 1.0 : 0.0;
        *high = positive ? 10.0 : 1.0;
    }
    *low = fmin(fmax(*low, positive ? 1e-300 : -1e300), 1e300);
    *high = fmin(fmax(*high, *low), 1e300);
    /* Doubles cannot tell ticks apart in a narrower range. */
    const double size = fmax(fabs(*low), fabs(*high));
    if (*high - *low > 1e-9 * size && *high - *low > 1e-280)
        return;
    const double half = positive ? 0.0 : size > 1e-270 ? size * 0.1 : 0.5;
    *high = positive ? *low * 2.0 : *low + half;
    *low = positive ? *low / 2.0 : *low - half;
}

/* Returns 10^n, exactly for the usual n. */
static double power_of_ten(int n)
{
    double power = 1.0;
    for (int i = 0; i < (n < 0 ? -n : n); i++)
        power *= 10.0;
    return n < 0 ? 1.0 / power : power;
}

/* ---- linear ---- */

/* A step of 1, 2 or 5 times ten to `exponent`. */
struct step {
    int digit, exponent;
};

static double multiple(struct step step, double times)
{
    return step.exponent < 0 ? times * step.digit / power_of_ten(-step.exponent)
                             : times * step.digit * power_of_ten(step.exponent);
}

static struct step next_step(struct step step)
{
    if (step.digit == 5)
        return (struct step){1, step.exponent + 1};
    return (struct step){step.digit == 1 ? 2 : 5, step.exponent};
}

/* Returns the numbers of the first and the last multiple of a step in a range, which forgives
 * rounding at its ends. */
static void multiples(struct step step, double low, double high, double *first, double *last)
{
    const double size = multiple(step, 1.0);
    *first = ceil(low / size - 1e-9);
    *last = floor(high / size + 1e-9);
}

/* Returns the smallest step of at most TICKS_MOST ticks. If the next smaller one has a single tick
 * more and this one is below TICKS_LEAST, returns the smaller. */
static struct step find_step(double low, double high, int least_exponent)
{
    const int start = (int)floor(log10(high - low)) - 1;
    struct step step = {1, start > least_exponent ? start : least_exponent}, smaller = step;
    double first, last, more = 0.0;
    multiples(step, low, high, &first, &last);
    while (last - first + 1.0 > TICKS_MOST) {
        more = last - first + 1.0;
        smaller = step;
        step = next_step(step);
        multiples(step, low, high, &first, &last);
    }
    return last - first + 1.0 < TICKS_LEAST && more == TICKS_MOST + 1 ? smaller : step;
}

static void linear_ticks(double low, double high, int least_exponent, struct ticks *ticks)
{
    const struct step step = find_step(low, high, least_exponent);
    double first, last;
    multiples(step, low, high, &first, &last);
    ticks->count = 0;
    ticks->decimals = step.exponent < 0 ? -step.exponent : 0;
    for (double i = first; i <= last && ticks->count < TICKS_LIMIT; i++)
        ticks->values[ticks->count++] = multiple(step, i);
}

void ticks_round_range(double *low, double *high)
{
    /* A wider range may need a larger step, which widens it again. */
    for (struct step step = find_step(*low, *high, -300), last = {0};
         step.digit != last.digit || step.exponent != last.exponent;) {
        const double size = multiple(step, 1.0);
        *low = multiple(step, floor(*low / size + 1e-9));
        *high = multiple(step, ceil(*high / size - 1e-9));
        last = step;
        step = find_step(*low, *high, -300);
    }
}

/* ---- logarithmic ---- */

/* Adds the multiples of the decades that lie in the range: 1, or 1, 2 and 5. */
static void decade_ticks(const struct axis_scale *scale, int stride, bool fine, struct ticks *ticks)
{
    static const double digits[] = {1.0, 2.0, 5.0};
    const int first = (int)floor(log10(scale->low)), last = (int)ceil(log10(scale->high));
    ticks->count = 0;
    for (int k = first; k <= last; k++)
        for (size_t d = 0; d < (fine ? 3 : 1); d++) {
            const double value = digits[d] * power_of_ten(k);
            if ((k - first) % stride == 0 && value >= scale->low * (1 - 1e-9) &&
                value <= scale->high * (1 + 1e-9) && ticks->count < TICKS_LIMIT)
                ticks->values[ticks->count++] = value;
        }
}

static void log_ticks(const struct axis_scale *scale, struct ticks *ticks)
{
    const double decades = log10(scale->high) - log10(scale->low); /* the ratio may be infinite */
    ticks->decimals = -1; /* each number as short as it can be */
    decade_ticks(scale, 1, true, ticks);
    if (ticks->count > TICKS_MOST)
        decade_ticks(scale, 1 + (int)(decades / TICKS_MOST), false, ticks);
    if (ticks->count < 3)
        linear_ticks(scale->low, scale->high, -300, ticks);
}

void ticks_find(const struct axis_scale *scale, struct ticks *ticks)
{
    if (scale->log)
        log_ticks(scale, ticks);
    else
        linear_ticks(scale->low, scale->high, -300, ticks);
}

void ticks_find_whole(const struct axis_scale *scale, struct ticks *ticks)
{
    if (scale->log)
        log_ticks(scale, ticks);
    else
        linear_ticks(scale->low, scale->high, 0, ticks);
}

/* ---- labels ---- */

/* Appends 10 and the exponent in superscript digits, after a sign for multiplication if `times`. */
static void append_power(int exponent, bool times, char text[LABEL_SIZE])
{
    static const char *const digits[] = {
        "\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
        "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
    char number[16];
    size_t used = strlen(text);
    snprintf(number, sizeof number, "%d", exponent < 0 ? -exponent : exponent);
    used += (size_t)snprintf(text + used, LABEL_SIZE - used, "%s10%s", times ? "\xc3\x97" : "",
                             exponent < 0 ? "\xe2\x81\xbb" : "");
    for (const char *c = number; *c != '\0' && used < LABEL_SIZE; c++)
        used += (size_t)snprintf(text + used, LABEL_SIZE - used, "%s", digits[*c - '0']);
}

enum { DECIMALS_MOST = 9 };

/* Writes digits without a power of ten: |value| < 10^7 and decimals <= DECIMALS_MOST. */
static void plain_label(double value, int decimals, char text[LABEL_SIZE])
{
    const double power = power_of_ten(decimals);
    const long long scaled = llround(fabs(value) * power), whole = (long long)power;
    const char *sign = value < 0.0 && scaled > 0 ? "\xe2\x88\x92" : "";
    if (decimals <= 0 || decimals > 9)
        snprintf(text, LABEL_SIZE, "%s%lld", sign, scaled);
    else
        snprintf(text, LABEL_SIZE, "%s%lld.%0*lld", sign, scaled / whole, decimals, scaled % whole);
}

static void shorten(char text[LABEL_SIZE])
{
    size_t length = strlen(text);
    if (strchr(text, '.') == NULL)
        return;
    while (text[length - 1] == '0')
        length--;
    text[length - (text[length - 1] == '.')] = '\0';
}

/* Returns value / 10^exponent, also for denormals, where 10^-exponent is infinite. */
static double without_power(double value, int exponent)
{
    if (exponent < -300)
        return value * power_of_ten(300) * power_of_ten(-exponent - 300);
    return exponent < 0 ? value * power_of_ten(-exponent) : value / power_of_ten(exponent);
}

/* Writes a number as digits times a power of ten. */
static void power_label(double value, int digits, char text[LABEL_SIZE])
{
    int exponent = (int)floor(log10(fabs(value)) + 1e-9);
    double mantissa = without_power(value, exponent);
    if (fabs(mantissa) > 10.0 - 0.5 / power_of_ten(digits - 1)) {
        mantissa /= 10.0;
        exponent++;
    }
    plain_label(mantissa, digits - 1, text);
    shorten(text);
    const bool one = strcmp(text, "1") == 0 || strcmp(text, "\xe2\x88\x92\x31") == 0;
    if (one) /* 1 times a power is the power */
        text[strlen(text) - 1] = '\0';
    append_power(exponent, !one, text);
}

static bool needs_power(double value)
{
    return value != 0.0 && (fabs(value) >= 1e7 || fabs(value) < 1e-5);
}

/* Writes what has no digits. Returns false for finite numbers. */
static bool special_label(double value, char text[LABEL_SIZE])
{
    if (isfinite(value))
        return false;
    snprintf(text, LABEL_SIZE, "%s",
             isnan(value)  ? "\xe2\x80\x93"
             : value > 0.0 ? "\xe2\x88\x9e"
                           : "\xe2\x88\x92\xe2\x88\x9e");
    return true;
}

void label_fixed(double value, int decimals, char text[LABEL_SIZE])
{
    if (special_label(value, text))
        return;
    if (needs_power(value) || decimals > DECIMALS_MOST)
        label_number(value, 3, text);
    else
        plain_label(value, decimals, text);
}

void label_number(double value, int digits, char text[LABEL_SIZE])
{
    if (special_label(value, text))
        return;
    if (needs_power(value)) {
        power_label(value, digits, text);
        return;
    }
    const int exponent = value == 0.0 ? 0 : (int)floor(log10(fabs(value)) + 1e-9);
    const int decimals = digits - 1 - exponent, most = DECIMALS_MOST;
    plain_label(value, decimals < 0 ? 0 : decimals > most ? most : decimals, text);
    shorten(text);
}

void label_percent(double fraction, int decimals, char text[LABEL_SIZE])
{
    const double percent = fraction * 100.0;
    if (fabs(percent) < 1.0 && decimals <= DECIMALS_MOST) /* a power of ten is hard to read here */
        plain_label(percent, decimals, text);
    else
        label_fixed(percent, decimals, text);
    const size_t used = strlen(text);
    snprintf(text + used, LABEL_SIZE - used, "\xc2\xa0%%");
}

void label_count(size_t count, char text[LABEL_SIZE])
{
    char digits[32];
    const int length = snprintf(digits, sizeof digits, "%zu", count);
    size_t used = 0;
    for (int i = 0; i < length; i++)
        used += (size_t)snprintf(text + used, LABEL_SIZE - used, "%s%c",
                                 length > 4 && i > 0 && (length - i) % 3 == 0 ? "\xe2\x80\x89" : "",
                                 digits[i]);
}

/* Tells whether a tick is written as a power of ten because others are. On a logarithmic axis, the
 * numbers around 1 stay as they are. */
static bool follows_powers(const struct ticks *ticks, double value)
{
    const double size = fabs(value);
    if (value == 0.0 || (ticks->decimals < 0 && size > 0.9e-3 && size < 1.1e3))
        return false;
    for (size_t i = 0; i < ticks->count; i++)
        if (needs_power(ticks->values[i]))
            return true;
    return false;
}

void label_tick(const struct ticks *ticks, size_t index, bool percent, char text[LABEL_SIZE])
{
    const double value = ticks->values[index];
    if (!percent && follows_powers(ticks, value))
        power_label(value, 3, text);
    else if (percent)
        label_percent(value, ticks->decimals > 2 ? ticks->decimals - 2 : 0, text);
    else if (ticks->decimals < 0)
        label_number(value, 3, text);
    else
        label_fixed(value, ticks->decimals, text);
}
