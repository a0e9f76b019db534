/* The three matrix products of a layer in training, ready to run.
 *
 * Their engine is the one for the largest batch, because the workspace is sized for it. A repair
 * blames the engine of the last product that was made here.
 */
#ifndef WEFT_OPENCL_LAYER_PRODUCTS_H
#define WEFT_OPENCL_LAYER_PRODUCTS_H

#include "opencl/opencl_workspace.h"
#include "opencl/products.h"

/* x [B][I] W' -> q [B][O] of a layer with batch norm, otherwise z */
struct product layer_product_forward(const struct workspace *workspace, size_t layer);

/* dw [O][I] = dz' [O][B] x [B][I] */
struct product layer_product_gradient(const struct workspace *workspace, size_t layer);

/* dz [B][O] W -> dz_below [B][I], for any layer but the first */
struct product layer_product_delta(const struct workspace *workspace, size_t layer);

#endif
