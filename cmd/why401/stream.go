package main

import (
	"bufio"
	"bytes"
	"io"

	"github.com/spf13/cobra"

	"why401/detectors"
	"why401/internal/report"
)

// A stream is the sink of commands whose output is a stream of lines: text as it
// comes, or JSON lines, which it can make one JSON document of.
type stream struct {
	w     *bufio.Writer
	name  string // of the document's only member; "" for none
	begun bool
	line  bool // in the middle of a line

	remedies *report.Remedies // of explanations for people; nil for all else
	buf      []byte
}

func newStream(w io.Writer) *stream { return &stream{w: bufio.NewWriterSize(w, 64<<10)} }

// document makes s write one JSON object whose only member is a list of what comes.
func (s *stream) document(name string) { s.name = name }

func (s *stream) Write(p []byte) (int, error) {
	if s.remedies != nil {
		s.buf = s.remedies.Append(s.buf[:0], p)
		_, err := s.w.Write(s.buf)
		return len(p), err
	}
	if s.name == "" {
		return s.w.Write(p)
	}
	for line := range bytes.Lines(p) {
		if !s.line {
			s.separate()
		}
		s.line = line[len(line)-1] != '\n'
		if _, err := s.w.Write(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (s *stream) separate() {
	if s.begun {
		_, _ = s.w.WriteString(",\n")
		return
	}
	s.begun = true
	_, _ = s.w.WriteString("{\"" + s.name + "\":[\n")
}

func (s *stream) Flush() error { return s.w.Flush() }

// end writes what closes a document.
func (s *stream) end() error {
	if s.name != "" {
		if !s.begun {
			_, _ = s.w.WriteString("{\"" + s.name + "\":[")
		}
		_, _ = s.w.WriteString("]}\n")
	}
	return cannotWrite("standard output", s.w.Flush())
}

func (s *stream) Finding(detectors.Finding) error { return nil }

// addFormat adds --format with these values, the default first.
func addFormat(cmd *cobra.Command, format *choice, valid ...string) {
	*format = choice{value: valid[0], valid: valid}
	cmd.Flags().Var(format, "format", "what standard output gets: "+list(valid))
	format.complete(cmd, "format")
}
