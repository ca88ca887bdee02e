"""What is shown or kept holds no PIN and no password."""

import pytest

from modem_drivers.at.secrets import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('AT+CPIN="1234"\r', 'AT+CPIN="****"\r'),
        ("AT+CPIN=1234\r", "AT+CPIN=****\r"),
        ('AT+CPIN="12345678","4321"\r', 'AT+CPIN="****","****"\r'),
        ('at+cpin2="1234"', 'at+cpin2="****"'),
        ('AT+CLCK="SC",1,"0000"\r', 'AT+CLCK="SC",1,"****"\r'),
        ('AT+CLCK="SC",2\r', 'AT+CLCK="SC",2\r'),
        ('AT+CPWD="SC","1234","567890"\r', 'AT+CPWD="SC","****","****"\r'),
        ('AT+CMEE=1;+CPIN="1234";+CSQ\r', 'AT+CMEE=1;+CPIN="****";+CSQ\r'),
        ('AT+CPIN="1234"\r\r\nOK\r\n+CSQ: 1234', 'AT+CPIN="****"\r\r\nOK\r\n+CSQ: 1234'),
        ('AT+CGAUTH=1,2,"user","pass"', 'AT+CGAUTH=1,2,"****","****"'),
        ('AT+QICSGP=1,3,"iot.example","user","pass",1', 'AT+QICSGP=1,3,"iot.example","****","****",1'),
        ('AT+CGAUTH=1,2,"user","cut', 'AT+CGAUTH=1,2,"****","****"'),
        ('+CGAUTH: 1,2,"user","pass"\r\n', '+CGAUTH: 1,2,"****","****"\r\n'),
        ('#PDPAUTH: 1,1,"user"', '#PDPAUTH: 1,1,"****"'),
        ("+CPIN: SIM PIN", "+CPIN: SIM PIN"),
        ('AT+CGDCONT=1,"IP","1234"', 'AT+CGDCONT=1,"IP","1234"'),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked
