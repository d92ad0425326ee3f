package engine

import (
	"bytes"
	"io"

	"why401/parsers"
)

// A LiveCutter cuts a log that is still being written into blocks. Bytes are
// added as they come; what may go on (a line without its end, the lines of the
// last entry) is held until it is complete. A list that is one document, and the
// entries of an export, are read as in a log that is all there.
type LiveCutter struct {
	cut   cutter
	in    []byte // added and not read by cut yet
	ended bool
	held  bool // there is something that a release may hand out
	want  int  // bytes held before it is worth looking again at an entry that goes on
}

// large is from when on an entry that goes on isn't looked at with each byte.
const large = 256 << 10

// NewLiveCutter returns a cutter whose first byte lies at the start of a line
// with this number, or of an entry. Before and header are what a block there would
// see of the lines before (parsers.Block).
func NewLiveCutter(source *parsers.Source, line int64, before, header []byte) *LiveCutter {
	l := &LiveCutter{}
	l.cut = cutter{r: (*added)(l), source: source, size: 256 << 10, line: line, header: header, live: true, frames: true, fresh: true}
	if l.cut.frame = parsers.FrameBelow(header); l.cut.frame != parsers.Lines {
		l.cut.fresh = false
	}
	l.cut.keep(before, nil)
	return l
}

// Add adds bytes of the log. It copies them.
func (l *LiveCutter) Add(p []byte) {
	l.in = append(l.in, p...)
	l.held = l.held || l.cut.frame != parsers.Lines && len(p) > 0 || bytes.IndexByte(p, '\n') >= 0
}

// End says that nothing more comes: all that is held goes out.
func (l *LiveCutter) End() { l.ended = true }

// Next fills b with what is ready, and says whether there was any. With release
// the last entry counts as complete. b lies in mem, or in what replaces it: cutters
// may share it.
func (l *LiveCutter) Next(b *parsers.Block, mem *[]byte, release bool) (ok bool) {
	n := l.Partial()
	switch {
	case l.ended:
	case n < l.want:
		l.held = l.held && !release
		return false
	case l.cut.fresh && n >= maxHead: // a list, maybe, in one line
	case !l.held && n < parsers.MaxLine+parsers.Overlap:
		return false // a piece of a line
	}
	l.cut.lines, l.want = release, 0
	if *mem, ok = l.cut.next(b, *mem); !ok {
		if l.cut.wants {
			if l.held = false; n > large {
				l.want = n + n/64
			}
		}
		return false
	}
	if rest := l.cut.carry[l.cut.before:]; len(rest)+len(l.in) == 0 {
		l.held = false
	} else if l.cut.frame != parsers.Lines {
		l.held = true
	} else {
		l.held = bytes.IndexByte(rest, '\n') >= 0 || bytes.IndexByte(l.in, '\n') >= 0
	}
	return true
}

// Holds reports whether something is held that a release may hand out.
func (l *LiveCutter) Holds() bool { return l.held }

// Within reports whether what comes next belongs to a line or document of which a
// part was handed out: no place to go on from.
func (l *LiveCutter) Within() bool { return l.cut.part > 0 || l.cut.frame == parsers.List }

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
