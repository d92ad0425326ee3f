package engine

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"why401/detectors"
	"why401/detectors/leak"
	"why401/parsers"
)

var redacted = []byte("[REDACTED]")

// report turns the block's spans into findings, and counts what else deserves a word.
func (p *pass) report() {
	at := 0
	for _, r := range p.leaks.Remarks() {
		if line := p.block.Line + int64(r.Line); p.inRange(line, &at) {
			p.out.count.Remarks[r.ID].add(1, line)
		}
	}
	at = 0
	var chars charCount
	for i := range p.spans {
		s := &p.spans[i]
		if !s.Primary || s.Start < 0 {
			continue
		}
		line := p.block.Line + int64(s.Line)
		if !p.inRange(line, &at) {
			continue
		}
		p.out.leaks = append(p.out.leaks, detectors.LeakFinding{Type: "leak", File: p.block.Source.Name, Line: line, Column: s.Column, Character: chars.at(p.block, s.Start),
			Kind: s.Kind, Scheme: s.Scheme, Location: s.Location, Severity: s.Severity, Confidence: round(s.Confidence),
			Fingerprint: leak.Fingerprint(p.cfg.Key, p.raw(s)), Producer: s.Producer, Fix: leak.Fix(s)})
	}
}

// A charCount counts the characters of a line, each once however many leaks it has.
type charCount struct {
	from, n int
	lines   bool // the line began in the block
}

// at returns the place in its line, from 1, of what stands at i of b, in UTF-16 code
// units; 0 where the line began before b.
func (c *charCount) at(b *parsers.Block, i int) int {
	if start := bytes.LastIndexByte(b.Data[c.from:i], '\n'); start >= 0 {
		*c = charCount{c.from + start + 1, 0, true}
	}
	if !c.lines && (b.Part > 0 || b.Column > 0) {
		c.from = i
		return 0
	}
	for t := b.Data[c.from:i]; len(t) > 0; {
		r, n := utf8.DecodeRune(t)
		c.n += utf16.RuneLen(r)
		t = t[n:]
	}
	c.from = i
	return c.n + 1
}

// inRange reports whether line's record lies within Since and Until. at counts the
// ranges that end before it; lines come in order.
func (p *pass) inRange(line int64, at *int) bool {
	if !p.bounded() {
		return true
	}
	for *at < len(p.ranges) && p.ranges[*at].to < line {
		*at++
	}
	return *at < len(p.ranges) && line >= p.ranges[*at].from
}

// raw returns a span's bytes as they stand in the log.
func (p *pass) raw(s *leak.Span) []byte {
	whole := p.block.Data[:len(p.block.Data)+len(p.block.After)]
	return whole[max(s.Start, 0):min(s.End, len(whole))]
}

// cleaner returns a function that takes credentials out of pieces of r. Its
// result is valid until its next call.
//
// A piece that lies in the block was scanned with all that stands around it: it
// is cut by place. What was unescaped or put together is cut by value, and
// scanned on its own.
func (p *pass) cleaner(r *parsers.Record) func([]byte) []byte {
	first, last := int(r.Line-p.block.Line), int(r.Line-p.block.Line)+r.Lines-1
	for p.span < len(p.spans) && p.spans[p.span].Line < first {
		p.span++
	}
	end := p.span
	for end < len(p.spans) && p.spans[end].Line <= last {
		end++
	}
	p.inside = p.spans[p.span:end]
	return p.cleanText
}

func (p *pass) cleanText(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	at := int(uintptr(unsafe.Pointer(unsafe.SliceData(text))) - uintptr(unsafe.Pointer(unsafe.SliceData(p.block.Data))))
	if at >= 0 && at+len(text) <= len(p.block.Data) {
		if len(p.inside) == 0 {
			return text
		}
		return p.cutPlaces(text, at)
	}
	for i := range p.inside {
		if secret := p.raw(&p.inside[i]); len(secret) >= 4 && bytes.Contains(text, secret) {
			text = bytes.ReplaceAll(text, secret, redacted)
		}
	}
	p.clean = p.words.Redact(p.clean[:0], text)
	return p.clean
}

// cutPlaces replaces the spans in text, which lies at p.block.Data[at:].
func (p *pass) cutPlaces(text []byte, at int) []byte {
	data, from, end := p.block.Data, at, at+len(text)
	out := p.clean[:0]
	for i := range p.inside {
		s := &p.inside[i]
		if s.End <= from || s.Start >= end {
			continue
		}
		out = append(append(out, data[from:max(from, s.Start)]...), redacted...)
		from = s.End
	}
	if from < end {
		out = append(out, data[from:end]...)
	}
	p.clean = out
	return out
}

func round(f float32) float64 { return float64(int(f*100+0.5)) / 100 }
