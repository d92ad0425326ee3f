package report

import (
	"bufio"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"why401/detectors"
	"why401/rules"
)

// sarif writes SARIF 2.1.0 (OASIS), without snippets: places and our own words
// only. Results are written as they come, the rules that they name at the end.
type sarif struct {
	w     *bufio.Writer
	set   func() *rules.Set
	buf   []byte
	begun bool
	ids   map[string]string // rule id to its description
}

// NewSARIF returns a Writer of one SARIF log.
func NewSARIF(w io.Writer, opt Options) Writer {
	return &sarif{w: bufio.NewWriterSize(w, 64<<10), ids: map[string]string{}, set: func() *rules.Set { return ruleSet(opt) }}
}

const sarifHead = `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[`

func (s *sarif) Finding(f detectors.Finding) error {
	id, message, file, line, fingerprint := "", "", "", int64(0), ""
	switch f := f.(type) {
	case *detectors.CauseFinding:
		if f.Cause == "benign_challenge" {
			return nil
		}
		id, file, line = "cause/"+f.Cause, f.File, f.Line
		cause, _ := rules.ParseCause(f.Cause)
		message = "request refused: " + words(f.Cause)
		s.describe(id, s.set().Info(cause).Title)
	case *detectors.SpikeFinding:
		id, message = "spike/"+f.Kind, words(f.Kind)+": "+f.Reason
		s.describe(id, words(f.Kind)+", seen over many requests")
	case *detectors.LeakFinding:
		id, file, line, fingerprint = "leak/"+f.Kind, f.File, f.Line, f.Fingerprint
		message = leakText(f)
		s.describe(id, "a credential in a log (CWE-532): "+f.Kind)
	case *detectors.Note:
		id, message, file, line = "note/"+f.ID, f.Message, f.File, f.Line
		s.describe(id, words(f.ID))
	}
	sep := sarifHead
	if s.begun {
		sep = ",\n"
	}
	s.begun = true
	o := object{append(append(s.buf[:0], sep...), '{')}
	o.string("ruleId", id)
	o.string("level", sarifLevel(f))
	o.key("message")
	o.b = append(o.b, '{')
	o.string("text", message)
	o.b = append(o.b, '}')
	if file != "" && file != "-" {
		o.key("locations")
		o.b = append(o.b, `[{"physicalLocation":{"artifactLocation":{`...)
		o.string("uri", fileURI(file))
		o.b = append(o.b, '}')
		if line > 0 {
			o.key("region")
			o.b = append(o.b, '{')
			o.int("startLine", line)
			if leak, ok := f.(*detectors.LeakFinding); ok && leak.Character > 0 {
				o.int("startColumn", int64(leak.Character)) // and no endColumn, which would tell a length
			}
			o.b = append(o.b, '}')
		}
		o.b = append(o.b, "}}]"...)
	}
	if fingerprint != "" {
		o.key("partialFingerprints")
		o.b = append(o.b, '{')
		o.string("why401/v1", fingerprint)
		o.b = append(o.b, '}')
	}
	s.buf = append(o.b, '}')
	_, err := s.w.Write(s.buf)
	return err
}

// describe notes a rule for the end.
func (s *sarif) describe(id, text string) {
	if s.ids[id] == "" {
		s.ids[id] = text
	}
}

// sarifLevel is error for what --fail-on would call high, warning for the rest, and note
// for what never fails.
func sarifLevel(f detectors.Finding) string {
	switch r := Rank(SeverityOf(f)); {
	case r == 0:
		return "note"
	case r >= Rank(detectors.High):
		return "error"
	}
	return "warning"
}

// fileURI is a relative reference for a relative path, as SARIF wants it.
func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if strings.HasPrefix(path, "/") {
		return (&url.URL{Scheme: "file", Path: path}).String()
	}
	return (&url.URL{Path: path}).String()
}

func (s *sarif) Flush() error { return nil }

func (s *sarif) End(*Model) error {
	o := object{s.buf[:0]}
	if !s.begun {
		o.b = append(o.b, sarifHead...)
	}
	o.b = append(o.b, `],"tool":{"driver":{"name":"why401","rules":[`...)
	for i, id := range sortedKeys(s.ids) {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = append(o.b, '{')
		o.string("id", id)
		o.key("shortDescription")
		o.b = append(o.b, '{')
		o.string("text", s.ids[id])
		o.b = append(o.b, "}}"...)
	}
	_, _ = s.w.Write(append(o.b, "]}}}]}\n"...))
	return s.w.Flush()
}
