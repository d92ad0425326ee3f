package engine

import (
	"errors"
	"io"
	"os"

	"why401/parsers"
)

// A Part is the rest of a log of which the beginning was read by another run.
type Part struct {
	File   *os.File // the log, whatever its name leads to by now; nil to open it by its name
	Offset int64    // bytes of text, decompressed, that are left out: whole lines
	Line   int64    // number of the first line read
	End    int64    // bytes of a plain file at which reading ends; 0 where the text must be unpacked or decoded

	Before []byte // the lines before, as many as fit parsers.LookBehind
	Header []byte // the line in force that names columns
}

// open makes in give the part of f.
func (p *Part) open(in *input, f *os.File) error {
	if p.End > 0 && p.Offset > 0 {
		in.Reader = io.NewSectionReader(f, p.Offset, p.End-p.Offset)
		return nil
	}
	end := p.End
	if end == 0 {
		end = in.stored
	}
	if err := in.decompress(io.NewSectionReader(f, 0, end)); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, in, p.Offset)
	if errors.Is(err, io.EOF) {
		return errors.New("it is shorter than what was read of it")
	}
	return err
}

// cutter returns what cuts the log, opened as in, into blocks of this size.
func (l *Log) cutter(in *input, source *parsers.Source, size int) *cutter {
	c := newCutter(in, source, size)
	if p := l.Part; p != nil && p.Offset > 0 {
		c.line, c.header = p.Line, p.Header
		c.frames, c.fresh = false, false // that a log is of another frame is seen at its start
		c.frame = parsers.FrameBelow(p.Header)
		c.keep(p.Before, nil)
	}
	return c
}
