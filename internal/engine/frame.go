package engine

import (
	"bytes"

	"why401/parsers"
)

const (
	maxHead   = 64 << 10 // bytes that tell the frame of a log
	maxObject = 8 << 20  // bytes of a line that is one JSON object, past which it is read in pieces
	maxFramed = 16 << 20 // bytes of an entry of another frame than lines, past which it counts as lines
)

// nextFramed hands out entries of a frame other than lines: as many as make a block,
// and at least one.
func (c *cutter) nextFramed(b *parsers.Block, buf []byte, pre int) ([]byte, bool) {
	buf = c.fill(buf, pre+max(c.size, len(buf)-pre))
	at := c.head
	for {
		data := buf[pre:]
		if len(data) == 0 {
			return buf, false
		}
		n := c.frame.Next(data[min(at, len(data)):])
		if n < 0 && c.frame == parsers.List {
			if n = parsers.ListEnd(data[at:], c.depth); n > 0 || c.eof {
				if n == 0 {
					n = len(data) - at
				}
				c.handFramed(b, buf, pre, at+n)
				c.frame, c.fresh, c.head = parsers.Lines, true, 0
				return buf, true
			}
		}
		switch {
		case n > 0:
			if at += n; at < c.size {
				continue
			}
		case n == 0 && at > c.head:
		case n == 0 && c.eof: // cut off
			at = len(data)
		case n == 0 && len(data) < maxFramed:
			if c.paused {
				return buf, c.wait(buf, pre)
			}
			buf = c.fill(buf, pre+2*len(data))
			continue
		case at == c.head: // it is none after all
			c.frame, c.head, c.frames = parsers.Lines, 0, false
			c.keep(buf[:pre], data)
			return c.next(b, buf)
		}
		c.handFramed(b, buf, pre, at)
		return buf, true
	}
}

func (c *cutter) handFramed(b *parsers.Block, buf []byte, pre, n int) {
	b.Frame, b.Head, b.Column, c.head = c.frame, c.head, c.column, 0
	data := buf[pre : pre+n]
	if end := bytes.LastIndexByte(data, '\n'); end >= 0 {
		c.column = n - end - 1
	} else {
		c.column += n
	}
	b.Last = c.eof && pre+n == len(buf) && data[n-1] != '\n'
	c.hand(b, buf, pre, pre+n)
}

// fillLine reads until buf has a whole line behind pre, or maxObject bytes of it.
func (c *cutter) fillLine(buf []byte, pre int) []byte {
	for searched := pre; !c.eof && !c.paused && len(buf) < pre+maxObject; {
		if bytes.IndexByte(buf[searched:], '\n') >= 0 {
			break
		}
		searched = len(buf)
		buf = c.fill(buf, min(pre+maxObject, 2*len(buf)))
	}
	return buf
}
