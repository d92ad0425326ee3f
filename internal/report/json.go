package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"why401/detectors"
	"why401/rules"
)

// An object appends one JSON object, members in the order of the calls. It
// writes what encoding/json would read back as the same value; characters that
// a terminal would obey are escaped, as strings may come from an attacker.
type object struct{ b []byte }

func (o *object) key(name string) {
	if n := len(o.b); o.b[n-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) string(name, s string) {
	o.key(name)
	o.b = appendString(o.b, s)
}

// text is string for a member that is absent when empty.
func (o *object) text(name, s string) {
	if s != "" {
		o.string(name, s)
	}
}

func (o *object) int(name string, n int64) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

// float keeps three decimals: more would pretend to know.
func (o *object) float(name string, f float64) {
	o.key(name)
	o.b = strconv.AppendFloat(o.b, math.Round(f*1000)/1000, 'f', -1, 64)
}

func (o *object) time(name string, t time.Time) {
	if t.IsZero() {
		return
	}
	o.key(name)
	o.b = append(o.b, '"')
	o.b = t.AppendFormat(o.b, time.RFC3339Nano)
	o.b = append(o.b, '"')
}

func (o *object) strings(name string, list []string) {
	if len(list) == 0 {
		return
	}
	o.key(name)
	for i, s := range list {
		o.b = append(o.b, "[,"[min(i, 1)])
		o.b = appendString(o.b, s)
	}
	o.b = append(o.b, ']')
}

func (o *object) counts(name string, m map[string]int64) {
	o.key(name)
	o.b = append(o.b, '{')
	for _, k := range sortedKeys(m) {
		if o.b[len(o.b)-1] != '{' {
			o.b = append(o.b, ',')
		}
		o.b = appendString(o.b, k)
		o.b = append(o.b, ':')
		o.b = strconv.AppendInt(o.b, m[k], 10)
	}
	o.b = append(o.b, '}')
}

func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if n > 1 && strconv.IsPrint(r) {
			i += n
			continue
		}
		dst = append(dst, s[start:i]...)
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case r == utf8.RuneError:
			dst = append(dst, "\uFFFD"...)
		case r < 0x10000:
			dst = append(dst, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			r -= 0x10000
			for _, u := range [2]rune{0xd800 + r>>10, 0xdc00 + r&0x3ff} {
				dst = append(dst, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
			}
		}
		i += n
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// AppendFinding appends f as one JSON object without line ending.
func AppendFinding(dst []byte, f detectors.Finding) []byte {
	o := object{append(dst, '{')}
	o.string("type", f.FindingType())
	switch f := f.(type) {
	case *detectors.CauseFinding:
		o.cause(f)
	case *detectors.SpikeFinding:
		o.spike(f)
	case *detectors.LeakFinding:
		o.leak(f)
	case *detectors.Note:
		o.string("id", f.ID)
		o.text("file", f.File)
		if f.Line != 0 {
			o.int("line", f.Line)
		}
		o.string("message", f.Message)
	}
	return append(o.b, '}')
}

func (o *object) cause(f *detectors.CauseFinding) {
	o.string("file", f.File)
	o.int("line", f.Line)
	if f.EndLine != 0 {
		o.int("end_line", f.EndLine)
	}
	if f.Time != nil {
		o.time("time", *f.Time)
	}
	o.string("cause", f.Cause)
	o.float("confidence", f.Confidence)
	o.strings("candidates", f.Candidates)
	o.text("rule", f.Rule)
	o.text("evidence", f.Evidence)
	o.text("source_ip", f.SourceIP)
	o.text("user", f.User)
	o.text("method", f.Method)
	o.text("path", f.Path)
	if f.Status != 0 {
		o.int("status", int64(f.Status))
	}
	o.text("layer", f.Layer)
	if len(f.Related) == 0 {
		return
	}
	o.key("related")
	for i, p := range f.Related {
		o.b = append(o.b, "[,"[min(i, 1)], '{')
		o.string("file", p.File)
		o.int("line", p.Line)
		o.b = append(o.b, '}')
	}
	o.b = append(o.b, ']')
}

func (o *object) spike(f *detectors.SpikeFinding) {
	o.string("id", f.ID)
	o.string("phase", f.Phase)
	o.string("kind", f.Kind)
	o.time("start", f.Start)
	o.time("end", f.End)
	o.time("detected_at", f.DetectedAt)
	o.string("severity", string(f.Severity))
	o.text("technique", f.Technique)
	o.strings("source_ips", f.SourceIPs)
	if f.SourceIPCount != 0 {
		o.int("source_ip_count", int64(f.SourceIPCount))
	}
	o.strings("source_networks", f.SourceNetworks)
	o.int("users_count", int64(f.UsersCount))
	o.int("attempts", int64(f.Attempts))
	o.int("failures", int64(f.Failures))
	o.int("successes", int64(f.Successes))
	o.strings("compromised_users", f.CompromisedUsers)
	o.text("cause", f.Cause)
	o.string("reason", f.Reason)
}

func (o *object) leak(f *detectors.LeakFinding) {
	o.string("file", f.File)
	o.int("line", f.Line)
	o.int("column", int64(f.Column))
	o.string("kind", f.Kind)
	o.text("scheme", f.Scheme)
	o.text("location", f.Location)
	o.string("severity", string(f.Severity))
	o.float("confidence", f.Confidence)
	o.text("fingerprint", f.Fingerprint)
	o.text("producer", f.Producer)
	o.text("fix", f.Fix)
}

// AppendSummary appends s as one JSON object without line ending.
func AppendSummary(dst []byte, s *Summary) []byte {
	o := object{append(dst, '{')}
	o.string("type", "summary")
	o.int("files", int64(s.Files))
	o.int("bytes", s.Bytes)
	o.int("lines", s.Lines)
	o.int("records", s.Records)
	o.counts("unparsed", s.Unparsed)
	o.int("failures", s.Failures)
	o.counts("causes", s.Causes)
	o.int("spikes", s.Spikes)
	o.int("leaks", s.Leaks)
	if s.Known > 0 {
		o.int("known", s.Known)
	}
	if s.Ignored > 0 {
		o.int("ignored", s.Ignored)
	}
	o.float("seconds", s.Seconds)
	o.before(s.Before)
	return append(o.b, '}')
}

// before tells what earlier runs found: of each figure the least and the most.
func (o *object) before(b *Before) {
	if b == nil {
		return
	}
	o.key("before")
	o.b = fmt.Appendf(o.b, `{"runs":%d,"failures":[%d,%d],"causes":{`, b.Runs, b.Failures.Low, b.Failures.High)
	sep := ""
	for c := range rules.Cause(rules.NumCauses) {
		if band, ok := b.Causes[c]; ok {
			o.b = fmt.Appendf(o.b, `%s"%s":[%d,%d]`, sep, c, band.Low, band.High)
			sep = ","
		}
	}
	o.b = append(o.b, '}', '}')
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// jsonLines writes one finding a line, the summary last.
type jsonLines struct {
	w   *bufio.Writer
	buf []byte
}

// NewJSONL returns a Writer of JSON lines.
func NewJSONL(w io.Writer) Writer { return &jsonLines{w: bufio.NewWriterSize(w, 64<<10)} }

func (j *jsonLines) Finding(f detectors.Finding) error {
	j.buf = append(AppendFinding(j.buf[:0], f), '\n')
	_, err := j.w.Write(j.buf)
	return err
}

func (j *jsonLines) Flush() error { return j.w.Flush() }

func (j *jsonLines) End(m *Model) error {
	j.buf = append(AppendSummary(j.buf[:0], m.Summary()), '\n')
	_, _ = j.w.Write(j.buf)
	return j.w.Flush()
}

// jsonDocument writes one object: the findings as they come, then the summary.
type jsonDocument struct {
	w     *bufio.Writer
	buf   []byte
	begun bool
}

// NewJSON returns a Writer of one JSON document.
func NewJSON(w io.Writer) Writer { return &jsonDocument{w: bufio.NewWriterSize(w, 64<<10)} }

func (j *jsonDocument) Finding(f detectors.Finding) error {
	sep := ",\n"
	if !j.begun {
		j.begun, sep = true, "{\"findings\":[\n"
	}
	j.buf = AppendFinding(append(j.buf[:0], sep...), f)
	_, err := j.w.Write(j.buf)
	return err
}

func (j *jsonDocument) Flush() error { return nil }

func (j *jsonDocument) End(m *Model) error {
	if !j.begun {
		_, _ = j.w.WriteString("{\"findings\":[")
	}
	j.buf = AppendSummary(append(j.buf[:0], "],\n\"summary\":"...), m.Summary())
	_, _ = j.w.Write(append(j.buf, '}', '\n'))
	return j.w.Flush()
}
