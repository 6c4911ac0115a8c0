"""Small things about texts."""


def shortened(text, most):
    if len(text) <= most:
        return text
    return text[: most - 1] + "…"


def base_name(path):
    _, _, name = path.rpartition("/")
    stem, _, _ = name.partition(".")
    return stem


def joined(values, separator):
    return separator.join(str(value) for value in values)
