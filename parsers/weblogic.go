package parsers

import "bytes"

var _ = register(Parser{
	Name: "weblogic",
	Doc: `WebLogic server log

"####<stamp> <level> <subsystem> <machine> ... <BEA-090078> <text>", and the shorter
lines of its console.`,
	Layer: App,
	First: "#<",
	Order: 29,
	Parse: parseWebLogic,
})

func parseWebLogic(r *Record, s *Scratch) bool {
	t := bytes.TrimPrefix(r.Text, []byte("####"))
	if len(t) < 30 || t[0] != '<' {
		return false
	}
	when, n := s.MonthDayYear(t[1:])
	if n == 0 {
		return false
	}
	end := bytes.IndexByte(t, '>')
	if end < n || end > n+16 {
		return false
	}
	rest := trimSpaces(t[end+1:])
	for i := 0; len(rest) > 0 && rest[0] == '<' && i < 16; i++ {
		end := bytes.Index(rest, []byte("> <"))
		if end < 0 {
			break
		}
		field := rest[1:end]
		switch {
		case i == 0:
			if !isLevel(field) {
				return false
			}
			r.Level = field
		case i == 1:
			r.Logger = field
		case i == 2 && !hasPrefix(field, "BEA-"):
			r.Upstream = field
		}
		rest = rest[end+2:]
		if hasPrefix(field, "BEA-") {
			r.Code = field
			break
		}
	}
	if r.Level == nil {
		return false
	}
	when.Set(r)
	rest = bytes.TrimSuffix(bytes.TrimPrefix(rest, []byte("<")), []byte(">"))
	r.pick(bytes.TrimRight(rest, "> "), s)
	return true
}
