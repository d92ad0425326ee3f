package engine

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"unsafe"

	"why401/detectors"
	"why401/detectors/leak"
	"why401/parsers"
)

var redacted = []byte("[REDACTED]")

// report turns the block's spans into findings.
func (p *pass) report() {
	at := 0
	for i := range p.spans {
		s := &p.spans[i]
		if !s.Primary || s.Start < 0 {
			continue
		}
		line, column := p.block.Line+int64(s.Line), s.Column
		if p.block.Part > 1 {
			column += (p.block.Part - 1) * parsers.MaxLine
		}
		if p.bounded() {
			for at < len(p.ranges) && p.ranges[at].to < line {
				at++
			}
			if at == len(p.ranges) || line < p.ranges[at].from {
				continue
			}
		}
		p.out.leaks = append(p.out.leaks, detectors.LeakFinding{Type: "leak", File: p.block.Source.Name, Line: line, Column: column,
			Kind: s.Kind, Scheme: s.Scheme, Location: s.Location, Severity: s.Severity, Confidence: round(s.Confidence),
			Fingerprint: p.fingerprint(p.raw(s)), Producer: s.Producer, Fix: leak.Fix(s)})
	}
}

// raw returns a span's bytes as they stand in the log.
func (p *pass) raw(s *leak.Span) []byte {
	whole := p.block.Data[:len(p.block.Data)+len(p.block.After)]
	return whole[max(s.Start, 0):min(s.End, len(whole))]
}

// fingerprint is an HMAC-SHA-256 under the user's key, cut to 128 bits: whoever
// lacks the key can't try guesses against it.
func (p *pass) fingerprint(secret []byte) string {
	if len(p.cfg.Key) == 0 {
		return ""
	}
	mac := hmac.New(sha256.New, p.cfg.Key)
	mac.Write(secret)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// cleaner returns a function that takes credentials out of pieces of r. What the
// scan of the whole lines found is cut out wherever it stands, and what only
// shows in a piece as well. Its result is valid until its next call.
func (p *pass) cleaner(r *parsers.Record) func([]byte) []byte {
	first, last := int(r.Line-p.block.Line), int(r.Line-p.block.Line)+r.Lines-1
	for p.span < len(p.spans) && p.spans[p.span].Line < first {
		p.span++
	}
	end := p.span
	for end < len(p.spans) && p.spans[end].Line <= last {
		end++
	}
	spans := p.spans[p.span:end]
	if len(spans) == 0 {
		return p.cleanWords
	}
	return func(text []byte) []byte {
		if len(text) == 0 {
			return text
		}
		return p.cleanWords(p.cutSpans(text, spans))
	}
}

func (p *pass) cleanWords(text []byte) []byte {
	if len(text) == 0 {
		return text
	}
	p.clean = p.words.Redact(p.clean[:0], text)
	return p.clean
}

// cutSpans replaces the spans in text: by place where text lies in the block, by
// value elsewhere (unescaped, joined).
func (p *pass) cutSpans(text []byte, spans []leak.Span) []byte {
	data := p.block.Data
	at := int(uintptr(unsafe.Pointer(unsafe.SliceData(text))) - uintptr(unsafe.Pointer(unsafe.SliceData(data))))
	if at >= 0 && at+len(text) <= len(data) {
		var out []byte
		from := at
		for i := range spans {
			s := &spans[i]
			if s.End <= from || s.Start >= at+len(text) {
				continue
			}
			if s.Start > from {
				out = append(out, data[from:s.Start]...)
			}
			out = append(out, redacted...)
			from = s.End
		}
		if out == nil {
			return text
		}
		if from < at+len(text) {
			out = append(out, data[from:at+len(text)]...)
		}
		return out
	}
	for i := range spans {
		if secret := p.raw(&spans[i]); len(secret) >= 4 && bytes.Contains(text, secret) {
			text = bytes.ReplaceAll(text, secret, redacted)
		}
	}
	return text
}

func round(f float32) float64 { return float64(int(f*100+0.5)) / 100 }
