// Package leak finds credentials in logs (CWE-532) by the grammar of what logs hold.
package leak

import (
	"why401/detectors"
	"why401/parsers"
)

// A Span is a credential's place in a block.
type Span struct {
	Start, End int // in Block.Data; Start < 0 or End > len(Data) only in parts of a long line
	Line       int // of Start, from 0 in Block.Data
	Column     int // of Start, bytes, from 1
	Kind       string
	Scheme     string // auth-scheme, lower case
	Location   string
	Severity   detectors.Severity
	Confidence float32
	Producer   string
	Number     bool // an unquoted JSON number: its replacement needs quotes

	// The finding's own is one of several spans of one credential (its
	// continuation lines): Primary is false for the others.
	Primary bool
}

// A Scanner finds credentials. It belongs to one goroutine.
type Scanner struct{}

// NewScanner returns a Scanner.
func NewScanner() *Scanner { return &Scanner{} }

// Scan returns the credentials that start in b.Data (and, in a part of a long
// line, those that reach into it), in order and without overlap. The slice is
// valid until the next call. What it returns doesn't depend on where blocks are cut.
func (s *Scanner) Scan(b *parsers.Block) []Span { return nil }

// Redact appends text to dst with every credential replaced by [REDACTED].
func (s *Scanner) Redact(dst, text []byte) []byte { return append(dst, text...) }
