package leak

import (
	"bytes"
	"encoding/base64"

	"why401/detectors"
)

// authorization judges the value of an Authorization header: schemes, then a
// credential or a list of parameters.
func (s *Scanner) authorization(f *field) {
	p := s.decode(f.v, s.credentialsEnd(f))
	strict := f.sep == ',' || f.sep == ' ' || f.words > 0
	s.credentials(&p, f.location(s), strict, true)
}

// credentialsEnd returns the end of what is looked at of a header's value: a few
// words, or the whole of its parameters.
func (s *Scanner) credentialsEnd(f *field) int {
	var last, inside byte
	words, params := 0, false
	i := f.v
	for i < s.hi && i-f.v < maxValue {
		if t := s.t[i:min(s.hi, f.v+maxValue)]; inside == 0 { // the plain part of a token
			n := 0
			for n < len(t) && isAlnum(t[n]) {
				n++
			}
			if n > 0 {
				i += n
				last = t[n-1]
				continue
			}
		}
		c, n := s.at(i)
		switch {
		case n == 0 || c == '\n' || c == 0 || c == '|' && n == 1:
			return i
		case f.quote != 0 && c == f.quote && n <= f.level:
			return i
		case inside != 0:
			if c == inside {
				inside = 0
			}
		case c == '"' || c == '\'' || c == '`':
			if d, m := s.at(i + n); last == '=' && m > 0 && d != '"' && d != ',' && d != '}' && d != ']' && d != ')' && !isSpace(d) && d < 0x80 {
				inside, params = c, true
			} else if f.quote == 0 {
				return i
			}
		case c == '<' && f.attr:
			return i
		case c == ' ' || c == '+' && words < 2:
			if words++; words >= maxWords && !params || i-f.v > maxParams {
				return i
			}
		case c == '=':
			params = params || words > 0 && words < 3
		}
		last = c
		i += n
	}
	return min(i, s.hi)
}

// credentials judges p, the value of a header, or what follows a scheme's word.
// strict asks for what only a machine writes; named says that a name announced it.
func (s *Scanner) credentials(p *piece, location string, strict, named bool) {
	b := p.b
	i, scheme, kind := schemeOf(b, named)
	masked := false
	s.schemesEnd = max(s.schemesEnd, p.raw(i))
	if kind == noScheme && !named {
		return
	}
	if kind == paramScheme || i < len(b) && hasParams(b[i:]) {
		s.params(p, i, scheme, location)
		return
	}
	for range 3 { // a redaction may hide the scheme and leave the value
		for i < len(b) && (isSpace(b[i]) || b[i] == '+' && i+1 < len(b) && b[i+1] == ' ') {
			i++
		}
		e := credentialEnd(b, i)
		if e == i || isHash(b[i:]) {
			return
		}
		v := b[i:e]
		g := assess(v)
		if masked && (g != recognised && (g != tokenLike || len(v) < 20) || b[i-1] != ' ') {
			return
		}
		if g == nothing && !masked && named {
			if e < len(b) && (b[e] == ']' || b[e] == '>' || b[e] == ')') {
				e++
			}
			if e < len(b) && b[e] == ' ' {
				masked, strict = true, true
				i = e
				continue
			}
		}
		cut := e == len(b) && s.atEnd(p, e)
		if g == nothing && cut && (cutPayload(v) || s.goesOn && josePart(v)) { // the rest is on the next line, or lost
			g = shown
		}
		if isPair(v) {
			return
		}
		if s.isCredential(v, g, kind, strict, named) {
			s.authSpan(p, i, e, g, scheme, kind, location, named)
		} else {
			s.skipLong(p, i, e)
		}
		if s.done >= p.raw(i) {
			if cut && len(v) >= 40 {
				s.leave(wrappedOpen, maxBack, token)
			}
		}
		return
	}
}

// schemeOf reads the scheme, or the schemes, that b begins with, and where the
// credential begins. Where named, a word of no known scheme is one if a token follows.
func schemeOf(b []byte, named bool) (i int, scheme string, kind schemeKind) {
	for range 4 {
		for i < len(b) && (isSpace(b[i]) || b[i] == '+' || b[i] == '"' || b[i] == '\'') {
			i++
		}
		e := i
		for e < len(b) && wordChar[b[e]] && e-i < 40 {
			e++
		}
		if e == i || e == len(b) {
			break
		}
		var buf [40]byte
		w := small(buf[:0], b[i:e])
		k := schemeOfWord(w)
		after := b[e]
		switch {
		case k != noScheme && (after == ' ' || after == '+' || after == '\t' || k == tokenScheme && (after == '.' || after == ':' || after == '=')):
			if kind == noScheme || k != vagueScheme {
				scheme, kind = string(w), k
			}
			i = e + 1
			continue
		case k == noScheme && named && after == ' ' && kind == noScheme && e-i < 24 && isAlpha(b[i]) && !placeholders[string(w)] && !isToken(b[i:e]) && e+1 < len(b):
			rest := b[e+1:]
			n := bytes.IndexAny(rest, " \t,;\"'")
			if n < 0 {
				n = len(rest)
			}
			if g := assess(rest[:n]); g >= tokenLike || g >= plain && n >= 16 {
				scheme, kind = string(w), tokenScheme
				i = e + 1
				continue
			}
		}
		break
	}
	return i, scheme, kind
}

// schemeAt returns what scheme the word at the start of v is.
func schemeAt(v []byte) schemeKind {
	var buf [40]byte
	n := 0
	for n < len(v) && n < len(buf) && wordChar[v[n]] {
		n++
	}
	return schemeOfWord(small(buf[:0], v[:n]))
}

// schemeOfWord returns what scheme w is, in small letters.
func schemeOfWord(w []byte) schemeKind {
	if !schemeShapes.may(w) {
		return noScheme
	}
	return schemes[string(w)]
}

// credentialEnd returns the end of the credential at b[i:]: token68 characters,
// or those that redactors and odd tokens use.
func credentialEnd(b []byte, i int) int {
	if i < len(b) && (b[i] == '[' || b[i] == '<' || b[i] == '(' || b[i] == '{') {
		if n := bytes.IndexAny(b[i:], "])>}"); n > 0 && n < 40 {
			e := i + n + 1
			if e == len(b) || !tokenChar[b[e]] {
				return e
			}
		}
	}
	for i < len(b) && !endOfToken[b[i]] && !lineEnds(b[i:]) {
		i++
	}
	return i
}

// lineEnds reports whether b begins with the dots that stand for an end of line in a
// packet's dump, and another header: "..Accept: ".
func lineEnds(b []byte) bool {
	if !hasPrefix(b, "..") || len(b) < 6 || !(b[2] >= 'A' && b[2] <= 'Z') {
		return false
	}
	n := 3
	for n < len(b) && n < 40 && wordChar[b[n]] {
		n++
	}
	return n+1 < len(b) && b[n] == ':' && b[n+1] == ' '
}

// isCredential weighs a value after a scheme, or alone in a header.
func (s *Scanner) isCredential(v []byte, g grade, kind schemeKind, strict, named bool) bool {
	switch {
	case g == nothing || g == tokenLike && hasClock(v):
		return false
	case g == recognised || g == shown:
		return true
	}
	if kind == basicScheme {
		if basicPair(v) {
			return true
		}
		if !named {
			return false
		}
	}
	if kind == blobScheme {
		return len(v) >= 20 && !hasPrefix(v, "TlRMTVNTUAAB") && !hasPrefix(v, "TlRMTVNTUAAC") && g >= plain
	}
	if g == tokenLike {
		return true
	}
	if strict || kind == vagueScheme && !named || kind == noScheme && !named {
		return false
	}
	if len(v) < 8 {
		return false
	}
	if named {
		return mixed(v) || g == plain || len(v) >= 20
	}
	return mixed(v) && len(v) >= 10 || len(v) >= 24 && g == plain
}

// basicPair reports whether v decodes to name:password, RFC 7617.
func basicPair(v []byte) bool {
	v = bytes.TrimRight(v, "=.\xe2")
	if len(v) < 4 || len(v) > 1024 {
		return false
	}
	v = v[:len(v)/4*4+[...]int{0, 0, 2, 3}[len(v)%4]]
	var out [768]byte
	n, err := base64.RawStdEncoding.Decode(out[:], v)
	if err != nil {
		if n, err = base64.RawURLEncoding.Decode(out[:], v); err != nil {
			return false
		}
	}
	colon := bytes.IndexByte(out[:n], ':')
	if colon < 0 || n < 4 {
		return false
	}
	for _, c := range out[:colon] {
		if c < ' ' {
			return false
		}
	}
	return true
}

// authSpan notes the credential p.b[i:e].
func (s *Scanner) authSpan(p *piece, i, e int, g grade, scheme string, kind schemeKind, location string, named bool) {
	sp := Span{Kind: "token", Scheme: scheme, Location: location, Severity: detectors.High, Confidence: 0.95}
	v := p.b[i:e]
	switch {
	case kind == basicScheme:
		sp.Kind = "basic"
	case josePart(v):
		sp.Kind = "jwt"
	case scheme == "negotiate" || scheme == "ntlm" || scheme == "digest":
		sp.Kind = scheme
	case scheme == "bearer":
		sp.Kind = "bearer"
	case kind == noScheme:
		sp.Kind = "authorization"
	}
	if f := formOf(v); f != nil && g == recognised {
		sp.Kind = f.kind
	}
	if !named {
		sp.Confidence = 0.9
	}
	if g == shown {
		sp.Severity, sp.Confidence = detectors.Low, 0.6
	}
	for e > i && (b64Trail(p.b[e-1]) || isSpace(p.b[e-1])) {
		e--
	}
	s.emit(p.raw(i), s.rawEnd(p, e), sp)
}

// b64Trail reports whether c ends a sentence rather than a token.
func b64Trail(c byte) bool { return c == '.' || c == ':' || c == ',' || c == ';' }

// hasParams reports whether b begins with name="value" or name=value, rather
// than with a token that ends with "=".
func hasParams(b []byte) bool {
	i := 0
	for i < len(b) && wordChar[b[i]] && i < 32 {
		i++
	}
	if i == 0 || i+1 >= len(b) || b[i] != '=' || b[i+1] == ',' || isSpace(b[i+1]) { // "=" may end base64
		return false
	}
	return b[i+1] == '"' && i+2 < len(b) || b[i+1] == '\\' || i < 20 && b[i+1] != '=' && bytes.IndexByte(b[i:min(len(b), i+200)], ',') > 0
}

// params looks for the secret ones of an Authorization value's parameters.
func (s *Scanner) params(p *piece, i int, scheme, location string) {
	b := p.b
	kind := "token"
	switch scheme {
	case "digest", "hawk", "signature":
		kind = scheme
	case "aws4-hmac-sha256":
		kind = "aws-sigv4"
	case "oauth":
		kind = "oauth1"
	}
	for range 40 {
		for i < len(b) && (isSpace(b[i]) || b[i] == ',' || b[i] == ';') {
			i++
		}
		e := i
		for e < len(b) && (wordChar[b[e]] || b[e] == '.') && e-i < 64 {
			e++
		}
		if e == i || e+1 >= len(b) || b[e] != '=' {
			if e < len(b) && e > i && (isSpace(b[e]) || b[e] == ',' || b[e] == ';') { // a word without value
				i = e
				continue
			}
			return
		}
		var buf [64]byte
		name := small(buf[:0], b[i:e])
		v, q := e+1, byte(0)
		if b[v] == '"' || b[v] == '\'' {
			q = b[v]
			v++
		}
		end := v
		for end < len(b) && (q != 0 && b[end] != q || q == 0 && !isSpace(b[end]) && b[end] != ',' && b[end] != ';' && b[end] != '"') {
			end++
		}
		if secretParams[string(name)] && !(string(name) == "hash" && scheme != "hawk") {
			if g := assess(b[v:end]); g >= shown && end-v >= 4 {
				sp := Span{Kind: kind, Scheme: scheme, Location: location, Severity: detectors.High, Confidence: 0.95}
				if kind == "aws-sigv4" {
					sp.Severity = detectors.Low
				}
				s.emit(p.raw(v), s.rawEnd(p, end), sp)
			}
		}
		i = end
		if q != 0 && i < len(b) {
			i++
		}
	}
}

// scheme judges the words after an auth-scheme that no name announced.
func (s *Scanner) scheme(p int, w *word) {
	if p < s.schemesEnd || p > s.lo && wordChar[s.t[p-1]] && s.afterEscape(p-1, p) == p-1 && !s.escapeEnds(p) {
		return
	}
	for j := max(s.lo, p-24); j+10 <= p; j++ { // a challenge
		if foldedAt(s.t[j:], "uthenticat") {
			return
		}
	}
	if hasPrefix([]byte(w.text), "auth") { // SMTP, RFC 4954, and IMAP
		e := tokenEnd(s.t, p+len(w.text), s.hi)
		if v := s.t[p+len(w.text) : e]; saslPlain(v) || len(v) >= 8 && mixed(v) && len(v)%4 == 0 {
			s.emit(p+len(w.text), e, Span{Kind: "password", Location: "body", Severity: detectors.High, Confidence: 0.8})
		}
		return
	}
	f := field{v: p, hi: p}
	pc := s.decode(p, s.credentialsEnd(&f))
	s.credentials(&pc, "header", false, false)
}

// escapeEnds reports whether an escape, such as %20 or \u0022, ends at p.
func (s *Scanner) escapeEnds(p int) bool {
	for n := 2; n <= 7 && p-n >= s.lo; n++ {
		if c := s.t[p-n]; c == '\\' || c == '%' || c == 0x1b {
			_, m := s.at(p - n)
			return m == n || c == 0x1b
		}
	}
	return false
}
