"""What a heading and a colour say of unknown senders' messages: wrong, over, or no alert at all.

A word anywhere ends no alert: what is up, closed, recovering or deployed may be what is wrong. Only a status word does:
in front, in brackets, behind a colon, or as what the sentence says.
"""

from __future__ import annotations

import re

_DECORATION = r"^\s*(?::[\w+-]{1,40}:\s*|[^\w\s@\[:]{1,4}\s*){0,3}"
_BRACKETS = r"(?:\[[^\]\n]{1,60}\]\s*){0,2}?"
_FOREIGN_OVER = (
    r"behoben|entwarnung|erledigt|gelöst|résolue?|rétablie?|resuelt[oa]|recuperad[oa]|resolvid[oa]|risolt[oa]|opgelost|hersteld"
    r"|rozwiązany|solved|решен[оаы]?|восстановлен[оаы]?|устранен[оаы]?|已恢复|已解决|恢复|解決済み|解決|復旧|回復|해결됨|해결|복구"
)
_WORD = rf"(?:resolved|recovered|recovery|closed|cleared|back to normal|ok|{_FOREIGN_OVER})"
_VERB = r"(?:is|are|was|has|have|has been|have been)(?: now)?"
_AGAIN = r"(?:resolved|closed|recovered|(?-i:OK)|healthy again|back (?:to normal|online))"
_TROUBLE = "incident[eo]?|alert[ea]?|alarm[ea]?|issue|probl[eè]m[ea]?|vorfall|st[öo]rung"
_OVER = (
    rf"{_DECORATION}{_BRACKETS}\[\s*{_WORD}(?![\w-])[^\]\n]{{0,40}}\]",
    rf"{_DECORATION}{_BRACKETS}\[[^\]\w]{{0,4}}(?::white_check_mark: )?up\]",
    rf"{_DECORATION}{_BRACKETS}{_WORD}(?:\s*[:!#|\uff1a】]|\s+[-\u2013\u2014#]|\s*$)",
    r"^\s*(?::white_check_mark:|:large_green_circle:|✅|🟢)",
    rf"(?::|\s[-\u2013\u2014|→])\s*(?:{_WORD}|(?-i:HEALTHY))[.!)\s]*$",
    r"(?:->|→|=>)\s*(?-i:OK|UP|HEALTHY|RESOLVED|NORMAL)\b",
    r"(?<!not )\b(?:resolved|recovered) (?:after|in) \d[\w ]{0,20}$",
    rf"\b{_VERB} {_AGAIN}[.!\s]*(?:\([^()]{{0,80}}\)\s*)?$",
    rf"{_DECORATION}(?:{_TROUBLE})\b[^:\n]{{0,40}}? {_WORD}(?=\s*[:.!#]|\s*$| by )",
)
_IS_OVER = re.compile("|".join(f"(?:{way})" for way in _OVER), re.IGNORECASE)
_IS_UP = re.compile(r"\b(?:is|are) up(?: again)?(?=\s*[:.!]|\s*$)", re.IGNORECASE)
_FIRES = re.compile(rf"\bFIRING\b|(?i:{_DECORATION}(?:re-?)?(?:firing|triggered)\b)")
_SAYS_OVER = re.compile(
    rf"\b(?:resolved|recover(?:ed|y)|closed|back to normal|ok|{_FOREIGN_OVER})(?![\w/])|:white_check_mark:|✅|🟢",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(firing|fired|triggered|alert|alarm|critical|errors?|exceptions?|fatal|panic(?:ked)?|fail(?:ed|ing|ure|s)?"
    r"|down|outages?|unhealthy|unavailable|degraded|timed? ?out|timeouts?|latency|no healthy"
    r"|crash(?:ed|es|ing|loop)?|oom(?:killed)?|5xx"
    r"|http 5\d\d|no data|unhandled\w{0,40}|warn(?:ing)?|st[öo]rung|backlog|breach(?:ed)?|exceed(?:ed|s)?|above"
    r"|spike|exhausted|refused|deadlock|unreachable|problem|oomkilled|sig(?:segv|abrt|kill|bus)"
    r"|anomal(?:y|ies)|heartbeat (?:missed|lost)|missed heartbeat|high (?:cpu|memory|load|disk)"
    r"|slow (?:response|quer|request)\w{0,10}|dead[- ]letters?|stuck|stalled|broken|not responding|unresponsive"
    r"|crashloop\w{0,10}|imagepullbackoff|econn\w{4,8}|etimedout|sqlstate|burn rate|\w{1,80}(?-i:Error|Exception|Panic)"
    r"|(?:returns?|returned|got|answered|status(?: code)?|code|healthcheck)[ :]{1,3}5\d\d|sev-?[0-3]|p[01]"
    r"|fehler\w{0,20}|ausfall|ausgefallen|kritisch|warnung|alarme|alarma|erreurs?|panne|échec|critique|indisponible"
    r"|fallo|falló|caíd[oa]|crític[oa]|errore|guasto|falha|erro|storing|fout|mislukt|awaria|błąd|ошибк\w{1,3}|авария|сбой|недоступ\w{1,8})\b"
    r"|エラー|障害|異常|失敗|告警|错误|故障|异常|失败|超时|报警|오류|장애"
    r"|:rotating_light:|:fire:|:red_circle:|:warning:|🔥|🚨|🔴|⚠",
    re.IGNORECASE,
)
_SEVERE = re.compile(rf"\b(?:CRITICAL|ERROR|FIRING)\b|(?i:{_DECORATION}\[?(?:critical|error|firing)\b)")
_IS_NOT_WRONG = re.compile(
    r"\b(?:0|no|zero|without(?: any)?|fix(?:e[sd]|ing)?(?: for)?(?: the| an?)?) (?:\w{1,30} )?"
    r"(?:\w{0,60}errors?|failures?|failed|\w{0,60}exceptions?|alerts?|warnings?|timeouts?|crash(?:es)?)\b",
    re.IGNORECASE,
)
"""Good news names what is not there, or not any more."""
_PRINTED = re.compile(
    r"\b(?:CRITICAL|ERROR|FATAL|FIRING|PANIC|DOWN|OOMKilled|HTTP [45]\d\d|\w{1,80}(?:Error|Exception))\b"
    r"|:rotating_light:|:fire:|:red_circle:|🔥|🚨|🔴"
)
_REPOSITORY = r"(?:\[[^\]\n]{1,200}\] |[^:\n]{1,80}: )?"
_DONE = r"(?:started|succeeded|failed|passed)"
_NEWS = (
    r"starting deploy\b",
    r"deploy(?:ment)? to \S{1,100} (?:succeeded|failed|canceled)\b",
    r"deployed (?:v?\d|(?:\S{1,100} ){1,3}(?:to|on|in)\b)",
    r"rolled back (?:\S{1,100} ){1,3}to\b",
    rf"(?:deploy(?:ment)?|release|rollout) (?:of )?(?:\S{{1,100}} ){{1,3}}(?:to|on|in) \S{{1,60}} {_DONE}\b",
    rf"{_REPOSITORY}(?:pipeline|build) #?\d",
    rf"{_REPOSITORY}(?:issue|task|epic|(?:merge|pull) request) (?:[#!]\d|opened|merged|closed|created|approved)",
    r"(?:handover|standup|reminder(?: (?:to|about|that)\b|:)|watchdog|there are more images than can be shown)(?!\w)",
    r"(?:hourly|daily|weekly|monthly)\b.{0,60}?\b(?:reports?|summary|digest|recap)(?:\s*[:|]|\s*$|\s(?:for|of|-)\s)",
    rf"{_REPOSITORY}\d{{1,4}} new commits?\b",
    rf"(?:workflow|build) \S{{1,80}} (?:(?:of|on|for) \S{{1,80}} )?{_DONE}(?:\s*$| in \d| after)",
    r"[^\n]{1,80}? - #\d{1,8} (?:success|failure|started|back to normal|still failing|unstable|aborted)\b",
    r"(?:dependency update|chore\(|bump \S{1,80} (?:from|to) |feature flag|canary of \S{1,80} promoted)",
    r"(?:(?:meeting|huddle|call) started|new ticket|thank|welcome|new release|downtime (?:scheduled|started|ended))",
    r"(?:\d{1,4} (?:new )?(?:critical |high |medium )?vulnerabilit|scan (?:of \S{1,100} )?(?:finished|completed|done))",
    rf"{_REPOSITORY}\d{{1,6}} tests? (?:failed|passed)\b",
    r"(?:\d{1,8} is waiting for (?:approval|review)|(?:cost|usage|test|coverage|security) report\b)",
    r"(?:likely culprit|no culprit|rollback of \S{1,80} (?:to \S{1,80} )?(?:started|finished|failed))\b",
    r"(?:monitoring|identified|update)[:\s-]{1,3}a fix\b",
    r"[^\n]{1,120} (?:was|has been) (?:edited|updated|created|deleted|(?:un)?muted|silenced|disabled) by [^:]{1,60}$",
    r"(?:\[test\] )?(?:this is (?:only |just )?a test\b|(?:a )?test (?:message|notification|alert)\b)",
    r"(?:no incidents reported|all systems (?:are )?operational|scheduled maintenance)\b",
)
_SOMEBODY_DID = (
    r"is (?:now )?on call\b",
    r"(?:opened|merged|closed|reopened|(?:un)?approved|updated|created) (?:(?:merge|pull) request|issue|epic|wiki)\b",
    r"(?:pushed (?:to|new)|removed|deleted) (?:branch|tag)\b",
    r"requested (?:a )?(?:review|changes)\b",
    r"(?:edited|linked|renamed|mentioned|moved|turned (?:on|off)) \S",
    r"(?:updated|moved|resolved|closed|deleted|edited) an? (?:bug|task|story|issue|epic|sub-?task|card|page)\b",
    r"(?:un)?(?:muted|silenced|snoozed|acknowledged|acked|escalated|reassigned|joined|takes over|added a note)\b",
    r"(?:created an?|posted an update|acknowledged the alert|assigned to|commented on)\b",
    r"(?:was |has been )?(?:successfully )?(?:deployed|rolled back|synced)\b",
)
_NO_ALERT = re.compile(
    rf"{_DECORATION}(?:{'|'.join(_NEWS)}|(?P<who>(?:[^\s,;:]{{1,60}} ){{1,4}})(?:{'|'.join(_SOMEBODY_DID)}))",
    re.IGNORECASE,
)
_HEX = re.compile(r"^[0-9a-f]{6}$")
_CLEARLY = 1.2
"""How much stronger than the others a colour's strongest part is: orange is no red, turquoise no green."""
_MUCH = 2.0


def is_no_alert(heading: str) -> bool:
    """Deployments, merge requests, pipelines and rosters, by how they begin; never what calls itself an error."""
    match = _NO_ALERT.match(heading)
    return match is not None and not _SEVERE.search(heading) and not says_wrong(match["who"] or "")


def says_wrong(text: str) -> bool:
    return _WRONG.search(_IS_NOT_WRONG.sub(" ", text)) is not None


def prints_wrong(text: str) -> bool:
    """As programs write it, and people hardly ever in passing: in capitals, as a class, a code, a sign."""
    return _PRINTED.search(_IS_NOT_WRONG.sub(" ", text)) is not None


def says_over(text: str) -> bool:
    """Anywhere in the text; enough only where something else says so too."""
    return _SAYS_OVER.search(text) is not None


def fires(heading: str) -> bool:
    """Mixed groups fire."""
    return _FIRES.search(heading) is not None


def is_over(heading: str) -> bool:
    """By a status word; ``is up`` where nothing in the heading is wrong: an error rate may be up, too."""
    return _IS_OVER.search(heading) is not None or (_IS_UP.search(heading) is not None and not says_wrong(heading))


def is_red(colour: str) -> bool:
    """Slack's ``danger``, or six hex digits."""
    red, green, blue = _parts(colour)
    return colour == "danger" or red > _MUCH * max(green, blue)


def is_green(colour: str) -> bool:
    """Slack's ``good``, or six hex digits."""
    red, green, blue = _parts(colour)
    return colour == "good" or green > _CLEARLY * max(red, blue)


def _parts(colour: str) -> tuple[int, int, int]:
    if not _HEX.match(colour):
        return 0, 0, 0
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)
