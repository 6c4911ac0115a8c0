"""Nightly import: what the banks sent goes into the ledger, what does not fit is reported."""

from ledger.importer import Importer
from ledger.options import read_options


def main():
    options = read_options("ledger.ini")
    importer = Importer(options)
    for name in importer.waiting():
        importer.import_file(name)
    for line in importer.summary():
        print(line)


if __name__ == "__main__":
    main()
