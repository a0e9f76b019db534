/* Provides the weights that NumPy draws for the article's first example:
 *
 *     draw = numpy.random.RandomState(1)
 *     draw.uniform(size=(2, 3)).T, draw.uniform(size=(3, 1)).T
 *
 * From these weights, 50000 epochs reach 0, 1, 1, 0. From other weights they may not.
 */
#ifndef WEFT_TESTS_XOR_WEIGHTS_H
#define WEFT_TESTS_XOR_WEIGHTS_H

enum { XOR_FEATURES = 2, XOR_HIDDEN = 3, XOR_SAMPLES = 4, XOR_EPOCHS = 50000 };

static const double xor_weights[XOR_HIDDEN * XOR_FEATURES + XOR_HIDDEN] = {
    0.417022004702574,   0.30233257263183977,    0.7203244934421581, /* [3][2], then [1][3] */
    0.14675589081711304, 0.00011437481734488664, 0.0923385947687978,
    0.1862602113776709,  0.34556072704304774,    0.39676747423066994};

static const double xor_x[XOR_SAMPLES * XOR_FEATURES] = {0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0};
static const int xor_targets[XOR_SAMPLES] = {0, 1, 1, 0};

#endif
