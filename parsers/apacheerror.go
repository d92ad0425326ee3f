package parsers

import "bytes"

var _ = register(Parser{
	Name: "apache-error",
	Doc: `Apache HTTP Server error log

The ErrorLogFormat of 2.4 and the older layout of 2.2, with and without module,
process and address: https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat`,
	Layer: Edge,
	First: "[",
	Order: 10,
	Parse: parseApacheError,
})

// [Sun Nov 22 00:12:31.482910 2026] [module:level] [pid 1:tid 2] (13)errno text: [client 192.0.2.1:5] AH00001: message, referer: URL
func parseApacheError(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 28 || t[4] != ' ' || t[8] != ' ' || t[1]-'A' > 25 {
		return false
	}
	when, n := s.Ctime(t[1:])
	if n == 0 || n+1 >= len(t) || t[n+1] != ']' {
		return false
	}
	rest := bytes.TrimLeft(t[n+2:], " ")
	field, rest, ok := cutBracket(rest)
	if !ok {
		return false
	}
	module, level := field[:0], field
	if i := bytes.IndexByte(field, ':'); i >= 0 {
		module, level = field[:i], field[i+1:]
	}
	if !isLevel(level) && !hasPrefix(level, "trace") {
		return false
	}
	when.Set(r)
	r.Logger, r.Level = module, level
	errno := []byte(nil)
	for len(rest) > 0 {
		if field, after, ok := apacheBracket(rest); ok && apacheField(r, field) {
			rest = after
		} else if n := errnoLen(rest); n > 0 && errno == nil {
			errno, rest = rest[:n], rest[n:]
		} else {
			break
		}
	}
	if n := ahCode(rest); n > 0 {
		r.Code, rest = rest[:n], rest[n:]
		rest = bytes.TrimPrefix(rest, []byte(": "))
	}
	r.Message = apacheReferer(r, rest)
	if errno != nil {
		r.addAttr(errnoKey, errno[:len(errno)-2])
	}
	apacheSubject(r, s)
	return true
}

var errnoKey = []byte("errno")

// apacheBracket is cutBracket for text that may hold an IPv6 address in brackets.
func apacheBracket(b []byte) (text, rest []byte, ok bool) {
	if hasPrefix(b, "[client [") || hasPrefix(b, "[remote [") {
		if i := bytes.Index(b, []byte("] ")); i > 0 {
			return b[1:i], b[i+2:], true
		}
	}
	return cutBracket(b)
}

// apacheField reads one bracket of the head: pid, client, or one of the user's own.
func apacheField(r *Record, field []byte) bool {
	switch {
	case hasPrefix(field, "pid "), hasPrefix(field, "tid "):
		r.Thread = field
	case hasPrefix(field, "client "), hasPrefix(field, "remote "):
		port := r.ClientPort
		r.setClient(field[7:])
		if r.ClientPort == nil { // ModSecurity says it again, without the port
			r.ClientPort = port
		}
		// Older servers write IPv6 and port without brackets: 2001:db8::7:40113.
		if i := bytes.LastIndexByte(r.Client, ':'); i > 0 && !isAddress(r.Client) && isAddress(r.Client[:i]) {
			r.Client, r.ClientPort = r.Client[:i], r.Client[i+1:]
		}
	default:
		return false
	}
	return true
}

// errnoLen returns the length of "(13)Permission denied: " at the start of b.
func errnoLen(b []byte) int {
	if len(b) < 5 || b[0] != '(' {
		return 0
	}
	i := bytes.IndexByte(b[:min(len(b), 8)], ')')
	if i < 2 || !isDigits(b[1:i]) {
		return 0
	}
	end := bytes.Index(b, []byte(": "))
	if end < 0 {
		return 0
	}
	return end + 2
}

// ahCode returns the length of "AH00000" at the start of b.
func ahCode(b []byte) int {
	if len(b) < 7 || b[0] != 'A' || b[1] != 'H' || !isDigits(b[2:7]) {
		return 0
	}
	return 7
}

// apacheReferer cuts ", referer: ..." from a message. A client may write those
// words within quotes, where Apache escapes quotes of his; behind them it is the
// first place that counts, for all that follows it is the client's.
func apacheReferer(r *Record, b []byte) []byte {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ',':
			if !quoted && hasPrefix(b[i:], ", referer: ") {
				r.Origin = b[i+11:]
				return b[:i]
			}
		}
	}
	return b
}

// apacheSubject finds the user and the path that the modules for authentication name.
func apacheSubject(r *Record, s *Scratch) {
	m := r.Message
	if hasPrefix(m, "ModSecurity: ") {
		modSecurity(r, s)
		return
	}
	if hasPrefix(m, "client denied by server configuration: ") || hasPrefix(m, "Could not open ") { // a file's path
		return
	}
	if hasPrefix(m, "File does not exist: ") || hasPrefix(m, "script not found or unable to stat: ") { // and a name that the client chose
		r.Message = upTo(m, ": ")
		return
	}
	if i := bytes.Index(m, []byte("user ")); i == 0 || i > 0 && m[i-1] == ' ' {
		if u := m[i+5:]; len(u) > 0 {
			end := -1
			switch u[0] {
			case '\'', '`':
				u = u[1:]
				end = bytes.IndexByte(u, '\'')
			case '"':
				u = u[1:]
				end = bytes.IndexByte(u, '"')
			default:
				end = apacheUserEnd(u)
			}
			if end > 0 {
				r.User = u[:end]
			}
		}
	}
	for _, mark := range [...]string{`for "/`, "access to /", "; URI /", "for /", " to /", ": /"} {
		i := bytes.LastIndex(m, []byte(mark))
		if i < 0 {
			continue
		}
		path := m[i+len(mark)-1:]
		if mark == ": /" { // to the end, spaces and all
			r.setURL(upTo(path, "\n"))
			return
		}
		if end := bytes.IndexAny(path, " \"\n,"); end >= 0 {
			path = path[:end]
		}
		r.setURL(path)
		return
	}
}

// apacheUserEnd returns where the name at the start of b ends, which Apache doesn't
// quote: before the words that its modules write behind it. 0 means that it is none.
func apacheUserEnd(b []byte) int {
	end := 0
	for _, words := range [...]string{": authentication failure", ": authorization failure", ": password mismatch", ": nonce expired", ": one-time-nonce", ": unsuccessful",
		" not found: ", " authentication failed", " in realm ", " to /"} {
		if i := bytes.Index(b, []byte(words)); i > 0 && (end == 0 || i < end) {
			end = i
		}
	}
	return end
}

// modSecurity reads `ModSecurity: text [file "x"] [id "x"] [msg "x"] [uri "/x"] [unique_id "x"]`.
// What a client sent stands in the text behind "Pattern match" and in data.
func modSecurity(r *Record, s *Scratch) {
	m := r.Message
	field := func(name string) []byte {
		v := afterLast(m, name)
		if i := bytes.Index(v, []byte(`"]`)); i >= 0 {
			return v[:i]
		}
		return nil
	}
	r.Code = field(` [id "`)
	r.RequestID = field(` [unique_id "`)
	if uri := field(` [uri "`); uri != nil {
		r.setURL(uri)
	}
	if code := after(m, "with code "); len(code) >= 3 {
		r.Status = parseStatus(code[:3])
	}
	r.Message = field(` [msg "`)
	r.lead(upTo(upTo(m, ". "), " [file "), s)
}
