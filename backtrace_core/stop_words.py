"""Words that say nothing: of English, of alerts in general, of code in general. Lower case; folded where used."""

from __future__ import annotations

ENGLISH = """
a about above after again all also an and any are as at be because been before below between both but by can cannot
could did do does down during each few for from had has have here how if in into is it its just may more most must
no not now of off on once only or other our out over own per same should so some something such than that the their
them then there these they this those through to too under until up us very was we were what when where which while who
why will with would wrong you your
"""
ALERTS = """
alert alerting alertmanager alertname annotation average avg bad broken call cluster code count critical current
currently dashboard describe description detail emergency env environment error exception fail failed failing
failure fatal fired firing first five fix generator happened high host hour http https id increase increased
increasing info instance issue jump jumped label largest last level line low major max mean message metric min minor
minute monitor namespace node normal number occurrence percent pod point post prod production project prometheus
rate ratio reach received receiver recent region request resolved response rule runbook second seen server service
severity short silence since source spike stag staging start started starts startsat state status success successful
summary team ten than threshold time times total traceback trigger triggered usually value view warn warning web www
xx container cpu page percentage usage
"""
CODE = """
abstract args assert async await base bool boolean break build case chore class com common const constructor
continue core data def default dict else enum export extends false feat feature file final finally float func
function get github gitlab handle handler helper html impl implement import index init initialize input int
interface internal java javascript js json lib list main make map merge merged mixin mod model module move name new
nil none null object option org package param params pass print private protected public py python raise rb refactor
remove removed rename return ruby self set spec src static std str string struct super switch test testing this
throw true try ts type typescript undefined update updated use used user util utils val var version void yaml yml
add added branch change changed cleanup improve review support bump minor
"""
REPORTS = """
back bad bot broke broken broken bug build builder cause caused causes causing com crash crashing due failing fails
fix fixed fixes flake flaky get getting go goes http https issue land landed landing like likely log look looks make
makes making master new old org please possibly probably problem reason regress regression reland revert reverted
reverting reverts run running runs see seem seems seen still suspect suspected test tests tree use used using via work
working works www
"""
"""What people write of every trouble, of a change that they suspect, and of where it was seen."""
