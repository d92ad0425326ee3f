package parsers

import (
	"bytes"
	"encoding/binary"
)

var _ = register(Parser{
	Name: "json",
	Doc: `JSON, keys known by what they mean
ECS, OpenTelemetry, Google, AWS and Azure records, Bunyan, GELF, slog, zap, zerolog,
logrus, pino, winston, Serilog, nginx, Caddy, Traefik, and whatever names a hand
chose, flat or nested (jsonkeys.go lists the names).`,
	First: "{[",
	Order: 500,
	Parse: parseJSON,
})

// parseJSON reads an entry that is one object. An entry that was cut off by a
// length limit is read as far as it goes.
func parseJSON(r *Record, s *Scratch) bool {
	t := r.Text
	if t[0] == '[' && (len(t) < 3 || t[1] != '{') {
		return false
	}
	w := &s.walk
	w.reset()
	end := w.run(r, s, t, -1)
	if end < 0 || len(bytes.TrimSpace(t[end:])) > 1 || len(r.Attrs) == 0 {
		r.restart()
		return false
	}
	if r.Status == 0 && r.Method == nil && w.n > 0 && w.pieces[0].rank == 0 && s.inner.read(r, s, &r.Attrs[w.pieces[0].attr]) {
		return true
	}
	w.finish(r, s)
	r.pickMissing(s)
	return true
}

// pickMissing looks in the message of a structured entry for the client and user
// that no key named.
func (r *Record) pickMissing(s *Scratch) {
	if len(r.Message) < 12 || r.Client != nil && r.User != nil || r.Status-200 < 200 {
		return
	}
	attrs := r.Attrs
	r.pick(r.Message, s)
	r.Attrs = attrs
}

const (
	maxDepth  = 32   // of objects that are given a meaning
	maxAttrs  = 1024 // of one entry
	maxPieces = 12   // of one message
	maxInner  = 2    // JSON in a string in JSON in a string in JSON
)

// A jsonWalk is one walk over an object.
type jsonWalk struct {
	best   [numFields]uint8 // rank of the key that set a field
	pieces [maxPieces]piece
	n      int // of pieces
	stack  [maxDepth]frame
	inner  int
	words  int  // that were no pairs
	open   bool // a bracket was never closed: don't look for the end of another
	memos  [256]memo
}

// A piece is one of the values that make the message.
type piece struct {
	attr int16
	rank uint8
}

// A frame is an object or array that is open.
type frame struct {
	attr     int16
	array    bool
	members  int16
	sawAuth  bool
	what     field   // what kind of container it is
	hash     uint64  // where its members' keys go on
	elements meaning // of an array: what its elements mean
}

func (w *jsonWalk) reset() {
	w.best = [numFields]uint8{}
	w.n, w.inner, w.words, w.open = 0, 0, 0, false
}

// run walks over the object at the start of t and returns where it ends, or -1.
// Attrs get parent, an index, as their object.
func (w *jsonWalk) run(r *Record, s *Scratch, t []byte, parent int16) int {
	depth := 0
	w.stack[0] = frame{attr: parent, hash: hashSeed, what: fClean, array: t[0] == '['}
	f := &w.stack[0]
	i := 1
	pairs := 0
	for {
		for i < len(t) && (t[i] == ',' || t[i] <= ' ') {
			i++
		}
		if i >= len(t) {
			return w.truncated(pairs, t)
		}
		if t[i] == '}' || t[i] == ']' {
			i++
			if f.attr >= 0 && depth > 0 {
				a := &r.Attrs[f.attr]
				a.Value = a.Value[:len(a.Value)-(len(t)-i)]
			}
			if f.what == fHeaders && f.members > 1 && !f.sawAuth && !f.array && r.Sent == SentUnknown {
				r.Sent = SentAbsent
			}
			if depth == 0 {
				return i
			}
			depth--
			f = &w.stack[depth]
			continue
		}
		var key []byte
		hash, m := f.hash, f.elements
		if !f.array {
			if t[i] != '"' {
				return -1
			}
			n, _ := stringEnd(t[i+1:])
			if n < 0 {
				return w.truncated(pairs, t)
			}
			key = t[i+1 : i+1+n]
			i += n + 2
			for i < len(t) && t[i] <= ' ' {
				i++
			}
			if i >= len(t) {
				return w.truncated(pairs, t)
			}
			if t[i] != ':' {
				return -1
			}
			i++
			for i < len(t) && t[i] <= ' ' {
				i++
			}
			if i >= len(t) {
				return w.truncated(pairs, t)
			}
			hash, m = w.known(f, key)
		}
		pairs++
		f.members++
		index := len(r.Attrs)
		full := index >= maxAttrs
		if index == cap(r.Attrs) {
			r.Attrs = append(r.Attrs, Attr{})[:index]
		}
		a := &r.Attrs[:index+1][index]
		*a = Attr{Key: key, Parent: f.attr}
		switch c := t[i]; {
		case c == '"':
			n, escaped := stringEnd(t[i+1:])
			if n < 0 {
				a.Value, a.Escaped = t[i+1:], true
				r.Attrs = r.Attrs[:index+1]
				w.value(r, s, f, m, index)
				return w.truncated(pairs, t)
			}
			a.Value, a.Escaped = t[i+1:i+1+n], escaped
			i += n + 2
		case c == '{' || c == '[':
			a.Kind, a.Value = Object, t[i:]
			if c == '[' {
				a.Kind = Array
			}
			if depth+1 >= maxDepth || full {
				n := skipValue(t[i:])
				if n < 0 {
					return w.truncated(pairs, t)
				}
				a.Value = t[i : i+n]
				i += n
				m = meaning{}
				break
			}
			r.Attrs = r.Attrs[:index+1]
			depth++
			w.push(f, &w.stack[depth], int16(index), c == '[', hash, key, m)
			f = &w.stack[depth]
			i++
			continue
		default:
			n := i
			for n < len(t) && t[n] != ',' && t[n] != '}' && t[n] != ']' && t[n] > ' ' {
				n++
			}
			if n == i {
				return -1
			}
			a.Value = t[i:n]
			switch c {
			case 't', 'f':
				a.Kind = Bool
			case 'n':
				a.Kind = Null
			default:
				if c-'0' > 9 && c != '-' && c != 'N' && c != 'I' {
					return -1
				}
				a.Kind = Number
			}
			i = n
		}
		if full {
			continue
		}
		r.Attrs = r.Attrs[:index+1]
		if m.field != fNone {
			w.value(r, s, f, m, index)
			f = &w.stack[depth] // an inner walk may have used the stack above
		}
	}
}

// truncated decides about an object that the entry's end cuts off.
func (w *jsonWalk) truncated(pairs int, t []byte) int {
	if pairs < 2 {
		return -1
	}
	return len(t)
}

// meaningOf finds what a key means within f: by its whole path, else by its own name.
func (w *jsonWalk) meaningOf(f *frame, hash uint64, key []byte) meaning {
	switch f.what {
	case fHeaders, fUntrusted, fRespHeader:
		return w.headerOf(f, key)
	}
	if m := keyMeanings.find(hash); m.field != fNone {
		return m
	}
	if f.hash != hashSeed {
		if m := keyMeanings.find(hashKey(hashSeed, key)); m.any {
			m.rank -= min(m.rank, 100) // deep keys count less
			if m.field == fMessage {
				m.rank = 3
			}
			return m
		}
	}
	if guessMessage(key) {
		return meaning{fMessage, 3, true}
	}
	return meaning{}
}

// A memo is what a short key means where it stands: entries repeat their keys.
type memo struct {
	lo, hi, where uint64 // the key's bytes and the hash it goes on from
	hash          uint64
	size          uint8
	what          field
	m             meaning
}

// known is meaningOf with the memory of keys seen before; it also returns the
// hash from which the key's members go on.
func (w *jsonWalk) known(f *frame, key []byte) (uint64, meaning) {
	n := len(key)
	if n > 16 || cap(key) < 16 || f.what == fHeaders || f.what == fRespHeader || f.what == fUntrusted {
		hash := hashKey(f.hash, key)
		return hash, w.meaningOf(f, hash, key)
	}
	b := key[:16]
	lo, hi := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if n < 8 {
		lo, hi = lo&(1<<(8*n)-1), 0
	} else if n < 16 {
		hi &= 1<<(8*(n-8)) - 1
	}
	k := &w.memos[((lo^hi*hashSeed^f.hash)*hashSeed)>>56]
	if k.lo == lo && k.hi == hi && k.where == f.hash && int(k.size) == n && k.what == f.what {
		return k.hash, k.m
	}
	hash := hashKey(f.hash, key)
	*k = memo{lo, hi, f.hash, hash, uint8(n), f.what, w.meaningOf(f, hash, key)}
	return hash, k.m
}

// headerOf finds what a header means; clients write them, so that nothing but
// what is expected of a client counts.
func (w *jsonWalk) headerOf(f *frame, key []byte) meaning {
	m := keyMeanings.find(hashKey(hashSeed, key))
	switch m.field {
	case fAuthorization:
		f.sawAuth = true
		if f.what == fHeaders {
			return m
		}
	case fAgent, fOrigin, fTraceID, fRequestID:
		if f.what == fHeaders {
			m.rank = 1
			return m
		}
	case fHost:
		if f.what == fHeaders {
			return meaning{fDomain, 1, true}
		}
	case fChallenge:
		if f.what == fRespHeader {
			return m
		}
	case fUser:
		if f.what == fUntrusted {
			m.rank = 1
			return m
		}
	}
	if k := normalPrefix(key); k == "xapikey" || k == "apikey" {
		f.sawAuth = true
	}
	return meaning{}
}

func normalPrefix(key []byte) string {
	var b [10]byte
	n := 0
	for _, c := range key {
		if x := normal[c]; x != 0 {
			if n == len(b) {
				return ""
			}
			b[n] = x
			n++
		}
	}
	switch string(b[:n]) {
	case "xapikey":
		return "xapikey"
	case "apikey":
		return "apikey"
	}
	return ""
}

// push opens an object or array within f.
func (w *jsonWalk) push(f, child *frame, index int16, array bool, hash uint64, key []byte, m meaning) {
	*child = frame{attr: index, array: array, hash: hash, what: fNone}
	if array {
		child.elements = m
	}
	if f.array { // an element: it goes on as the array does
		child.hash, child.what = f.hash, f.what
		return
	}
	switch f.what {
	case fUntrusted, fHeaders, fRespHeader:
		child.what, child.hash = f.what, f.hash
		return
	}
	c := containerMeanings.find(hash)
	if c.field == fNone && f.hash != hashSeed {
		c = containerMeanings.find(hashKey(hashSeed, key))
	}
	child.what = c.field
	switch c.field {
	case fClean:
		child.hash, child.what = f.hash, f.what
	case fRequest:
		child.hash = requestHash
	case fResponse:
		child.hash = responseHash
	case fError:
		child.hash = errorHash
	}
}

var (
	requestHash  = hashKey(hashSeed, []byte("request"))
	responseHash = hashKey(hashSeed, []byte("response"))
	errorHash    = hashKey(hashSeed, []byte("error"))
)

// value gives r what the attribute at index says, if nothing better said it.
func (w *jsonWalk) value(r *Record, s *Scratch, f *frame, m meaning, index int) {
	a := &r.Attrs[index]
	if a.Kind == Null && m.field != fAuthorization && m.field != fScheme {
		return
	}
	if m.field == fMessage {
		w.message(r, s, m, index)
		return
	}
	if m.rank <= w.best[m.field] {
		return
	}
	if set := setField(r, s, m, a, f); set {
		w.best[m.field] = m.rank
	}
}

// message takes a value as part of the message; if it is JSON itself, its members count too.
func (w *jsonWalk) message(r *Record, s *Scratch, m meaning, index int) {
	a := &r.Attrs[index]
	if a.Kind == Number || a.Kind == Bool || len(a.Value) == 0 || isNothing(a.Value) {
		return
	}
	if v := a.Value; v[0] == '{' && len(v) > 4 && w.inner < maxInner && v[len(v)-1] == '}' {
		if w.descend(r, s, index) {
			return
		}
	}
	if w.n < maxPieces {
		w.pieces[w.n] = piece{int16(index), m.rank}
		w.n++
	}
}

// descend walks over JSON within a string.
func (w *jsonWalk) descend(r *Record, s *Scratch, index int) bool {
	a := &r.Attrs[index]
	text := a.Value
	if a.Escaped {
		text = textOf(a, s)
	}
	if len(text) < 4 || text[0] != '{' || bytes.IndexByte(text[1:3], '"') < 0 {
		return false
	}
	w.inner++
	stack := w.stack
	end := w.run(r, s, text, int16(index))
	w.stack = stack
	return end > 0
}

// finish joins the pieces of the message.
func (w *jsonWalk) finish(r *Record, s *Scratch) {
	p := w.pieces[:w.n]
	switch len(p) {
	case 0:
		return
	case 1:
		r.Message = textOf(&r.Attrs[p[0].attr], s)
		return
	}
	// In order of rank; few, and mostly in order already.
	for i := 1; i < len(p); i++ {
		for j := i; j > 0 && p[j].rank < p[j-1].rank; j-- {
			p[j], p[j-1] = p[j-1], p[j]
		}
	}
	start := len(s.buf)
	for i := range p {
		a := &r.Attrs[p[i].attr]
		if repeated(r, p[:i], a.Value) {
			continue
		}
		if len(s.buf) > start {
			s.buf = append(s.buf, " | "...)
		}
		if a.Escaped {
			s.buf = appendUnescaped(s.buf, a.Value)
		} else {
			s.buf = append(s.buf, a.Value...)
		}
	}
	r.Message = s.buf[start:]
}

func repeated(r *Record, before []piece, v []byte) bool {
	for _, p := range before {
		if bytes.Equal(r.Attrs[p.attr].Value, v) {
			return true
		}
	}
	return false
}

// textOf returns a's value, unescaped into s where it has escapes.
func textOf(a *Attr, s *Scratch) []byte {
	if !a.Escaped {
		return a.Value
	}
	return s.Unescape(a.Value)
}
