package parsers

import "bytes"

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
	w.fingerprint(r, s)
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

// served takes the name of a service as the logger's, or that of a container as the
// replica's, where nothing better was said.
func (w *jsonWalk) served(r *Record) {
	const container = 249 // the least rank of a key that names one
	switch {
	case r.Service == nil:
	case w.best[fService] == 0: // it is a file
		return
	case w.best[fService] < container && r.Logger == nil:
		r.Logger = r.Service
	case w.best[fService] >= container && r.Upstream == nil:
		r.Upstream = r.Service
	}
	r.Service = serviceOf(r.Service)
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
