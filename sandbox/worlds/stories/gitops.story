alert 11:12

push -120 09:20 jonas Start the search service
file README.md
+# search
+
+Finds products. A controller in the cluster deploys what `deploy/version.txt` says, and tells GitLab of it.
file deploy/version.txt
+main
file .gitlab-ci.yml
+spec:
+  inputs:
+    version: {default: ""}
+    environment: {default: production}
+---
+stages: [test, sync]
+
+test:
+  stage: test
+  image: python:3.12
+  script: [pip install -r requirements.txt pytest, pytest -q]
+  rules:
+    - if: $CI_PIPELINE_SOURCE != "api"
+
+sync:
+  stage: sync
+  script: [./deploy/pin.sh "$[[ inputs.environment ]]" "$[[ inputs.version ]]"]
+  rules:
+    - if: $CI_PIPELINE_SOURCE == "api"
file requirements.txt
+fastapi==0.115.5
+opensearch-py==2.8.0
file search/__init__.py
file search/main.py
+from fastapi import FastAPI
+
+from search import terms
+
+app = FastAPI()
+
+
+@app.get("/search")
+def find(q: str):
+    return {"terms": terms.split(q)}
file search/terms.py
+"""What was typed, as terms."""
+
+STOP = {"and", "or", "the"}
+
+
+def split(typed):
+    return [word for word in typed.lower().split() if word not in STOP]
file search/facets.py
+"""Counts beside the results."""
+
+
+def counted(rows, field):
+    found = {}
+    for row in rows:
+        found[row[field]] = found.get(row[field], 0) + 1
+    return found

issue 12 Searches with only small words find nothing
by kim -4 09:10
labels bug
| "the and" shows an empty page.

merge 31 Count facets once
by aiko -3 10:02
merged -3 11:20 luca
branch facets-once
approved luca
| The same counts, in one pass.
commit -3 09:55 Count facets once
file search/facets.py
-    found = {}
-    for row in rows:
-        found[row[field]] = found.get(row[field], 0) + 1
-    return found
+    return dict(Counter(row[field] for row in rows))

deploy production -3 11:31 luca start=1 took=3 tool=yes

merge 32 Bump fastapi from 0.115.5 to 0.115.6
by renovate-bot -2 02:20
merged -2 09:40 tomas
branch renovate/fastapi-0.x
labels dependencies
| | Package | Change |
| |---|---|
| | fastapi | `0.115.5` -> `0.115.6` |
commit -2 02:19 Bump fastapi from 0.115.5 to 0.115.6
file requirements.txt
-fastapi==0.115.5
+fastapi==0.115.6

deploy production -2 09:52 tomas start=1 took=4 tool=yes

merge 33 Docs: how a version is pinned
by mara -1 13:20
merged -1 14:02 kim
branch docs-pin
labels docs
commit -1 13:11 How a version is pinned
file docs/deploy.md
+# Deploying
+
+`deploy/pin.sh ENVIRONMENT VERSION` pins a version; without one the newest of main is deployed.

deploy production -1 14:20 kim start=1 took=3 tool=yes name=good

merge 34 Keep the last word of a search
by vani -1 16:40
merged 0 10:31 mara
branch 12-small-words
closes 12
labels bug
approved kim
| A search of small words alone keeps its last one.
|
| Closes #12
commit -1 16:28 Keep the last word of a search
file search/terms.py
 def split(typed):
-    return [word for word in typed.lower().split() if word not in STOP]
+    words = typed.lower().split()
+    return [word for word in words if word not in STOP] or [words[-1]]

merge 35 Shorter facets
by fatima 0 09:10
merged 0 10:35 mara
branch shorter-facets
approved luca
commit 0 09:02 Shorter facets
file search/facets.py
-    return dict(Counter(row[field] for row in rows))
+    return Counter(row[field] for row in rows)

deploy production 0 10:48 mara start=1 took=4 tool=yes name=bad
