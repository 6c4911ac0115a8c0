class LayoutError(Exception):
    pass


def bullet(text):
    return f"- {text}"


def render(layout, fields):
    for name, value in fields.items():
        if not isinstance(value, str):
            raise LayoutError(f"{name} is no text: {value!r}")
        layout = layout.replace("{" + name + "}", value)
    return layout.strip()
