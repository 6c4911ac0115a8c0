"""Small pictures of large ones."""

from worker.text import base_name


def handle(job, options):
    sizes = [size_of(text) for text in options.of("thumbnails")["sizes"]]
    picture = (job.argument("width"), job.argument("height"))
    made = [thumbnail(picture, size) for size in sizes]
    name = base_name(job.argument("path"))
    return f"{name}: {made}"


def size_of(text):
    width, height = text.split("x")
    return int(width), int(height)


def thumbnail(picture, size):
    factor = scale(picture, size)
    width, height = picture
    return round(width * factor), round(height * factor)


def scale(picture, size):
    ratios = [small / large for small, large in zip(size, picture)]
    return min(ratios)
