package engine

import (
	"bytes"
	"io"

	"why401/parsers"
)

// maxEntry bounds how far a block grows in search of a line that starts an entry;
// it is far beyond parsers.MaxRecord, past which lines stand alone anyway.
const maxEntry = 16 * parsers.MaxRecord

// A cutter cuts what a reader gives into blocks of whole entries. It is serial:
// what
// later lines depend on is carried here.
type cutter struct {
	r      io.Reader
	source *parsers.Source
	size   int // wanted bytes of a block

	carry  []byte // bytes read and not handed out yet, after before
	before int    // bytes of look-behind at the start of carry
	line   int64  // number of the first line not handed out yet
	part   int    // of the long line that carry is within; 0 for none
	header []byte
	eof    bool
	err    error // what ended the reading, other than io.EOF
	bytes  int64 // read
	eager  bool  // hand out entries as soon as they are there
	lines  bool  // cut after any line: entries don't matter, or are said to be complete
	live   bool  // the log is still written: r may pause
	paused bool  // r had nothing more to give, for now (ErrPause)
	wants  bool  // next found no block because of an entry, or a list's head, that goes on

	frames bool          // look for frames other than lines
	fresh  bool          // what carry begins with may begin another frame
	frame  parsers.Frame // of carry
	head   int           // bytes of carry before its first entry
	depth  int           // brackets around the list
	column int           // bytes of carry's first line handed out already
}

func newCutter(r io.Reader, source *parsers.Source, size int) *cutter {
	return &cutter{r: r, source: source, size: size, line: 1, frames: true, fresh: true}
}

// room is where in a buffer what is read goes: whole pages at page boundaries,
// which the kernel copies at twice the speed. What was carried over lies before.
const room = 64 << 10

// next fills b, using mem, and returns the memory to use again. It returns false
// after the last block.
func (c *cutter) next(b *parsers.Block, mem []byte) ([]byte, bool) {
	*b = parsers.Block{Source: c.source, Line: c.line}
	c.wants = false
	if need := max(room, len(c.carry)) + c.size; cap(mem) < need {
		mem = make([]byte, need)
	}
	mem = mem[:cap(mem)]
	buf := mem[max(0, room-len(c.carry)):]
	buf = buf[:copy(buf, c.carry)]
	pre := c.before
	if c.part > 0 {
		buf, ok := c.nextPart(b, buf, pre)
		return larger(mem, buf), ok
	}
	if c.frame != parsers.Lines {
		buf, ok := c.nextFramed(b, buf, pre)
		return larger(mem, buf), ok
	}
	for want := c.size; ; {
		buf = c.fill(buf, len(c.carry)+want)
		data := buf[pre:]
		if len(data) == 0 {
			return mem, false
		}
		end := len(data)
		if !c.eof {
			end = bytes.LastIndexByte(data, '\n') + 1
		}
		long := longLine(data)
		if (c.fresh || long == 0) && c.frames {
			if len(data) < maxHead && !c.eager {
				buf = c.fill(buf, pre+maxHead)
				data = buf[pre:]
			}
			if len(data) < maxHead && !c.eof && parsers.Unsure(data) {
				if c.paused {
					return larger(mem, buf), c.wait(buf, pre)
				}
				want = max(want, 2*len(data))
				continue
			}
			c.fresh = false
			if c.frame, c.head, c.depth = parsers.FrameOf(data[:min(len(data), maxHead)]); c.frame != parsers.Lines {
				if c.frame == parsers.Table {
					c.header = bytes.Clone(bytes.TrimRight(bytes.TrimPrefix(data[:c.head], []byte("\ufeff")), "\r\n"))
				}
				buf, ok := c.nextFramed(b, buf, pre)
				return larger(mem, buf), ok
			}
			if long == 0 && data[0] == '{' {
				if buf = c.fillLine(buf, pre); c.paused && len(buf) < pre+maxObject && bytes.IndexByte(buf[pre:], '\n') < 0 {
					return larger(mem, buf), c.wait(buf, pre)
				}
				if n := bytes.IndexByte(buf[pre:], '\n'); n >= 0 || c.eof && len(buf) < pre+maxObject {
					end := len(buf)
					if n >= 0 {
						end = pre + n + 1
					}
					c.hand(b, buf, pre, end)
					return larger(mem, buf), true
				}
			}
		}
		switch {
		case long == 0:
			buf, ok := c.nextPart(b, buf, pre)
			return larger(mem, buf), ok
		case long > 0:
			end = long
		case !c.eof:
			end = c.cutAt(data, end)
		}
		if end == 0 && c.paused {
			c.keep(buf[:pre], data)
			return larger(mem, buf), false
		}
		if end == 0 { // one entry fills it all: read on
			if len(data) >= want {
				want = 2 * len(data)
			}
			continue
		}
		c.hand(b, buf, pre, pre+end)
		return larger(mem, buf), true
	}
}

// larger returns the larger of a buffer and what it was outgrown by.
func larger(mem, grown []byte) []byte {
	if cap(grown) > cap(mem) {
		return grown
	}
	return mem
}

// cutAt returns where to cut data[:end], which ends with a line: before the last
// line that surely starts an entry, or 0 to read on. The line that lies across
// end can be judged by what is there of it.
func (c *cutter) cutAt(data []byte, end int) int {
	if c.lines {
		return end
	}
	if c.paused && end > 0 && parsers.StandsAlone(data[bytes.LastIndexByte(data[:end-1], '\n')+1:end-1]) {
		return end
	}
	for at := end; at > 0; {
		start := bytes.LastIndexByte(data[:at-1], '\n') + 1
		if start == 0 {
			break
		}
		before := bytes.LastIndexByte(data[:start-1], '\n') + 1
		if parsers.Starts(data[before:start-1], data[start:at-1]) {
			return start
		}
		at = start
	}
	if c.paused && len(data) > parsers.MaxRecord {
		return end
	}
	if len(data) < maxEntry {
		return 0
	}
	return end
}

// longLine returns where the first line longer than parsers.MaxLine starts in
// data, or -1. What there is of the last line counts.
func longLine(data []byte) int {
	for at := 0; len(data)-at > parsers.MaxLine; {
		// A line that ends within MaxLine of at is short; so are all before the last such end.
		n := bytes.LastIndexByte(data[at:at+parsers.MaxLine+1], '\n')
		if n < 0 {
			return at
		}
		at += n + 1
	}
	return -1
}

// hand gives b the bytes buf[pre:end] and carries over the rest.
func (c *cutter) hand(b *parsers.Block, buf []byte, pre, end int) {
	data := buf[pre:end]
	b.Before, b.Data, b.After, b.Header = buf[:pre:pre], data, nil, c.header
	c.line += int64(bytes.Count(data, newline))
	if data[len(data)-1] != '\n' && b.Frame == parsers.Lines {
		c.line++
	}
	if i := lastHeader(data); i >= 0 && b.Frame == parsers.Lines {
		line := data[i:]
		c.header = nil
		if before := bytes.LastIndexByte(data[:max(i-1, 0)], '\n') + 1; i > 0 && bytes.HasPrefix(data[before:], []byte("#Date:")) {
			c.header = append(c.header, data[before:i]...)
		}
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line = line[:n]
		}
		c.header = append(c.header, line...)
	}
	back := buf[:end]
	if len(back) > parsers.LookBehind {
		back = back[len(back)-parsers.LookBehind-1:]
		back = back[bytes.IndexByte(back, '\n')+1:]
	}
	c.keep(back, buf[end:])
}

// nextPart hands out one piece of a line longer than parsers.MaxLine. Pieces lie
// at multiples of MaxLine from the line's start, wherever blocks are cut.
func (c *cutter) nextPart(b *parsers.Block, buf []byte, pre int) ([]byte, bool) {
	buf = c.fill(buf, pre+parsers.MaxLine+parsers.Overlap)
	data := buf[pre:]
	if c.paused && len(data) < parsers.MaxLine+parsers.Overlap && bytes.IndexByte(data, '\n') < 0 {
		c.keep(buf[:pre], data)
		return buf, false
	}
	if c.part == 0 {
		b.Before = nil
	} else {
		b.Before = buf[:pre:pre]
	}
	c.part++
	b.Part, b.Header = c.part, c.header
	end, after := len(data), len(data)
	n := bytes.IndexByte(data, '\n')
	switch {
	case n >= 0 && n < parsers.MaxLine:
		end, after, b.Last = n+1, n+1, true
	case n >= 0:
		end, after = parsers.MaxLine, n
	case len(data) > parsers.MaxLine:
		end = parsers.MaxLine
	default:
		b.Last = true // the input ends within the line
	}
	b.Data, b.After = data[:end], data[end:after]
	if b.Last {
		c.line++
		c.part = 0
		c.keep(nil, data[end:])
		return buf, len(b.Data) > 0
	}
	back := data[:end]
	if len(back) > parsers.Overlap {
		back = back[len(back)-parsers.Overlap:]
	}
	c.keep(back, data[end:])
	return buf, true
}

// wait keeps buf until there is more of what it holds.
func (c *cutter) wait(buf []byte, pre int) bool {
	c.keep(buf[:pre], buf[pre:])
	c.wants = true
	return false
}

func (c *cutter) keep(before, rest []byte) {
	c.carry = append(append(c.carry[:0], before...), rest...)
	c.before = len(before)
}

// fill reads until buf has n bytes or the input ends; when eager,
// until it has a whole line.
func (c *cutter) fill(buf []byte, n int) []byte {
	if cap(buf) < n {
		grown := make([]byte, len(buf), n)
		copy(grown, buf)
		buf = grown
	}
	empty := 0
	c.paused = false
	for len(buf) < n && !c.eof {
		m, err := c.r.Read(buf[len(buf):n])
		got := buf[len(buf) : len(buf)+m]
		buf = buf[:len(buf)+m]
		c.bytes += int64(m)
		switch {
		case err == ErrPause:
			c.paused = true
			return buf
		case err == io.EOF:
			c.eof = true
		case err != nil:
			c.eof, c.err = true, err
		case m == 0:
			if empty++; empty > 100 {
				c.eof, c.err = true, io.ErrNoProgress
			}
		}
		if c.eager && bytes.IndexByte(got, '\n') >= 0 {
			break
		}
	}
	return buf
}

var newline = []byte{'\n'}

// lastHeader returns where the last line of data starts that names columns, or -1.
func lastHeader(data []byte) int {
	last := -1
	if parsers.IsHeader(data) {
		last = 0
	}
	for at := 0; ; at++ {
		n := bytes.Index(data[at:], []byte("\n#"))
		if n < 0 {
			return last
		}
		if at += n; parsers.IsHeader(data[at+1:]) {
			last = at + 1
		}
	}
}
