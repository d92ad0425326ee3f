package parsers

import "bytes"

var _ = register(Parser{
	Name: "combined",
	Doc: `Common and combined access logs
nginx, Apache, Traefik, Varnish, Kong, ingress-nginx, Caddy, lighttpd, Tomcat, Squid
and all others that follow the NCSA layouts, with a virtual host before and fields
of their own after (https://httpd.apache.org/docs/2.4/mod/mod_log_config.html,
https://nginx.org/en/docs/http/ngx_http_log_module.html).`,
	Layer: Edge,
	First: "\"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_:[",
	Dated: "no",
	Order: 5, // most lines of most logs; what it looks for is in no other
	Parse: parseCombined,
})

// parseCombined reads
//
//	[vhost ]client ident user [time] "request" status bytes[ "referer" "agent"][ ...]
//
// The stamp in brackets is what is looked for: all before it are client, ident and
// user, and a user name may hold spaces, quotes and brackets of its own.
func parseCombined(r *Record, s *Scratch) bool {
	t := r.Text
	if t[0] == '"' { // LiteSpeed quotes its lines
		t = t[1:]
	}
	if len(t) < 40 || pythonHead(t) || t[4] == t[7] && (t[4] == '-' || t[4] == '/') || t[0] == '[' && t[1]-'0' > 9 && t[1] != ':' || t[2] == ':' && t[5] == ':' && (t[8] == '.' || t[8] == ',' || t[8] == ' ') { // a date, a time
		return false
	}
	return parseUsual(r, s, t) || parseCLF(r, s, t)
}

// pythonHead reports whether t begins with Python's "INFO:werkzeug:", which hides
// an access line.
func pythonHead(t []byte) bool {
	if t[0]-'A' > 25 {
		return false
	}
	i := bytes.IndexByte(t[:10], ':')
	return i > 3 && isLevel(t[:i]) && t[i+1]|0x20-'a' < 26
}

// parseCLF is parseCombined for any line.
func parseCLF(r *Record, s *Scratch, t []byte) bool {
	// The first "[dd/Mon/yyyy:" that a quoted request follows.
	open, stamp, n := -1, Stamp{}, 0
	for at := 0; ; {
		i := bytes.IndexByte(t[at:], '[')
		if i < 0 || at > 1024 {
			return false
		}
		at += i + 1
		if at+24 < len(t) && (t[at+2] == '/' || t[at+4] == '-') {
			if stamp, n = s.CLF(t[at:]); n == 0 {
				stamp, n = s.ISO(t[at:])
			}
			if n > 0 && at+n+3 < len(t) && t[at+n] == ']' && (t[at+n+1] == '"' || t[at+n+1] == ' ' && t[at+n+2] == '"') { // API Gateway's example has no blank
				open = at - 1
				break
			}
		}
	}
	if open < 6 || t[open-1] != ' ' {
		return false
	}
	client, user, vhost, ok := clfHead(t[:open-1])
	if !ok {
		return false
	}
	rest := trimSpaces(t[open+1+n+1:]) // at the request's quote
	request, rest, ok := clfRequest(rest)
	if !ok {
		return false
	}
	status := parseStatus(rest[:3])
	if status == 0 && string(rest[:3]) != "000" && rest[0] != '-' {
		return false
	}
	stamp.Set(r)
	user = bytes.Trim(user, " ") // Jetty pads
	r.setClient(client)
	if len(vhost) > 0 {
		r.setDomain(vhost)
	}
	r.setUser(user)
	r.setRequest(request)
	r.Status = status
	rest = rest[min(len(rest), 3):]
	if len(rest) > 1 {
		clfTail(r, rest[1:])
	}
	return true
}

// parseUsual is parseCombined for the usual line, in one pass: an address, "-", a
// user without spaces, no escapes before the agent. It says no, having set nothing,
// where anything is unusual.
func parseUsual(r *Record, s *Scratch, t []byte) bool {
	i := 0
	for i < len(t) && (t[i]-'0' <= 9 || t[i] == '.') {
		i++
	}
	client := t[:i]
	if i < 7 || i+60 > len(t) || t[i] != ' ' || t[i+1] != '-' || t[i+2] != ' ' {
		return false
	}
	i += 3
	start := i
	for i < len(t) && t[i] != ' ' {
		i++
	}
	user := t[start:i]
	if i+32 > len(t) || t[i+1] != '[' || t[i+13] != ':' || t[i+28] != ']' || t[i+29] != ' ' || t[i+30] != '"' {
		return false
	}
	stamp, n := s.CLF(t[i+2 : i+28])
	if n != 26 {
		return false
	}
	i += 31
	q := bytes.IndexByte(t[i:], '"')
	if q < 14 {
		return false
	}
	request := t[i : i+q]
	i += q
	if i+6 > len(t) || t[i+1] != ' ' || t[i+5] != ' ' || t[i-1] == '\\' {
		return false
	}
	status := parseStatus(t[i+2 : i+5])
	// "METHOD /path HTTP/1.1"
	m := bytes.IndexByte(request[:min(len(request), 10)], ' ')
	end := len(request) - 9
	if request[end] != ' ' || request[end+7] != '.' || request[end+8]-'0' > 9 {
		end = len(request) - 7 // HTTP/2
	}
	if status == 0 || m < 0 || end < m+2 || request[end] != ' ' || request[end+6]-'0' > 9 || string(request[end+1:end+6]) != "HTTP/" || request[m+1] != '/' || !isMethod(request[:m]) {
		return false
	}
	i += 6
	for i < len(t) && (t[i]-'0' <= 9 || t[i] == '-') {
		i++
	}
	var referer, agent []byte
	if i < len(t) {
		// "referer" "agent" to the end of the line
		last := len(t) - 1
		if i+6 > len(t) || t[i] != ' ' || t[i+1] != '"' || t[last] != '"' {
			return false
		}
		i += 2
		q = bytes.IndexByte(t[i:], '"')
		if q < 0 || i+q+3 > last || t[i+q+1] != ' ' || t[i+q+2] != '"' || q > 0 && t[i+q-1] == '\\' {
			return false
		}
		referer, agent = t[i:i+q], t[i+q+3:last]
		if bytes.IndexByte(agent, '"') >= 0 || len(agent) > 0 && agent[len(agent)-1] == '\\' {
			return false
		}
	}
	r.Time, r.Assumed = stamp.Time, stamp.Assumed
	r.Client, r.Method, r.Status = client, request[:m], status
	r.setUser(user)
	url := request[m+1 : end]
	r.URL, r.Path = url, url
	for k, c := range url {
		if c == '?' || c == '#' {
			r.Path = url[:k]
			break
		}
	}
	if !isNothing(referer) {
		r.Origin = referer
	}
	if !isNothing(agent) {
		r.UserAgent = agent
	}
	return true
}

// clfHead splits what precedes the stamp: "client ident user", where a virtual
// host (Apache's vhost_combined) and a list of addresses may come first.
func clfHead(b []byte) (client, user, vhost []byte, ok bool) {
	client, rest := cutByte(b, ' ')
	for hop := client; len(hop) > 1 && hop[len(hop)-1] == ',' && len(rest) > 0; { // "a, b": a list
		hop, rest = cutByte(rest, ' ')
		client = b[:len(b)-len(rest)-1]
	}
	client = bytes.TrimRight(client, ` "`)
	first, _ := cutByte(client, ',')
	if host, _ := splitPort(first); len(rest) == 0 || !isHost(host) {
		return nil, nil, nil, false
	}
	ident, after := cutByte(rest, ' ')
	// "vhost:port client ident user" has an address where ident stands.
	if len(after) > 1 && len(ident) > 1 && looksAddress(ident) && !looksAddress(client) {
		vhost, client = client, ident
		_, after = cutByte(after, ' ')
	}
	if after == nil {
		return nil, nil, nil, false
	}
	if len(after) > 2 && after[0] == '-' && after[1] == ' ' && vhost == nil && bytes.IndexByte(ident, '.') > 0 { // client vhost - user
		vhost, after = ident, after[2:]
	}
	return client, after, vhost, true
}

// looksAddress reports whether b is an address, by its first bytes alone.
func looksAddress(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	dots, colons := 0, 0
	for _, c := range b {
		switch {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c-'0' <= 9, c|0x20-'a' <= 5 && dots == 0, c == '[', c == ']', c == ',':
		default:
			return false
		}
	}
	return dots == 3 || colons >= 2
}

// clfRequest splits the quoted request off. Servers escape quotes in different
// ways (nginx \x22, Apache \"), and some not at all: the end is the first quote,
// not escaped, that a status follows.
func clfRequest(b []byte) (request, rest []byte, ok bool) {
	for at := 1; ; {
		i := bytes.IndexByte(b[at:], '"')
		if i < 0 {
			return nil, nil, false
		}
		at += i + 1
		if at+4 <= len(b) && b[at] == ' ' && (b[at+1]-'0' <= 9 && b[at+2]-'0' <= 9 && b[at+3]-'0' <= 9 && (at+4 == len(b) || b[at+4] == ' ') || b[at+1] == '-') && !escapedAt(b, at-1) {
			return b[1 : at-1], b[at+1:], true
		}
	}
}

// escapedAt reports whether the byte at b[i] stands behind an odd number of backslashes.
func escapedAt(b []byte, i int) bool {
	n := 0
	for i--; i >= 0 && b[i] == '\\'; i-- {
		n++
	}
	return n&1 == 1
}

// clfTail reads what follows the status: bytes, referer, agent, and fields that
// are known by their shape.
func clfTail(r *Record, b []byte) {
	_, b = cutByte(b, ' ')      // bytes
	if hasPrefix(b, `"" "" `) { // HAProxy's option httplog clf: the port comes next
		r.ClientPort = portOf(b[6:])
	}
	quoted := 0
	for len(b) > 0 {
		switch {
		case b[0] == ' ':
			b = b[1:]
		case b[0] == '"':
			end := quoteEnd(b)
			value := b[1:end]
			b = b[min(end+1, len(b)):]
			switch quoted {
			case 0:
				if !isNothing(value) {
					r.Origin = value
				}
			case 1:
				if !isNothing(value) {
					r.UserAgent = value
				}
			default:
				if isForwarded(value) {
					r.Forwarded = value
				} else if (len(value) == 32 || len(value) == 36) && isID(value) { // nginx's "$request_id"
					r.RequestID = value
				} else if r.Sent == SentUnknown {
					r.setCredentials(value)
				}
			}
			quoted++
		default:
			n := clfNamed(r, b)
			if n == 0 {
				word, _ := cutByte(b, ' ')
				if quoted >= 2 {
					clfWord(r, word)
				} else if quoted == 0 && len(word) == 36 && isID(word) { // API Gateway
					r.RequestID = word
				}
				n = len(word)
			}
			b = b[n:]
		}
	}
}

// quoteEnd returns where the quoted string at the start of b ends: at a quote
// that isn't escaped and that a space or the end follows. Without one it is len(b).
func quoteEnd(b []byte) int {
	for at := 1; ; {
		i := bytes.IndexByte(b[at:], '"')
		if i < 0 {
			return len(b)
		}
		at += i
		if (at+1 == len(b) || b[at+1] == ' ' || b[at+1] == ',') && !escapedAt(b, at) {
			return at
		}
		at++
	}
}

// clfNamed reads a field with a name, as people add them: rt=0.1,
// request_id="x", kong_request_id: "x", body={"error":"x"}. It returns its length,
// 0 if there is none.
func clfNamed(r *Record, b []byte) int {
	n := 0
	for n < len(b) && keyByte[b[n]] {
		n++
	}
	name := b[:n]
	switch {
	case n == 0 || n+1 >= len(b):
		return 0
	case b[n] == '=':
		n++
	case b[n] == ':' && b[n+1] == ' ' && n+2 < len(b):
		n += 2
	case b[n] == ':' && isIDName(name):
		n++
	default:
		return 0
	}
	value := b[n:]
	object := false
	switch value[0] {
	case '"':
		end := quoteEnd(value)
		n += min(end+1, len(value))
		value = value[1:end]
	case '{':
		if end := skipValue(value); end > 0 {
			value, object = value[:end], true
		}
		n += len(value)
	default:
		value, _ = cutByte(value, ' ')
		n += len(value)
	}
	if isNothing(value) {
		switch field := keyMeanings.find(hashKey(hashSeed, name)).field; {
		case string(name) == "auth", field == fScheme:
			r.Sent = SentAbsent
		case field == fChallenge:
			r.Headed = true
		}
		return n
	}
	if string(name) == "auth" && isKnownScheme(value) {
		r.Sent, r.Scheme = SentPresent, value
	}
	if string(name) == "id" && len(value) >= 16 && isID(value) {
		r.RequestID = value
	}
	switch f := keyMeanings.find(hashKey(hashSeed, name)).field; f {
	case fJA4, fJA3N, fJA3, fHASSH, fHTTPPrint, fDevicePrint:
		r.setFingerprint(fingerprintOf(f), value)
	case fRequestID:
		r.RequestID = value
	case fTraceID:
		r.TraceID = traceID(value)
	case fUpstream:
		r.Upstream = value
	case fHost, fDomain:
		r.setDomain(value)
	case fChallenge:
		r.Challenge = value
	case fMessage:
		if object || !isNumber(value) {
			r.Message = value
		}
	case fScheme, fAuthorization:
		r.Sent = SentPresent
		if isScheme(value) {
			r.Scheme = value
		}
	case fHasAuth:
		r.setHasAuth(value)
	case fForwarded:
		r.Forwarded = value
	}
	return n
}

// clfWord reads a field without name behind the agent: ingress-nginx's upstream
// address and request id, told by their shape.
func clfWord(r *Record, b []byte) {
	switch {
	case len(b) >= 16 && isID(b):
		r.RequestID = b
	case len(b) > 9 && r.Upstream == nil && b[0]-'0' <= 9:
		if host, port := splitPort(bytes.TrimSuffix(b, []byte(","))); port != nil && isIPv4(host) {
			r.Upstream = bytes.TrimSuffix(b, []byte(","))
		}
	}
}

// isIDName reports whether name is that of an identifier of a request.
func isIDName(name []byte) bool {
	f := keyMeanings.find(hashKey(hashSeed, name)).field
	return f == fRequestID || f == fTraceID || string(name) == "id"
}

// isID reports whether b is an identifier made by a machine: hexadecimal digits
// with hyphens, and not a number.
func isID(b []byte) bool {
	letters := false
	for _, c := range b {
		switch {
		case c|0x20-'a' <= 5, c == '-':
			letters = true
		case c-'0' > 9:
			return false
		}
	}
	return letters || len(b) == 32
}
