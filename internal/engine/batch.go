package engine

import (
	"bytes"

	"why401/detectors"
	"why401/parsers"
)

// A batch is what one block became. It is reused; its attempts' strings are not.
type batch struct {
	stream *stream
	seq    int64
	end    bool // no block: the stream has ended

	attempts []detectors.Attempt
	leaks    []detectors.LeakFinding
	out      []byte
	count    FileStats
	formats  map[*parsers.Parser]int64 // nil key: text
	wrappers map[string]int64

	a, l int // attempts and leaks taken so far
}

func (b *batch) reset() {
	clear(b.attempts)
	clear(b.leaks)
	clear(b.formats)
	clear(b.wrappers)
	*b = batch{attempts: b.attempts[:0], leaks: b.leaks[:0], out: b.out[:0], formats: b.formats, wrappers: b.wrappers}
}

// tally counts the lines and bytes of block.
func (b *batch) tally(block *parsers.Block) {
	b.count.Bytes = int64(len(block.Data))
	if block.Part == 1 {
		b.count.LongLines = 1
	}
	if block.Part > 0 {
		if block.Last {
			b.count.Lines = 1
		}
		return
	}
	b.count.Lines = int64(bytes.Count(block.Data, newline))
	if n := len(block.Data); n > 0 && block.Data[n-1] != '\n' && (block.Frame == parsers.Lines || block.Last) {
		b.count.Lines++
	}
}

// addTo adds the batch's counts to its file's.
func (b *batch) addTo(f *FileStats) {
	c := &b.count
	f.Bytes += c.Bytes
	f.Lines += c.Lines
	f.Records += c.Records
	f.Unparsed += c.Unparsed
	f.LongLines += c.LongLines
	f.Assumed |= c.Assumed
	for i := range c.Remarks {
		f.Remarks[i].add(c.Remarks[i].N, c.Remarks[i].First)
	}
	f.Bare.add(c.Bare.N, c.Bare.First)
	f.Size = max(f.Size, c.Size)
	if c.Err != nil {
		f.Err = c.Err
	}
	if f.FirstBad == 0 {
		f.FirstBad = c.FirstBad
	}
	f.Bad = append(f.Bad, c.Bad[:min(len(c.Bad), badLines-len(f.Bad))]...)
	if c.First != 0 && (f.First == 0 || c.First < f.First) {
		f.First = c.First
	}
	f.Last = max(f.Last, c.Last)
	for p, n := range b.formats {
		name := "text"
		if p != nil {
			name = p.Name
		}
		if f.Formats == nil {
			f.Formats = map[string]int64{}
		}
		f.Formats[name] += n
	}
	for w, n := range b.wrappers {
		if f.Wrappers == nil {
			f.Wrappers = map[string]int64{}
		}
		f.Wrappers[w] += n
	}
}

// attempt returns the next attempt or leak in the order of the lines.
func (b *batch) next() (a *detectors.Attempt, l *detectors.LeakFinding) {
	if b.a < len(b.attempts) {
		a = &b.attempts[b.a]
	}
	if b.l < len(b.leaks) {
		l = &b.leaks[b.l]
	}
	if a != nil && l != nil {
		if l.Line <= a.Line {
			return nil, l
		}
		return a, nil
	}
	return a, l
}
