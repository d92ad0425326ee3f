package parsers

import "bytes"

var _ = register(Parser{
	Name: "sonarqube",
	Doc: `SonarQube's logs: web.log with its authentication events

"stamp LEVEL process[id][logger] text [cause|x][method|x][provider|x|x][IP|direct|forwarded][login|x]".`,
	Layer: App,
	First: "2",
	Dated: "no",
	Order: 37,
	Parse: parseSonarQube,
})

// 2026.03.14 09:26:53 DEBUG web[AZ1][auth.event] login failure [cause|wrong password][method|FORM][IP|192.0.2.1|198.51.100.4][login|admin]
func parseSonarQube(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 34 || t[4] != '.' || t[7] != '.' || t[10] != ' ' {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 || t[n] != ' ' {
		return false
	}
	level, rest := cutWord(bytes.TrimLeft(t[n:], " "))
	rest = bytes.TrimLeft(rest, " ")
	i := bytes.IndexByte(rest[:min(len(rest), 24)], '[')
	if !isLevel(level) || i < 1 {
		return false
	}
	id, rest, ok1 := cutBracket(rest[i:])
	logger, rest, ok2 := cutBracket(rest)
	if !ok1 || !ok2 {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, logger
	r.RequestID = id
	r.Message = rest
	// The login comes last and is the user's own words; the first of a name counts.
	for b := rest; ; {
		i := bytes.IndexByte(b, '[')
		if i < 0 {
			break
		}
		field, rest, ok := cutBracket(b[i:])
		if !ok {
			break
		}
		b = rest
		key := upTo(field, "|")
		if len(key) == len(field) {
			continue
		}
		value := field[len(key)+1:]
		switch string(key) {
		case "IP":
			if r.Client == nil {
				r.setClient(upTo(value, "|"))
			}
		case "login":
			if r.User == nil {
				r.setUser(value)
			}
			r.Message = bytes.TrimRight(r.Message[:len(r.Message)-len(rest)-len(field)-2], " ")
			return true
		}
	}
	return true
}
