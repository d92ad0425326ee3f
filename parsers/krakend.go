package parsers

import "bytes"

var _ = register(Parser{
	Name: "krakend",
	Doc: `KrakenD's text log

"2006/01/02 15:04:05 PREFIX LEVEL: [ENDPOINT: /path][Component] text": module
krakend-gologging with its default pattern.`,
	Layer: Gateway,
	First: "12",
	Dated: "no",
	Order: 46,
	Parse: parseKrakenD,
})

func parseKrakenD(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[4] != '/' || t[7] != '/' {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 || n >= len(t) {
		return false
	}
	rest := trimSpaces(t[n:])
	head := rest[:min(len(rest), 60)]
	colon := bytes.Index(head, []byte(": "))
	if colon < 0 {
		return false
	}
	prefix, level := cutLastWord(head[:colon])
	if !isLevel(level) || len(prefix) == 0 {
		return false
	}
	for _, c := range prefix { // the service's name, in brackets or not
		if !isWord(c) && c != '[' && c != ']' && c != '-' {
			return false
		}
	}
	rest = rest[colon+2:]
	if string(prefix) != "KRAKEND" && !hasPrefix(rest, "[ENDPOINT: ") && !hasPrefix(rest, "[SERVICE: ") {
		return false // another program's
	}
	when.Set(r)
	r.Level = level
	for {
		in, after, ok := cutBracket(rest)
		if !ok || len(after) == 0 {
			break
		}
		if path := bytes.TrimPrefix(in, []byte("ENDPOINT: ")); len(path) < len(in) {
			if method, url := cutWord(path); isMethod(method) && len(url) > 0 { // newer versions
				r.Method, path = method, url
			}
			r.setURL(path)
		} else {
			r.Logger = in
		}
		rest = after
	}
	r.pick(rest, s)
	return true
}
