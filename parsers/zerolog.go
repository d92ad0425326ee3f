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
	r.Message = bytes.TrimRight(rest[:at], " ")
	readPairs(r, s, rest[at:])
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

// readPairs takes key=value pairs for attributes and, where their names tell, for
// fields of r. An error joins the message. It returns what follows the pairs.
func readPairs(r *Record, s *Scratch, b []byte) (rest []byte) {
	for len(b) > 0 {
		n := pairLen(b)
		if n == 0 {
			break
		}
		eq := bytes.IndexByte(b[:n], '=')
		key, value := b[:eq], b[eq+1:n]
		escaped := false
		if len(value) > 1 && value[0] == '"' {
			value = value[1 : len(value)-1]
			escaped = bytes.IndexByte(value, '\\') >= 0
		}
		r.Attrs = append(r.Attrs, Attr{Key: key, Value: value, Parent: -1, Escaped: escaped})
		pairField(r, s, key, value)
		b = bytes.TrimLeft(b[n:], " ")
	}
	return b
}

// pairField sets the field that a key names.
func pairField(r *Record, s *Scratch, key, value []byte) {
	switch string(key) {
	case "error", "err":
		if len(value) == 0 {
			return
		}
		if len(r.Message) == 0 {
			r.Message = value
		} else {
			r.Message = s.join(" | ", r.Message, value)
		}
	case "remote_ip", "remoteIP", "client_ip", "clientIP", "ip", "remote_addr", "remoteAddr", "remote", "srcIP", "sourceIPs", "client":
		r.setClient(value)
	case "user", "username", "userName", "user_name":
		r.setUser(value)
	case "method", "verb":
		if isMethod(value) {
			r.Method = value
		}
	case "path", "uri", "URI", "url":
		r.setURL(value)
	case "status", "status_code", "statusCode", "resp", "code":
		if v := parseStatus(value); v > 0 {
			r.Status = v
		}
	case "userAgent", "user_agent":
		r.UserAgent = value
	case "request_id", "requestID", "requestId", "req_id", "audit-ID", "auditID":
		r.RequestID = value
	case "trace_id", "traceID", "traceId":
		r.TraceID = value
	}
}
