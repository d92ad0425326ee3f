// Package engine carries logs from their sources through the parsers and
// detectors to a sink: blocks of whole lines, workers that read, label and scan,
// results in order, trackers with state.
package engine

import (
	"time"

	"why401/detectors"
	"why401/detectors/correlate"
	"why401/detectors/leak"
	"why401/detectors/spike"
	"why401/parsers"
	"why401/rules"
)

// A Mode is what a run is for.
type Mode uint8

const (
	Report  Mode = iota // causes, spikes and leaks, merged by event time
	Check               // leaks alone; nothing is parsed
	Parse               // normalised events
	Explain             // every record on its own
	Redact              // the input with credentials replaced
	Formats             // counts alone
)

// Config says what a run does. The zero value of a field is its default.
type Config struct {
	Mode    Mode
	Workers int // goroutines that parse; 0 means one for each CPU
	Block   int // bytes of a block; 0 means 256 KiB

	Parse parsers.Options
	Rules *rules.Set // of Report and Explain; nil means the built-in ones

	Since, Until time.Time // records outside are left out, those without a time too

	Key       []byte       // of leak fingerprints; nil means none
	Canary    *leak.Finder // of traces that are leaks; nil means none
	Own       *leak.Own    // the user's own names of credentials; nil means none
	Correlate correlate.Config
	Spike     spike.Config

	// Campaigns sees attacks, as spike.New(Spike) does, which nil means.
	Campaigns detectors.Tracker

	// Event appends one event as a JSON line (Parse); nil means AppendEvent.
	// Explain appends one explanation; nil means AppendExplanation. Both are
	// called on many goroutines.
	Event   func(dst []byte, e *Event) []byte
	Explain func(dst []byte, e *Explanation) []byte

	// Renew is asked before each block, on the goroutine of Live, whether other
	// settings came; nil means no. Those of how lines are read and labelled are
	// taken over, those of trackers and outputs are not.
	Renew func() *Config

	// Progress is called now and then with what was read so far, on the
	// goroutine of Run; nil means nobody asks.
	Progress func(s *Stats)
}

// A Sink takes results, in order, on one goroutine. An error ends the run.
type Sink interface {
	Finding(f detectors.Finding) error // Report, Check
	Write(p []byte) (int, error)       // Parse, Explain, Redact
	Flush() error                      // the input pauses, or ends
}

// Stats is what a run read.
type Stats struct {
	Files   []FileStats // in the order of their names
	Elapsed time.Duration
}

// FileStats is what was read of one log.
type FileStats struct {
	Name        string
	Size        int64 // as stored; 0 when unknown
	Bytes       int64 // read, decompressed
	Lines       int64
	Records     int64
	Unparsed    int64            // records that fit no format
	LongLines   int64            // longer than parsers.MaxLine
	FirstBad    int64            // line of the first record that fits no format, 0 for none
	Bad         []BadLine        // the first such records (Formats)
	Formats     map[string]int64 // records by format, "text" for none
	Wrappers    map[string]int64 // records by wrapper
	Remarks     [leak.NumRemarks]Remarks
	Bare        Remarks         // refusals whose headers are shown, without a challenge
	Assumed     parsers.Assumed // what had to be assumed to read time stamps
	Offset      Offset          // from other logs (Report)
	First, Last int64           // event time, Unix nanoseconds, 0 when no record has one
	Err         error           // why it wasn't read to its end
}

// Remarks are those of one kind in a log.
type Remarks struct{ N, First int64 } // First is a line, 0 for none

func (r *Remarks) add(n, first int64) {
	if n > 0 && (r.First == 0 || first < r.First) {
		r.First = first
	}
	r.N += n
}

// A BadLine is a record that fits no format.
type BadLine struct {
	Line int64
	Text string // its first line, or the beginning of it, redacted
}

const badLines = 3 // that are kept of a file

// Totals adds up all files.
func (s *Stats) Totals() (t FileStats) {
	for i := range s.Files {
		f := &s.Files[i]
		t.Bytes += f.Bytes
		t.Lines += f.Lines
		t.Records += f.Records
		t.Unparsed += f.Unparsed
		t.LongLines += f.LongLines
	}
	return t
}
