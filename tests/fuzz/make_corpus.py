#!/usr/bin/env python3
"""Writes the corpus that the fuzzers start from: tests/fuzz/corpus/, one small file for each kind of
input. Inputs that showed a bug are added there by hand, named for what they showed."""

import json
import pathlib
import struct
import zlib

ROOT = pathlib.Path(__file__).parent / "corpus"


def save(target, name, data):
    (ROOT / target).mkdir(parents=True, exist_ok=True)
    (ROOT / target / name).write_bytes(data)


# ---- IDX: two bytes of length, the images, the labels (fuzz_idx.c)

TYPES = {"uint8": (8, "B"), "int8": (9, "b"), "int16": (11, "h"), "int32": (12, "i"),
         "float32": (13, "f"), "float64": (14, "d")}


def idx(kind, sizes, values):
    code, letter = TYPES[kind]
    return (bytes([0, 0, code, len(sizes)]) + struct.pack(">%dI" % len(sizes), *sizes)
            + struct.pack(">%d%s" % (len(values), letter), *values))


def pair(images, labels=b""):
    return struct.pack(">H", len(images)) + images + labels


IMAGES = idx("uint8", (3, 2, 2), range(12))
LABELS = idx("uint8", (3,), (1, 0, 2))


def idx_corpus():
    save("idx", "pair", pair(IMAGES, LABELS))
    save("idx", "images_alone", pair(IMAGES))
    for kind in TYPES:
        save("idx", "images_" + kind, pair(idx(kind, (2, 3), (0, 1, 2, 3, 100, 7))))
    for kind in ("int8", "int16", "int32"):
        save("idx", "labels_" + kind, pair(IMAGES, idx(kind, (3,), (1, 0, 2))))
    save("idx", "labels_float32", pair(IMAGES, idx("float32", (3,), (1, 0, 2))))
    save("idx", "label_negative", pair(IMAGES, idx("int8", (3,), (1, -1, 2))))
    save("idx", "label_65535", pair(IMAGES, idx("int32", (3,), (0, 65535, 1))))
    save("idx", "label_65536", pair(IMAGES, idx("int32", (3,), (0, 65536, 1))))
    save("idx", "labels_two_dimensions", pair(IMAGES, idx("uint8", (3, 1), (1, 0, 2))))
    save("idx", "targets_float64", pair(IMAGES, idx("float64", (3, 2), (1, 0.5, -2, 3, 1e-3, 7))))
    save("idx", "targets_not_finite", pair(IMAGES, idx("float32", (3,), (1, float("nan"), 2))))
    save("idx", "targets_cut", pair(IMAGES, idx("float32", (3, 2), range(6))[:-2]))
    save("idx", "targets_three_dimensions", pair(IMAGES, idx("float32", (3, 1, 1), (1, 0, 2))))
    save("idx", "labels_too_few", pair(IMAGES, idx("uint8", (2,), (1, 0))))
    save("idx", "not_finite", pair(idx("float32", (1, 2), (float("nan"), float("inf")))))
    save("idx", "float64_beyond_float32", pair(idx("float64", (1, 1), (1e300,))))
    save("idx", "eight_dimensions", pair(idx("uint8", (2, 1, 1, 3, 1, 1, 1, 2), range(12))))
    save("idx", "nine_dimensions", pair(idx("uint8", (1,) * 9, (1,))))
    save("idx", "no_dimensions", pair(idx("uint8", (), ())))
    save("idx", "no_samples", pair(idx("uint8", (0, 2), ())))
    save("idx", "header_cut", pair(IMAGES[:9]))
    save("idx", "values_cut", pair(IMAGES[:-1]))
    save("idx", "byte_too_many", pair(IMAGES + b"x"))
    save("idx", "sizes_overflow", pair(idx("float64", (0xFFFFFFFF,) * 8, ())))
    save("idx", "sizes_wrap_to_0", pair(idx("uint8", (1 << 31, 1 << 31, 4), ())))
    save("idx", "empty_pair", pair(b""))


# ---- gzip: the file (fuzz_gzip.c)

def member(data, level=9, flags=0, extra=b""):
    """A gzip member, its optional header fields given raw."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (bytes([31, 139, 8, flags, 0, 0, 0, 0, 0, 255]) + extra + packer.compress(data)
            + packer.flush() + struct.pack("<II", zlib.crc32(data), len(data)))


def gzip_corpus():
    whole = member(IMAGES)
    save("gzip", "one_member", whole)
    save("gzip", "stored", member(IMAGES, 0))
    save("gzip", "many_equal_bytes", member(idx("uint8", (20, 100), [7] * 2000)))
    save("gzip", "three_members", member(IMAGES[:5]) + member(b"") + member(IMAGES[5:]))
    save("gzip", "header_fields", member(IMAGES, 9, 0x1E, b"\x02\x00ab" + b"name\0" + b"note\0"
                                         + struct.pack("<H", zlib.crc32(
                                             bytes([31, 139, 8, 0x1E, 0, 0, 0, 0, 0, 255])
                                             + b"\x02\x00abname\0note\0") & 0xFFFF)))
    save("gzip", "cut_in_header", whole[:7])
    save("gzip", "cut_in_values", whole[:20])
    save("gzip", "cut_in_checksum", whole[:-6])
    save("gzip", "bad_checksum", whole[:-8] + b"\0" + whole[-7:])
    save("gzip", "bad_length", whole[:-4] + b"\0" + whole[-3:])
    save("gzip", "garbage_after", whole + b"xyz")
    save("gzip", "zeros_after", whole + b"\0\0\0")
    save("gzip", "garbage_after_zeros", whole + b"\0\0z")
    save("gzip", "magic_after", whole + b"\x1f\x8bjunk")
    save("gzip", "bad_method", b"\x1f\x8b\x07" + whole[3:])
    save("gzip", "packed_twice", member(whole))
    save("gzip", "values_short", member(IMAGES[:-1]))
    save("gzip", "values_long", member(IMAGES + b"x"))
    save("gzip", "bomb", member(IMAGES + bytes(300000)))
    save("gzip", "header_of_terabytes", member(idx("uint8", (60000, 2800, 2800), ())))
    save("gzip", "magic_alone", b"\x1f\x8b")
    save("gzip", "plain", IMAGES)


# ---- models: the file (fuzz_model.c)


def tensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(
        header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def floats(*values):
    return struct.pack("<%df" % len(values), *values)


def model(changes=(), extra=None, values=None):
    """Features 2, hidden 1, classes 2, with biases and scale."""
    shapes = {"layers.0.weight": [1, 2], "layers.0.bias": [1], "layers.1.weight": [2, 1],
              "layers.1.bias": [2], "scale.mean": [2], "scale.std": [2]}
    words = {"format": "weft", "format_version": "1", "weft_version": "0.1.0", "preset": "default",
             "features": "2", "hidden": "1", "classes": "2", "class_names": '["a","b"]',
             "activation": "sigmoid", "head": "softmax", "bias": "true", "single_output": "false",
             "probability": "head", "scale": "standard", "seed": "7", "epochs": "20", "l1": "0.1",
             "l2": "0.0001", "learning_rate": "0.3333333333333333", "train_accuracy": "0.75",
             "test_accuracy": "1"}
    words.update(changes)
    shapes.update(extra or {})
    header = {"__metadata__": {k: v for k, v in words.items() if v is not None}}
    begin = 0
    for name, shape in shapes.items():
        end = begin + 4 * (shape[0] * (shape[1] if len(shape) > 1 else 1))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
        begin = end
    values = values or [0.5 + i for i in range(begin // 4)]
    return tensors(header, floats(*values))


def schema(*columns):
    """The columns of a table; the model of model() has two features."""
    return '{"named":true,"columns":[%s]}' % ",".join(columns)


def model_corpus():
    save("model", "whole", model())
    save("model", "article_scores",
         model({"head": "sigmoid", "probability": "softmax_of_head"}))
    save("model", "newer", model({"format_version": "4"}))
    save("model", "without_scale", model({"scale": "none"}))
    save("model", "names_escaped", model({"class_names": '["\\u0001","\\"\\\\\u00e9"]'}))
    save("model", "tensor_too_many", model((), {"layers.2.bias": [1]}))
    save("model", "nan", model((), None, [float("nan")] * 11))
    save("model", "huge_features", model({"features": "18446744073709551615"}))
    save("model", "wide_hidden", model({"hidden": "2147483647,2147483647"}))
    save("model", "without_format", model({"format": None}))
    regress = {"format_version": "3", "task": "regress", "head": "identity",
               "target_scale": "standard", "train_accuracy": None, "test_accuracy": None}
    targets = {"target.mean": [2], "target.std": [2]}
    save("model", "target_scale", model(regress, targets))
    save("model", "target_scale_of_classes", model({"target_scale": "standard"}, targets))
    save("model", "target_scale_untold", model({**regress, "target_scale": None}, targets))
    save("model", "half_a_target_scale", model(regress, {"target.mean": [2]}))
    save("model", "half_a_scale", model({"scale": "none"}, {"scale.std": [2]}))
    save("model", "cut", model()[:-1])
    target = '{"role":"target","name":"y"}'
    number = '{"name":"x","fill":0.1,"shift":0.30000000000000004,"indicator":true}'
    category = ('{"role":"category","name":"c","categories":["r"],"other":true,"rare":["s"]}')
    save("model", "schema", model({"schema": schema(number, target)}))
    save("model", "schema_of_texts", model({"schema": schema(target, category)}))
    save("model", "schema_of_more", model({"schema": schema(number, category, target)}))
    save("model", "schema_without_target", model({"schema": schema(number)}))
    save("model", "schema_cut", model({"schema": schema(number, target)[:-1]}))


# ---- other safetensors: the file (fuzz_safetensors.c)


def one(name="a", dtype="F32", shape=(2,), offsets=(0, 8)):
    return {name: {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}}


def safetensors_corpus():
    def keep(name, data):
        save("safetensors", name, data)

    eight = floats(1, 2)
    keep("tensor", tensors(one(), eight))
    keep("tensor_f64", tensors(one("d", "F64", (1,)), struct.pack("<d", 0.1)))
    keep("tensor_i64", tensors(one("d", "I64", (1,)), eight))
    keep("tensor_empty", tensors(one("e", "F32", (0, 7), (0, 0))))
    keep("tensor_scalar", tensors(one("s", "F32", (), (0, 4)), floats(1)))
    keep("tensor_odd_bits", tensors(one(), bytes.fromhex("010000802345c17f")))
    keep("overlap", tensors({**one(), **one("b", "F32", (2,), (4, 12))}, 2 * eight))
    keep("gap", tensors({**one(), **one("b", "F32", (1,), (12, 16))}, 2 * eight))
    keep("shape_overflows", tensors(one("a", "F32", (1 << 32, 1 << 32)), eight))
    keep("bytes_wrap", tensors(one("a", "F32", ((1 << 62) + 1,), (0, 4)), floats(1)))
    keep("offsets_backwards", tensors(one("a", "F32", (2,), (8, 0)), eight))
    keep("offsets_negative", tensors(one("a", "F32", (2,), (-8, 0)), eight))
    keep("key_twice", tensors(b'{"a":1,"a":2}'))
    keep("deep", tensors(b'{"a":' + b"[" * 3000))
    keep("nul_character", tensors(b'{"a\\u0000b":1}'))
    keep("not_utf8", tensors(b'{"a\xff":1}'))
    keep("control_character", tensors(one("a\nb"), eight))
    keep("padded", tensors(b'{"__metadata__":{"k":""}}   '))
    keep("empty_header", tensors(b"{}"))
    keep("length_of_exabytes", b"\xff" * 8 + b"{}")
    keep("length_alone", b"\2" + bytes(7))
    keep("cut", tensors(one(), eight[:-1]))


# ---- CSV: a byte that chooses the format, then the text (fuzz_csv.c)

NO_HEADER, COMMA, SEMICOLON, TEXT, NUMBER = 1, 2, 4, 8, 16


def csv_corpus():
    def keep(name, text, choice=0):
        save("csv", name, bytes([32 | choice]) + (text if isinstance(text, bytes) else text.encode()))

    keep("plain", "a,b\n1,2\n3,4\n")
    keep("quotes", 'a,b\n"x, ""y""\nz",1\n"",2\n')
    keep("line_ends", "a;b\r\n1;2\n3;4\r5;6")
    keep("byte_order_mark", b'\xef\xbb\xbf"a"\tb\n1\t2\n')
    keep("empty_lines", "\n  \na|b\n\n1|2\n \t\n3|4\n\n")
    keep("missing", "a,b\n,NA\nNaN, ? \nnull,NULL\n1,nan\n")
    keep("numbers", "a,b\n-1.5e3,+.5\n5., 7 \n1e400,-inf\n1e-400,Infinity\n")
    keep("rounding", "1\n9007199254740993\n0.1000000000000000055\n123456789012345678e-22\n")
    keep("many_digits", "0." + 40 * "1" + "\n" + 60 * "0" + "1e-60\n" + 256 * "1" + "\n", NO_HEADER)
    keep("late_text", "a,b\n" + 30 * "01,2\n" + "x,3\n")
    keep("late_text_after_missing", "a,b\n" + 30 * ",2\n" + "x,3\n")
    keep("decimal_comma", "1,5;2\n-0,25;x\n", COMMA | SEMICOLON | NO_HEADER)
    keep("named_delimiter", "sep=;\r\na;b\r\n1;x\r\n")
    keep("named_delimiter_quoted", '"SEP=;"\r\na;b\r\n1;x\r\n')
    keep("named_delimiter_alone", "Sep=;")
    keep("named_delimiter_half_quoted", '"sep=;\na;b"\n1;x\n')
    keep("delimiter_not_ascii", b"sep=\x8b\r\na;b\r\n1;x\n")
    keep("quoted_decimal_commas", '"a","b"\n"0,5","x"\n"1,5","y"\n', COMMA)
    keep("decimal_delimiter", '"1,5",2,3\n"2,5",4,5\n', COMMA | NO_HEADER)
    keep("decimal_delimiter_ragged", '"1,5",2,3\n1,5,2e1,3\n', COMMA | NO_HEADER)
    keep("text_column", "a,b\n007,1\n08,2\n", TEXT)
    keep("not_a_number", "5,1\n6,2\nx,3\n", NUMBER | NO_HEADER)
    keep("widths", "a,b\n255,1\n256,0.5\n70000,0.1\n-3000000000,16777217\n")
    keep("utf8", "a,b\nZürich,1\n東京,2\n😀,3\n")
    keep("not_utf8", b"a,b\nZ\xfcrich,1\n")
    keep("utf16", "a,b\n1,2\n".encode("utf-16"))
    keep("nul", b"a,b\n1,x\0y\n")
    keep("ragged", "a,b\n1,2\n3\n")
    keep("open_quote", 'a,b\n1,"x\n2,3\n')
    keep("after_quote", 'a,b\n1,"x"y\n2,3\n')
    keep("two_names", "a,a\n1,2\n")
    keep("header_alone", "a,b\n")
    keep("nothing", "")


# ---- arrays, LIBSVM and images: files of tests/formats, and such as are made here

FORMATS = pathlib.Path(__file__).parent.parent / "formats"


def npy(header, values):
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def npy_corpus():
    for path in sorted(FORMATS.glob("*.npy")):
        save("npy", path.stem, b"\0" + path.read_bytes())
    head = "{'descr': '<u1', 'fortran_order': False, 'shape': (2, 3), }\n"
    save("npy", "cut", b"\0" + npy(head, b"abcde"))
    save("npy", "byte_too_many", b"\0" + npy(head, b"abcdefg"))
    save("npy", "python_2", b"\0" + npy(head.replace("2", "2L"), b"abcdef"))
    # kind, orders, width, dimensions, three sizes
    for name, choice in (("int64", (0, 1, 3, 1, 2, 2, 0)), ("uint16_fortran", (1, 2, 1, 2, 2, 2, 2)),
                         ("half", (2, 0, 0, 0, 16, 0, 0)), ("double_big", (2, 1, 2, 0, 2, 0, 0)),
                         ("bool", (3, 0, 0, 1, 4, 4, 0))):
        for size in (16, 32):
            save("npy", "made_%s_%d" % (name, size), bytes((1, *choice)) + bytes(range(97, 97 + size)))


def npz_corpus():
    for path in sorted(FORMATS.glob("*.npz")):
        if path.stat().st_size < 2000:
            save("npz", path.stem, b"\0" + path.read_bytes())
    for name in ("version1", "version3", "complex"):
        data = (FORMATS / (name + ".npy")).read_bytes()
        save("npz", "stored_" + name, b"\1" + data)
        save("npz", "deflated_" + name, b"\3" + data)
    save("npz", "empty", b"\0PK\5\6" + bytes(18))


def libsvm_corpus():
    for path in sorted(FORMATS.glob("*.svm")):
        save("libsvm", path.stem, path.read_bytes())
    save("libsvm", "blanks", b"# head\n\n  +1\t1:1   3:2 # tail 4:x\r\n   \n-1 2:.5e1\r\n1")
    save("libsvm", "descending", b"1 3:1 2:1\n")
    save("libsvm", "no_value", b"1 1:\n")
    save("libsvm", "two_labels", b"1,2 1:1\n")
    save("libsvm", "label_above_2_53", b"1 1:1.5\n-1\n51 1:15\n-5555555555555555555555555555555555551\n ")
    save("libsvm", "large", b"1e300 1:1e39\n0.5 1:1e38\n")


def image_corpus():
    for path in sorted([*FORMATS.glob("*.png"), *FORMATS.glob("*.jpg")]):
        save("image", path.name, path.read_bytes())
        save("image", path.stem + "_cut", path.read_bytes()[:-20])


# ---- logs of epochs: the file (fuzz_log.c)

def log_line(epoch, **more):
    return (json.dumps({"epoch": epoch, "error": 1 / epoch, "train_accuracy": 0.5,
                        "validation_accuracy": None, "learning_rate": 1e-3, "seconds": 0.1, **more})
            + "\n").encode()


def log_corpus():
    run = log_line(1) + log_line(2, validation_accuracy=0.75) + log_line(5)
    save("log", "run", run)
    save("log", "members", log_line(1, member=1) + log_line(2, member=1) + log_line(1, member=2))
    save("log", "regression", log_line(1, validation_r2=-3.5, train_accuracy=None))
    save("log", "huge", log_line(1, error=1e308) + log_line(2, error=-1e308) + log_line(3, error=5e-324))
    save("log", "tiny_shares", log_line(1, train_accuracy=1e-30))
    save("log", "null", log_line(1, error=None, train_accuracy=None, learning_rate=None))
    save("log", "cut", run[:-20])
    save("log", "cut_at_the_end", run[:-1])
    save("log", "twice", run + run)
    save("log", "empty", b"")
    save("log", "empty_line", log_line(1) + b"\n" + log_line(2))
    save("log", "no_object", b"[1, 2]\n")
    save("log", "no_epoch", b'{"error": 1}\n')
    save("log", "epoch_0", log_line(1).replace(b'"epoch": 1', b'"epoch": 0'))
    save("log", "epoch_beyond", log_line(1).replace(b'"epoch": 1', b'"epoch": 99999999999999999999'))
    save("log", "text", log_line(1).replace(b"0.5", b'"0.5"'))
    save("log", "two_keys", b'{"epoch": 1, "epoch": 2}\n')
    save("log", "nul", b'{"epoch": 1}\0\n')


idx_corpus()
gzip_corpus()
csv_corpus()
model_corpus()
safetensors_corpus()
npy_corpus()
npz_corpus()
libsvm_corpus()
image_corpus()
log_corpus()
