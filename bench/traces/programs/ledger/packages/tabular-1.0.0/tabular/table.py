def read_table(text, delimiter=","):
    lines = [line for line in text.splitlines() if line]
    names = [normalised(name) for name in lines[0].split(delimiter)]
    return [dict(zip(names, line.split(delimiter))) for line in lines[1:]]


def normalised(name):
    return name.strip().lower().replace(" ", "_")
