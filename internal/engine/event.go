package engine

import (
	"why401/parsers"
	"why401/rules"
)

// An Event is one record on its way out. It is valid during the call only.
type Event struct {
	File   string
	Record *parsers.Record
	// Clean returns text without credentials, valid until the next call.
	Clean func(text []byte) []byte
}

// An Explanation is one record on its own.
type Explanation struct {
	Event
	Verdict rules.Verdict // Evidence is redacted
	Fix     string
}

// AppendEvent appends e as one JSON line, ECS nested, redacted.
func AppendEvent(dst []byte, e *Event) []byte { return dst }

// AppendExplanation appends x as one JSON line.
func AppendExplanation(dst []byte, x *Explanation) []byte { return dst }
