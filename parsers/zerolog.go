package parsers

import "bytes"

var _ = register(Parser{
	Name: "zerolog-console",
	Doc: `zerolog's console writer: Traefik 3 and other Go programs

"stamp LVL file:line > text key=value ...", the level in three letters, file
and "> " where the caller is logged.`,
	First: "0123456789",
	Order: 43,
	Parse: parseZerolog,
})

func parseZerolog(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 14 {
		return false
	}
	var when Stamp
	n := 0
	if t[4] == '-' {
		space := bytes.IndexByte(t[:min(len(t), 36)], ' ')
		if space < 19 || space+5 > len(t) || t[space+4] != ' ' || t[space+1]-'A' > 25 || t[space+3]-'A' > 25 {
			return false
		}
		when, n = s.ISO(t)
	} else if n = kitchen(t); n > 0 {
		when = Stamp{}
	}
	if n == 0 || n+5 > len(t) || t[n] != ' ' || t[n+4] != ' ' {
		return false
	}
	level := t[n+1 : n+4]
	switch string(level) {
	case "TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC":
	default:
		return false
	}
	rest := t[n+5:]
	if caller, after := cutWord(rest); hasPrefix(after, "> ") && bytes.IndexByte(caller, ':') > 0 {
		r.Logger = upTo(caller, ":")
		rest = after[2:]
	}
	if when.Time != 0 {
		when.Set(r)
	}
	r.Level = level
	at := pairsStart(rest)
	r.pick(bytes.TrimRight(rest[:at], " "), s)
	r.readPairs(rest[at:], s)
	return true
}

// kitchen returns the length of "3:04PM" at the start of b, zerolog's default time.
func kitchen(b []byte) int {
	i := bytes.IndexByte(b[:3], ':')
	if i < 1 || !isDigits(b[:i]) || len(b) < i+5 || !isDigits(b[i+1:i+3]) || b[i+4] != 'M' {
		return 0
	}
	return i + 5
}

// pairsStart returns where the key=value pairs at the end of b begin: behind the
// last word that is none.
func pairsStart(b []byte) int {
	start := 0
	for i := 0; i < len(b); {
		n := pairLen(b[i:])
		if n == 0 {
			for i < len(b) && b[i] != ' ' {
				i++
			}
			for i < len(b) && b[i] == ' ' {
				i++
			}
			start = i
			continue
		}
		i += n
		for i < len(b) && b[i] == ' ' {
			i++
		}
	}
	return start
}

// pairLen returns the length of the "key=value" at the start of b, the value
// quoted or without spaces, or 0.
func pairLen(b []byte) int {
	i := 0
	for i < len(b) && (isWord(b[i]) || b[i] == '.' || b[i] == '-') {
		i++
	}
	if i == 0 || i >= len(b) || b[i] != '=' {
		return 0
	}
	i++
	if _, rest, ok := cutQuoted(b[i:]); ok {
		return len(b) - len(rest)
	}
	for i < len(b) && b[i] != ' ' {
		i++
	}
	return i
}
