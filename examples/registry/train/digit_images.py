"""Synthetic images of the digits 0-9, white on black, 28x28 pixels.

Half of the images are drawn with a pen along hand-made paths, which is what
handwriting looks like; the others are glyphs of fonts. Both go through the same
distortions, and are then laid out in the usual way for digit classifiers: the
longest side about 20 pixels, the centre of mass in the middle of the image.

Every image depends on (seed, index) only, so a set is the same on every run and
however many processes make it.
"""

import io
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 28      # of a finished image
CANVAS = 96    # of the larger one on which a digit is drawn and distorted
GLYPH = 60     # height of a digit on that canvas

FONT_ROOT = Path("/usr/share/fonts")

# Folders below FONT_ROOT, one per family. Naming them keeps the data set the same
# on a machine that has other fonts as well.
TRAINING_FAMILIES = [
    "averia-gwf", "b612", "breip", "bwht", "cabin", "comfortaa", "comic-neue",
    "dancingscript", "dejavu", "dosis", "ecolier-court", "fifthhorseman", "freefont",
    "isabella", "junction", "jura", "karla", "klaudia-berenika", "klee", "kristi",
    "lato", "leckerli-one", "lobster", "lobstertwo", "malayalam", "open-sans",
    "opendyslexic", "quicksand", "routed-gothic", "rufscript", "seto", "sjfonts",
]
UNSEEN_FAMILIES = [
    "andika", "cantarell", "humor-sans", "kaushanscript", "liberation2", "tlwg",
    "tomsontalks", "yusei-magic",
]

# How people write each digit: alternatives, each a list of strokes, each a list of
# "x,y" points from 0,0 (top left) to 100,100. A curve runs through the points;
# "!" marks a corner, where the pen changes its direction at once.
HANDWRITING = {
    0: [
        ["50,0 20,12 5,50 18,88 50,100 82,88 95,50 80,12 50,0"],
        ["55,2 25,8 5,45 15,88 50,100 85,80 95,40 75,8 45,4 35,14"],
        ["40,6 12,30 5,60 25,95 60,98 90,70 95,35 75,5 50,2 38,12"],
        ["70,15 40,0 10,30 5,70 35,100 75,90 95,50 80,12 60,5"],
        ["50,0 28,20 22,55 32,88 52,100 72,85 78,45 70,15 48,2"],
    ],
    1: [
        ["50,0 50,100"],
        ["50,0 52,50 50,100"],
        ["60,0 48,50 45,100"],
        ["32,20 55,0! 55,100"],
        ["35,22 56,0! 55,50 55,100", "25,100 85,100"],
        ["12,32 55,0! 55,100"],
        ["8,24 50,0! 52,100"],
        ["18,22 40,16 56,0! 56,100"],
    ],
    2: [
        ["8,25 25,4 60,0 85,20 75,48 40,75 5,100! 95,97"],
        ["10,22 40,0 80,12 80,42 45,78 12,98 8,85 28,82 60,97 98,90"],
        ["5,20 50,0 90,20 60,60 10,95! 50,90 100,100"],
        ["15,10 55,0 80,15 65,50 0,100! 85,95"],
        ["5,30 20,5 55,0 82,18 72,50 30,85 8,96! 30,86 60,98 95,88"],
        ["20,30 30,8 60,2 78,22 62,60 25,98! 55,95 85,98"],
    ],
    3: [
        ["8,15 40,0 80,10 78,35 45,47! 85,58 92,82 50,100 5,88"],
        ["10,5 85,3! 45,42! 88,60 85,88 45,100 5,90"],
        ["10,12 50,0 85,18 60,45 35,50 42,42 85,60 88,88 45,100 5,88"],
        ["15,8 55,0 75,15 10,50! 70,52 100,75 70,98 10,90"],
        ["12,14 48,0 78,20 52,45 40,48 62,50 88,72 60,98 8,90"],
        ["10,18 45,0 82,20 40,46! 80,55 75,85 40,100 0,100"],
    ],
    4: [
        ["20,0 8,55! 95,55", "72,15 68,100"],
        ["20,0 8,55! 95,55", "75,0 70,50 68,100"],
        ["65,100 65,0! 5,65! 98,65"],
        ["60,0 2,62! 100,62", "66,25 66,100"],
        ["10,0 5,40 25,55 70,45", "85,0 65,100"],
        ["25,0 10,45 35,58 85,50", "88,0 75,50 60,100"],
        ["22,5 5,50 20,58 80,48", "90,0! 78,40 70,100"],
    ],
    5: [
        ["20,0 12,45! 50,35 90,55 85,88 45,100 5,90", "20,2 90,2"],
        ["20,3 14,45! 45,40 85,60 80,88 40,100 5,92", "30,0 98,0"],
        ["90,2 22,2! 15,42! 55,36 90,62 75,92 40,100 5,88"],
        ["95,0 40,6 20,25 35,42 80,55 85,80 55,98 10,95"],
        ["100,2 15,12! 12,30! 70,52 72,80 25,100 10,92"],
        ["95,0 25,8! 12,38! 60,45 78,70 50,95 5,98"],
    ],
    6: [
        ["75,2 35,25 8,65 25,97 65,100 90,78 75,55 40,55 12,75"],
        ["60,0 25,35 5,75 30,100 75,95 85,70 55,55 20,68"],
        ["45,0 15,50 10,80 45,100 85,85 75,58 45,52 12,72"],
        ["100,8 60,2 20,28 5,65 25,97 70,97 88,75 60,60 25,72"],
        ["95,18 85,2 45,10 10,45 8,80 45,100 85,88 85,66 55,58 22,72"],
        ["80,0 40,20 10,60 20,95 55,98 62,76 40,68 15,80"],
    ],
    7: [
        ["5,5 92,3! 55,50 35,100"],
        ["5,5 92,3! 55,50 35,100", "25,52 80,50"],
        ["8,22 10,4! 92,5! 60,45 45,100"],
        ["0,8 45,2 90,5! 70,40 60,100"],
        ["5,15 45,6 80,8! 80,50 76,100"],
        ["0,12 20,4 60,12 95,4! 70,40 50,70 42,100"],
        ["10,38 10,5! 90,5! 62,50 50,100"],
        ["14,32 12,4! 80,4! 80,35 60,100"],
    ],
    8: [
        ["80,12 50,0 18,15 30,40 75,62 85,88 50,100 15,88 25,62 70,40 82,15"],
        ["50,0 20,12 22,38 50,48 80,36 80,12 50,0",
         "50,48 12,62 12,90 50,100 90,90 88,60 50,48"],
        ["95,8 55,0 15,22 35,45 75,70 60,98 20,95 25,70 60,45 100,12"],
        ["50,48 20,30 25,5 60,0 80,20 60,42 20,65 15,90 50,100 85,85 75,60 50,48"],
        ["70,5 30,2 15,22 45,42 80,65 78,90 45,100 15,85 30,60 68,35 78,8"],
    ],
    9: [
        ["85,15 50,0 12,15 10,40 40,52 75,35 88,8! 85,50 80,100"],
        ["85,15 50,0 12,15 10,40 40,52 75,35 88,8! 88,60 65,98 15,92"],
        ["80,20 50,2 15,25 30,50 65,40 82,15 75,60 55,100"],
        ["78,12 45,0 15,20 25,42 60,40 80,10! 68,60 60,100"],
        ["85,22 55,0 15,18 20,48 60,48 82,20 85,60 70,100"],
        ["80,8 40,4 10,30 35,52 75,30 82,8! 72,55 45,100"],
    ],
}


# ---------------------------------------------------------------- pen strokes

def parse_stroke(text):
    """The points of a stroke and, for each, whether it is a corner."""
    words = text.split()
    points = [[float(v) for v in word.rstrip("!").split(",")] for word in words]
    return np.array(points), [word.endswith("!") for word in words]


def smooth_curve(points, steps=10):
    """A Catmull-Rom curve through all the points."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:]):
        pieces.append(0.5 * (2 * p1 + (p2 - p0) * t
                             + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t ** 2
                             + (3 * p1 - p0 - 3 * p2 + p3) * t ** 3))
    return np.vstack(pieces + [points[-1:]])


def pen_path(points, corners):
    """The path of the pen: smooth curves that meet in the corners."""
    ends = [i for i, corner in enumerate(corners) if corner and 0 < i < len(points) - 1]
    bounds = [0] + ends + [len(points) - 1]
    return np.vstack([smooth_curve(points[a:b + 1]) for a, b in zip(bounds, bounds[1:])])


def draw_path(draw, path, widths):
    """Draws with a round pen whose width changes along the path."""
    for (x0, y0), (x1, y1), width in zip(path, path[1:], widths):
        draw.line((x0, y0, x1, y1), fill=255, width=int(round(width)))
    for (x, y), width in zip(path, widths):
        r = width / 2
        draw.ellipse((x - r, y - r, x + r, y + r), fill=255)


def draw_handwriting(digit, rng):
    """One digit as a pen would write it, on the canvas."""
    image = Image.new("L", (CANVAS, CANVAS), 0)
    draw = ImageDraw.Draw(image)
    variants = HANDWRITING[digit]
    strokes = variants[rng.integers(len(variants))]
    pen = rng.uniform(4, 12)
    unsteady = rng.uniform(1.0, 5.0)
    # Narrow and wide hands.
    stretch = rng.uniform(0.55, 1.0)
    for text in strokes:
        points, corners = parse_stroke(text)
        points = points + rng.normal(0, unsteady, points.shape)
        path = (pen_path(points, corners) / 100 - 0.5) * [GLYPH * stretch, GLYPH] + CANVAS / 2
        pressure = np.sin(np.linspace(0, 1, len(path)) * rng.uniform(1, 6) + rng.uniform(0, 6))
        draw_path(draw, path, pen * (1 + rng.uniform(0, 0.25) * pressure))
    return image


# ---------------------------------------------------------------------- fonts

def draws_all_digits(font):
    """False for symbol fonts, where a digit has no glyph or the same as another."""
    glyphs = [font.getmask(str(digit)) for digit in range(10)]
    return all(g.getbbox() for g in glyphs) and len({bytes(g) for g in glyphs}) == 10


def find_fonts(families):
    """The usable font files of the families, in a fixed order.

    Monospaced faces are left out: the dot or bar within their zero, once the
    strokes have grown, makes it an 8.
    """
    missing = [f for f in families if not list(FONT_ROOT.glob(f"*/{f}"))]
    if missing:
        raise SystemExit("fonts not installed: " + ", ".join(missing))
    files = [path for family in families for path in FONT_ROOT.glob(f"*type/{family}/*")
             if path.suffix in (".ttf", ".otf") and "Mono" not in path.name]
    return [str(path) for path in sorted(files) if draws_all_digits(ImageFont.truetype(str(path), 40))]


def draw_glyph(digit, font_file, rng):
    """One digit of a font, on the canvas, its strokes made thicker or thinner."""
    font = ImageFont.truetype(font_file, GLYPH)
    left, top, right, bottom = font.getbbox(str(digit))
    # Fonts differ in how much of their height a digit takes.
    font = ImageFont.truetype(font_file, int(GLYPH * GLYPH / max(bottom - top, right - left)))
    image = Image.new("L", (CANVAS, CANVAS), 0)
    left, top, right, bottom = font.getbbox(str(digit))
    corner = ((CANVAS - left - right) / 2, (CANVAS - top - bottom) / 2)
    ImageDraw.Draw(image).text(corner, str(digit), fill=255, font=font)
    return change_weight(image, int(rng.integers(-1, 3)))


def change_weight(image, steps):
    """Grows (steps > 0) or shrinks the strokes.

    It leaves a digit alone that would break up or become a blot.
    """
    if steps > 0:
        thick = image.filter(ImageFilter.MaxFilter(2 * steps + 1))
        if np.asarray(thick).mean() / 255 < 0.4 * (GLYPH / CANVAS) ** 2:
            return thick
    if steps < 0:
        thin = image.filter(ImageFilter.MinFilter(3))
        if np.asarray(thin).sum() > 0.6 * np.asarray(image).sum():
            return thin
    return image


# ---------------------------------------------------------------- distortions

def smooth_noise(rng, cells, amplitude):
    """Random displacements that change slowly over the canvas."""
    coarse = rng.normal(0, amplitude, (cells, cells)).astype(np.float32)
    fine = Image.fromarray(coarse).resize((CANVAS, CANVAS), Image.Resampling.BICUBIC)
    return np.asarray(fine)


def sample(pixels, x, y):
    """Pixels at fractional positions, bilinear; black outside the canvas."""
    x, y = np.clip(x, 0, CANVAS - 1.001), np.clip(y, 0, CANVAS - 1.001)
    x0, y0 = x.astype(int), y.astype(int)
    fx, fy = x - x0, y - y0
    upper = pixels[y0, x0] * (1 - fx) + pixels[y0, x0 + 1] * fx
    lower = pixels[y0 + 1, x0] * (1 - fx) + pixels[y0 + 1, x0 + 1] * fx
    return upper * (1 - fy) + lower * fy


def distort(image, rng):
    """Rotation, slant, change of proportions and elastic deformation in one step."""
    angle = np.deg2rad(np.clip(rng.normal(0, 7), -18, 18))
    slant = np.clip(rng.normal(0.08, 0.2), -0.35, 0.55)
    scale_x, scale_y = rng.uniform(0.85, 1.2, 2)
    rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    inverse = np.linalg.inv(rotate @ [[scale_x, -slant], [0, scale_y]])

    centre = (CANVAS - 1) / 2
    y, x = np.mgrid[0:CANVAS, 0:CANVAS] - centre
    from_x = inverse[0, 0] * x + inverse[0, 1] * y + centre
    from_y = inverse[1, 0] * x + inverse[1, 1] * y + centre
    amplitude = rng.uniform(0, 3.2)
    from_x = from_x + smooth_noise(rng, 5, amplitude)
    from_y = from_y + smooth_noise(rng, 5, amplitude)
    return sample(np.asarray(image, np.float32), from_x, from_y)


def lay_out(pixels, rng):
    """Crops the digit, scales it to about 20 pixels and centres its mass."""
    rows, columns = np.where(pixels.max(1) > 40)[0], np.where(pixels.max(0) > 40)[0]
    crop = pixels[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    scale = rng.uniform(18.5, 20.5) / max(crop.shape)
    size = [max(2, round(n * scale)) for n in crop.shape[::-1]]
    small = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.BOX))

    y, x = np.mgrid[0:small.shape[0], 0:small.shape[1]] + 0.5
    offset = np.array([(y * small).sum(), (x * small).sum()]) / small.sum()
    corner = np.round(SIDE / 2 - offset + rng.normal(0, 0.5, 2)).astype(int)
    corner = np.clip(corner, 0, SIDE - np.array(small.shape))
    result = np.zeros((SIDE, SIDE), np.float32)
    result[corner[0]:corner[0] + small.shape[0], corner[1]:corner[1] + small.shape[1]] = small
    return result / result.max()


def degrade(pixels, rng):
    """Blur, contrast, noise and, now and then, lossy compression, as scans have them."""
    image = Image.fromarray((pixels * 255).astype(np.uint8))
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8)))
    pixels = np.asarray(image, np.float32) / 255
    pixels = np.clip(pixels * rng.uniform(0.8, 1.8), 0, 1) * rng.uniform(0.75, 1)
    if rng.random() < 0.5:
        pixels = pixels + rng.normal(0, rng.uniform(0, 0.06), pixels.shape)
    pixels = (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    return through_jpeg(pixels, int(rng.integers(40, 95))) if rng.random() < 0.3 else pixels


def through_jpeg(pixels, quality):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


# ----------------------------------------------------------------------- sets

def make_image(digit, fonts, pen_share, rng):
    """One finished image, a 28x28 array of bytes."""
    if rng.random() < pen_share:
        image = draw_handwriting(digit, rng)
    else:
        image = draw_glyph(digit, fonts[rng.integers(len(fonts))], rng)
    return degrade(lay_out(distort(image, rng), rng), rng)


def make_part(job):
    seed, start, stop, fonts, pen_share = job
    return np.stack([make_image(i % 10, fonts, pen_share, np.random.default_rng([seed, i]))
                     for i in range(start, stop)])


def make_set(seed, count, fonts, pen_share, processes=2):
    """`count` images and their labels, all digits equally often."""
    step = 1000
    jobs = [(seed, start, min(start + step, count), fonts, pen_share)
            for start in range(0, count, step)]
    with ProcessPoolExecutor(processes) as pool:
        images = np.concatenate(list(pool.map(make_part, jobs)))
    return images, np.arange(count) % 10
