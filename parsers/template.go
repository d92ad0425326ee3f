package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Compile makes a parser of a server's own format string: nginx's log_format,
// Apache's LogFormat, HAProxy's log-format or Envoy's access log format. Fields are
// known by what their names mean, as the keys of JSON are.
func Compile(format string) (*Parser, error) {
	server := "apache"
	switch {
	case isEnvoyFormat(format):
		server = "envoy"
	case isHAProxyFormat(format):
		server = "haproxy"
	case strings.Contains(format, "$") && !strings.Contains(format, "%"):
		server = "nginx"
	}
	return CompileFor(server, "log-format", format)
}

// CompileFor makes a parser with this name of a format string of nginx, apache,
// haproxy or envoy.
func CompileFor(server, name, format string) (*Parser, error) {
	if strings.TrimSpace(format) == "" {
		return nil, errors.New("the format is empty")
	}
	var t template
	err := map[string]func(*template, string) error{
		"nginx": (*template).nginx, "apache": (*template).apache, "haproxy": (*template).haproxy, "envoy": (*template).envoy,
	}[server](&t, format)
	if err == nil {
		err = t.check()
	}
	if err != nil {
		return nil, err
	}
	return t.parser(Parser{Name: name, Doc: "A format string of the user's", Layer: Edge, Unknown: t.unknown}), nil
}

// A template is a format string taken apart: a text, then fields, each with the
// text that follows it.
type template struct {
	lead   []byte
	slots  []templateField
	padded bool // blanks around a field's value don't belong to it

	unknown []string
}

type templateField struct {
	key    []byte
	at     int // in the format string, from 0
	m      meaning
	is     func(v []byte) bool // whether v can be its value; nil takes anything
	stamp  bool                // it is a time
	spare  bool                // it is left out, with the blank behind it, where no { begins it
	quoted bool                // it stands in double quotes: one within it is escaped
	after  []byte
}

// parser makes p, which has its name, read the template.
func (t *template) parser(p Parser) *Parser {
	p.Parse, p.own = t.parse, true
	if len(t.lead) > 0 {
		p.First = string(t.lead[:1])
	}
	return &p
}

const maxSlots = 128

// text adds literal text.
func (t *template) text(s string) {
	if n := len(t.slots); n > 0 {
		t.slots[n-1].after = append(t.slots[n-1].after, s...)
	} else {
		t.lead = append(t.lead, s...)
	}
}

// field adds a field that the format string names at a place; without a key its
// value means nothing.
func (t *template) field(key string, at int) {
	sl := templateField{key: []byte(key), at: at, m: keyMeanings.find(hashKey(hashSeed, []byte(key)))}
	before := t.lead
	if n := len(t.slots); n > 0 {
		before = t.slots[n-1].after
	}
	sl.quoted, sl.stamp = bytes.HasSuffix(before, []byte{'"'}), sl.m.field == fTime
	t.slots = append(t.slots, sl)
}

// number says that the last field is one.
func (t *template) number() { t.slots[len(t.slots)-1].is = isCount }

// isCount reports whether v is a number as servers log bytes and times: HAProxy
// writes -1 for what didn't happen, and a + before what is not the end.
func isCount(v []byte) bool {
	if len(v) > 1 && (v[0] == '+' || v[0] == '-') {
		v = v[1:]
	}
	return isNumber(v)
}

// check says what makes the template unreadable.
func (t *template) check() error {
	if len(t.slots) == 0 {
		return errors.New("the format names no fields")
	}
	if len(t.slots) > maxSlots {
		return fmt.Errorf("the format has more than %d fields", maxSlots)
	}
	for i := range t.slots[:len(t.slots)-1] {
		if len(t.slots[i].after) == 0 {
			return badFormat(t.slots[i+1].at, "nothing stands between this field and the one before")
		}
	}
	if !slices.ContainsFunc(t.slots, func(sl templateField) bool { return sl.m.field != fNone }) {
		return errors.New("none of the format's fields says who asked, when, for what, or how it ended")
	}
	t.lead = bytes.TrimLeft(t.lead, " \t")
	return nil
}

func badFormat(at int, what string) error {
	return fmt.Errorf("at character %d of the format: %s", at+1, what)
}

// parse reads a line that the template fits from its first byte to its last.
func (t *template) parse(r *Record, s *Scratch) bool {
	b := r.Text
	if !bytes.HasPrefix(b, t.lead) || !t.slots[0].canBe(b[len(t.lead):], s) {
		return false
	}
	w := &s.walk
	w.begin()
	i := len(t.lead)
	for k := range t.slots {
		sl := &t.slots[k]
		if sl.spare && (i == len(b) || b[i] != '{') {
			rest := bytes.TrimPrefix(sl.after, space)
			if !bytes.HasPrefix(b[i:], rest) {
				r.restart()
				return false
			}
			i += len(rest)
			continue
		}
		end := t.end(k, b, i, s)
		if end < 0 || sl.m.field == fClient && bytes.IndexByte(b[i:end], ' ') >= 0 && bytes.IndexByte(b[i:end], ',') < 0 {
			r.restart()
			return false
		}
		if len(sl.key) > 0 {
			w.named(r, s, sl.key, sl.m, t.value(b[i:end]))
		}
		i = end + len(sl.after)
		for t.padded && i < len(b) && b[i] == ' ' && b[i-1] == ' ' {
			i++
		}
	}
	if i != len(b) {
		r.restart()
		return false
	}
	w.finish(r, s)
	if r.Time == 0 && r.Status == 0 && r.Client == nil && r.User == nil && r.URL == nil && r.Method == nil && r.RequestID == nil && len(r.Message) == 0 {
		r.restart() // it only looks like one
		return false
	}
	return true
}

// named adds a value under the name that the user's format gives it.
func (w *jsonWalk) named(r *Record, s *Scratch, key []byte, m meaning, value []byte) {
	if len(r.Attrs) >= maxAttrs {
		return
	}
	a := Attr{Key: key, Value: value, Parent: -1, Escaped: bytes.IndexByte(value, '\\') >= 0}
	if m.field != fClient && isNumber(value) {
		a.Kind = Number
	}
	r.Attrs = append(r.Attrs, a)
	if m.field != fNone && !isNothing(value) {
		w.value(r, s, &w.stack[0], m, len(r.Attrs)-1)
	}
}

// end returns where the kth field, which starts at b[i], ends, or -1. Where what a
// client wrote holds the text that should end it, the next field tells: a time and
// a status must be one.
func (t *template) end(k int, b []byte, i int, s *Scratch) int {
	sl := &t.slots[k]
	if len(sl.after) == 0 {
		if !sl.takes(t.value(b[i:])) {
			return -1
		}
		return len(b)
	}
	if sl.m.field == fClient && sl.after[0] == ':' { // and so may an IPv6 address
		if n := bytes.LastIndex(upTo(b[i:], " "), sl.after); n > 0 {
			return i + n
		}
	}
	if sl.stamp { // a stamp may hold what ends it
		if _, n := s.Any(b[i:], true); n > 0 && bytes.HasPrefix(b[i+n:], sl.after) {
			return i + n
		}
	}
	for at := i; ; at++ {
		n := bytes.Index(b[at:], sl.after)
		if n < 0 {
			return -1
		}
		at += n
		if sl.quoted && sl.after[0] == '"' && escapedAt(b[i:], at-i) {
			continue
		}
		if k+1 < len(t.slots) && !t.slots[k+1].canBe(b[at+len(sl.after):], s) {
			continue
		}
		if k+1 == len(t.slots) && at+len(sl.after) != len(b) {
			continue
		}
		if !sl.takes(t.value(b[i:at])) {
			return -1
		}
		return at
	}
}

// value is a field's value, of what stands between two texts.
func (t *template) value(b []byte) []byte {
	if t.padded {
		b = bytes.TrimRight(b, " ")
	}
	return b
}

// takes reports whether v can be the field's value.
func (sl *templateField) takes(v []byte) bool {
	return sl.is == nil || sl.is(v) || len(v) == 1 && v[0] == '-'
}

// canBe reports whether b can begin with the field's value.
func (sl *templateField) canBe(b []byte, s *Scratch) bool {
	if len(b) > 0 && b[0] == '-' && bytes.HasPrefix(b[1:], sl.after) {
		return true
	}
	switch {
	case sl.stamp:
		_, n := s.Any(b, true)
		return n > 0
	case sl.m.field == fStatus:
		return len(b) >= 3 && (parseStatus(b[:3]) != 0 || string(b[:3]) == "000") && (len(b) == 3 || b[3]-'0' > 9)
	}
	return true
}
