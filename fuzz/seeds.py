"""What a fuzzer starts from: patterns of every kind with messages, and their words."""

from typing import Final

PAIRS: Final = (
    ("", "anything"),
    ("ERROR -timeout", "ERROR: disk"),
    ("?WARN ?ERROR", "a WARNING"),
    ('"two words" -"a \\"b\\""', "the two words"),
    ("a-b?c", "a c"),
    ('?dead "x"', "x"),
    ("%^[^a-z]+\\d{2,3}$%", "AB 12"),
    ("%gra|ey\\x28{,2}%", "grey"),
    ("[]", ""),
    ("[ip, user, ..., status = 4*, bytes]", '10.0.0.1 joe "GET /" 404 12'),
    ("[a = 1 && a != 2, (b = x || b = %y%)]", "1.0 [x y] rest of it"),
    ("[..., last > 1e3]", '1 " 2 [ 3 "4 5" 6000'),
    ('{ $.eventName = "ConsoleLogin" }', '{"eventName": "ConsoleLogin"}'),
    ("{ $.a.b[0].['c d'] != 1.50 }", '{"a": {"b": [{"c d": 1.5}]}}'),
    ("{ $.a[*].b = x* || $.c.* IS NULL }", '{"a": [{"b": "xy"}], "c": {"d": null}}'),
    ("{ $.a IS TRUE && ($.b NOT EXISTS || $.c >= -.5e1) }", '{"a": true, "c": 0}'),
    ("{ $.a = %\\w+@x% && $.b = *1*2 }", '{"a": "me@x", "b": 112}'),
    ("{ $.n < 1e2147483647 }", '{"n": 1e309, "m": 1e-999}'),
    ("{ $.n = 12 }", '{"n": ' + "1" * 5000 + "}"),
    ("{ $.n = 1 || $.n != 1 }", '{"n": 1, "n": "\\ud800", "": [[[[]]]]}'),
    ("{ $.ip IN 10.0.0.0/8 }", '{"ip": "10.1.2.3"}'),
    ("{ $.ip NOT IN [::/1, 0.0.0.0/1, a] }", '{"ip": "::ffff:10.0.0.1"}'),
    ('{ $.a[*] IN [A, "B c", C*, 1, %x%] }', '{"a": ["B c", 1.0, null]}'),
    ("{ $.a NOT IN @names && $.b IN [@names] }", '{"a": 5, "b": "10.0.0.1"}'),
    ("{ $.a ~= *Straße }", '{"a": "hauptSTRASSE"}'),
    ("{ $.a EXISTS || $.b[*] EXISTS }", '{"b": []}'),
    ("{ $.a = %a% || $.b = %b% || $.c = %c% }", '{"c": "c"}'),
    ("{ " + "(" * 100 + "$.a = 1" + ")" * 100 + " }", '{"a": 1}'),
    ("{ $.a = 1 }", '{"a":' * 1200),
    ("{ $.a = 1 }", '{"a":' + "[" * 960 + "]" * 960 + "}"),
    ("{ $.a = 1 } x", '{"a": 1} x'),
    ("{ $.a EXISTS IN }", "\ufeff{}"),
    ("[a, a]", "1 2"),
    ("%(%", "("),
)

WORDS: Final = (
    *("&&", "||", "(", ")", "=", "!=", "<=", ">=", "<", ">", "~=", ",", "...", "*"),
    *(" IS ", "NULL", "TRUE", "FALSE", " NOT ", " EXISTS", " IN ", "@names", "null"),
    *("$.a", "$.b[*]", "$.*", "[0]", ".['", "']", "{ ", " }", "[", "]", "%", "?", "-"),
    *("10.0.0.0/8", "::/0", "1e9", "1.5", "\\x28", "{2,3}", "[^a]", "\\d", '\\"'),
    *('{"a":', '"b":', "[null]", "true", '\\ud800"', "1e309", '{"a":"'),
)
