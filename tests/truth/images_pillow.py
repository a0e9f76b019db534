"""Compares folders of images as Pillow decodes them with what Weft reads: images_pillow.py DATA_DUMP [SEED]

Every kind of PNG and JPEG, in random sizes, as they are and resized."""

import pathlib
import sys
import tempfile

import numpy
from PIL import Image

from dumps import dumps

FOLDERS = 60
KINDS = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "gray jpeg", "jpeg", "progressive", "cmyk jpeg"]


def picture(rng, height, width):
    """Noise, smoothed by a random amount: what JPEG changes little and what it changes much."""
    small = rng.integers(0, 256, (int(rng.integers(1, height + 1)), int(rng.integers(1, width + 1)), 3), dtype="u1")
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def save(rng, path, kind, height, width):
    """Writes an image, and returns its path."""
    image = picture(rng, height, width)
    if kind == "I;16":
        image = Image.fromarray(rng.integers(0, 65536, (height, width), dtype="u2"))
    elif kind == "P":
        image = image.quantize(int(rng.integers(2, 200)))
    elif "jpeg" in kind or kind == "progressive":
        mode = {"gray jpeg": "L", "cmyk jpeg": "CMYK"}.get(kind, "RGB")
        path = path.with_suffix(str(rng.choice([".jpg", ".png"]))) # the content decides
        image.convert(mode).save(path, "JPEG", quality=int(rng.integers(20, 101)), progressive=kind == "progressive",
                                 subsampling=0 if mode == "CMYK" else int(rng.integers(3)))
        return path
    elif "A" in kind:
        image = image.convert("RGBA")
        image.putalpha(Image.fromarray(rng.integers(0, 256, (height, width), dtype="u1")))
        image = image.convert(kind)
    else:
        image = image.convert(kind)
    image.save(path)
    return path


def pixels(path):
    """[height][width][channels] as Pillow decodes them; gray images have one channel."""
    image = Image.open(path)
    if image.mode == "I;16": # Pillow cuts 16 bits off; libpng rounds
        return ((numpy.asarray(image).astype("u4") * 255 + 32767) // 65535).astype("u1")[:, :, None]
    array = numpy.asarray(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))
    return array.reshape(array.shape[0], array.shape[1], -1)


def resized(array, width, height):
    """In floating point, so that nothing is rounded on the way."""
    bands = [Image.fromarray(array[:, :, c].astype("f4")).resize((width, height), Image.Resampling.BILINEAR)
             for c in range(array.shape[2])]
    return numpy.stack([numpy.asarray(band) for band in bands], axis=2)


def write_folder(rng, folder, resize):
    """Returns (class, path) of each image, in the order in which Weft reads them."""
    height, width = (int(n) for n in rng.integers(1, 40, 2))
    files = []
    for name in ("a", "b", "c c"):
        (folder / name).mkdir(parents=True)
        for i in range(int(rng.integers(1, 4))):
            if resize:
                height, width = (int(n) for n in rng.integers(1, 40, 2))
            path = save(rng, folder / name / ("%d.png" % i), str(rng.choice(KINDS)), height, width)
            files.append((name, path))
    return sorted(files)


def check(read, files, size):
    assert read.kind == "samples", read.message
    assert read.labels == [name for name, _ in files]
    decoded = [pixels(path) for _, path in files]
    channels = max(array.shape[2] for array in decoded)
    for (_, path), array, x in zip(files, decoded, read.x):
        array = numpy.broadcast_to(array, array.shape[:2] + (channels,))
        want = resized(array, *size) if size else array.astype("f4")
        got = x.reshape(read.image)
        jpeg = Image.open(path).format == "JPEG" # decoders differ by a level
        bound = (1 if jpeg else 0) + (0.501 if size else 0)
        worst = abs(got - want).max()
        assert worst <= bound, "%s: off by %g, bound %g" % (path, worst, bound)


def main(program, seed=0):
    rng = numpy.random.default_rng(int(seed))
    count = 0
    for i in range(FOLDERS):
        size = tuple(int(n) for n in rng.integers(1, 50, 2)) if i % 2 else None
        with tempfile.TemporaryDirectory() as folder:
            files = write_folder(rng, pathlib.Path(folder), size is not None)
            read, = dumps(program, *(["%dx%d" % size] if size else []), folder)
            check(read, files, size)
        count += len(files)
    print("%d images in %d folders: equal" % (count, FOLDERS))


if __name__ == "__main__":
    main(*sys.argv[1:])
