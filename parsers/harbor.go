package parsers

import "bytes"

var _ = register(Parser{
	Name: "harbor",
	Doc: `Harbor core, jobservice, registryctl

"stamp [LEVEL] [/file.go:72][client IP="x" requestID="x" user agent="x"]: text".`,
	Layer: App,
	First: "2",
	Dated: "__________T",
	Order: 56,
	Parse: parseHarbor,
})

func parseHarbor(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[10] != 'T' || t[20] != ' ' || t[21] != '[' {
		return false
	}
	level, rest, ok := cutBracket(t[21:min(len(t), 300)])
	if !ok || !isLevel(level) || len(rest) == 0 || rest[0] != '[' || rest[1] != '/' {
		return false
	}
	file, _, ok := cutBracket(rest)
	if !ok || bytes.IndexByte(file, ':') < 0 {
		return false
	}
	when, n := s.ISO(t)
	if n != 20 {
		return false
	}
	when.Set(r)
	r.Level = level
	r.Logger = upTo(file, ":")
	text := t[21+len(level)+3+len(file)+2:]
	if len(text) > 0 && text[0] == '[' {
		text = harborFields(r, text[1:])
	}
	r.pick(trimSpaces(bytes.TrimPrefix(text, []byte(":"))), s)
	if who := after(r.Message, "authenticate user:"); who != nil && r.User == nil {
		if i := bytes.IndexByte(who, ','); i > 0 {
			r.setUser(who[:i])
		}
	}
	return true
}

// harborFields reads `key="value" ...]` and returns what follows. Go quotes the values.
func harborFields(r *Record, b []byte) []byte {
	for len(b) > 0 && b[0] != ']' {
		eq := bytes.Index(b, []byte(`="`))
		if eq < 0 {
			return b
		}
		key := trimSpaces(b[:eq])
		value, rest, ok := cutQuoted(b[eq+1:])
		if !ok {
			return b
		}
		b = rest
		r.addAttr(key, value)
		switch string(key) {
		case "client IP":
			r.setClient(value)
		case "requestID":
			r.RequestID = value
		case "user agent":
			r.UserAgent = value
		}
	}
	return bytes.TrimPrefix(b, []byte("]"))
}
