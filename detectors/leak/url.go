package leak

import (
	"bytes"

	"why401/detectors"
)

// userinfo judges the credentials of a URL (RFC 3986 section 3.2.1) whose "@" is
// at i. A password may hold "/" and "@" though it shouldn't.
func (s *Scanner) userinfo(i int) {
	if s.open.left > 0 {
		s.resume(i)
	}
	if i < s.done {
		return
	}
	s.line(i)
	lo := max(s.lo, i-300, s.done)
	start, from := -1, lo
	if s.lastAt >= lo { // what lies before the last "@" is known
		start, lo = s.urlStart, s.lastAt+1
		from = lo
	}
	for j := i - 1; j >= lo; j-- {
		c := s.t[j]
		if c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' {
			start, from = -1, j+1
			break
		}
		if c == '/' && j >= s.lo+2 && s.t[j-1] == '/' && s.t[j-2] == ':' {
			start = j + 1
			break
		}
	}
	s.lastAt, s.urlStart = i, start
	if start >= 0 && (start < s.done || i-start > 300) {
		return
	}
	if start < 0 {
		if i-from < 300 {
			s.pairBeforeAt(from, i)
		}
		return
	}
	if i+1 >= s.hi || !isAlnum(s.t[i+1]) && s.t[i+1] != '[' && s.t[i+1] != '$' && s.t[i+1] != '{' && s.t[i+1] != '<' && s.t[i+1] != '%' && s.t[i+1] != '*' && s.t[i+1] != '/' && s.t[i+1] != '(' {
		return
	}
	info := s.t[start:i]
	if len(info) > 0 && info[0] == '[' { // an IPv6 address
		return
	}
	if bytes.IndexByte(info, '?') >= 0 && bytes.IndexByte(info, '=') >= 0 {
		return
	}
	// A later "@" before the path ends the password.
	for j := i + 1; j < s.hi && j < i+64; j++ {
		c := s.t[j]
		if c == '@' {
			return // judged there
		}
		if c <= ' ' || c == '"' || c == '\'' || c == '?' || c == ',' || c == '.' || c == ':' {
			break
		}
	}
	colon := bytes.IndexByte(info, ':')
	if slash := bytes.IndexByte(info, '/'); slash >= 0 && (colon < 0 || slash < colon) {
		return
	}
	v := start
	if colon >= 0 {
		v = start + colon + 1
		if slash := bytes.IndexByte(info, '/'); slash >= 0 && digitsOnly(info[colon+1:slash]) { // host:port/path@x
			return
		}
	}
	if last := bytes.LastIndexByte(info, ':'); last > 0 && noPassword[string(info[last+1:])] { // the name is the credential
		i, v, colon = start+last, start, -1
	}
	p := s.decode(v, i)
	g := assess(p.b)
	if colon < 0 && g < tokenLike || g == nothing && !bytes.ContainsAny(p.b, "@/") || len(p.b) == 0 {
		return
	}
	if isHash(info) || g == nothing && (isHash(p.b) || isPlaceholder(p.b)) {
		return
	}
	if colon < 0 && len(p.b) == 32 && bytes.Contains(s.t[i:min(i+40, s.hi)], []byte("sentry")) { // a DSN without a secret
		return
	}
	sp := Span{Kind: "password", Location: "userinfo", Severity: detectors.High, Confidence: 0.95}
	if colon < 0 {
		sp.Kind = "token"
	}
	if f := formOf(p.b); f != nil && g == recognised {
		sp.Kind = f.kind
	}
	s.emit(v, i, sp)
}

// noPassword are what stands for a password where a token is given as the name.
var noPassword = set("|x-oauth-basic|x|X|api_token|unused", "|")

// pairBeforeAt judges name and password in t[from:i], a run without blanks that no
// "//" announces.
func (s *Scanner) pairBeforeAt(from, i int) {
	run := s.t[from:i]
	at := -1 // of the sign before the password
	switch {
	case len(run) < 3:
	case hasPrefix(s.t[i:s.hi], "@tcp(") || hasPrefix(s.t[i:s.hi], "@unix("): // name:password@tcp(host:port), of Go's driver for MySQL
		from += bytes.LastIndexByte(run, '=') + 1
		at = bytes.IndexByte(s.t[from:i], ':')
	case bytes.Contains(run, []byte("sip:")): // RFC 3261 section 19.1
		from += bytes.Index(run, []byte("sip:")) + len("sip:")
		at = bytes.IndexByte(s.t[from:i], ':')
	case bytes.Contains(run, []byte("thin:")): // jdbc:oracle:thin:name/password@
		from += bytes.Index(run, []byte("thin:"))
		at = bytes.IndexByte(s.t[from:i], '/')
	}
	if at > 0 {
		s.password(from+at+1, i)
	}
}

// password notes the bare password t[lo:hi] of a URL.
func (s *Scanner) password(lo, hi int) {
	if p := s.decode(lo, hi); assess(p.b) != nothing {
		s.emit(lo, hi, Span{Kind: "password", Location: "userinfo", Severity: detectors.High, Confidence: 0.9})
	}
}
