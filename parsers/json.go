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
	w := &s.walk
	w.reset()
	if !w.object(r, s) {
		r.restart()
		return false
	}
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
	words  int  // that were no pairs
	open   bool // a bracket was never closed: don't look for the end of another
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

// A memo is what a key means where it stands: entries repeat their keys, and
// mostly in the same order.
type memo struct {
	key   [32]byte
	size  uint8
	end   byte // what follows it: '"' in JSON, '=' in pairs
	what  field
	m     meaning
	auth  bool   // it names a header of credentials
	where uint64 // the hash it goes on from
	hash  uint64 // the hash from which its members go on
	next  *memo  // of the key that came after it the last time
}

// expected returns the length of the key at the start of b, which end follows, if
// it is the key that came after the last one before; else 0. W.last is its memo then.
func (w *jsonWalk) expected(f *frame, b []byte, end byte) int {
	k := w.last.next
	if k == nil {
		return 0
	}
	n := int(k.size)
	if n >= len(b) || b[n] != end || k.end != end || k.where != f.hash || k.what != f.what || string(b[:n]) != string(k.key[:n&31]) {
		return 0
	}
	w.last = k
	return n
}

// known sets w.last to the memo of key, before end, which is made where there is none.
func (w *jsonWalk) known(f *frame, key []byte, end byte) {
	n := len(key)
	if n == 0 || n > 31 {
		w.last = &w.long
		w.last.fill(w, f, key, end)
		return
	}
	h := f.hash ^ uint64(n)
	if n >= 8 {
		h ^= binary.LittleEndian.Uint64(key)*hashSeed ^ binary.LittleEndian.Uint64(key[n-8:])
	} else {
		for _, c := range key {
			h = h<<8 ^ uint64(c)
		}
	}
	k := &w.memos[h*hashSeed>>54]
	if int(k.size) != n || k.end != end || string(key) != string(k.key[:n]) || k.where != f.hash || k.what != f.what {
		k.fill(w, f, key, end)
		k.size = uint8(copy(k.key[:], key))
	}
	w.last.next, w.last = k, k
}

// fill makes k the memo of key, without its text.
func (k *memo) fill(w *jsonWalk, f *frame, key []byte, end byte) {
	saw := f.sawAuth
	f.sawAuth = false
	hash := hashKey(f.hash, key)
	*k = memo{end: end, what: f.what, where: f.hash, hash: hash, m: w.meaningOf(f, hash, key), auth: f.sawAuth}
	f.sawAuth = saw
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
	case fForwarded:
		if f.what == fHeaders {
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

// header reads an element of a list of headers, {"name":"Host","value":"x"}: of AWS
// WAF, of HAR.
func (w *jsonWalk) header(r *Record, s *Scratch, list *frame, element int16) {
	name, value := -1, -1
	for i := int(element) + 1; i < len(r.Attrs); i++ {
		switch a := &r.Attrs[i]; {
		case a.Parent != element:
		case string(a.Key) == "name", string(a.Key) == "key":
			name = i
		case string(a.Key) == "value":
			value = i
		}
	}
	if name < 0 || value < 0 {
		return
	}
	list.listed = true
	a := &r.Attrs[value]
	if m := w.headerOf(list, r.Attrs[name].Value); m.field != fNone && a.Kind == String {
		a.Key = r.Attrs[name].Value
		w.value(r, s, list, m, value)
	}
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

// message takes a value as part of the message; if it is JSON itself, its members count too.
func (w *jsonWalk) message(r *Record, s *Scratch, m meaning, index int) {
	a := &r.Attrs[index]
	if a.Kind == Number || a.Kind == Bool || len(a.Value) == 0 || isNothing(a.Value) {
		return
	}
	if len(a.Key) == 4 && string(a.Key) == "line" && isDigits(a.Value) { // of the source
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
	w.unnamed(r)
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

// unnamed takes sentences under keys that nobody knows for the server's words,
// where the entry tells a refusal and gives no reason under any other key.
func (w *jsonWalk) unnamed(r *Record) {
	if r.Status < 400 || r.Status >= 500 {
		return
	}
	for _, p := range w.pieces[:w.n] {
		if p.rank > 0 {
			return
		}
	}
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if w.n == maxPieces {
			return
		}
		if a.Parent >= 0 || a.Kind != String || !isSentence(a.Value) || writtenByClient(a.Key) || keyMeanings.find(hashKey(hashSeed, a.Key)).field != fNone {
			continue
		}
		w.pieces[w.n] = piece{int16(i), unnamedRank}
		w.n++
	}
}

const unnamedRank = 9 // after all that has a name

// isSentence reports whether v is words and not an identifier, a list or a number.
func isSentence(v []byte) bool {
	return len(v) >= 8 && len(v) <= 400 && bytes.IndexByte(v, ' ') > 0 && (v[0]|0x20)-'a' < 26
}

// writtenByClient reports whether a key names what people type.
func writtenByClient(key []byte) bool {
	for _, word := range [...]string{"name", "title", "subject", "comment", "query", "search", "agent", "address", "content", "text", "input", "label", "term", "filter", "browser", "device", "os", "city", "country", "file"} {
		if hasSuffixFold(key, word) {
			return true
		}
	}
	return false
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
