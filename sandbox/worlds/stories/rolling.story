alert 11:12

push -150 09:20 luca Start the catalog service
file README.md
+# catalog
+
+Products, prices, pictures: what the shop shows. FastAPI, Postgres.
+
+    uvicorn catalog.main:app --reload
file requirements.txt
+fastapi==0.115.5
+httpx==0.27.2
+psycopg[binary]==3.2.3
+pydantic==2.9.2
+uvicorn==0.32.1
file .gitlab-ci.yml
+stages: [test, deploy]
+
+test:
+  stage: test
+  image: python:3.12
+  script: [pip install -r requirements.txt pytest, pytest -q]
+
+deploy-production:
+  stage: deploy
+  when: manual
+  environment: {name: production}
+  # Twelve pods, one after the other: takes about a quarter of an hour.
+  script: [./ops/roll.sh production]
file catalog/__init__.py
file catalog/main.py
+from fastapi import FastAPI
+
+from catalog import pictures, products
+from pricing import tags
+
+app = FastAPI()
+
+
+@app.get("/products/{sku}")
+def product(sku: str):
+    row = products.find(sku)
+    return {"title": row.title, "price": tags.label(row), "pictures": pictures.urls(sku)}
file catalog/products.py
+"""One row of the catalogue."""
+
+from dataclasses import dataclass
+
+from catalog import database
+
+
+@dataclass
+class Product:
+    sku: str
+    title: str
+    cents: int
+    unit: str | None
+    content: float | None
+
+
+def find(sku):
+    return Product(*database.one("select sku, title, cents, unit, content from products where sku = %s", sku))
file catalog/database.py
+import os
+from functools import cache
+
+import psycopg
+
+
+@cache
+def connection():
+    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
+
+
+def one(query, *values):
+    return connection().execute(query, values).fetchone()
file catalog/pictures.py
+"""Where the pictures of a product lie."""
+
+SIZES = (320, 640)
+HOST = "https://img.lindenshop.example"
+
+
+def urls(sku):
+    return [f"{HOST}/{sku}-{size}.jpg" for size in SIZES]
file catalog/titles.py
+"""Titles as marketing wants them."""
+
+LONGEST = 80
+
+
+def short(title):
+    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
file pricing/__init__.py
file pricing/tags.py
+"""The words on a price tag."""
+
+
+def euros(cents):
+    return f"{cents // 100},{cents % 100:02d} €"
+
+
+def label(product):
+    return euros(product.cents)
file tests/__init__.py
file tests/test_tags.py
+from types import SimpleNamespace
+
+from pricing.tags import label
+
+
+def test_label():
+    assert label(SimpleNamespace(cents=1205)) == "12,05 €"

issue 12 Show the price per litre
by kim -4 10:44
labels feature, legal
| From January on we must show it next to the price: per kilogram or per litre, with the same size of letters.

issue 14 Pictures for big screens
by luca -4 14:20
labels feature

merge 33 A bigger size of pictures
by luca -3 09:22
merged -3 10:40 aiko
branch 14-big-pictures
closes 14
labels feature
approved aiko
| Closes #14
commit -3 09:10 A bigger size of pictures
file catalog/pictures.py
-SIZES = (320, 640)
+SIZES = (320, 640, 1280)

deploy production -3 10:50 aiko start=2 took=15

merge 34 Bump httpx from 0.27.2 to 0.28.0
by renovate-bot -3 02:20
merged -3 13:15 tomas
branch renovate/httpx-0.x
labels dependencies
| | Package | Change |
| |---|---|
| | httpx | `0.27.2` -> `0.28.0` |
commit -3 02:19 Bump httpx from 0.27.2 to 0.28.0
file requirements.txt
-httpx==0.27.2
+httpx==0.28.0

merge 35 Shorten titles at a space
by fatima -3 13:40
merged -3 15:02 luca
branch titles-at-space
approved luca
| "Rain jacket for childr…" looks silly.
commit -3 13:27 Shorten titles at a space
file catalog/titles.py
 def short(title):
-    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
+    if len(title) <= LONGEST:
+        return title
+    return title[: LONGEST - 1].rpartition(" ")[0] + "…"
file tests/test_titles.py
+from catalog.titles import short
+
+
+def test_short_titles_stay():
+    assert short("Rain jacket") == "Rain jacket"
+
+
+def test_long_ones_end_at_a_space():
+    assert short("word " * 30).endswith("word…")

deploy production -3 15:20 tomas start=4 took=16

merge 36 Use the new picture host
by luca -2 10:12
merged -2 11:30 aiko squash
branch luca/picture-host
labels ops
approved tomas
| The old one goes away at the end of the year.
commit -2 09:58 New host
file catalog/pictures.py
-HOST = "https://img.lindenshop.example"
+HOST = "https://pictures.lindenshop.example"
commit -2 10:40 Oops, with the folder
file catalog/pictures.py
-HOST = "https://pictures.lindenshop.example"
+HOST = "https://pictures.lindenshop.example/p"

deploy production -2 11:45 aiko start=3 took=15

merge 37 Bump uvicorn from 0.32.1 to 0.33.0
by renovate-bot -2 02:20
merged -2 13:05 mara
branch renovate/uvicorn-0.x
labels dependencies
| | Package | Change |
| |---|---|
| | uvicorn | `0.32.1` -> `0.33.0` |
commit -2 02:19 Bump uvicorn from 0.32.1 to 0.33.0
file requirements.txt
-uvicorn==0.32.1
+uvicorn==0.33.0

push -2 14:26 tomas Run the tests on pushes to main only once
file .gitlab-ci.yml
   script: [pip install -r requirements.txt pytest, pytest -q]
+  interruptible: true

merge 38 Say what a product weighs
by jonas -2 13:50
merged -1 09:35 kim
branch weigh
labels feature
approved kim
| The warehouse asked for it.
commit -2 13:34 Say what a product weighs
file catalog/weights.py
+"""Grams, for the parcel."""
+
+PACKAGING = 120
+
+
+def gross(grams):
+    return grams + PACKAGING

deploy production -1 09:50 kim start=6 took=15

merge 39 Docs: how a deployment rolls
by mara -1 10:40
merged -1 11:12 kim
branch docs-roll
labels docs
commit -1 10:31 How a deployment rolls
file docs/deploying.md
+# Deploying
+
+`ops/roll.sh` takes one pod after the other and waits until it is healthy: about 80 seconds each.
+The health check asks the database only. Watch the errors while it rolls.

merge 40 Titles without double spaces
by fatima -1 13:15
merged -1 14:20 luca
branch double-spaces
commit -1 13:06 Titles without double spaces
file catalog/titles.py
 def short(title):
+    title = " ".join(title.split())

deploy production -1 14:35 luca start=5 took=16 name=good

merge 41 Show the price per litre and kilogram
by vani -1 15:12
merged 0 10:21 mara
branch 12-price-per-unit
closes 12
labels feature, legal
approved kim
| Next to the price, as the law wants it from January on. Test data has a unit for every product, production will too (import runs nightly).
|
| Closes #12
commit -1 15:01 The price of one unit
file pricing/tags.py
 def label(product):
-    return euros(product.cents)
+    return f"{euros(product.cents)} ({unit_price(product)})"
+
+
+def unit_price(product):
+    per_unit = round(product.cents / product.content)
+    return f"{euros(per_unit)} / {product.unit}"
commit 0 09:26 Test it
file tests/test_tags.py
 def test_label():
-    assert label(SimpleNamespace(cents=1205)) == "12,05 €"
+    assert label(SimpleNamespace(cents=1205, unit="l", content=0.5)) == "12,05 € (24,10 € / l)"

merge 42 Bump pydantic from 2.9.2 to 2.10.3
by renovate-bot 0 02:20
merged 0 10:34 tomas
branch renovate/pydantic-2.x
labels dependencies
| | Package | Change |
| |---|---|
| | pydantic | `2.9.2` -> `2.10.3` |
commit 0 02:19 Bump pydantic from 2.9.2 to 2.10.3
file requirements.txt
-pydantic==2.9.2
+pydantic==2.10.3

deploy production 0 10:55 mara start=12 status=running name=bad
