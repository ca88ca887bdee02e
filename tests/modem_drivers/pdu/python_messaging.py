"""python-messaging (GPL) as an oracle: run by the interpreter of its own environment, one JSON object a line.

{"decode": PDU} gives number and text of an SMS-DELIVER; {"report": PDU} gives recipient, reference and times of an
SMS-STATUS-REPORT (it does not read the status); {"to", "text", "reference"} gives SMS-SUBMIT PDUs.
"""

import json
import sys

from messaging.sms import SmsDeliver, SmsSubmit  # type: ignore[import-not-found]

for line in sys.stdin:
    asked = json.loads(line)
    if "decode" in asked:
        read = SmsDeliver(asked["decode"])
        place = read.udh.concat if read.udh is not None else None
        found = {"number": read.number, "text": read.text}
        found["place"] = [place.ref, place.seq, place.cnt] if place is not None else None
    elif "report" in asked:
        read = SmsDeliver(asked["report"])
        found = {"to": read.sr["recipient"], "reference": read.udh.concat.ref}
        found["times"] = [read.sr[name].isoformat() for name in ("scts", "dt")]
    else:
        submit = SmsSubmit(asked["to"], asked["text"])
        submit.ref = asked["reference"]
        found = {"pdus": [part.pdu for part in submit.to_pdu()]}
    print(json.dumps(found), flush=True)
