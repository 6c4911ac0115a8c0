"""One round of the checkout: read the settings, fill the shop, take the orders that wait."""

from shop.app import build_app
from shop.orders import waiting_orders


def main():
    app = build_app("settings.toml")
    for order in waiting_orders():
        receipt = app.handle(order)
        print(receipt)
    print(app.report())


if __name__ == "__main__":
    main()
