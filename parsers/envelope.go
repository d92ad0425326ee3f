package parsers

import "bytes"

// innerText reads a line that a shipper put whole into one member of a JSON
// object: "message" of Filebeat, "log" of Fluent Bit, "textPayload" of Google,
// "MESSAGE" of journald, "line" of Loki. Such an object is an envelope: a wrapper
// whose members say what the line itself doesn't.
type innerText struct {
	formats *candidates
	busy    bool
	rec     Record
}

// read fills r from the line that a holds and reports whether it is in a format of
// its own.
func (in *innerText) read(r *Record, s *Scratch, a *Attr) bool {
	if in.busy || len(a.Value) < 24 || !headLike(a.Value) {
		return false
	}
	in.busy = true
	pieces, n := s.walk.pieces, s.walk.n // a parser that says no may have used the walk
	defer func() { in.busy, s.walk.pieces, s.walk.n = false, pieces, n }()
	text := textOf(a, s)
	ln := line{text: bytes.TrimRight(text, "\r\n")}
	s.buf = ln.strip(s.buf, false)
	text = ln.text
	inner := &in.rec
	inner.Reset()
	inner.Raw, inner.Text, inner.Line = r.Raw, text, r.Line
	for _, w := range ln.wraps.names[:ln.wraps.n] {
		inner.Wrappers = append(inner.Wrappers, wrapperNames[w])
	}
	if len(text) == 0 {
		return false
	}
	inner.Lines = r.Lines
	if bytes.IndexByte(text, '\n') >= 0 {
		inner.Lines = max(2, r.Lines) // tells parsers that there are lines
	}
	for _, p := range in.formats.of(text) {
		if (p.Order < 950 || ln.wraps.n > 0) && p.First != "{[" && p.Parse(inner, s) {
			inner.Format = p
			break
		}
	}
	if inner.Format == nil {
		return false
	}
	inner.Lines = r.Lines
	ln.wraps.fill(inner, s)
	in.merge(r, inner)
	return true
}

// headLike reports whether b begins as lines of logs do, with a stamp, an address
// or a level, rather than with a word.
func headLike(b []byte) bool {
	switch c := b[0]; {
	case c-'0' <= 9:
		return true
	case c == '[':
		return b[1]-'0' <= 9 || b[4] == ' '
	case c == '<': // syslog's priority
		return b[1]-'0' <= 9
	case c-'A' < 26: // klog, syslog
		return b[1]-'0' <= 9 && b[5] == ' ' || b[3] == ' ' && b[9] == ':' && month(b) > 0
	case c-'a' < 26:
		return logfmtKey(b[:24]) > 0
	}
	return false
}

// merge gives r what the inner line says; what it doesn't say stays.
func (in *innerText) merge(r, inner *Record) {
	for _, f := range [...]struct{ to, from *[]byte }{
		{&r.Client, &inner.Client}, {&r.ClientPort, &inner.ClientPort}, {&r.User, &inner.User}, {&r.Method, &inner.Method},
		{&r.URL, &inner.URL}, {&r.Path, &inner.Path}, {&r.Domain, &inner.Domain}, {&r.UserAgent, &inner.UserAgent}, {&r.Origin, &inner.Origin},
		{&r.RequestID, &inner.RequestID}, {&r.TraceID, &inner.TraceID}, {&r.Level, &inner.Level}, {&r.Logger, &inner.Logger},
		{&r.Code, &inner.Code}, {&r.ErrorType, &inner.ErrorType}, {&r.Challenge, &inner.Challenge}, {&r.Scheme, &inner.Scheme},
		{&r.Upstream, &inner.Upstream}, {&r.Forwarded, &inner.Forwarded},
	} {
		if *f.from != nil {
			*f.to = *f.from
		}
	}
	if inner.Fingerprint.Kind != NoFingerprint {
		r.Fingerprint = inner.Fingerprint
	}
	if inner.Time != 0 && (inner.Assumed == 0 || r.Time == 0) {
		r.Time, r.Assumed = inner.Time, inner.Assumed
	}
	if inner.Status != 0 {
		r.Status = inner.Status
	}
	if inner.Sent != SentUnknown {
		r.Sent = inner.Sent
	}
	if inner.Outcome != OutcomeUnknown {
		r.Outcome = inner.Outcome
	}
	r.Message, r.Format = inner.Message, inner.Format
	r.Wrappers = append(append(r.Wrappers, wrapperNames[wrapEnvelope]), inner.Wrappers...)
}
