/* Prints a shaded confusion matrix in a terminal. Correct predictions are gray, or have no
 * shade, so that errors stand out. */
#include <stdio.h>

#include "terminal.h"

enum { LABEL_WIDTH = 5, CELL_WIDTH = 7, SHADES = 5 };

struct matrix {
    const size_t *counts; /* [classes][classes] */
    size_t classes;
    double largest; /* the share of its row that the largest error has */
};

static double row_total(const struct matrix *matrix, size_t row)
{
    double total = 0.0;
    for (size_t column = 0; column < matrix->classes; column++)
        total += (double)matrix->counts[row * matrix->classes + column];
    return total;
}

static double largest_error(const struct matrix *matrix)
{
    double largest = 0.0;
    for (size_t row = 0; row < matrix->classes; row++) {
        const double total = row_total(matrix, row);
        for (size_t column = 0; column < matrix->classes; column++) {
            const double count = (double)matrix->counts[row * matrix->classes + column];
            if (row != column && count > largest * total)
                largest = count / total;
        }
    }
    return largest;
}

/* Returns how strong the shade of an error is, below SHADES. */
static size_t shade_of(const struct matrix *matrix, size_t count, double total)
{
    const double share = (double)count / total / matrix->largest;
    return share < 1.0 ? (size_t)(share * SHADES) : SHADES - 1;
}

/* Prints a count on a color: viridis from dark to light, with a text that is readable on it. */
static void print_colored(const struct matrix *matrix, size_t count, double total, bool right)
{
    static const char *const colors[SHADES] = {"48;5;54;38;5;231", "48;5;25;38;5;231",
                                               "48;5;30;38;5;231", "48;5;71;38;5;16",
                                               "48;5;220;38;5;16"};
    printf("\033[%sm %5zu \033[0m",
           right ? "48;5;250;38;5;16" : colors[shade_of(matrix, count, total)], count);
}

/* Prints a count and a block that is fuller for a larger share. */
static void print_block(const struct matrix *matrix, size_t count, double total, bool right)
{
    static const char *const blocks[SHADES] = {"\u00b7", "\u2591", "\u2592", "\u2593", "\u2588"};
    printf(" %5zu%s", count, right ? " " : blocks[shade_of(matrix, count, total)]);
}

static void print_row(const struct terminal *terminal, const struct matrix *matrix, size_t row)
{
    const double total = row_total(matrix, row);
    printf("%*zu", LABEL_WIDTH, row);
    for (size_t column = 0; column < matrix->classes; column++) {
        const size_t count = matrix->counts[row * matrix->classes + column];
        if (count == 0)
            printf(" %5d ", 0);
        else if (terminal->color)
            print_colored(matrix, count, total, row == column);
        else
            print_block(matrix, count, total, row == column);
    }
    printf("\n");
}

bool terminal_draw_confusion(const struct terminal *terminal, const size_t *counts, size_t classes)
{
    struct matrix matrix = {.counts = counts, .classes = classes};
    if (terminal->columns < LABEL_WIDTH + CELL_WIDTH * classes ||
        (!terminal->color && !terminal->unicode))
        return false;
    matrix.largest = largest_error(&matrix);
    printf("\nconfusion: a row for each true class, a column for each predicted one\n"
           "shades: errors as a share of their row, up to %.3g %%\n%*s",
           100.0 * matrix.largest, LABEL_WIDTH, "");
    for (size_t predicted = 0; predicted < classes; predicted++)
        printf(" %5zu ", predicted);
    printf("\n");
    for (size_t label = 0; label < classes; label++)
        print_row(terminal, &matrix, label);
    return true;
}
