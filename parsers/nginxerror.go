package parsers

import "bytes"

var _ = register(Parser{
	Name: "nginx-error",
	Doc: `nginx error log

Also of what is built on nginx: OpenResty, Kong, APISIX, ingress-nginx. Layout:
ngx_log_error_core in src/core/ngx_log.c, and ngx_http_log_error_handler in
src/http/ngx_http_request.c for the fields at the end.`,
	Layer: Edge,
	First: "12",
	Dated: "no",
	Order: 10,
	Parse: parseNginxError,
})

// 2026/11/22 00:12:31 [error] 1187#1187: *4821 MESSAGE, client: 192.0.2.1, server: NAME, request: "GET / HTTP/1.1", host: "NAME"
func parseNginxError(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 28 || t[4] != '/' || t[7] != '/' || t[19] != ' ' || t[20] != '[' {
		return false
	}
	when, n := s.ISO(t)
	if n != 19 {
		return false
	}
	level, rest, ok := cutBracket(t[20:])
	if !ok || !isLevel(level) {
		return false
	}
	pid, rest := cutWord(rest) // pid#tid:
	if i := bytes.IndexByte(pid, '#'); i < 1 || pid[len(pid)-1] != ':' || !isDigits(pid[:i]) {
		return false
	}
	when.Set(r)
	r.Level = level
	if len(rest) > 1 && rest[0] == '*' { // number of the connection
		line := rest
		_, rest = cutWord(rest)
		r.Thread = line[:len(line)-len(rest)]
	}
	if i := nginxTail(rest); i >= 0 {
		nginxFields(r, rest[i+2:])
		rest = rest[:i]
	}
	r.Message = rest
	nginxModule(r)
	nginxFile(r, s)
	if user := after(r.Message, `user "`); user != nil && (hasPrefix(r.Message, `user "`)) {
		if i := bytes.LastIndex(user, []byte(`" was not found in "`)); i >= 0 {
			r.User = user[:i]
		} else if i := bytes.LastIndex(user, []byte(`": `)); i >= 0 {
			r.User = user[:i]
		}
	}
	return true
}

// nginxTail returns where the fields that nginx adds to a message begin, -1
// where there are none. Messages and quoted values hold what clients sent, and
// nginx doesn't escape it, so text that looks like the fields can stand in both.
// The last place counts that isn't the beginning of a value's quoted text.
func nginxTail(b []byte) int {
	if bytes.Contains(b, []byte(`, referrer: "`)) { // the client's words to the line's end
		for at := 0; ; {
			i := bytes.Index(b[at:], []byte(", client: "))
			if i < 0 {
				break
			}
			if at += i; nginxWhole(b[:at], b[at+10:]) {
				return at
			}
			at += 10
		}
	}
	for end := len(b); ; {
		i := bytes.LastIndex(b[:end], []byte(", client: "))
		if i < 0 {
			return -1
		}
		if addr, _, rest := cutAddress(b[i+10:]); addr == nil && !hasPrefix(rest, "unix:") {
			end = i
			continue
		}
		open := nginxValueStart(b[:i])
		if open < 0 {
			return i
		}
		end = open // nor does anything else of that value count
	}
}

// nginxWhole reports whether b holds all fields from an address to the referrer, in
// nginx's order and with no quote too many, and message, what stands before, is
// whole too.
func nginxWhole(message, b []byte) bool {
	switch {
	case hasPrefix(message, `user "`):
		if !bytes.HasSuffix(message, []byte(`": password mismatch`)) && !bytes.Contains(message, []byte(`" was not found in "`)) {
			return false
		}
	case bytes.IndexByte(message, '"') >= 0 && bytes.Count(message, []byte{'"'})&1 == 1:
		return false
	}
	addr, _, rest := cutAddress(b)
	server, rest, ok := bytes.Cut(rest, []byte(`, request: "`))
	if !ok || addr == nil || !hasPrefix(server, ", server: ") {
		return false
	}
	_, rest = cutByte(rest, '"')
	for _, field := range [...]string{`, subrequest: "`, `, upstream: "`} {
		if hasPrefix(rest, field) {
			_, rest = cutByte(rest[len(field):], '"')
		}
	}
	if !hasPrefix(rest, `, host: "`) {
		return false
	}
	_, rest = cutByte(rest[len(`, host: "`):], '"')
	return hasPrefix(rest, `, referrer: "`)
}

// nginxValueStart returns where the quoted value of a field begins that b ends
// within, -1 if it doesn't.
func nginxValueStart(b []byte) int {
	i := bytes.LastIndexByte(b, '"')
	if i < 0 {
		return -1
	}
	for _, field := range [...]string{`, request: `, `, subrequest: `, `, upstream: `, `, host: `, `, referrer: `} {
		if bytes.HasSuffix(b[:i], []byte(field)) && bytes.Contains(b[:i], []byte(", client: ")) {
			return i
		}
	}
	return -1
}

// nginxFields reads `client: 192.0.2.1, server: NAME, request: "..."`.
func nginxFields(r *Record, b []byte) {
	for len(b) > 0 {
		i := bytes.Index(b, []byte(": "))
		if i < 0 {
			return
		}
		key, value := b[:i], b[i+2:]
		if len(value) > 0 && value[0] == '"' {
			end := nginxValueEnd(value)
			if string(key) == "referrer" { // the client's own words, and the last but for Kong's id
				if end = bytes.LastIndex(value, []byte(`", request_id: "`)); end < 1 {
					end = max(1, bytes.LastIndexByte(value, '"'))
				}
			}
			value, b = value[1:end], value[end:]
			if len(b) > 0 {
				b = b[1:]
			}
		} else if end := bytes.Index(value, []byte(", ")); end >= 0 {
			value, b = value[:end], value[end:]
		} else {
			b = nil
		}
		b = bytes.TrimPrefix(b, []byte(", "))
		switch string(key) {
		case "client":
			r.setAddress(value)
		case "request":
			r.setRequest(value)
		case "upstream":
			r.Upstream = value
			if i := bytes.Index(value, []byte("://")); i >= 0 {
				r.Upstream = upTo(value[i+3:], "/")
			}
		case "host":
			r.setDomain(value)
		case "referrer":
			r.Origin = value
		case "request_id":
			r.RequestID = value
		}
		r.addAttr(key, value)
	}
}

// nginxValueEnd returns where the quoted value at the start of b ends: at the
// first quote that another field or nothing follows.
func nginxValueEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		rest := b[i+1:]
		if len(rest) == 0 {
			return i
		}
		for _, field := range [...]string{`, subrequest: "`, `, upstream: "`, `, host: "`, `, referrer: "`, `, request_id: "`, `, request: "`} {
			if hasPrefix(rest, field) {
				return i
			}
		}
	}
	return len(b)
}

// nginxModule reads the module that Lua code puts before its message:
// "[lua] jwt-auth.lua:348: phase_func(): TEXT", "[kong] access.lua:36 [ldap-auth] TEXT".
func nginxModule(r *Record) {
	m := r.Message
	switch {
	case hasPrefix(m, "[lua] "), hasPrefix(m, "[kong] "):
		kong := m[1] == 'k'
		_, m, _ = cutBracket(m)
		file, rest := cutWord(m)
		name := upTo(file, ":")
		if !bytes.HasSuffix(name, []byte(".lua")) {
			return
		}
		r.Logger, r.Message = name, rest
		if kong {
			if plugin, rest, ok := cutBracket(rest); ok {
				r.Logger, r.Message = plugin, rest
			}
		} else if fn := bytes.Index(rest, []byte("(): ")); fn >= 0 && bytes.IndexByte(rest[:fn], ' ') < 0 {
			r.Message = rest[fn+4:]
		}
	case hasPrefix(m, "ModSecurity: "):
		r.Logger = m[:11]
	}
}

// nginxFile takes a requested file's name out of the message, whose words are the
// client's: `open() "/srv/www/x" failed (2: ...)`. A file that the configuration
// names stays: its path is plain and doesn't end like the request's.
func nginxFile(r *Record, s *Scratch) {
	m := r.Message
	start := bytes.IndexByte(m[:min(len(m), 24)], '"') + 1
	if start == 0 || start > 1 && !bytes.HasSuffix(m[:start], []byte(`() "`)) && !hasPrefix(m, `directory index of "`) {
		return
	}
	for _, mark := range [...]string{`" failed (`, `" is forbidden`, `" is not found`, `" is not a directory`} {
		end := bytes.LastIndex(m, []byte(mark))
		if end < start {
			continue
		}
		path := m[start:end]
		if r.Path != nil && (!plainPath(path) || !plainPath(r.Path) || bytes.HasSuffix(path, r.Path)) {
			r.Message = s.join("", m[:start], m[end:])
		}
		return
	}
}

// plainPath reports whether b is made of letters, digits and the signs of ordinary
// paths, so that decoding and joining left it as it was.
func plainPath(b []byte) bool {
	for i, c := range b {
		if !isWord(c) && c != '/' && c != '.' && c != '-' || c == '.' && i > 0 && b[i-1] == '.' || c == '/' && i > 0 && b[i-1] == '/' {
			return false
		}
	}
	return true
}
