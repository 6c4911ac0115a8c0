alert 15:26

push -140 09:05 tomas Start the shipping service
file README.md
+# shipping
+
+What a parcel costs and when it arrives. Runs in two regions, each with its own database.
file requirements.txt
+fastapi==0.115.5
+psycopg[binary]==3.2.3
+uvicorn==0.32.1
file .gitlab-ci.yml
+stages: [test, deploy]
+
+test:
+  stage: test
+  image: python:3.12
+  script: [pip install -r requirements.txt pytest, pytest -q]
+
+.deploy:
+  stage: deploy
+  script: [./ops/deploy.sh "$CI_ENVIRONMENT_NAME"]
+
+deploy-eu:
+  extends: .deploy
+  when: manual
+  environment: {name: production/eu}
+
+deploy-us:
+  extends: .deploy
+  needs: [deploy-eu]
+  environment: {name: production/us}
file quotes/__init__.py
file quotes/main.py
+from fastapi import FastAPI
+
+from quotes import parcels, zones
+
+app = FastAPI()
+
+
+@app.post("/quotes")
+def quote(order: dict):
+    zone = zones.zone_of(order["country"], order["postcode"])
+    return {"cents": parcels.cents(order["grams"], zone), "days": zones.DAYS[zone]}
file quotes/zones.py
+"""How far a country is, in the carriers' zones."""
+
+ZONES = {"DE": 1, "AT": 1, "FR": 2, "SE": 2, "GB": 3, "US": 4}
+FARTHEST = 4
+DAYS = {1: 2, 2: 3, 3: 5, 4: 8}
+
+
+def zone_of(country, postcode):
+    return ZONES.get(country, FARTHEST)
file quotes/parcels.py
+"""What a parcel costs."""
+
+CENTS = {1: 499, 2: 899, 3: 1499, 4: 2490}
+
+
+def cents(grams, zone):
+    return CENTS[zone] + max(0, grams - 2000) // 500 * 50
file quotes/labels.py
+"""The label that is printed."""
+
+
+def lines(name, street, city):
+    return [name, street, city]
file tests/__init__.py
file tests/test_zones.py
+from quotes.zones import zone_of
+
+
+def test_home():
+    assert zone_of("DE", "10115") == 1

issue 21 Quotes for Northern Ireland are too high
by kim -5 10:02
labels bug
| Parcels to Belfast cross no customs border, but we charge the zone of Great Britain.

merge 51 Labels with the country
by luca -4 09:10
merged -4 10:30 aiko
branch label-country
approved aiko
| The post asked for it.
commit -4 09:02 Labels with the country
file quotes/labels.py
-def lines(name, street, city):
-    return [name, street, city]
+def lines(name, street, city, country):
+    return [name, street, city, country.upper()]

deploy production/eu -4 10:45 aiko start=2 took=4
deploy production/us -4 10:45 aiko start=20 took=5

merge 52 Bump uvicorn from 0.32.1 to 0.33.0
by renovate-bot -3 02:20
merged -3 11:05 tomas
branch renovate/uvicorn-0.x
labels dependencies
| | Package | Change |
| |---|---|
| | uvicorn | `0.32.1` -> `0.33.0` |
commit -3 02:19 Bump uvicorn from 0.32.1 to 0.33.0
file requirements.txt
-uvicorn==0.32.1
+uvicorn==0.33.0

deploy production/eu -3 11:20 tomas start=3 took=4
deploy production/us -3 11:20 tomas start=24 took=4

merge 54 Cheaper heavy parcels
by jonas -2 10:15
merged -2 13:40 kim
branch heavy-parcels
labels feature
approved kim
| The new contract begins on Monday.
commit -2 10:04 Cheaper heavy parcels
file quotes/parcels.py
-    return CENTS[zone] + max(0, grams - 2000) // 500 * 50
+    return CENTS[zone] + max(0, grams - 2000) // 500 * 40

deploy production/eu -2 13:55 mara start=2 took=5
deploy production/us -2 13:55 mara start=26 took=4

merge 55 Docs: two regions
by mara -1 09:20
merged -1 10:02 kim
branch docs-regions
labels docs
commit -1 09:11 Two regions
file docs/regions.md
+# Two regions
+
+`deploy-eu` is started by hand, `deploy-us` follows it. Each region keeps its own orders.

merge 56 Labels in capitals
by fatima -1 11:10
merged -1 13:20 luca
branch capital-labels
approved luca
| Scanners read them better.
commit -1 11:01 Labels in capitals
file quotes/labels.py
-    return [name, street, city, country.upper()]
+    return [line.upper() for line in (name, street, city, country)]

deploy production/eu -1 13:35 luca start=3 took=4 name=good
deploy production/us -1 13:35 luca start=22 took=5

merge 57 Bump fastapi from 0.115.5 to 0.115.6
by renovate-bot 0 02:20
merged 0 10:15 tomas
branch renovate/fastapi-0.x
labels dependencies
| | Package | Change |
| |---|---|
| | fastapi | `0.115.5` -> `0.115.6` |
commit 0 02:19 Bump fastapi from 0.115.5 to 0.115.6
file requirements.txt
-fastapi==0.115.5
+fastapi==0.115.6

merge 58 A zone of its own for Northern Ireland
by vani -1 15:40
merged 0 14:31 mara
branch 21-northern-ireland
closes 21
labels bug
approved kim
| Postcodes with BT are the carriers' country XI.
|
| Closes #21
commit -1 15:28 A zone of its own for Northern Ireland
file quotes/zones.py
 def zone_of(country, postcode):
-    return ZONES.get(country, FARTHEST)
+    if country == "GB" and postcode.startswith("BT"):
+        country = "XI"
+    return ZONES[country]

deploy production/eu 0 14:40 mara start=2 took=5 name=bad
deploy production/us 0 14:40 mara start=25 took=5 name=other
