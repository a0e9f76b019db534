#!/usr/bin/env python3
"""Writes the files of tests/formats with NumPy, scikit-learn, Pillow and pypng, so that the readers
are tested with files that other programs wrote. Needs these four packages.

NAME.raw has the pixels of an image as Pillow decodes them, one byte each."""

import io
import pathlib

import numpy as np
import png
from PIL import Image
from sklearn.datasets import dump_svmlight_file

ROOT = pathlib.Path(__file__).parent
INDEX = np.arange(24).reshape(4, 2, 3)


# ---- NPZ: every type, byte order and memory order; the test has the formulas

def arrays():
    types = {"b1": INDEX % 3 == 0, "u1": INDEX * 10, "u2": INDEX * 2500, "u4": INDEX * 150000000,
             "u8": INDEX * 2.0 ** 58, "i1": INDEX * 10 - 120, "i2": INDEX * 2500 - 30000,
             "i4": INDEX * 150000000 - 1800000000, "i8": INDEX * 2.0 ** 58 - 2.0 ** 62,
             "f2": INDEX * 0.25 - 3, "f4": INDEX * 0.25 - 3, "f8": INDEX * 0.25 - 3}
    for name, values in types.items():
        for order in "CF":
            for sign, word in (("<", "little"), (">", "big")):
                kind = "?" if name == "b1" else sign + name
                yield f"{name}_{word}_{order}", np.array(values, dtype=kind, order=order)


def npz():
    np.savez_compressed(ROOT / "types.npz", **dict(arrays()))
    samples = INDEX.reshape(4, 6).astype("u1")
    labels = np.array([3, 1, 3, 7])
    np.savez(ROOT / "pair.npz", x=samples, y=labels)
    np.savez_compressed(ROOT / "keras.npz", x_train=samples.reshape(4, 2, 3), y_train=labels,
                        x_test=samples[:2].reshape(2, 2, 3), y_test=labels[:2])
    for version in (1, 2, 3):
        with open(ROOT / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, samples, version=(version, 0))
    for name, array in (("complex", samples + 1j), ("object", np.array([None, 1])),
                        ("text", np.array(["a", "b"])), ("bytes", np.array([b"a", b"b"])),
                        ("date", np.array(["2020-01-01"], dtype="M8[D]")),
                        ("record", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))):
        np.save(ROOT / f"{name}.npy", array)


# ---- LIBSVM

def libsvm():
    x = np.array([[0, 1.5, 0], [2, 0, -3], [0, 0, 0], [0.125, 0, 1e-3]])
    dump_svmlight_file(x, [1, -1, 1, -1], str(ROOT / "one_based.svm"), zero_based=False, comment="made")
    dump_svmlight_file(x, [1, -1, 1, -1], str(ROOT / "zero_based.svm"), zero_based=True)
    dump_svmlight_file(x, [0.5, 2, -1e3, 4], str(ROOT / "targets.svm"), zero_based=False,
                       query_id=[1, 1, 2, 2])


# ---- images

def save(name, image, **options):
    """Saves an image, and its pixels as Pillow reads them back."""
    image.save(ROOT / name, **options)
    keep(name)


def keep(name):
    image = Image.open(ROOT / name)
    if image.mode == "I;16":
        image = Image.fromarray(((np.asarray(image).astype("u4") * 255 + 32767) // 65535).astype("u1"))
    mode = "L" if image.mode in ("1", "L", "LA") else "RGB"
    (ROOT / name).with_suffix(".raw").write_bytes(image.convert(mode).tobytes())


def images():
    random = np.random.default_rng(1)
    rgb = Image.fromarray(random.integers(0, 256, (8, 6, 3), dtype="u1"))
    smooth = Image.fromarray(np.linspace(0, 255, 8 * 6 * 3).reshape(8, 6, 3).astype("u1"))
    alpha = Image.fromarray(random.integers(0, 256, (8, 6), dtype="u1"))
    save("gray.png", rgb.convert("L"))
    save("rgb.png", rgb)
    save("bits.png", rgb.convert("1"))
    save("palette.png", rgb.quantize(7))
    save("palette_transparent.png", rgb.quantize(7), transparency=2)
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    save("rgba.png", rgba)
    la = rgb.convert("L")
    la.putalpha(alpha)
    save("gray_alpha.png", la)
    deep = random.integers(0, 65536, (8, 6), dtype="u2")
    save("gray16.png", Image.fromarray(deep))
    with open(ROOT / "interlaced.png", "wb") as file:
        png.Writer(6, 8, greyscale=False, interlace=True).write(
            file, np.asarray(rgb).reshape(8, 18).tolist())
    keep("interlaced.png")
    save("rgb_jpeg.jpg", smooth, quality=95)
    save("gray_jpeg.jpg", smooth.convert("L"), quality=95)
    save("progressive.jpg", smooth, quality=95, progressive=True)
    save("cmyk.jpg", smooth.convert("CMYK"), quality=95)
    smooth.convert("CMYK").save(ROOT / "subsampled_cmyk.jpg", quality=10, subsampling=2) # not read
    buffer = io.BytesIO()
    rgb.save(buffer, "GIF")
    (ROOT / "image.gif").write_bytes(buffer.getvalue())
    for height, width in ((3, 4), (11, 13)):
        bands = [np.asarray(band.convert("F").resize((width, height), Image.Resampling.BILINEAR))
                 for band in rgb.split()]
        resized = np.floor(np.stack(bands, axis=-1) + 0.5).clip(0, 255).astype("u1")
        (ROOT / f"resized_{height}x{width}.raw").write_bytes(resized.tobytes())


npz()
libsvm()
images()
