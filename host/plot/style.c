/* Contains the colors. See style.h. */
#include "plot/style.h"

#include <math.h>

/* One color for light paper, one for dark paper. */
struct colors {
    unsigned light, dark;
};

static const struct colors colors[INK_ROLES] = {
    [INK_PAPER] = {0xffffff, 0x16191d},
    [INK_TEXT] = {0x1f2328, 0xe8eaed},
    [INK_MUTED] = {0x5f6770, 0xa3abb5},
    [INK_GRID] = {0xe6e8eb, 0x2b3037},
    [INK_AXIS] = {0x8c959f, 0x6b747e},
    [INK_QUIET] = {0xc3c8ce, 0x4a525b},
    [INK_RIGHT] = {0x00704f, 0x35c79a},
    [INK_WRONG] = {0xb34700, 0xf58a42},
    /* Blue, vermilion, bluish green, reddish purple, orange, sky blue, yellow, black. */
    [INK_CATEGORY] = {0x0072b2, 0x3d9be0},
    {0xd55e00, 0xf07a2a},
    {0x009e73, 0x1fbf8f},
    {0xcc79a7, 0xde8fbe},
    {0xe69f00, 0xf2b134},
    {0x56b4e9, 0x8fd0f5},
    {0xd9c800, 0xf0e442},
    {0x000000, 0xd5d9de},
    [INK_NAME] = {0x0069a4, 0x5cb0ef},
    {0xb34700, 0xf58a42},
    {0x00704f, 0x35c79a},
    {0xa0417a, 0xe5a0c8},
    {0x8a5a00, 0xf2b134},
    {0x1b6c9c, 0x8fd0f5},
    {0x6b6300, 0xf0e442},
    {0x000000, 0xe8eaed},
};

unsigned style_color(enum ink_role role, bool dark)
{
    return dark ? colors[role].dark : colors[role].light;
}

/* Returns the mixture of two colors: a where t is 0, b where t is 1. */
static unsigned mixture(unsigned a, unsigned b, double t)
{
    unsigned color = 0;
    for (unsigned shift = 0; shift <= 16; shift += 8) {
        const double from = (double)(a >> shift & 0xff), to = (double)(b >> shift & 0xff);
        color |= (unsigned)lround(from + (to - from) * t) << shift;
    }
    return color;
}

/* Returns the color at t, 0 to 1, of a scale whose `count` colors have equal distances. */
static unsigned along(const unsigned *scale, size_t count, double t)
{
    const double place = (isnan(t) ? 0.0 : fmin(fmax(t, 0.0), 1.0)) * (double)(count - 1);
    const size_t below = place >= (double)(count - 1) ? count - 2 : (size_t)place;
    return mixture(scale[below], scale[below + 1], place - (double)below);
}

unsigned style_viridis(double t)
{
    /* Sixteen colors at equal distances, as viridisLite 0.4 has them. */
    static const unsigned scale[] = {0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e,
                                     0x2a788e, 0x23888e, 0x1f988b, 0x22a884, 0x35b779, 0x54c568,
                                     0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725};
    return along(scale, sizeof scale / sizeof *scale, t);
}

unsigned style_difference(double t)
{
    static const unsigned scale[] = {0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7,
                                     0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f};
    return along(scale, sizeof scale / sizeof *scale, (t + 1.0) / 2.0);
}
