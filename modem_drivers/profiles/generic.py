"""Any modem that keeps to 3GPP TS 27.007 and TS 27.005; the base of all other profiles."""

from modem_drivers.profiles.base import CallForm, Profile, RetriesForm

GENERIC = Profile(
    name="generic",
    manufacturer="",
    model="",
    setup=("E0", "V1", "+CMEE=1", "+CREG=2", "+CGREG=2", "+CEREG=2"),
    iccid=("+CCID", "+ICCID"),
    retries=RetriesForm("+CPINR", pin=("SIM PIN", 1), puk=("SIM PUK", 1)),
    credentials='+CGAUTH={cid},{method},"{user}","{password}"',
    credentials_read="+CGAUTH?",
    # mode 2 or 1, stored with +CMTI, no cell broadcast, reports straight as +CDS (TS 27.005 clause 3.4.1)
    routing=("2,1,0,1,0", "1,1,0,1,0", "2,1,0,1,1", "2,1,0,0,0", "2,1"),
    storage=("ME", "SM"),
    calls=CallForm(),
    boot=("RDY", "APP RDY", "*ATREADY: 1"),
)
