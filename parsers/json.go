package parsers

import "bytes"

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
	w := &s.walk
	w.reset()
	if !w.object(r, s) {
		r.restart()
		return false
	}
	w.served(r)
	if r.Status == 0 && r.Method == nil && w.n > 0 && w.pieces[0].rank == 0 && s.inner.read(r, s, &r.Attrs[w.pieces[0].attr]) {
		return true
	}
	w.finish(r, s)
	if r.URL == nil && r.Method != nil && len(r.Message) > 0 && r.Message[0] == '/' && bytes.IndexByte(r.Message, ' ') < 0 { // authentik's access lines
		r.setURL(r.Message)
		r.Message = nil
	}
	r.pickMissing(s)
	return true
}

// object walks over the object that r's whole text is, and reports whether it is one.
func (w *jsonWalk) object(r *Record, s *Scratch) bool {
	t := r.Text
	if t[0] == '[' && (len(t) < 3 || t[1] != '{') {
		return false
	}
	end := w.run(r, s, t, -1)
	return end >= 0 && len(bytes.TrimSpace(t[end:])) <= 1 && len(r.Attrs) > 0
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
	words  int               // that were no pairs
	traits [numTraits][]byte // valid where best has their field
	open   bool              // a bracket was never closed: don't look for the end of another
	memos  [1024]memo
	last   *memo // of the key before
	start  memo  // before the first key
	long   memo  // of a key too long to keep
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
	listed   bool // an array whose elements are headers
	members  int16
	sawAuth  bool
	what     field   // what kind of container it is
	hash     uint64  // where its members' keys go on
	elements meaning // of an array: what its elements mean
}

func (w *jsonWalk) reset() {
	w.best = [numFields]uint8{}
	w.n, w.inner, w.words, w.open = 0, 0, 0, false
	w.last = &w.start
}

// begin readies w for values that stand at the top, without an object around them.
func (w *jsonWalk) begin() {
	w.reset()
	w.stack[0] = frame{attr: -1, hash: hashSeed, what: fClean}
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
			if up := &w.stack[max(depth-1, 0)]; up.array && !f.array && (f.what == fHeaders || f.what == fRespHeader) {
				w.header(r, s, up, f.attr)
				depth--
				f = up
				continue
			}
			if f.what == fHeaders && f.members > 1 && (!f.array || f.listed) && r.Sent == SentUnknown {
				r.Sent = SentAbsent
				if f.sawAuth { // of which nothing is shown: Caddy's "Authorization": []
					r.Sent = SentPresent
				}
			}
			r.Headed = r.Headed || f.what == fRespHeader && f.members > 1 && (!f.array || f.listed)
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
			n := 0
			if n = w.expected(f, t[i+1:], '"'); n == 0 {
				if n, _ = stringEnd(t[i+1:]); n < 0 {
					return w.truncated(pairs, t)
				}
				w.known(f, t[i+1:i+1+n], '"')
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
			hash, m = w.last.hash, w.last.m
			f.sawAuth = f.sawAuth || w.last.auth
		}
		pairs++
		f.members++
		index := len(r.Attrs)
		full := index >= maxAttrs
		a := Attr{Key: key, Parent: f.attr}
		switch c := t[i]; {
		case c == '"':
			n, escaped := stringEnd(t[i+1:])
			if n < 0 {
				a.Value, a.Escaped = t[i+1:], true
				r.Attrs = append(r.Attrs, a)
				w.value(r, s, f, m, index)
				return w.truncated(pairs, t)
			}
			a.Value, a.Escaped = t[i+1:i+1+n], escaped
			i += n + 2
		case c == '{' || c == '[':
			a.Kind, a.Value = Object, t[i:]
			if c == '[' {
				if text, n := byteList(s, key, t[i:]); n > 0 {
					a.Kind, a.Value = String, text
					i += n
					break
				}
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
			r.Attrs = append(r.Attrs, a)
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
		r.Attrs = append(r.Attrs, a)
		if m.field != fNone {
			w.value(r, s, f, m, index)
			f = &w.stack[depth] // an inner walk may have used the stack above
		}
	}
}

// byteList reads the message of an entry of the journal that is no plain text: a
// list of numbers, one for each byte. Terminal colours make most such.
func byteList(s *Scratch, key, b []byte) (text []byte, n int) {
	if len(key) != 7 || string(key) != "MESSAGE" || len(b) < 3 || b[1]-'0' > 9 {
		return nil, 0
	}
	from, v := len(s.buf), 0
	for i, c := range b[1:] {
		switch {
		case c-'0' <= 9 && v < 256:
			v = v*10 + int(c-'0')
		case c == ',', c == ']':
			s.buf = append(s.buf, byte(v))
			if v = 0; c == ']' {
				text, n = s.buf[from:len(s.buf):len(s.buf)], i+2
				if bytes.IndexByte(text, 0x1b) >= 0 {
					ln := line{text: text}
					_, s.buf = ln.ansi(s.buf)
					text = ln.text
				}
				return text, n
			}
		default:
			return nil, 0
		}
	}
	return nil, 0
}

// truncated decides about an object that the entry's end cuts off.
func (w *jsonWalk) truncated(pairs int, t []byte) int {
	if pairs < 2 {
		return -1
	}
	return len(t)
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
	case fTLS:
		child.what, child.hash = fTLS, hash
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
	case fTLS:
		child.hash = tlsHash
	}
}

var (
	requestHash  = hashKey(hashSeed, []byte("request"))
	responseHash = hashKey(hashSeed, []byte("response"))
	errorHash    = hashKey(hashSeed, []byte("error"))
	tlsHash      = hashKey(hashSeed, []byte("tls"))
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
	if m.field == fTime && f.attr >= 0 {
		m.rank-- // of two equal keys the outer one counts: Google's LogEntry
	}
	if m.rank <= w.best[m.field] {
		return
	}
	if set := setField(r, s, m, a, f); set {
		w.best[m.field] = m.rank
	}
}
