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

/* Add the operations of the layer that a product runs in its own launches to product->after:
 * bias, activation and dropout; the gradient of the bias; dropout and the slope of the layer below.
 * What is not in product->after.steps must follow in launches of its own. */
void layer_forward_follow(const struct workspace *workspace, size_t layer, struct product *product);
void layer_gradient_follow(const struct workspace *workspace, size_t layer,
                           struct product *product);
void layer_delta_follow(const struct workspace *workspace, size_t layer, struct product *product);

/* The steps of them that a product by `engine` runs; 0 if it runs none. `drawn` is false in
 * evaluation. */
cl_uint layer_forward_steps(const struct opencl_device *device, enum product_engine engine,
                            const struct dense_layer *dense, bool drawn);
cl_uint layer_gradient_steps(const struct opencl_device *device, enum product_engine engine,
                             const struct dense_layer *dense);
cl_uint layer_delta_steps(const struct opencl_device *device, enum product_engine engine,
                          const struct dense_layer *below, bool drawn);

/* The operation of backend.h. */
uint64_t layer_primitives(const struct weft_device *device, const struct workspace_plan *plan);

#endif
