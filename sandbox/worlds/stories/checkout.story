alert 16:20

push -120 09:40 kim Start the checkout service
file README.md
+# checkout
+
+Takes a cart and an address, makes an order. Django, Postgres, one queue.
+
+    ./manage.py migrate && ./manage.py runserver
file requirements.txt
+celery==5.4.0
+django==5.1.3
+djangorestframework==3.15.2
+psycopg[binary]==3.2.3
+sentry-sdk==2.18.0
file Dockerfile
+FROM python:3.12-slim
+WORKDIR /srv/checkout
+COPY requirements.txt .
+RUN pip install --no-cache-dir -r requirements.txt
+COPY . .
+ENTRYPOINT ["./ops/entrypoint.sh"]
file ops/entrypoint.sh
+#!/bin/sh
+set -e
+./manage.py migrate --noinput
+exec gunicorn checkout.wsgi --workers 4 --bind 0.0.0.0:8000
file .gitlab-ci.yml
+stages: [test, build, deploy]
+
+test:
+  stage: test
+  services: [postgres:16]
+  script: [pip install -r requirements.txt pytest-django, pytest -q]
+
+build:
+  stage: build
+  script: [./ops/build.sh]
+
+deploy-production:
+  stage: deploy
+  when: manual
+  environment: {name: production}
+  script: [./ops/deploy.sh production]
file orders/__init__.py
file orders/migrations/__init__.py
file orders/migrations/0001_squashed_0013_placed_index.py
+from django.db import migrations, models
+
+
+class Migration(migrations.Migration):
+    initial = True
+    operations = [
+        migrations.CreateModel(
+            name="Order",
+            fields=[
+                ("id", models.BigAutoField(primary_key=True)),
+                ("account", models.BigIntegerField(db_index=True)),
+                ("total", models.IntegerField()),
+                ("deliver_from", models.DateTimeField(null=True)),
+                ("deliver_to", models.DateTimeField(null=True)),
+                ("placed", models.DateTimeField(auto_now_add=True, db_index=True)),
+            ],
+        ),
+    ]
file orders/models.py
+from django.db import models
+
+
+class Order(models.Model):
+    account = models.BigIntegerField(db_index=True)
+    total = models.IntegerField(help_text="cents")
+    deliver_from = models.DateTimeField(null=True)
+    deliver_to = models.DateTimeField(null=True)
+    placed = models.DateTimeField(auto_now_add=True, db_index=True)
file orders/slots.py
+"""When a parcel may come."""
+
+from datetime import timedelta
+
+from orders.models import Order
+
+PER_SLOT = 40
+LENGTH = timedelta(hours=2)
+
+
+def is_free(start):
+    return Order.objects.filter(deliver_from=start).count() < PER_SLOT
+
+
+def book(order, start):
+    order.deliver_from, order.deliver_to = start, start + LENGTH
file orders/views.py
+from rest_framework.decorators import api_view
+from rest_framework.response import Response
+
+from orders import address, slots
+from orders.models import Order
+
+
+@api_view(["POST"])
+def create(request):
+    problems = list(address.problems(request.data["address"]))
+    if problems:
+        return Response({"problems": problems}, status=422)
+    order = Order(account=request.user.id, total=request.data["total"])
+    if slots.is_free(request.data["slot"]):
+        slots.book(order, request.data["slot"])
+    order.save()
+    return Response({"order": order.id}, status=201)
file orders/address.py
+"""Is this somewhere a parcel can go?"""
+
+import re
+
+POSTCODES = {"DE": r"\d{5}", "AT": r"\d{4}"}
+
+
+def problems(address):
+    pattern = POSTCODES.get(address["country"])
+    if pattern is None:
+        yield "We don't deliver there yet."
+    elif not re.fullmatch(pattern, address["postcode"]):
+        yield "The postcode looks wrong."
file orders/receipts.py
+"""The text under "Thank you"."""
+
+
+def lines(order):
+    yield f"Order {order.id}"
+    yield f"Total {order.total / 100:.2f} EUR"
file checkout/__init__.py
file checkout/settings.py
+import os
+
+SECRET_KEY = os.environ["SECRET_KEY"]
+DEBUG = False
+INSTALLED_APPS = ["rest_framework", "orders"]
+DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "checkout", "CONN_MAX_AGE": 60}}
+LOGGING = {
+    "version": 1,
+    "handlers": {"out": {"class": "logging.StreamHandler"}},
+    "root": {"handlers": ["out"], "level": "INFO"},
+}
file tests/__init__.py
file tests/test_address.py
+from orders.address import problems
+
+
+def test_a_german_postcode_has_five_digits():
+    assert not list(problems({"country": "DE", "postcode": "10115"}))
+    assert list(problems({"country": "DE", "postcode": "1011"}))

push -33 14:11 jonas Keep times with their zone
file checkout/settings.py
 DEBUG = False
+USE_TZ = True

issue 61 One field for the delivery window
by mara -6 11:05
labels feature
| `deliver_from` and `deliver_to` are always two hours apart, except where they are not (14 orders last month). One range, with a constraint, and the double bookings are gone.

issue 64 Deliver to Switzerland
by fatima -5 09:30
labels feature

issue 66 Receipt shows cents with a point
by luca -4 15:12
labels bug

merge 88 Switzerland
by fatima -3 09:40
merged -3 11:02 kim
branch 64-switzerland
closes 64
labels feature
approved kim
| Postcodes with four digits. The carrier's contract starts on Monday.
|
| Closes #64
commit -3 09:12 Postcodes of Switzerland
file orders/address.py
-POSTCODES = {"DE": r"\d{5}", "AT": r"\d{4}"}
+POSTCODES = {"DE": r"\d{5}", "AT": r"\d{4}", "CH": r"[1-9]\d{3}"}
commit -3 10:21 Test it
file tests/test_address.py
     assert list(problems({"country": "DE", "postcode": "1011"}))
+
+
+def test_switzerland():
+    assert not list(problems({"country": "CH", "postcode": "8004"}))

merge 89 Bump sentry-sdk from 2.18.0 to 2.19.0
by renovate-bot -3 03:00
merged -3 11:15 mara
branch renovate/sentry-sdk-2.x
labels dependencies
| | Package | Change |
| |---|---|
| | sentry-sdk | `2.18.0` -> `2.19.0` |
commit -3 02:59 Bump sentry-sdk from 2.18.0 to 2.19.0
file requirements.txt
-sentry-sdk==2.18.0
+sentry-sdk==2.19.0

deploy production -3 11:20 mara start=9 took=6

merge 90 Receipts with a comma
by luca -3 13:20
merged -3 14:48 tomas
branch 66-comma
closes 66
labels bug
| Closes #66
commit -3 13:11 Receipts with a comma
file orders/receipts.py
-    yield f"Total {order.total / 100:.2f} EUR"
+    yield f"Total {order.total // 100},{order.total % 100:02d} €"

merge 91 Logs as JSON
by tomas -3 11:50
merged -3 15:30 kim squash
branch json-logs
labels ops
approved mara
| Loki can read the fields then.
commit -3 11:41 Logs as JSON
file checkout/logs.py
+import json
+import logging
+
+
+class Lines(logging.Formatter):
+    def format(self, record):
+        return json.dumps({"level": record.levelname, "logger": record.name, "text": record.getMessage()})
commit -3 14:19 Use it
file checkout/settings.py
     "version": 1,
-    "handlers": {"out": {"class": "logging.StreamHandler"}},
+    "formatters": {"lines": {"()": "checkout.logs.Lines"}},
+    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines"}},

deploy production -3 15:40 kim start=12 took=6

merge 92 Describe how to replay an order
by jonas -2 10:02
merged -2 10:40 mara
branch docs-replay
labels docs
| Asked three times in two weeks.
commit -2 09:55 Describe how to replay an order
file docs/replay.md
+# Replaying an order
+
+1. Find its id in the log (`logger="orders"`).
+2. `./manage.py replay ID --dry-run`, read what it would send.
+3. The same without `--dry-run`. It is safe to do twice.

merge 93 Say which field of an address is wrong
by luca -2 10:31
merged -2 13:37 fatima
branch luca/which-field
approved fatima
| The app can then put the words next to the field.
commit -2 10:20 Say which field is wrong
file orders/address.py
-        yield "We don't deliver there yet."
+        yield {"field": "country", "says": "We don't deliver there yet."}
@@
-        yield "The postcode looks wrong."
+        yield {"field": "postcode", "says": "The postcode looks wrong."}

deploy production -2 13:55 mara start=6 took=6

merge 94 Bump djangorestframework from 3.15.2 to 3.16.0
by renovate-bot -2 03:00
merged -1 09:20 tomas
branch renovate/djangorestframework-3.x
labels dependencies
| | Package | Change |
| |---|---|
| | djangorestframework | `3.15.2` -> `3.16.0` |
commit -2 02:59 Bump djangorestframework from 3.15.2 to 3.16.0
file requirements.txt
-djangorestframework==3.15.2
+djangorestframework==3.16.0

merge 95 Receipts name the shop
by fatima -1 10:15
merged -1 11:34 luca
branch receipts-shop
commit -1 10:06 Receipts name the shop
file orders/receipts.py
 def lines(order):
+    yield "Lindenshop GmbH"
     yield f"Order {order.id}"

deploy production -1 11:45 tomas start=8 took=6

merge 96 Type hints for addresses
by aiko -1 13:25
merged -1 15:04 jonas
branch address-types
labels chore
commit -1 13:18 Type hints for addresses
file orders/address.py
 import re
+from collections.abc import Iterator, Mapping
@@
-def problems(address):
+def problems(address: Mapping[str, str]) -> Iterator[dict[str, str]]:

deploy production 0 09:30 mara start=14 took=6 name=good

merge 97 One field for the delivery window
by jonas -1 16:10
merged 0 14:52 mara
branch 61-delivery-window
closes 61
labels feature, database
approved kim, tomas
| `delivery_window` is a `tstzrange`; the two old columns go. The migration copies what is there (4 million rows, 90 seconds on staging).
|
| Free slots are counted with an overlap now, so that odd windows count too.
|
| Closes #61
commit -1 15:58 Add the window, copy, drop the two columns
file orders/migrations/0014_delivery_window.py
+from django.contrib.postgres.fields import DateTimeRangeField
+from django.db import migrations
+
+COPY = """
+update orders_order set delivery_window = tstzrange(deliver_from, deliver_to)
+where deliver_from is not null
+"""
+
+
+class Migration(migrations.Migration):
+    dependencies = [("orders", "0001_squashed_0013_placed_index")]
+    operations = [
+        migrations.AddField("order", "delivery_window", DateTimeRangeField(null=True)),
+        migrations.RunSQL(COPY, migrations.RunSQL.noop),
+        migrations.RemoveField("order", "deliver_from"),
+        migrations.RemoveField("order", "deliver_to"),
+    ]
file orders/models.py
+from django.contrib.postgres.fields import DateTimeRangeField
 from django.db import models
@@
-    deliver_from = models.DateTimeField(null=True)
-    deliver_to = models.DateTimeField(null=True)
+    delivery_window = DateTimeRangeField(null=True)
commit 0 10:44 Count by overlap
file orders/slots.py
 def is_free(start):
-    return Order.objects.filter(deliver_from=start).count() < PER_SLOT
+    return Order.objects.filter(delivery_window__overlap=(start, start + LENGTH)).count() < PER_SLOT
 
 
 def book(order, start):
-    order.deliver_from, order.deliver_to = start, start + LENGTH
+    order.delivery_window = (start, start + LENGTH)

merge 98 Receipts: thank people first
by luca 0 10:20
merged 0 15:05 fatima
branch luca/thanks
commit 0 10:12 Thank people first
file orders/receipts.py
 def lines(order):
+    yield "Thank you!"
     yield "Lindenshop GmbH"

deploy production 0 15:12 mara start=38 took=11 name=bad

merge 99 CI: Postgres 16.6
by tomas 0 14:20
merged 0 15:58 kim
branch ci-postgres
labels ci
commit 0 14:12 CI: Postgres 16.6
file .gitlab-ci.yml
-  services: [postgres:16]
+  services: [postgres:16.6]
