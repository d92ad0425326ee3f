package leak

import (
	"bytes"

	"why401/detectors"
)

// verb judges what follows a protocol's command, in capitals as protocols write
// them: PASS x, AUTH [name] x, LOGIN name x, IDENTIFY x.
func (s *Scanner) verb(p int, w *word) {
	quoted := w.text[0] == '"'
	if quoted {
		p++
	}
	if w.text == "pass " && p > s.lo+2 && (isAlpha(s.t[p-1]) || s.t[p-1] == '-') {
		s.passFlag(p)
		return
	}
	e := p
	for e < s.hi && isAlpha(s.t[e]) {
		if s.t[e] >= 'a' {
			return
		}
		e++
	}
	if p > s.lo && (wordChar[s.t[p-1]] || s.t[p-1] == '/' || s.t[p-1] == '.') && !s.escapeEnds(p) {
		return
	}
	// What comes before shows whether a client says it.
	start, end := s.content(s.lo, s.hi)
	before := bytes.TrimRight(s.t[min(start, p):p], " ")
	said := quoted
	if w.text[0] == 'l' && len(before) == 0 {
		return
	}
	if n := len(before); n > 0 {
		c := before[n-1]
		last := before[bytes.LastIndexAny(before, " \"'>")+1:]
		lead := bytes.TrimRight(before[:n-len(last)], " ")
		tag := w.text[0] == 'l' && len(last) <= 5 && mixed(last) && (len(lead) == 0 || bytes.IndexByte([]byte(":>\"'"), lead[len(lead)-1]) >= 0) // of IMAP
		client := c == ':' && (n <= 2 || before[n-2] == ' ' || before[n-2] == 'C' && !wordChar[before[n-3]] || foldedAt(before[max(0, n-7):], "client:"))
		if w.text[0] == 'l' && !tag {
			return
		}
		if !quoted && c != '"' && c != '\'' && c != '>' && !client && !tag && !s.escapeEnds(p) && !foldedAt(before[max(0, n-7):], "command") {
			return
		}
		said = true
	}
	first, names := true, 0
	if w.text[0] == 'l' {
		names = 1
	}
	var lo, hi int
	i := e
	for range 2 {
		if c, n := s.at(i); c == '"' && quoted {
			i += n
		}
		i = s.spaces(s.bulk(i))
		var next int
		opened, level := s.at(i)
		lo, hi, next = s.argument(i)
		if next <= i || lo == hi {
			return
		}
		i = next
		rest := s.spaces(i)
		c, n := s.at(rest)
		closing := rest >= end || (opened != '"' || n < level) && (c == '"' || c == '\'') && (rest == i || names == 0) || c == '\n' && s.bulk(rest) == rest || w.text[0] == 'a' && foldedAt(s.t[rest:s.hi], "failed")
		if closing && names == 0 {
			break
		}
		if !first || closing || w.text[0] == 'p' {
			return
		}
		first, names = false, 0
	}
	if hi > lo && s.t[hi-1] == '\'' {
		hi--
	}
	if n := bytes.IndexByte(s.t[lo:hi], ':'); n > 0 && foldedAt(s.t[lo:hi], "oauth") {
		lo += n + 1
	}
	pc := s.decode(lo, hi)
	v := pc.b
	sign := bytes.ContainsAny(v, "!#$%&*@^+=~")
	if len(v) < 6 || bytes.ContainsAny(v, "/(<[{") || bytes.HasSuffix(v, []byte(":")) || !chosen(v) || assess(v) < plain || !said && !sign && assess(v) < tokenLike {
		return
	}
	s.emit(lo, hi, Span{Kind: "password", Location: "body", Severity: detectors.High, Confidence: 0.8})
}

// passFlag judges the argument of a flag such as -storepass.
func (s *Scanner) passFlag(p int) {
	lo := p
	for lo > s.lo && p-lo < 24 && (isAlpha(s.t[lo-1]) || s.t[lo-1] == '-') {
		lo--
	}
	if s.t[lo] != '-' || lo > s.lo && s.t[lo-1] != ' ' && s.t[lo-1] != '"' && s.t[lo-1] != '\'' {
		return
	}
	a, b, _ := s.argument(s.spaces(p + len("pass")))
	s.argValue(a, b, &commandFlag{})
}

// links are the words that may stand between a value and the name that comes
// after it: "x is not a valid API key".
var links = set("is was isnt wasnt as not a an the valid invalid expired unknown your bearer correct known active revoked our any recognised recognized matching (", " ")

// backwards judges the value that stands before the name of f, whose sentence
// ends with it.
func (s *Scanner) backwards(f *field) {
	if f.class < apiKey || f.class > password || f.quoted || f.lo < s.lo+4 {
		return
	}
	i, joined := f.lo, false
	for range 7 {
		for i > s.lo && s.t[i-1] == ' ' {
			i--
		}
		if i > s.lo && s.t[i-1] == '(' {
			i--
			joined = true
			continue
		}
		lo := i
		for lo > s.lo && i-lo < 12 && (isAlpha(s.t[lo-1]) || s.t[lo-1] == '\'' && lo < i) {
			lo--
		}
		var buf [12]byte
		w := string(lowerAlnum(buf[:0], s.t[lo:i]))
		if lo == i || lo > s.lo && s.t[lo-1] != ' ' && s.t[lo-1] != '(' || !links[w] {
			break
		}
		joined = joined || w[0] == 'i' && len(w) <= 4 || w == "was" || w == "wasnt" || w == "as"
		i = lo
	}
	if !joined || i <= s.done {
		return
	}
	hi := i
	for hi > s.lo && (s.t[hi-1] == '\'' || s.t[hi-1] == '"' || s.t[hi-1] == '`' || s.t[hi-1] == '\\') {
		hi--
	}
	lo := hi
	for lo > s.lo && lo > s.done && hi-lo < 512 && tokenChar[s.t[lo-1]] {
		lo--
	}
	v := s.t[lo:hi]
	if lo > s.lo && bytes.IndexByte([]byte(" \"'`("), s.t[lo-1]) < 0 { // a part of something: sha256:x
		return
	}
	if len(v) < 16 || isUUID(v) || isReference(v) || isPair(v) || isSlug(v) || assess(v) < tokenLike {
		return
	}
	s.emit(lo, hi, Span{Kind: kindOf[f.class], Location: "text", Severity: detectors.High, Confidence: 0.8})
}

// pair judges name:password or name/password after a word for both.
func (s *Scanner) pair(i int) {
	i = s.spaces(i)
	bracket := false
	for range 3 {
		c, n := s.at(i)
		bracket = bracket || c == '['
		if c == ':' || c == '=' || c == '[' || c == ' ' || c == '"' || c == '\'' || c == '(' {
			i += n
		} else if c == 'b' && i+1 < s.hi && s.t[i+1] == '\'' {
			i += 2
		}
	}
	lo := i
	for i < s.hi && i-lo < 64 && (wordChar[s.t[i]] || s.t[i] == '@' || s.t[i] == '.') {
		i++
	}
	if i == lo || i >= s.hi {
		return
	}
	if s.t[i] == '\'' || s.t[i] == '"' {
		i++
	}
	if i >= s.hi || s.t[i] != ':' && s.t[i] != '/' {
		return
	}
	i++
	if i+1 < s.hi && s.t[i] == 'b' && s.t[i+1] == '\'' {
		i += 2
	}
	hi := i
	for hi < s.hi && hi-i < 128 {
		c, n := s.at(hi)
		if n == 0 || endOfPassword[c] {
			break
		}
		hi += n
	}
	if bracket && s.t[i-1] == '/' && hi < s.hi && s.t[hi] == ']' && hi-i >= 3 { // [name/password], of honeypots and RADIUS
		s.argValue(i, hi, &commandFlag{})
		return
	}
	p := s.decode(i, hi)
	v := p.b
	if len(v) < 6 || !chosen(v) || bytes.ContainsAny(v, "/:") || isHash(s.t[i:s.hi]) || assess(v) < plain {
		return
	}
	s.emit(i, hi, Span{Kind: "password", Location: "text", Severity: detectors.High, Confidence: 0.8})
}
