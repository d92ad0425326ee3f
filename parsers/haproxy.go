package parsers

import "bytes"

var _ = register(Parser{
	Name: "haproxy-http",
	Doc: `HAProxy, option httplog, httpslog and tcplog

https://docs.haproxy.org/3.0/configuration.html#8.2.3
The error code is the termination state, the upstream the server.`,
	Layer: Edge,
	First: "0123456789abcdefABCDEF:[",
	Dated: "no",
	Order: 20,
	Parse: parseHAProxy,
})

var _ = register(Parser{
	Name: "haproxy-error",
	Doc: `HAProxy, errors of connections

"frontend/bind: text" for connections that ended before a request:
https://docs.haproxy.org/3.0/configuration.html#8.2.6`,
	Layer: Edge,
	First: "0123456789abcdefABCDEF:[",
	Dated: "no",
	Order: 21,
	Parse: parseHAProxyError,
})

// haproxyHead reads "192.0.2.1:33317 [22/Nov/2026:00:12:31.655] frontend~ ".
func haproxyHead(t []byte, s *Scratch) (addr, port []byte, when Stamp, rest []byte, ok bool) {
	i := bytes.IndexByte(t[:min(len(t), 60)], ' ')
	if i < 2 || i+28 > len(t) || t[i+1] != '[' || t[i+4] != '/' {
		return
	}
	if addr, port = splitPort(t[:i]); port == nil || !isAddress(addr) {
		// IPv6 without brackets: the port is what follows the last colon.
		colon := bytes.LastIndexByte(t[:i], ':')
		if addr, port = t[:max(0, colon)], t[colon+1:i]; !isAddress(addr) || !isDigits(port) {
			return
		}
	}
	when, n := s.CLF(t[i+2:])
	if rest = t[i+2+n:]; n == 0 || len(rest) < 4 || rest[0] != ']' || rest[1] != ' ' {
		return
	}
	return addr, port, when, rest[2:], true
}

// ... frontend backend/server 0/0/1/12/13 200 311 - - ---- 1/1/0/0/0 0/0 {capture} "GET / HTTP/1.1"
func parseHAProxy(r *Record, s *Scratch) bool {
	addr, port, when, rest, ok := haproxyHead(r.Text, s)
	if !ok {
		return false
	}
	frontend, rest := cutWord(rest)
	backend, rest := cutWord(rest)
	timers, rest := cutWord(rest)
	slash := bytes.IndexByte(backend, '/')
	if slash < 0 || bytes.IndexByte(timers, '/') < 0 || !numbers(timers) {
		return false
	}
	var status uint16
	word, rest := cutWord(rest)
	if bytes.Count(timers, []byte("/")) >= 3 { // an HTTP request, not a TCP session
		if len(word) == 0 {
			return false
		}
		status = parseStatus(word)
		word, rest = cutWord(rest) // bytes
		_, rest = cutWord(rest)    // captured request cookie
		_, rest = cutWord(rest)    // captured response cookie
	}
	state, rest := cutWord(rest)
	if len(state) < 2 || len(state) > 4 || !numbers(bytes.TrimPrefix(word, []byte("+"))) {
		return false
	}
	when.Set(r)
	r.Client, r.ClientPort, r.Status = addr, port, status
	r.Logger = bytes.TrimSuffix(frontend, []byte("~"))
	if state[0] != '-' || state[1] != '-' { // ended in order
		r.Code = state
	}
	if server := backend[slash+1:]; len(server) > 0 && server[0] != '<' {
		r.Upstream = server
	}
	// Captures hold no quote: HAProxy writes it as #22.
	if i := bytes.IndexByte(rest, '"'); i >= 0 {
		r.haproxyCaptures(rest[:i])
		r.haproxyRequest(rest[i+1:])
	}
	return true
}

// haproxyRequest reads a request and what stands behind its quote: fields with names.
func (r *Record) haproxyRequest(b []byte) {
	request, rest, ok := cutLastQuote(b)
	if end := bytes.Index(b, []byte(`" `)); end > 8 && hasPrefix(b[end-9:], " HTTP/") {
		request, rest = b[:end], b[end+1:]
	}
	if ok {
		r.setRequest(request)
	}
	for rest = trimSpaces(rest); len(rest) > 0; rest = trimSpaces(rest) {
		n := clfNamed(r, rest)
		if n == 0 {
			break
		}
		rest = rest[n:]
	}
}

// haproxyCaptures looks in "{a|b} {c}" for the host, the agent, the request id and
// the credentials' scheme, which are told by their shape: captures have no names. What
// a client puts there is its own word; the second braces hold what the server answered.
func (r *Record) haproxyCaptures(b []byte) {
	captured, rest, ok := bytes.Cut(after(b, "{"), []byte{'}'})
	for ok && len(captured) > 0 {
		var value []byte
		value, captured = cutByte(captured, '|')
		host, _ := splitPort(value)
		slash := bytes.IndexByte(value, '/')
		switch {
		case r.Sent == SentUnknown && r.setCredentials(value):
		case slash > 1 && slash+1 < len(value) && value[slash+1]-'0' <= 9 && value[0]|0x20-'a' < 26:
			if r.UserAgent == nil {
				r.UserAgent = value
			}
		case r.RequestID == nil && len(value) >= 16 && isID(value):
			r.RequestID = value
		case r.Domain == nil && isHost(host) && bytes.IndexByte(host, '.') > 0 && !isAddress(host):
			r.Domain = host
		}
	}
	answered, _, ok := bytes.Cut(after(rest, "{"), []byte{'}'})
	for ok && len(answered) > 0 {
		var value []byte
		value, answered = cutByte(answered, '|')
		switch scheme, _ := cutByte(value, ' '); {
		case isKnownScheme(scheme):
			r.Challenge = value
		case r.RequestID == nil && len(value) >= 16 && isID(value):
			r.RequestID = value
		}
	}
}

// setCredentials notes that credentials came if value, of a field without a name,
// looks like an Authorization header or its scheme alone.
func (r *Record) setCredentials(value []byte) bool {
	scheme, rest := cutByte(value, ' ')
	if !isKnownScheme(scheme) || bytes.IndexByte(rest, ' ') >= 0 && !hasPrefix(rest, "username=") {
		return false
	}
	r.Sent, r.Scheme = SentPresent, scheme
	return true
}

// cutLastQuote splits b at its last double quote.
func cutLastQuote(b []byte) (text, rest []byte, ok bool) {
	i := bytes.LastIndexByte(b, '"')
	if i < 0 {
		return nil, b, false
	}
	return b[:i], b[i+1:], true
}

// numbers reports whether b holds digits, signs and slashes alone.
func numbers(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '/' && c != '-' && c != '+' {
			return false
		}
	}
	return len(b) > 0
}

// ... frontend/bind: SSL handshake failure
func parseHAProxyError(r *Record, s *Scratch) bool {
	addr, port, when, rest, ok := haproxyHead(r.Text, s)
	if !ok {
		return false
	}
	where, text := cutWord(rest)
	if len(where) < 4 || where[len(where)-1] != ':' || bytes.IndexByte(where, '/') < 1 || len(text) == 0 {
		return false
	}
	when.Set(r)
	r.Client, r.ClientPort = addr, port
	r.Logger = upTo(where, "/")
	r.Message = text
	return true
}
