package parsers

import "bytes"

// context reads what a logger put in brackets of its own of the request under way
// (a mapped diagnostic context): "[shop,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7]"
// of Micrometer, "[requestId=r-77, user=ada]", "[4bf92f3577b34da6a3ce929d0e0e4736]". Of
// two ids without a name the first is the trace's, and one alone the request's.
func (r *Record) context(in []byte) {
	if len(in) < 8 {
		return
	}
	var bare [2][]byte
	n := 0
	for part := range bytes.FieldsFuncSeq(in, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '|' }) {
		key, value, named := bytes.Cut(part, []byte{'='})
		switch {
		case named && len(value) > 0:
			r.contextField(key, value)
		case n < len(bare) && len(part) >= 16 && isID(part):
			bare[n] = part
			n++
		}
	}
	switch {
	case n == 1 && r.RequestID == nil:
		r.RequestID = bare[0]
	case n == 2 && r.TraceID == nil:
		r.TraceID = bare[0]
	}
}

func (r *Record) contextField(key, value []byte) {
	switch keyMeanings.find(hashKey(hashSeed, key)).field {
	case fRequestID:
		r.RequestID = value
	case fTraceID:
		r.TraceID = traceID(value)
	case fUser:
		r.setUser(value)
	case fClient:
		r.setClient(value)
	}
}

// isContext reports whether in, out of brackets, is such a context and no more than
// one id.
func isContext(in []byte) bool {
	i := bytes.IndexAny(in, "=,")
	if i < 1 {
		return false
	}
	if in[i] == '=' {
		return isLoggerName(in[:i])
	}
	for part := range bytes.SplitSeq(in[i+1:], []byte{','}) {
		if part = bytes.TrimSpace(part); len(part) >= 16 && isID(part) {
			return true
		}
	}
	return false
}
