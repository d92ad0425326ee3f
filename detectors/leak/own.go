package leak

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"why401/detectors"
)

// Names are what a user knows of their own systems and this package doesn't.
type Names struct {
	Headers    []string
	Cookies    []string
	Parameters []string // of queries and forms
	Keys       []string // of JSON and other notations
	Patterns   []string // regular expressions of credentials; group 1, where there is one, is the credential
	Allowed    []string // whole values that are no credentials
}

// Own is what Names add to a Scanner. It is safe for concurrent use.
type Own struct {
	pf       prefilter
	places   map[string]place // by folded name
	patterns []pattern
	allowed  map[string]bool
}

// A place is a set of places where a name holds a credential.
type place uint8

const (
	inHeader place = 1 << iota
	inCookie
	inParameter
	inKey
)

type pattern struct {
	re     *regexp.Regexp
	prefix []byte // that every match begins with, perhaps empty
}

const (
	minName    = 3
	maxName    = 48
	maxNames   = 500
	maxPattern = 1000
	maxMatches = 100 // of a pattern on a line
)

// CheckName says what is wrong with one's own name for a header, cookie, parameter or key.
func CheckName(name string) error {
	for i := range len(name) {
		if !nameChar(name[i]) {
			return errors.New("names are letters, digits, dots, hyphens and underscores")
		}
	}
	if n := len(foldName(nil, []byte(name))); n < minName || len(name) > maxName {
		return fmt.Errorf("names have %d to %d characters", minName, maxName)
	}
	return nil
}

// CheckPattern says what is wrong with one's own pattern.
func CheckPattern(expr string) error {
	_, err := compilePattern(expr)
	return err
}

func compilePattern(expr string) (p pattern, err error) {
	if len(expr) > maxPattern {
		return p, fmt.Errorf("patterns have %d characters at most", maxPattern)
	}
	re, err := regexp.Compile(expr)
	if bad := (*syntax.Error)(nil); errors.As(err, &bad) { // whose text quotes the pattern
		return p, errors.New(bad.Code.String())
	} else if err != nil {
		return p, errors.New("no regular expression")
	}
	if re.MatchString("") {
		return p, errors.New("it matches nothing at all: write what a credential surely holds")
	}
	if re.NumSubexp() > 1 {
		return p, errors.New("one group at most may mark the credential: write the others as (?:...)")
	}
	prefix, _ := re.LiteralPrefix()
	return pattern{re, []byte(prefix)}, nil
}

// Compile makes n ready for scanners, nil where n is empty.
func (n *Names) Compile() (*Own, error) {
	o := &Own{places: map[string]place{}, allowed: map[string]bool{}}
	words := builtinWords()
	if len(n.Headers)+len(n.Cookies)+len(n.Parameters)+len(n.Keys) > maxNames {
		return nil, fmt.Errorf("more than %d names", maxNames)
	}
	for _, list := range []struct {
		in    place
		names []string
	}{{inHeader, n.Headers}, {inCookie, n.Cookies}, {inParameter, n.Parameters}, {inKey, n.Keys}} {
		for _, name := range list.names {
			if err := CheckName(name); err != nil {
				return nil, fmt.Errorf("%q: %w", name, err)
			}
			folded := string(foldName(nil, []byte(name)))
			if o.places[folded] == 0 {
				words = append(words, ownWords(name)...)
			}
			o.places[folded] |= list.in
		}
	}
	for _, expr := range n.Patterns {
		p, err := compilePattern(expr)
		if err != nil {
			return nil, err
		}
		o.patterns = append(o.patterns, p)
	}
	for _, v := range n.Allowed {
		o.allowed[v] = true
	}
	if len(o.places)+len(o.patterns)+len(o.allowed) == 0 {
		return nil, nil
	}
	o.pf.build(words)
	return o, nil
}

// ownWords returns what the prefilter looks for where name stands: the name as it
// is written, and with the separators that other notations have instead.
func ownWords(name string) (words []word) {
	texts := map[string]bool{}
	for _, sep := range []string{"-", "_", ".", ""} {
		texts[strings.NewReplacer("-", sep, "_", sep, ".", sep).Replace(name)] = true
	}
	texts[name] = true
	for text := range texts {
		text = string(lower([]byte(text)))
		if len(text) >= 4 {
			words = append(words, word{text: text, act: actName})
			continue
		}
		for _, end := range []string{"=", ":", "\"", "'", "\\", "%3d", " ", ">", "]"} { // a short name needs what follows it
			words = append(words, word{text: string(lower([]byte(text + end))), act: actName})
		}
	}
	return words
}

// Use makes Scan know what a user added; nil adds nothing.
func (s *Scanner) Use(o *Own) {
	s.own, s.pf = o, builtin()
	if o != nil && len(o.places) > 0 {
		s.pf = &o.pf
	}
	s.nested = nil
}

// classify is classify, the user's own names first.
func (s *Scanner) classify(name []byte) class {
	if s.own.in(name) != 0 {
		return declared
	}
	return classify(name)
}

// in returns where name, or the last part of a dotted one, holds a credential.
func (o *Own) in(name []byte) place {
	if o == nil || len(name) > 96 {
		return 0
	}
	var buf [maxName]byte
	in := o.places[string(foldName(buf[:0], name))]
	if i := lastDot(name); i >= 0 && in == 0 {
		in = o.places[string(foldName(buf[:0], name[i+1:]))]
	}
	return in
}

// declaredValue weighs the value of a user's own name by the place where it stands.
func (s *Scanner) declaredValue(f *field, v []byte, g grade, said bool) (location string, ok bool) {
	switch in := s.own.in(s.t[f.lo:f.hi]); {
	case f.lo == f.hi: // on the line before
		location = "body"
	case in&inParameter != 0 && f.query:
		location = "query"
	case in&inCookie != 0 && (f.sep == '=' || f.quoted):
		location = "cookie"
	case in&inHeader != 0 && f.words == 0:
		location = "header"
	case in&inKey != 0 || in&inParameter != 0 && f.sep == '=':
		location = "body"
	default:
		return "", false
	}
	return location, g != nothing && (said && !isSentence(v) || g >= tokenLike || f.sep == ':' && f.words == 0 && (g == plain || location == "header"))
}

// matches appends what the user's patterns match, each within its line.
func (o *Own) matches(s *Scanner, traces []Span) []Span {
	for i := range o.patterns {
		p := &o.patterns[i]
		for lo := 0; lo < len(s.t); {
			if len(p.prefix) > 0 {
				n := bytes.Index(s.t[lo:], p.prefix)
				if n < 0 {
					break
				}
				lo += n
				lo = bytes.LastIndexByte(s.t[:lo], '\n') + 1
			}
			hi := lo + len(s.t[lo:])
			if n := bytes.IndexByte(s.t[lo:], '\n'); n >= 0 {
				hi = lo + n
			}
			for _, m := range p.re.FindAllSubmatchIndex(s.t[lo:hi], maxMatches) {
				a, b := m[len(m)-2], m[len(m)-1]
				if a >= 0 && b > a && !o.allowed[string(s.t[lo+a:lo+b])] && !isPlaceholder(s.t[lo+a:lo+b]) {
					traces = append(traces, Span{Start: lo + a, End: lo + b, Kind: "own-pattern", Location: "text", Severity: detectors.High, Confidence: 0.95, Primary: true})
				}
			}
			lo = hi + 1
		}
	}
	return traces
}
