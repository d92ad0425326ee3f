package leak

import (
	"why401/detectors"
)

// cookieHeader judges each cookie of a Cookie or Set-Cookie header, or of a
// map of cookies.
func (s *Scanner) cookieHeader(f *field) {
	end := min(s.valueEnd(f, endOfHeader), f.v+maxValue)
	s.cookiesEnd = end
	p := s.decode(f.v, end)
	b := p.b
	for i := 0; i < len(b); {
		for i < len(b) && (isSpace(b[i]) || b[i] == ';' || b[i] == ',' || b[i] == '[' || b[i] == '{') {
			i++
		}
		e := i
		for e < len(b) && b[e] != '=' && b[e] != ';' && !isSpace(b[e]) {
			e++
		}
		if e == i {
			i++
			continue
		}
		if e >= len(b) || b[e] != '=' {
			i = e
			continue
		}
		v := e + 1
		if v < len(b) && b[v] == '"' {
			v++
		}
		z := v
		for z < len(b) && b[z] != ';' && !isSpace(b[z]) && b[z] != '"' && b[z] != ',' && b[z] != ']' {
			z++
		}
		if s.cookieSecret(b[i:e], b[v:z]) {
			s.emit(p.raw(v), s.rawEnd(&p, z), Span{Kind: "cookie", Location: "cookie", Severity: detectors.High, Confidence: 0.9})
		}
		i = z + 1
	}
}

// cookieSecret reports whether the cookie of that name and value is a session.
func (s *Scanner) cookieSecret(name, v []byte) bool {
	in := s.own.in(name)
	if len(v) < 8 && in&inCookie == 0 {
		return false
	}
	g := assess(v)
	if in&inCookie != 0 {
		return g != nothing
	}
	if g == nothing || g == prose {
		return false
	}
	if g == recognised {
		return true
	}
	switch classify(name) {
	case nonces, noSecret:
		return false
	}
	return g >= tokenLike || len(v) >= 8 && mixed(v) || g == shown
}
