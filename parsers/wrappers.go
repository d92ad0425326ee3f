package parsers

import (
	"bytes"
	"slices"
	"time"
)

// A line is one physical line on its way into an entry.
type line struct {
	text    []byte // without wrappers
	owned   bool   // text lies in memory given to unwrap
	partial bool   // its text goes on in the next line of the same wrapper
	kind    kind
	wraps   wrapping
}

// wrapping is what was taken off a line, and what it said.
type wrapping struct {
	names   [maxWraps]uint8 // outermost first
	n       int
	stamp   Stamp
	raw     []byte // begins with stamp
	host    []byte
	program []byte
	service []byte // whose line it is
	level   []byte
	times   uint16 // what was in it happened so often; 0 is once
	key     []byte // whose lines belong together: service, stream, program
}

const maxWraps = 6

const (
	wrapANSI uint8 = iota
	wrapCompose
	wrapCRI
	wrapDocker
	wrapEnvelope
	wrapJournal
	wrapKubernetes
	wrapStamp
	wrapSyslog
)

var wrapperNames = [...]string{"ansi", "compose", "cri", "docker", "envelope", "journal", "kubernetes", "stamp", "syslog"}

// WrapperNames returns the names that Record.Wrappers may hold, sorted.
func WrapperNames() []string { return slices.Clone(wrapperNames[:]) }

// unwrap takes all wrappers off raw. What must be decoded for that goes to mem,
// which is returned.
func (ln *line) unwrap(raw, mem []byte, escapes bool) []byte {
	*ln = line{text: raw}
	mem = ln.strip(mem, escapes)
	ln.kind = kindOf(ln.text)
	return mem
}

// strip takes the wrappers off ln.text.
func (ln *line) strip(mem []byte, escapes bool) []byte {
	w := &ln.wraps
	for w.n < maxWraps {
		t := ln.text
		if len(t) < 2 {
			break
		}
		ok := false
		switch c := t[0]; {
		case c == '{':
			ok, mem = ln.docker(mem)
		case c == '<':
			ok = ln.syslog()
		case c-'0' <= 9:
			ok = ln.cri() || ln.syslog() || ln.stamped()
		case c == '[':
			ok = ln.kubernetes()
		case c|0x20-'a' < 26:
			ok = ln.syslog() || ln.compose()
		}
		if escapes && !ok && bytes.IndexByte(ln.text, 0x1b) >= 0 {
			ok, mem = ln.ansi(mem)
		}
		if !ok {
			break
		}
	}
	return mem
}

// wrapped notes that a wrapper was taken off and that text is what was in it.
func (ln *line) wrapped(name uint8, text []byte) bool {
	ln.wraps.names[ln.wraps.n] = name
	ln.wraps.n++
	ln.text = text
	return true
}

// setStamp keeps the most certain stamp, and of equals the innermost.
func (w *wrapping) setStamp(t Stamp, raw []byte) {
	if t.Time != 0 && (w.stamp.Time == 0 || t.Assumed == 0 || w.stamp.Assumed != 0) {
		w.stamp, w.raw = t, raw
	}
}

// same reports whether two lines come out of the same wrappers, and at about the
// same time.
func (w *wrapping) same(v *wrapping) bool {
	const apart = 2e9 // nanoseconds between the lines of one entry
	if w.stamp.Time != 0 && v.stamp.Time != 0 && (w.stamp.Time-v.stamp.Time > apart || v.stamp.Time-w.stamp.Time > apart) {
		return false
	}
	return w.shape() == v.shape() && bytes.Equal(w.key, v.key)
}

// shape is the wrappers without ANSI colours, which come and go.
func (w *wrapping) shape() (s uint32) {
	for _, name := range w.names[:w.n] {
		if name != wrapANSI {
			s = s<<4 | uint32(name+1)
		}
	}
	return s
}

// pieces reports whether the wrapper cuts long lines in pieces.
func (w *wrapping) pieces() bool {
	for _, name := range w.names[:w.n] {
		if name == wrapCRI || name == wrapDocker {
			return true
		}
	}
	return false
}

// fill gives r what its wrappers know and its own text does not. A wrapper's
// certain time beats a time whose zone or year had to be assumed.
func (w *wrapping) fill(r *Record, s *Scratch) {
	if w.stamp.Assumed != 0 { // it was read without knowing the source
		w.stamp, _ = s.Syslog(w.raw)
	}
	const noDay = AssumedYear | AssumedDate
	switch {
	case w.stamp.Time == 0:
	case r.Time == 0 || r.Assumed != 0 && w.stamp.Assumed == 0:
		w.stamp.Set(r)
	case r.Assumed&noDay == noDay && w.stamp.Assumed&AssumedDate == 0: // a time of day alone
		r.Time, r.Assumed = onDayOf(r.Time, w.stamp.Time), w.stamp.Assumed
	}
	if r.Upstream == nil {
		r.Upstream = w.host
	}
	if r.Logger == nil {
		r.Logger = w.program
	}
	if r.Level == nil {
		r.Level = w.level
	}
	if r.Thread == nil && len(w.key) > len(w.program) && servesOneLogin(w.program) {
		r.Thread = w.key
	}
	if r.Times = w.times; w.service != nil {
		r.Service = serviceOf(w.service)
	}
}

// onDayOf returns when the time of day of at is nearest to by, or by where it isn't near:
// the clocks of a line may count in different zones.
func onDayOf(at, by int64) int64 {
	const day, near = int64(24 * time.Hour), int64(time.Minute)
	d := (at - by) % day
	if d > day/2 {
		d -= day
	} else if d < -day/2 {
		d += day
	}
	if max(d, -d) > near {
		return by
	}
	return by + d
}
