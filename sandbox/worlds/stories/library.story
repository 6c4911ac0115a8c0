alert 15:10

push -60 09:30 kim Start the account service
file README.md
+# account
+
+Sign-in, sign-out, and what a customer may change about themselves.
file requirements.txt
+flask==3.1.0
+gunicorn==23.0.0
+linden-auth==1.4.2
+psycopg[binary]==3.2.3
file account/__init__.py
file account/views.py
+"""What the pages post to."""
+
+from flask import Blueprint, request, session
+
+from linden_auth import tokens
+
+pages = Blueprint("account", __name__)
+
+@pages.post("/signin")
+def signin():
+    session["who"] = tokens.subject(request.form["token"])
+    return "", 204
file account/letters.py
+"""Mails to customers."""
+
+WELCOME = "Welcome to the shop!"
+FAREWELL = "Your account is closed."
file account/styles.css
+.form { padding: 8px }

merge 50 Greet new customers by name
by aiko -3 10:10
merged -3 14:02 mara
branch greet-by-name
commit -3 10:05 Greet by name
file account/letters.py
 """Mails to customers."""
 
-WELCOME = "Welcome to the shop!"
+WELCOME = "Welcome to the shop, {name}!"
 FAREWELL = "Your account is closed."

deploy production -3 15:00 mara took=6 name=good

merge 51 Give the form more room
by luca -1 11:20
merged -1 16:02 mara
branch more-room
commit -1 11:10 Give the form more room
file account/styles.css
-.form { padding: 8px }
+.form { padding: 16px }

merge 52 Update dependency linden-auth to v1.5.0
by renovate-bot 0 10:01
merged 0 14:31 mara
branch renovate/linden-auth-1.x
labels dependencies
| This MR contains the following updates: linden-auth 1.4.2 to 1.5.0.
commit 0 10:00 Update dependency linden-auth to v1.5.0
file requirements.txt
 flask==3.1.0
 gunicorn==23.0.0
-linden-auth==1.4.2
+linden-auth==1.5.0
 psycopg[binary]==3.2.3

deploy production 0 14:52 mara took=8 name=bad
