package parsers

import (
	"bytes"
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
