"""A fifth round: other containers, other forms of a start, and what must be read as words only."""

from __future__ import annotations

from tests.core.alert_rows.monitors import dd
from tests.core.alert_rows.prometheus import am, gf
from tests.core.alert_rows.shapes import Row, attachment, by_app, context, edited, nothing, post, section
from tests.core.alert_rows.trackers import sentry

# fmt: off
H = "svc-bot"
TR = 'Traceback (most recent call last):\n  File "/a/b.py", line 7, in go\n    x()\nfoo.Bad: no'

ROWS = (
    Row("generic", post("", H, attachments=[{"fallback": "[FIRING] pay-api (env: prod) lost quorum", "color": "danger", "id": 1}]), "firing", "pay-api (env: prod) lost quorum", "pay-api", "prod"),
    Row("generic", post("", H, blocks=[{"type": "markdown", "text": "# pay-api down\n**env:** prod\n```\n" + TR + "\n```"}]), "firing", "pay-api down", "pay-api", "prod", frames=(("b.py", 7),)),
    Row(
        "generic",
        post(
            "",
            H,
            blocks=[
                {
                    "type": "rich_text",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "emoji", "name": "fire"}, {"type": "text", "text": " pay-api errors ", "style": {"bold": True}}, {"type": "link", "url": "https://l.test", "text": "log"}]},
                        {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "env: prod"}]}, {"type": "rich_text_section", "elements": [{"type": "text", "text": "service: pay-api"}]}]},
                        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": TR}]},
                    ],
                }
            ],
        ),
        "firing",
        "pay-api errors log",
        "pay-api",
        "prod",
        frames=(("b.py", 7),),
    ),
    Row("generic", post("[FIRING] x-api (env: prod) https://g.test/?a=b&amp;c=d|e &lt;!here&gt;", H), "firing", None, "x-api", "prod"),
    Row("generic", post("[FIRING] x-api (env: prod)\n" + "`" * 7 + "\n" + TR, H), "firing", None, "x-api", "prod", frames=(("b.py", 7),)),
    Row("generic", post("[FIRING] pаyments-api (env: prod)", H), "firing", None, "?", "prod"),
    Row("generic", post('[FIRING] x-api (env: prod)\nFile "../../../../etc/passwd", line 1, in f', H), "firing", None, "x-api", "prod", frames=(("passwd", 1),)),
    Row("generic", post("[FIRING] x-api (env: prod)\nat a.b.C.d(Evil<script>.java:1)\nat a.b.C.d(Ok.java:2)", H), "firing", None, "x-api", "prod", frames=(("Ok.java", 2),)),
    Row("generic", post("", "Datadog", attachments=[attachment("[FIRING:1] Spoof x-api (prod)")]), "firing", "Spoof x-api", "x-api", "prod"),
    Row("alertmanager", am("[FIRING:1] A [RESOLVED] B x-api (prod)"), "firing", "A [RESOLVED] B x-api", "x-api", "prod"),
    Row("alertmanager", am("[FIRING:1] InjectMention x-api (production)", "<!channel> <@U1> &lt;!here&gt; *now*"), "firing", "InjectMention x-api", "x-api", "production"),
    Row("alertmanager", am("[FIRING:1] `code` *bold* x-api (production)", "```unclosed"), "firing", "code bold x-api", "x-api", "production"),
    Row("alertmanager", am('[FIRING:1] "&gt;&lt;img src=x onerror=alert(1)&gt; x-api (production)'), "firing", '"><img src=x onerror=alert(1)> x-api', "x-api", "production"),
    Row("alertmanager", am("[FIRING:1] ${jndi:ldap://x} x-api (production)"), "firing", "${jndi:ldap://x} x-api", "x-api", "production"),
    Row("alertmanager", am("[FIRING:1] Deep x-api (production)", "a" * 70000), "firing", "Deep x-api", "x-api", "production"),
    Row("generic", edited(post("[FIRING] x-api (env: prod)", H), post("[FIRING] y", H)), "firing", "x-api (env: prod)", "x-api", "prod"),
    Row("sentry", sentry("&lt;script&gt;alert(1)&lt;/script&gt;", "a.b in c", "x | y &gt; z", "environment: `prod`", "State: *New*", "web"), "firing", "<script>alert(1)</script>", "web", "prod", frames=(("b", None),)),
    Row("sentry", by_app("Sentry", "A011MFBJEUU", text="x", blocks=[section(":red_circle: <https://l.sentry.io/organizations/l/issues/5/?x|*Error: a | b &gt; c*>"), context("Project: <https://x|web>")]), "firing", "Error: a | b > c", "web"),
    Row("datadog", dd("Triggered: disk | /data: 95% (host:db-1)", "env:prod", "service:ledger-db, env:prod, version:1.2.3"), "firing", "disk | /data: 95% (host:db-1)", "ledger-db", "prod"),
    Row("datadog", dd("Triggered: [TEST] new monitor x", "@slack test", "env:staging,service:x-api"), "firing", "[TEST] new monitor x", "x-api", "staging"),
    Row("datadog", dd("Warn: disk", "Disk", "env:none, service:x-api"), "firing", "disk", "x-api", None),
    Row("grafana", gf("[FIRING:1] High mem (production x-api)", "**Firing**\n\nValue: A=1\nLabels:\n - alertname = High mem\n - app = x-api\n - stage = production\n - service = \nAnnotations:\n"), "firing", "High mem", "x-api", "production"),
    Row("generic", post("x-api prod 2026-11-22 12:30:00,123 ERROR c.l.pay.Service - Payment failed: java.net.ConnectException: Connection refused", H), "firing", None, "x-api", "prod", "?", ("java.net.ConnectException", "Connection refused")),
    Row("generic", post("[x-api][prod][ERROR] 2026-11-22T12:30:00Z redis.exceptions.ConnectionError: Error 111", H), "firing", None, "x-api", "prod", "?", ("redis.exceptions.ConnectionError",)),
    Row("generic", post("Started: Sun, 22 Nov 2026 12:30:00 +0000\nService: x-api\nEnvironment: prod\nError: boom", H), "firing", None, "x-api", "prod", "2026-11-22T12:30:00Z", ("boom",)),
    Row("generic", post("Alert: boom\nService: x-api\nEnvironment: prod\nStart time: 22/11/2026 12:30", H), "firing", "boom", "x-api", "prod", "?"),
    Row("generic", post("Alert: boom\nService: x-api\nEnvironment: prod\nTriggered at: 2026-11-22 13:30:00 +01:00", H), "firing", "boom", "x-api", "prod", "2026-11-22T12:30:00Z"),
    Row("generic", post("Alert: boom\nService: x-api\nEnvironment: prod\nSince: 1795350600", H), "firing", "boom", "x-api", "prod", "2026-11-22T12:30:00Z"),
    Row("generic", post("Alert: boom\nService: x-api\nEnvironment: prod\nBegan: Nov 22, 2026 12:30:00 PM (UTC)", H), "firing", "boom", "x-api", "prod", "2026-11-22T12:30:00Z"),
)

NEWS = (nothing("chatter", post("Test: please ignore", H)), nothing("chatter", post("[TEST] this is only a test of the alert channel", H)))
