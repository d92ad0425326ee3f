package rules

import (
	"bytes"
	"strings"
)

// gap is how many squashed bytes a '*' in a pattern may stand for; never the end of a sentence.
const gap = 40

// reach is the gap behind a word that says something of the next noun: in
// "unknown locale in the session of a user" the user isn't unknown.
const reach = 16

var adjectives = map[string]bool{"unknown": true, "missing": true, "no": true, "empty": true}

// A pattern is a text to find: parts that follow one another within gap bytes,
// each at the beginning of a word.
type pattern struct {
	parts   []string // squashed
	near    bool     // its second part stands within reach of the first
	inWord  bool     // both ends must be ends of words
	figures bool     // has digits: a hexadecimal number may hold it by chance
	name    string   // not empty: it must stand as written, in any case if it has no capital
	whole   bool     // a name that is no part of a longer one
	capital bool     // the name has capitals
}

func newPattern(s string, words bool) pattern {
	p := pattern{inWord: words, parts: make([]string, 0, 1+strings.Count(s, "*"))}
	blank := false
	for i := range len(s) {
		blank = blank || s[i] == ' ' || s[i] == '*'
		p.figures = p.figures || classes[s[i]]&digit != 0
		p.capital = p.capital || classes[s[i]]&capital != 0
		if s[i] == '_' || p.capital {
			p.name = s
		}
	}
	if words || blank {
		p.name = ""
	}
	for rest, more := s, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, "*")
		if part = squash(part); part != "" {
			p.parts = append(p.parts, part)
		}
	}
	p.near = len(p.parts) > 1 && adjectives[p.parts[0]]
	return p
}

// find returns where p stands in h.text[in.from:in.to].
func (p *pattern) find(h *hay, in span) (span, bool) {
	if len(p.parts) == 0 {
		return span{}, false
	}
	for from := in.from; ; from++ {
		if from = h.index(p.parts[0], from, in.to); from < 0 {
			return span{}, false
		}
		if s, ok := p.matchAt(h, from, in.to); ok {
			return s, true
		}
	}
}

// index returns where part begins, at the beginning of a word, in
// h.text[from:to], or -1.
func (h *hay) index(part string, from, to int) int {
	for {
		i := bytes.Index(h.text[from:to], []byte(part))
		if i < 0 || h.edge[from+i] {
			if i >= 0 {
				i += from
			}
			return i
		}
		from += i + 1
	}
}

// matchAt matches p where its first part, which stands at from, begins.
func (p *pattern) matchAt(h *hay, from, limit int) (span, bool) {
	to := from + len(p.parts[0])
	for k, part := range p.parts[1:] {
		far := gap
		if k == 0 && p.near {
			far = reach
		}
		i := h.index(part, to, min(limit, to+far+len(part)))
		if i < 0 || h.sentenceEnds(to, i) || i > to && k == 0 && h.ofThing(to) {
			return span{}, false
		}
		to = i + len(part)
	}
	if p.inWord && (to < len(h.text) && !h.edge[to] || p.figures && inNumber(h.raw, int(h.at[from]), int(h.at[to-1])+1)) {
		return span{}, false
	}
	if p.name != "" && !p.written(h, from, to) {
		return span{}, false
	}
	return span{from, to}, true
}

// inNumber reports whether raw[a:z] is a part of a longer hexadecimal number.
func inNumber(raw []byte, a, z int) bool {
	hex := func(c byte) bool { return classes[c]&digit != 0 || 'a' <= c && c <= 'f' }
	return a > 0 && hex(raw[a-1]) || z < len(raw) && classes[raw[z]]&digit != 0
}

// written reports whether text[from:to] is the pattern's name as written: a
// code or a class that only sounds like these words is none.
func (p *pattern) written(h *hay, from, to int) bool {
	a, z := int(h.at[from]), int(h.at[to-1])+1
	raw := h.raw[a:z]
	if p.capital && string(raw) != p.name || !p.capital && !(len(raw) == len(p.name) && equalFold(raw, p.name)) {
		return false
	}
	part := func(c byte) bool { return isAlnum(c) || c == '_' }
	file := z+1 < len(h.raw) && h.raw[z] == '.' && 'a' <= h.raw[z+1] && h.raw[z+1] <= 'z' // "password_expired.html"
	return !p.whole || (a == 0 || !part(h.raw[a-1])) && (z == len(h.raw) || !part(h.raw[z]) && !file)
}

// equalFold reports whether b is lower in any case; both have one length.
func equalFold(b []byte, lower string) bool {
	for i := range len(lower) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
