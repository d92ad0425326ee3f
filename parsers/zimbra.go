package parsers

import "bytes"

var _ = register(Parser{
	Name: "zimbra",
	Doc: `Zimbra mailbox and audit log

"stamp LEVEL [thread] [name=x;oip=x;port=x;ua=x;] component - text". The original
address (oip) is the client, ip the hop before.`,
	Layer: App,
	First: "2",
	Dated: "__________ ________,",
	Order: 51,
	Parse: parseZimbra,
})

func parseZimbra(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[4] != '-' || t[10] != ' ' || t[19] != ',' {
		return false
	}
	level, rest := cutWord(t[24:])
	thread, rest, ok := cutBracket(trimSpaces(rest))
	if !ok || !isLevel(level) || len(thread) == 0 {
		return false
	}
	context, text, ok := cutBracket(rest)
	if !ok || bytes.IndexByte(context, ';') < 0 || bytes.IndexByte(context, '=') < 0 {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 {
		return false
	}
	when.Set(r)
	r.Level = level
	for b := context; len(b) > 0; {
		var pair []byte
		pair, b = cutByte(b, ';')
		key, value := cutByte(pair, '=')
		if len(value) == 0 {
			continue
		}
		r.addAttr(key, value)
		switch string(key) {
		case "oip":
			r.setClient(value)
		case "ip":
			if r.Client == nil {
				r.setClient(value)
			}
		case "name", "account":
			if r.User == nil {
				r.setUser(value)
			}
		case "ua":
			r.UserAgent = value
		}
	}
	if i := bytes.Index(text, []byte(" - ")); i > 0 && bytes.IndexByte(text[:i], ' ') < 0 {
		r.Logger, text = text[:i], text[i+3:]
	}
	if who := after(text, "failed for ["); who != nil && r.User == nil {
		if i := bytes.IndexByte(who, ']'); i > 0 {
			r.setUser(who[:i])
		}
	}
	r.pick(text, s)
	return true
}
