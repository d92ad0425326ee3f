package leak

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"why401/detectors"
	"why401/parsers"
)

// A Canary is a set of credentials that open nothing. Tests send it to a system,
// and whatever of it turns up in a log shows that the system logs credentials.
type Canary struct {
	Bearer string `json:"bearer"`
	Basic  struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"basic"`
	APIKey string `json:"api_key"`
	Cookie struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"cookie"`
}

const (
	canaryPrefix = "why401canary" // what a person recognises; it is no part of the secret
	canaryLen    = 32             // random characters of a value
	canaryPart   = 8              // so many in a row are a trace
)

// canaryChars make values that no word, number or hexadecimal id holds by chance:
// see spread. Case doesn't matter, as some systems change it.
const canaryChars = "bcdfghjklmnpqrstvwxz23456789"

// NewCanary returns a set made from random bytes.
func NewCanary(random io.Reader) (Canary, error) {
	var c Canary
	c.Basic.Username, c.Cookie.Name = "why401-canary", "why401_session"
	for _, v := range []*string{&c.Bearer, &c.Basic.Password, &c.APIKey, &c.Cookie.Value} {
		var b strings.Builder
		b.WriteString(canaryPrefix)
		for value := ""; ; value = "" {
			for len(value) < canaryLen {
				var one [1]byte
				if _, err := io.ReadFull(random, one[:]); err != nil {
					return Canary{}, err
				}
				if n := int(one[0]); n < 256/len(canaryChars)*len(canaryChars) {
					value += canaryChars[n%len(canaryChars) : n%len(canaryChars)+1]
				}
			}
			if spread(value) {
				b.WriteString(value)
				break
			}
		}
		*v = b.String()
	}
	return c, nil
}

// spread reports whether every part of value holds a digit and two letters that
// are no hexadecimal digits.
func spread(value string) bool {
	for i := 0; i+canaryPart <= len(value); i++ {
		digits, letters := 0, 0
		for _, c := range []byte(value[i : i+canaryPart]) {
			if isDigit(c) {
				digits++
			} else if !isHex(c) {
				letters++
			}
		}
		if digits < 1 || letters < 2 {
			return false
		}
	}
	return true
}

// ReadCanary reads a set as JSON. Errors hold nothing of it.
func ReadCanary(data []byte) (*Finder, error) {
	var c Canary
	if json.Unmarshal(data, &c) != nil {
		return nil, errors.New("not a canary set in JSON")
	}
	for _, v := range c.values() {
		if !strings.HasPrefix(v, canaryPrefix) || len(v) < len(canaryPrefix)+canaryLen || !spread(v[len(canaryPrefix):]) {
			return nil, errors.New("not a canary set that why401 made")
		}
	}
	return NewFinder(&c), nil
}

func (c *Canary) values() []string {
	return []string{c.Bearer, c.Basic.Password, c.APIKey, c.Cookie.Value}
}

// A Finder finds traces of a canary: eight or more of a value's characters in a
// row, in either case, as text, base64 (of any alignment and alphabet, twice
// over), hexadecimal or decimal bytes, with the escapes of JSON, URLs, HTML and
// quoted-printable text, and broken into lines. It is safe for concurrent use.
type Finder struct {
	text, base64 windows
}

// NewFinder returns a Finder for c.
func NewFinder(c *Canary) *Finder {
	f := &Finder{}
	f.text.set, f.base64.set = map[uint64]bool{}, map[uint64]bool{}
	for _, v := range c.values() {
		v = v[len(canaryPrefix):]
		for _, v := range []string{strings.ToLower(v), strings.ToUpper(v)} {
			var w uint64
			for i := range len(v) {
				if w = w<<8 | uint64(v[i]|0x20); i+1 >= canaryPart {
					f.text.add(w)
				}
			}
			forms, _ := base64Forms(v)
			for _, once := range forms {
				f.base64.addBase64(once)
				forms, _ := base64Forms(once)
				for _, twice := range forms {
					f.base64.addBase64(twice)
				}
			}
		}
	}
	return f
}

// windows is a set of short runs of symbols, with a filter before it.
type windows struct {
	filter [1 << 12]uint64
	set    map[uint64]bool
}

const (
	base64Part = 10 // characters that canaryPart bytes fill at any alignment
	base64Mask = 1<<(6*base64Part) - 1
)

func place64(w uint64) (int, uint64) {
	h := w * 0x9E3779B97F4A7C15 >> 46
	return int(h >> 6), 1 << (h & 63)
}

func (s *windows) add(w uint64) {
	i, bit := place64(w)
	s.filter[i] |= bit
	s.set[w] = true
}

func (s *windows) addBase64(text string) {
	var w uint64
	for i := range len(text) {
		if w = (w<<6 | uint64(base64Code[text[i]]-1)) & base64Mask; i+1 >= base64Part {
			s.add(w)
		}
	}
}

func (s *windows) has(w uint64) bool {
	i, bit := place64(w)
	return s.filter[i]&bit != 0 && s.set[w]
}

// base64Code gives each character of base64's alphabets a number from 1, the same
// for both cases of a letter; 0 is for others.
var base64Code [256]byte

func init() {
	for i, c := range []byte("abcdefghijklmnopqrstuvwxyz0123456789+/") {
		base64Code[c] = byte(i + 1)
		if isAlpha(c) {
			base64Code[c&^0x20] = byte(i + 1)
		}
	}
	base64Code['-'], base64Code['_'] = base64Code['+'], base64Code['/']
}

// A run is the last symbols of one kind, and where they stand.
type run struct {
	w  uint64
	n  int // symbols, as far as they count
	at [16]int
}

func (r *run) push(sym uint64, bits uint, at int) {
	r.w = r.w<<bits | sym
	r.at[r.n&15] = at
	r.n++
}

// first is where the last k symbols begin.
func (r *run) first(k int) int { return r.at[(r.n-k)&15] }

// find appends the traces in the scanner's text, each within one line, in order.
func (f *Finder) find(s *Scanner, traces []Span) []Span {
	var text, b64, hex, dec run
	number, digits := uint64(0), 0
	s.lo, s.hi = 0, len(s.t)
	note := func(from, to int) {
		lo := bytes.LastIndexByte(s.t[:to], '\n') + 1
		if from < lo {
			if start := bytes.LastIndexByte(s.t[:from], '\n') + 1; start < lo-parsers.LookBehind {
				return
			}
			from = lo
		}
		if n := len(traces); n > 0 && from <= traces[n-1].End {
			last := &traces[n-1]
			last.Start, last.End = min(last.Start, from), max(last.End, to)
			return
		}
		traces = append(traces, Span{Start: from, End: to, Kind: "canary", Location: "text", Severity: detectors.High, Confidence: 1, Primary: true})
	}
	for i := 0; i < len(s.t); {
		c, n := s.t[i], 1
		if escapes[c] {
			c, n = s.unescape(i)
		}
		if isAlnum(c) {
			text.push(uint64(c|0x20), 8, i)
			if text.n >= canaryPart && f.text.has(text.w) {
				note(text.first(canaryPart), i+n)
			}
		}
		if code := base64Code[c]; code != 0 {
			b64.push(uint64(code-1), 6, i)
			if b64.n >= base64Part && f.base64.has(b64.w&base64Mask) {
				note(b64.first(base64Part), i+n)
			}
		}
		switch {
		case isHex(c):
			v := uint64(c & 15)
			if isAlpha(c) {
				v += 9
			}
			hex.push(v, 4, i)
			if w := hex.w | fold8; hex.n >= 2*canaryPart && f.text.has(w) {
				note(hex.first(2*canaryPart), i+n)
			}
		case c == 'x' || c == 'X':
			if hex.n > 0 && hex.w&15 == 0 { // 0x41, 0x42
				hex.w >>= 4
				hex.n--
			}
		case isAlpha(c):
			hex.n = 0
		}
		switch {
		case isDigit(c):
			number, digits = number*10+uint64(c-'0'), digits+1
			if digits == 1 {
				dec.at[dec.n&15] = i
			}
			if digits > 3 || number > 255 {
				dec.n = 0
			} else if w := dec.w<<8 | number; digits >= 2 && dec.n >= canaryPart-1 && f.text.has(w|fold8) {
				note(dec.at[(dec.n-canaryPart+1)&15], i+n)
			}
		case digits > 0:
			if digits <= 3 && number <= 255 {
				dec.w = dec.w<<8 | number
				dec.n++
			}
			number, digits = 0, 0
			if isAlpha(c) {
				dec.n = 0
			}
		case isAlpha(c):
			dec.n = 0
		}
		i += n
	}
	slices.SortFunc(traces, func(a, b Span) int { return a.Start - b.Start })
	out := traces[:0]
	for _, sp := range traces {
		if n := len(out); n > 0 && sp.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, sp.End)
			continue
		}
		out = append(out, sp)
	}
	return out
}

// escapes are the bytes that may begin an escape.
var escapes = charset("\\%&=\x1b")

// unescape reads the escape at i. What is none stands for itself.
func (s *Scanner) unescape(i int) (byte, int) {
	switch t := s.t; t[i] {
	case '=': // quoted-printable text, RFC 2045 section 6.7
		if v, ok := hexValue(t, i+1, 2); ok && v >= ' ' && v < 0x7f && !isAlpha(t[i+1]) {
			return byte(v), 3
		}
		return '=', 1
	case '&':
		if i+3 < len(t) && t[i+1] == '#' {
			j, v, hex := i+2, 0, t[i+2]|0x20 == 'x'
			if hex {
				j++
			}
			for k := 0; k < 5 && j < len(t) && t[j] != ';'; k++ {
				d, ok := hexValue(t, j, 1)
				if !ok {
					return '&', 1
				}
				if hex {
					v = v*16 + d
				} else {
					v = v*10 + d
				}
				j++
			}
			if j < len(t) && t[j] == ';' && v < 0x80 {
				return byte(v), j + 1 - i
			}
		}
		return '&', 1
	}
	return s.at(i)
}

// trace reports whether sp was found by what it is, not by where it stands.
func (sp *Span) trace() bool { return sp.Kind == "canary" || sp.Kind == "own-pattern" }

// mergeTraces joins traces with the credentials that were found: where
// both meet, the trace tells what it is and the other where it travelled.
func mergeTraces(spans, traces []Span) []Span {
	if len(traces) == 0 {
		return spans
	}
	all := append(spans, traces...)
	slices.SortStableFunc(all, func(a, b Span) int { return a.Start - b.Start })
	out := all[:0]
	for _, sp := range all {
		n := len(out)
		if n == 0 || sp.Start >= out[n-1].End {
			out = append(out, sp)
			continue
		}
		a, b := &out[n-1], &sp
		if a.trace() && !b.trace() {
			a.Scheme, a.Location = b.Scheme, b.Location
		}
		if b.trace() && !a.trace() {
			a.Kind, a.Severity, a.Confidence, a.Primary = b.Kind, b.Severity, b.Confidence, true
		}
		a.End = max(a.End, b.End)
	}
	return out
}
