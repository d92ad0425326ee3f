package engine

import (
	"bytes"
	"io"

	"why401/parsers"
)

// A LiveCutter cuts a log that is still being written into blocks. Bytes are
// added as they come; what may go on (a line without its end, the lines of the
// last entry) is held until it is complete.
type LiveCutter struct {
	cut   cutter
	in    []byte // added and not read by cut yet
	ended bool
	held  bool // cut holds a whole line
}

// NewLiveCutter returns a cutter whose first byte lies at the start of a line
// with this number. Before and header are what a block there would see of the
// lines before (parsers.Block).
func NewLiveCutter(source *parsers.Source, line int64, before, header []byte) *LiveCutter {
	l := &LiveCutter{}
	l.cut = cutter{r: (*added)(l), source: source, size: 256 << 10, line: line, header: header}
	l.cut.keep(before, nil)
	return l
}

// Add adds bytes of the log. It copies them.
func (l *LiveCutter) Add(p []byte) {
	l.in = append(l.in, p...)
	l.held = l.held || bytes.IndexByte(p, '\n') >= 0
}

// End says that nothing more comes: all that is held goes out.
func (l *LiveCutter) End() { l.ended = true }

// Next fills b with what is ready, and says whether there was any. With release
// the last entry counts as complete. b lies in mem, or in what replaces it: cutters
// may share it.
func (l *LiveCutter) Next(b *parsers.Block, mem *[]byte, release bool) (ok bool) {
	if !l.held && !l.ended && len(l.cut.carry)-l.cut.before+len(l.in) < parsers.MaxLine+parsers.Overlap {
		return false // a piece of a line
	}
	l.cut.lines = release
	if *mem, ok = l.cut.next(b, *mem); !ok {
		return false
	}
	if rest := l.cut.carry[l.cut.before:]; len(rest)+len(l.in) == 0 {
		l.held = false
	} else {
		l.held = bytes.IndexByte(rest, '\n') >= 0 || bytes.IndexByte(l.in, '\n') >= 0
	}
	return true
}

// Holds reports whether whole lines are held that a release would hand out.
func (l *LiveCutter) Holds() bool { return l.held }

// Partial returns how many bytes are held, of whole lines and of others.
func (l *LiveCutter) Partial() int { return len(l.cut.carry) - l.cut.before + len(l.in) }

// Shrink gives back memory that a lot of input at once has taken.
func (l *LiveCutter) Shrink() {
	const small = 32 << 10
	if cap(l.in) > small && len(l.in) == 0 {
		l.in = nil
	}
	if c := &l.cut.carry; cap(*c) > small && len(*c) < small/2 {
		*c = append(make([]byte, 0, len(*c)), *c...)
	}
}

// Line returns the number of the first line not handed out.
func (l *LiveCutter) Line() int64 { return l.cut.line }

// added reads what was added.
type added LiveCutter

func (a *added) Read(p []byte) (int, error) {
	if len(a.in) == 0 {
		if a.ended {
			return 0, io.EOF
		}
		return 0, ErrPause
	}
	n := copy(p, a.in)
	if rest := copy(a.in, a.in[n:]); rest == 0 {
		a.in = a.in[:0]
	} else {
		a.in = a.in[:rest]
	}
	return n, nil
}
