def bullet(text):
    return f"- {text}"


def render(layout, fields):
    return layout.format(**fields).strip()
