package parsers

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestMutations breaks every sample at every place, cut off and with another byte
// there, and hands it to all parsers: none panics or writes to the text, and one
// that says no leaves nothing behind.
func TestMutations(t *testing.T) {
	rd := NewReader(Options{})
	s := rd.scratchFor(sampleBlock(nil))
	var r Record
	try := func(text, before []byte) {
		for _, p := range rd.formats.of(text) {
			r.Reset()
			s.buf = s.buf[:0]
			r.Raw, r.Text, r.Line, r.Lines = text, text, 1, 1
			if p.Parse(&r, s) {
				continue
			}
			if r.Time != 0 || r.Status != 0 || r.Outcome != 0 || len(r.Attrs) > 0 ||
				r.Client != nil || r.User != nil || r.Method != nil || r.URL != nil || r.Domain != nil || r.UserAgent != nil || r.RequestID != nil ||
				r.Level != nil || r.Logger != nil || r.Message != nil || r.Code != nil || r.Upstream != nil {
				t.Fatalf("%s says no to %q and leaves %+v", p.Name, text, r)
			}
		}
		if !bytes.Equal(text, before) {
			t.Fatalf("a parser wrote to %q", before)
		}
	}
	for _, sample := range readSamples(t) {
		for line := range bytes.Lines(sample.input) {
			line = bytes.TrimSuffix(line, []byte("\n"))
			text := make([]byte, len(line))
			for i := 1; i < len(line); i++ {
				try(line[:i:i], line[:i])
				copy(text, line)
				for k := range 3 {
					text[i] = ` "[]=:-9`[(i+3*k)%8]
					try(text, bytes.Clone(text))
				}
			}
		}
	}
}

// TestSplices hands parts of samples, put together at hard bits, to the reader as a
// whole: nothing panics. The seed is fixed, so that a failure comes again.
func TestSplices(t *testing.T) {
	var lines [][]byte
	for _, sample := range readSamples(t) {
		for line := range bytes.Lines(sample.input) {
			lines = append(lines, bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	bits := []string{"::", "\" \"", "\\n", ": ", "[", "]", "=", "{\"message\":\"", "\"}", "0:00 ", " - ", "192.0.2.1", "user ", "\x1b[", "\xff", "GET http://"}
	rng := rand.New(rand.NewPCG(3, 5))
	part := func() []byte {
		line := lines[rng.IntN(len(lines))]
		if len(line) == 0 {
			return nil
		}
		from := rng.IntN(len(line))
		if rng.IntN(2) == 0 {
			from = 0
		}
		return line[from : from+rng.IntN(len(line)-from+1)]
	}
	rd := NewReader(Options{})
	var b Block
	for range 100_000 {
		b = *sampleBlock(nil)
		b.Data = b.Data[:0]
		for range 1 + rng.IntN(3) {
			b.Data = append(append(b.Data, part()...), bits[rng.IntN(len(bits))]...)
		}
		b.Data = append(append(b.Data, part()...), '\n')
		func() {
			defer func() {
				if e := recover(); e != nil {
					t.Fatalf("%v at %q", e, b.Data)
				}
			}()
			rd.Each(&b, func(*Record) {})
		}()
	}
}
