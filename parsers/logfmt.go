package parsers

import (
	"bytes"
	"encoding/binary"
)

var logfmt = register(Parser{
	Name: "logfmt",
	Doc: `logfmt: key=value pairs
slog and logrus text, go-kit, Grafana, Loki, Prometheus, Authelia, Traefik 2, Dex,
Heroku, and Ory's services, whose values are Go maps; the keys are those of JSON.`,
	First: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_@",
	Order: 500,
	Parse: parseLogfmt,
})

// parseLogfmt reads key=value pairs. A value in quotes has Go's escapes; one
// without may hold spaces where no further key follows, as logrus' text lines do
// when their quoting is off.
func parseLogfmt(r *Record, s *Scratch) bool {
	return r.pairs(r.Text, s)
}

// pairs reads t, which is all key=value pairs.
func (r *Record) pairs(t []byte, s *Scratch) bool {
	if n := logfmtKey(t); n == 0 || n > 40 {
		return false
	}
	w := &s.walk
	w.reset()
	w.stack[0] = frame{attr: -1, hash: hashSeed, what: fClean}
	end := w.pairs(r, s, t, -1, '=')
	if w.words > 0 && w.n == 0 { // pairs in plain words
		r.restart()
		return false
	}
	if len(r.Attrs) < 2 && !bytes.HasSuffix(t[:end], []byte{'"'}) || len(r.Attrs) == 0 || r.Time == 0 && r.Level == nil && w.n == 0 && len(r.Attrs) < 3 {
		r.restart()
		return false
	}
	w.served(r)
	w.finish(r, s)
	if r.Assumed&AssumedDate != 0 {
		r.joinDate(s)
	}
	r.pickMissing(s)
	return true
}

// joinDate reads date=2026-11-22 time=00:12:31 tz="+0100", as FortiOS and Sophos write
// the three parts of a stamp.
func (r *Record) joinDate(s *Scratch) {
	var date, of, zone []byte
	for i := range r.Attrs {
		switch a := &r.Attrs[i]; string(a.Key) {
		case "date":
			date = a.Value
		case "time":
			of = a.Value
		case "tz":
			zone = a.Value
		}
	}
	if len(date) != 10 || len(of) < 8 || len(of)+len(zone) > 32 {
		return
	}
	var stamp [44]byte
	whole := append(append(append(append(stamp[:0], date...), ' '), of...), zone...)
	if t, n := s.ISO(whole); n > 0 {
		t.Set(r)
	}
}

// logfmtKey returns how long the key at the start of b is, without its '=', or 0.
func logfmtKey(b []byte) int {
	for i, c := range b {
		if keyByte[c] {
			continue
		}
		if c == '=' && (i+1 == len(b) || b[i+1] != '=') {
			return i
		}
		return 0
	}
	return 0
}

var keyByte = func() (t [256]bool) {
	for c := range t {
		t[c] = isWord(byte(c)) || c == '.' || c == '-' || c == '@' || c == '/'
	}
	return t
}()

// pairs reads key=value pairs up to the end of b, or its line, and returns where it stopped.
func (w *jsonWalk) pairs(r *Record, s *Scratch, b []byte, parent int16, sep byte) int {
	f := &w.stack[0]
	i := 0
	for i < len(b) {
		if c := b[i]; c == ' ' || c == ',' || c == '\t' || c == ';' {
			i++
			continue
		}
		if b[i] == '\n' {
			break
		}
		n := w.expected(f, b[i:], '=')
		if n > 0 && i+n+1 < len(b) && b[i+n+1] == '=' {
			n = 0
		} else if n == 0 {
			if n = logfmtKey(b[i:]); n > 0 {
				w.known(f, b[i:i+n], '=')
			}
		}
		if n == 0 { // no pair: skip the word
			j := bytes.IndexAny(b[i:], " \n")
			if j < 0 {
				w.words++
				return len(b)
			}
			i += j
			w.words++
			continue
		}
		a := Attr{Key: b[i : i+n], Parent: parent}
		i += n + 1
		k := w.last
		i = w.pairValue(r, s, &a, b, i)
		if len(r.Attrs) >= maxAttrs {
			continue
		}
		r.Attrs = append(r.Attrs, a)
		index := len(r.Attrs) - 1
		if a.Kind == Object && a.Value[0] == '{' {
			if w.inner >= maxInner || !w.descend(r, s, index) {
				r.Attrs[index].Kind = String
			}
			f = &w.stack[0]
			continue
		}
		if a.Kind == Object {
			c := containerMeanings.find(k.hash).field
			w.goMap(r, s, a.Value, int16(index), c)
			continue
		}
		if k.m.field != fNone {
			w.value(r, s, f, k.m, index)
		}
	}
	return i
}

// pairValue reads the value at b[i:] into a and returns where it ends.
func (w *jsonWalk) pairValue(r *Record, s *Scratch, a *Attr, b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	if b[i] == '"' {
		n, escaped := stringEnd(b[i+1:])
		if n < 0 {
			a.Value, a.Escaped = b[i+1:], true
			return len(b)
		}
		a.Value, a.Escaped = b[i+1:i+1+n], escaped
		return i + n + 2
	}
	if c := b[i]; w.open {
	} else if c == 'm' && bytes.HasPrefix(b[i:], []byte("map[")) {
		if n := bracketEnd(b[i+3:]); n > 0 {
			a.Value, a.Kind = b[i:i+3+n], Object
			return i + 3 + n
		}
		w.open = true
	} else if c == '{' {
		if n := skipValue(b[i:]); n > 0 {
			a.Value, a.Kind = b[i:i+n], Object
			return i + n
		}
		w.open = true
	}
	end := i
	for {
		end = wordEnd(b, end)
		// Words without key that follow belong to the value.
		if end+1 >= len(b) || b[end] != ' ' || b[i]|0x20-'a' > 25 || logfmtKey(b[end+1:]) > 0 || b[end+1] == ' ' || b[end+1] == '[' {
			break
		}
		end++
	}
	a.Value = b[i:end]
	if n := len(a.Value); n > 0 && a.Value[n-1] == ',' {
		a.Value = a.Value[:n-1]
	}
	if len(a.Value) > 0 && (a.Value[0]-'0' <= 9 || a.Value[0] == '-') && isNumber(a.Value) {
		a.Kind = Number
	} else {
		switch string(a.Value) {
		case "true", "false":
			a.Kind = Bool
		}
	}
	return end
}

// wordEnd returns where the space, tab or line ending stands that ends the word
// within which b[i] is, or len(b).
func wordEnd(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		if (x-(' '+1)*ones)&^x&highs != 0 { // there are bytes up to ' '
			break
		}
	}
	for i < len(b) && b[i] != ' ' && b[i] != '\n' && b[i] != '\t' {
		i++
	}
	return i
}

func isNumber(b []byte) bool {
	dots := 0
	for i, c := range b {
		if c == '.' {
			dots++
		} else if c-'0' > 9 && (i > 0 || c != '-') {
			return false
		}
	}
	return dots < 2 && len(b) > 0
}

// bracketEnd returns the length of the bracketed text at the start of b, or -1.
func bracketEnd(b []byte) int {
	depth := 0
	for i, c := range b {
		switch c {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// goMap reads what fmt prints of a Go map, map[key:value key:value]: a value runs
// to the next word that ends a key with a colon and no space.
func (w *jsonWalk) goMap(r *Record, s *Scratch, b []byte, parent int16, what field) {
	if len(b) < 5 || b[0] != 'm' || w.inner >= 4 {
		return
	}
	w.inner++
	defer func() { w.inner-- }()
	f := &w.stack[w.inner]
	*f = frame{attr: parent, hash: hashSeed, what: what}
	switch what {
	case fRequest:
		f.hash = requestHash
	case fError:
		f.hash = errorHash
	}
	b = b[4 : len(b)-1]
	for i := 0; i < len(b); {
		if b[i] == ' ' {
			i++
			continue
		}
		n := goMapKey(b[i:])
		if n == 0 {
			break
		}
		a := Attr{Key: b[i : i+n], Parent: parent}
		i += n + 1
		end := i
		if bytes.HasPrefix(b[i:], []byte("map[")) {
			if n := bracketEnd(b[i+3:]); n > 0 {
				end, a.Kind = i+3+n, Object
			}
		}
		for a.Kind != Object && end < len(b) {
			if b[end] == ' ' && goMapKey(b[end+1:]) > 0 {
				break
			}
			end++
		}
		a.Value = b[i:end]
		i = end
		if len(r.Attrs) >= maxAttrs {
			return
		}
		if isNumber(a.Value) && len(a.Value) > 0 {
			a.Kind = Number
		}
		r.Attrs = append(r.Attrs, a)
		index := len(r.Attrs) - 1
		hash := hashKey(f.hash, a.Key)
		m := w.meaningOf(f, hash, a.Key)
		if a.Kind == Object {
			c := containerMeanings.find(hashKey(hashSeed, a.Key)).field
			w.goMap(r, s, a.Value, int16(index), c)
			if c == fHeaders && r.Sent == SentUnknown && r.noAuthorization(index) {
				r.Sent = SentAbsent
			}
			continue
		}
		if m.field != fNone {
			w.value(r, s, f, m, index)
		}
	}
}

// noAuthorization reports whether the headers at index, of which there are
// several, hold no Authorization.
func (r *Record) noAuthorization(index int) bool {
	n := 0
	for i := index + 1; i < len(r.Attrs); i++ {
		if a := &r.Attrs[i]; int(a.Parent) == index {
			if hasSuffixFold(a.Key, "authorization") {
				return false
			}
			n++
		}
	}
	return n > 1
}

// goMapKey returns how long the key at the start of b is, without its colon, or 0.
func goMapKey(b []byte) int {
	for i, c := range b {
		if isWord(c) || c == '-' || c == '.' {
			continue
		}
		if c == ':' && i > 0 && (b[0]-'0' > 9) && !bytes.HasPrefix(b[i:], []byte("://")) {
			return i
		}
		return 0
	}
	return 0
}
