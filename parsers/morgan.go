package parsers

import "bytes"

var _ = register(Parser{
	Name: "morgan",
	Doc: `morgan: Express and other Node servers, in the layouts dev, tiny and short

"GET /path 401 2.113 ms - 12", "GET /path 401 12 - 2.113 ms" and
"address user GET /path HTTP/1.1 401 12 - 2.113 ms", none with a time
(https://github.com/expressjs/morgan#predefined-formats). Its common and combined
are Apache's.`,
	Layer: App,
	First: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789:",
	Dated: "no",
	Order: 127,
	Parse: parseMorgan,
})

// parseMorgan reads from the right: a name may hold anything, a URL no blank.
func parseMorgan(r *Record, _ *Scratch) bool {
	t := r.Text
	if n := len(t); n < 16 || !bytes.Contains(t[n-16:], []byte(" - ")) || r.Lines > 1 {
		return false
	}
	rest, last := cutLastWord(t)
	if string(last) == "ms" { // the time comes last
		rest, last = cutLastWord(rest)
	}
	rest, dash := cutLastWord(rest)
	rest, length := cutLastWord(rest)
	if string(length) == "ms" {
		rest, length = cutLastWord(rest)
	}
	rest, status := cutLastWord(rest)
	code := parseStatus(status)
	if string(dash) != "-" || code == 0 && string(status) != "-" || !isFigure(last) || !isFigure(length) {
		return false
	}
	rest, url := cutLastWord(rest)
	short := isProtocol(url)
	if short {
		rest, url = cutLastWord(rest)
	}
	method := rest
	var client, user []byte
	if short {
		rest, method = cutLastWord(rest)
		if client, user = cutWord(rest); !isAddress(client) {
			return false
		}
	}
	if !isMethod(method) || len(url) == 0 || url[0] != '/' && !bytes.Contains(url, []byte("://")) && url[0] != '*' {
		return false
	}
	r.Method, r.Status = method, code
	r.setURL(url)
	if short {
		r.Client = client
		r.setUser(user)
	}
	return true
}

// isFigure reports whether b is a number or the "-" of one that isn't known.
func isFigure(b []byte) bool {
	return string(b) == "-" || len(b) > 0 && b[0]-'0' < 10 && isNumber(b)
}
