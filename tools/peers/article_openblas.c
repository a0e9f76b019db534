/* The article's training as a C programmer writes it with OpenBLAS, float32; see common.py.
 * compare.py builds it. */
#define _POSIX_C_SOURCE 200809L
#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N = 60000, D = 784, H = 50, C = 10, B = 2400, EPOCHS = 7 };
static const float rate = 0.0001f, l2 = 0.5f;

static float *x, *w1, *w2;    /* [N][D], [H][D], [C][H] */
static unsigned char *labels; /* [N] */
static float *a, *d1, *p;     /* [B][H], [B][H], [B][C] */
static float *dw1, *dw2;      /* as w1, w2 */

static void *room(size_t bytes)
{
    void *memory = malloc(bytes);
    if (memory == NULL)
        exit(8);
    return memory;
}

/* `size` bytes of the file FOLDER/NAME from `offset` on. */
static void read_file(const char *folder, const char *name, long offset, void *to, size_t size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, offset, SEEK_SET) != 0 || fread(to, 1, size, file) != size) {
        perror(path);
        exit(5);
    }
    fclose(file);
}

static void read_data(const char *folder)
{
    unsigned char length[8];
    long header = 8;
    read_file(folder, "x.idx", 12, x, sizeof *x * N * D);
    for (size_t i = 0; i < (size_t)N * D; i++) { /* big-endian */
        const unsigned char *b = (unsigned char *)&x[i];
        union {
            uint32_t bits;
            float value;
        } number = {(uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]};
        x[i] = number.value;
    }
    read_file(folder, "y.idx", 8, labels, N);
    read_file(folder, "weights.safetensors", 0, length, sizeof length);
    for (int i = 0; i < 4; i++)
        header += (long)length[i] << 8 * i;
    read_file(folder, "weights.safetensors", header, w1, sizeof *w1 * H * D);
    read_file(folder, "weights.safetensors", header + (long)sizeof *w1 * H * D, w2,
              sizeof *w2 * C * H);
}

static float sigmoid(float z)
{
    return 1.0f / (1.0f + expf(-z));
}

/* p [B][C] of the batch xb [B][D] */
static void forward(const float *xb)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, B, H, D, 1, xb, D, w1, D, 0, a, H);
    for (int i = 0; i < B * H; i++)
        a[i] = sigmoid(a[i]);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, B, C, H, 1, a, H, w2, H, 0, p, C);
    for (int i = 0; i < B * C; i++)
        p[i] = sigmoid(p[i]);
}

static void epoch(void)
{
    for (size_t first = 0; first < N; first += B) {
        const float *xb = x + first * D;
        forward(xb);
        for (int i = 0; i < B; i++)
            p[i * C + labels[first + (size_t)i]] -= 1.0f;
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, C, H, B, 1, p, C, a, H, 0, dw2, H);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, B, H, C, 1, p, C, w2, H, 0, d1, H);
        for (int i = 0; i < B * H; i++)
            d1[i] *= a[i] * (1.0f - a[i]);
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, H, D, B, 1, d1, H, xb, D, 0, dw1, D);
        for (int i = 0; i < H * D; i++)
            w1[i] -= rate * (dw1[i] + l2 * w1[i]);
        for (int i = 0; i < C * H; i++)
            w2[i] -= rate * (dw2[i] + l2 * w2[i]);
    }
}

/* As article_error of common.py. */
static double error(void)
{
    double loss = 0.0, squares = 0.0;
    for (size_t first = 0; first < N; first += B) {
        forward(x + first * D);
        for (int i = 0; i < B; i++)
            loss -= log((double)p[i * C + labels[first + (size_t)i]]);
    }
    for (int i = 0; i < H * D; i++)
        squares += (double)w1[i] * (double)w1[i];
    for (int i = 0; i < C * H; i++)
        squares += (double)w2[i] * (double)w2[i];
    return 0.5 * (loss * B / N / C + 0.5 * (double)l2 * squares);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    x = room(sizeof *x * N * D), labels = room(N);
    w1 = room(sizeof *w1 * H * D), w2 = room(sizeof *w2 * C * H);
    dw1 = room(sizeof *dw1 * H * D), dw2 = room(sizeof *dw2 * C * H);
    a = room(sizeof *a * B * H), d1 = room(sizeof *d1 * B * H), p = room(sizeof *p * B * C);
    read_data(argv[1]);
    epoch(); /* not timed */
    printf("{\"seconds\": [");
    for (int e = 0; e < EPOCHS; e++) {
        const double start = now();
        epoch();
        printf("%s%.6f", e == 0 ? "" : ", ", now() - start);
    }
    printf("], \"error\": %.9g, \"version\": \"C (%s)\"}\n", error(), openblas_get_config());
    return 0;
}
