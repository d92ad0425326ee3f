package engine

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// An Event is one record on its way out. It is valid during the call only.
type Event struct {
	File   string
	Record *parsers.Record
	// Clean returns text without credentials, valid until its next call.
	Clean func(text []byte) []byte
}

// An Explanation is one record on its own.
type Explanation struct {
	Event
	Verdict rules.Verdict // Evidence is redacted
	Fix     string
	Seen    []string // what a captured exchange shows, in sentences, redacted
	Notes   []detectors.Note
}

// AppendEvent appends e as one JSON line, ECS nested, redacted.
func AppendEvent(dst []byte, e *Event) []byte { return append(appendEvent(dst, e), '\n') }

func appendEvent(dst []byte, e *Event) []byte {
	r := e.Record
	o := object{dst: append(dst, '{'), clean: e.Clean}
	if r.Time != 0 {
		o.name("@timestamp")
		o.dst = append(time.Unix(0, r.Time).UTC().AppendFormat(append(o.dst, '"'), time.RFC3339Nano), '"')
	}
	o.open("source")
	o.plain("ip", r.Client)
	o.integer("port", r.ClientPort)
	o.close()
	o.open("http")
	o.open("request")
	o.plain("method", r.Method)
	o.text("id", r.RequestID)
	o.close()
	o.open("response")
	if r.Status != 0 {
		o.number("status_code", int64(r.Status))
	}
	o.close()
	o.close()
	o.open("url")
	o.text("path", r.Path)
	o.text("original", r.URL)
	o.text("domain", r.Domain)
	o.close()
	o.open("server")
	o.text("address", r.Upstream)
	o.close()
	o.open("user")
	o.text("name", r.User)
	o.close()
	o.open("user_agent")
	o.text("original", r.UserAgent)
	o.close()
	o.open("tls")
	o.open("client")
	switch f := r.Fingerprint; f.Kind {
	case parsers.JA3, parsers.JA3N:
		o.text("ja3", f.Value)
	case parsers.JA4:
		o.text("ja4", f.Value)
	}
	o.close()
	o.close()
	o.open("event")
	o.plain("outcome", []byte(outcome(r)))
	o.text("reason", r.Message)
	o.close()
	o.open("error")
	o.text("code", r.Code)
	o.text("type", r.ErrorType)
	o.close()
	o.open("trace")
	o.text("id", r.TraceID)
	o.close()
	o.open("log")
	o.open("file")
	o.plain("path", []byte(e.File))
	o.number("line", r.Line)
	o.close()
	o.plain("level", r.Level)
	o.text("logger", r.Logger)
	o.close()
	o.open("why401")
	o.plain("format", []byte(formatName(r)))
	o.close()
	return append(o.dst, '}')
}

func formatName(r *parsers.Record) string {
	if r.Format == nil {
		return "text"
	}
	return r.Format.Name
}

// outcome is ECS event.outcome: the record's own word, else what its status says.
func outcome(r *parsers.Record) string {
	switch {
	case r.Outcome == parsers.Success || r.Outcome == parsers.OutcomeUnknown && r.Status >= 100 && r.Status < 400:
		return "success"
	case r.Outcome == parsers.Failure || r.Status >= 400:
		return "failure"
	}
	return ""
}

// AppendExplanation appends x as one JSON line, and its notes, each as another.
func AppendExplanation(dst []byte, x *Explanation) []byte {
	r, v := x.Record, &x.Verdict
	o := object{dst: append(dst, '{'), clean: x.Clean}
	o.plain("type", []byte("explanation"))
	o.plain("file", []byte(x.File))
	o.number("line", r.Line)
	o.number("end_line", r.Line+int64(r.Lines)-1)
	o.plain("format", []byte(formatName(r)))
	o.name("event")
	o.dst = appendEvent(o.dst, &x.Event)
	o.plain("cause", []byte(v.Cause.String()))
	o.name("confidence")
	o.dst = strconv.AppendFloat(o.dst, round(v.Confidence), 'g', -1, 64)
	if len(v.Candidates) > 0 {
		o.name("candidates")
		o.dst = append(o.dst, '[')
		for i, c := range v.Candidates {
			if i > 0 {
				o.dst = append(o.dst, ',')
			}
			o.dst = AppendString(o.dst, []byte(c.Cause.String()))
		}
		o.dst = append(o.dst, ']')
	}
	o.plain("rule", []byte(v.Rule))
	o.plain("evidence", []byte(v.Evidence))
	o.plain("fix", []byte(x.Fix))
	if len(x.Seen) > 0 {
		o.name("seen")
		o.dst = append(o.dst, '[')
		for i, s := range x.Seen {
			if i > 0 {
				o.dst = append(o.dst, ',')
			}
			o.dst = AppendString(o.dst, []byte(s))
		}
		o.dst = append(o.dst, ']')
	}
	o.dst = append(o.dst, "}\n"...)
	for i := range x.Notes {
		o.dst = appendNote(o.dst, &x.Notes[i])
	}
	return o.dst
}

func appendNote(dst []byte, n *detectors.Note) []byte {
	o := object{dst: append(dst, '{')}
	o.plain("type", []byte(n.Type))
	o.plain("id", []byte(n.ID))
	o.plain("file", []byte(n.File))
	o.number("line", n.Line)
	o.plain("message", []byte(n.Message))
	return append(o.dst, "}\n"...)
}

// fix says what to do about a cause, and who.
func fix(in rules.Info) string {
	var says []string
	for _, one := range [...]struct{ who, what string }{{"client", in.Client}, {"server", in.Server}, {"proxy", in.Proxy}} {
		if one.what != "" {
			says = append(says, one.who+": "+one.what)
		}
	}
	return strings.Join(says, " ")
}

// An object writes the members of a JSON object that have a value.
type object struct {
	dst     []byte
	clean   func([]byte) []byte
	pending [3]string // objects opened and still empty
	depth   int
}

// open starts a member that is an object; close ends it. One without members is left out.
func (o *object) open(name string) {
	o.pending[o.depth] = name
	o.depth++
}

func (o *object) close() {
	if o.depth > 0 {
		o.depth--
		return
	}
	o.dst = append(o.dst, '}')
}

// name starts a member, and the pending objects around it.
func (o *object) name(name string) {
	for _, outer := range o.pending[:o.depth] {
		o.member(outer)
		o.dst = append(o.dst, '{')
	}
	o.depth = 0
	o.member(name)
}

func (o *object) member(name string) {
	if last := o.dst[len(o.dst)-1]; last != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(append(append(o.dst, '"'), name...), '"', ':')
}

func (o *object) plain(name string, value []byte) {
	if len(value) > 0 {
		o.name(name)
		o.dst = AppendString(o.dst, value)
	}
}

func (o *object) text(name string, value []byte) {
	if len(value) > 0 {
		o.plain(name, o.clean(value))
	}
}

func (o *object) number(name string, n int64) {
	o.name(name)
	o.dst = strconv.AppendInt(o.dst, n, 10)
}

func (o *object) integer(name string, digits []byte) {
	if n, err := strconv.ParseUint(string(digits), 10, 16); err == nil {
		o.number(name, int64(n))
	}
}

const hexDigits = "0123456789abcdef"

// AppendString appends b as a JSON string. What is no UTF-8 becomes U+FFFD; DEL,
// C1 controls, line separators and bidirectional marks are escaped, so that the
// output is safe on a terminal and in a page.
func AppendString(dst, b []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(b); {
		c := b[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, b[from:i]...), "\ufffd"...)
				i++
				from = i
				continue
			}
			if r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff {
				dst = append(append(dst, b[from:i]...), '\\', 'u', hexDigits[r>>12], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
				i += n
				from = i
				continue
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		dst = append(dst, b[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, b[from:]...), '"')
}
