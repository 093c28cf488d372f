"""A picture for each product, drawn: the demo carries no photos."""

import io
import zlib

from PIL import Image, ImageDraw

SIZE = 480
PAPER = (247, 244, 238)
INK = (52, 48, 44)
COLOURS = ((178, 74, 52), (201, 150, 62), (74, 110, 92), (58, 86, 122), (122, 70, 98), (96, 92, 84))


def draw(sku, categories):
    """A PNG that looks a little like what it stands for, the same for a SKU each time."""
    image = Image.new("RGB", (SIZE, SIZE), PAPER)
    colour = COLOURS[zlib.crc32(sku.encode()) % len(COLOURS)]
    shape = _SHAPES.get(categories[0].split(" > ")[0] if categories else "", _box)
    shape(ImageDraw.Draw(image), colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _guitar(pen, colour):
    pen.rectangle((228, 50, 252, 290), fill=INK)
    pen.rounded_rectangle((218, 28, 262, 82), 10, fill=INK)
    pen.ellipse((160, 220, 320, 350), fill=colour)
    pen.ellipse((140, 290, 340, 450), fill=colour)
    for top in (300, 345):
        pen.rounded_rectangle((205, top, 275, top + 20), 6, fill=INK)


def _pedal(pen, colour):
    pen.rounded_rectangle((150, 80, 330, 410), 18, fill=colour)
    for left in (180, 225, 270):
        pen.ellipse((left, 110, left + 32, 142), fill=INK)
    pen.ellipse((210, 300, 270, 360), fill=PAPER, outline=INK, width=6)


def _microphone(pen, colour):
    pen.ellipse((180, 60, 300, 190), fill=INK)
    pen.polygon(((195, 180), (285, 180), (262, 430), (218, 430)), fill=colour)


def _drum(pen, colour):
    pen.rectangle((100, 190, 380, 340), fill=colour)
    pen.ellipse((100, 290, 380, 390), fill=colour)
    pen.ellipse((100, 140, 380, 240), fill=PAPER, outline=INK, width=8)


def _box(pen, colour):
    pen.rounded_rectangle((80, 120, 400, 380), 16, fill=colour)
    pen.ellipse((170, 170, 310, 310), fill=INK)
    for left in range(100, 390, 48):
        pen.ellipse((left, 336, left + 24, 360), fill=PAPER)


_SHAPES = {"Guitars": _guitar, "Basses": _guitar, "Pedals": _pedal, "Studio": _microphone, "Drums": _drum}
