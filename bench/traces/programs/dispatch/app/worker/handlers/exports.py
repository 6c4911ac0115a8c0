"""Lists of orders for the accountants."""

from worker.text import joined


def handle(job, options):
    said = options.of("exports")
    table = rows_of(job.argument("orders"), said["columns"])
    lines = [line(row, said["columns"], said["separator"]) for row in table]
    return checksum(lines)


def rows_of(orders, columns):
    return [row_of(order, columns) for order in orders]


def row_of(order, columns):
    row = dict(zip(columns, order))
    row["total"] = row["total"] / 100
    return row


def line(row, columns, separator):
    values = [row[column] for column in columns]
    return joined(values, separator)


def checksum(lines):
    total = sum(len(text) for text in lines)
    return f"{len(lines)} lines, {total} letters"
