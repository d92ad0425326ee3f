package parsers

import "bytes"

var _ = register(Parser{
	Name: "elixir",
	Doc: `Elixir's Logger: Phoenix, Plug, Guardian

"15:04:05.000 key=value [level] text": no date by default.
https://hexdocs.pm/logger/Logger.Formatter.html`,
	Layer: App,
	First: "012",
	Dated: "__________ ",
	Order: 48,
	Parse: parseElixir,
})

func parseElixir(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 && (len(t) < 20 || t[2] != ':') {
		return false
	}
	var when Stamp
	n := 0
	switch {
	case t[2] == ':' && t[5] == ':' && t[8] == '.':
		when, n = s.TimeOfDay(t)
	case t[4] == '-' && t[10] == ' ':
		space := bytes.IndexByte(t[11:min(len(t), 36)], ' ')
		if space < 8 || !hasPrefix(t[12+space:], "[") && pairLen(t[12+space:]) == 0 {
			return false
		}
		when, n = s.ISO(t)
	}
	if n == 0 || n >= len(t) || t[n] != ' ' {
		return false
	}
	// Metadata stands before the level or, in newer releases, behind it.
	rest := trimSpaces(t[n:])
	before := rest
	for len(rest) > 0 && rest[0] != '[' {
		k := pairLen(rest)
		if k == 0 {
			return false
		}
		rest = trimSpaces(rest[k:])
	}
	data := before[:len(before)-len(rest)]
	level, rest, ok := cutBracket(rest)
	if !ok || !isLevel(level) {
		return false
	}
	if len(data) == 0 && when.Assumed&AssumedDate == 0 {
		return false // any stamped line
	}
	when.Set(r)
	r.Level = level
	for len(rest) > 0 {
		k := pairLen(rest)
		if k == 0 || k >= len(rest) || rest[k] != ' ' {
			break
		}
		r.elixirMetadata(rest[:k])
		rest = trimSpaces(rest[k:])
	}
	for len(data) > 0 {
		k := pairLen(data)
		if k == 0 {
			break
		}
		r.elixirMetadata(data[:k])
		data = trimSpaces(data[k:])
	}
	if class := after(upTo(rest, "\n"), "** ("); class != nil {
		if i := bytes.IndexByte(class, ')'); i > 0 {
			r.ErrorType = class[:i]
		}
	}
	r.pick(rest, s)
	if sent := after(rest, "Sent "); len(sent) > 3 && sent[3] == ' ' && r.Status == 0 && hasPrefix(rest, "Sent ") { // Plug.Logger: "Sent 401 in 2ms"
		r.Status = parseStatus(sent[:3])
	}
	return true
}

func (r *Record) elixirMetadata(pair []byte) {
	key, value := cutByte(pair, '=')
	r.addAttr(key, value)
	switch string(key) {
	case "request_id":
		r.RequestID = value
	case "remote_ip":
		r.setClient(value)
	case "module", "application":
		if r.Logger == nil {
			r.Logger = value
		}
	case "trace_id":
		r.TraceID = value
	}
}
