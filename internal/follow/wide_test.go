package follow

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// putWide writes numbered lines in UTF-16, in pieces that cut characters in two.
func (r *rig) putWide(n int, order byteOrder) {
	r.Helper()
	var text []byte
	for range n {
		line := fmt.Sprintf("line %d of wide characters: äß€ 𝄞, and a ਊ with a newline's byte\r", len(r.written)+1)
		r.written = append(r.written, line)
		text = widen(text, []byte(line+"\n"), order)
	}
	for len(text) > 0 {
		n := min(len(text), 301+len(text)%13)
		r.put(string(text[:n]))
		if text = text[n:]; r.f != nil {
			r.next()
		}
	}
}

// A log in UTF-16 is followed as any other: from the start or the end, across
// restarts, renames and truncation.
func TestUTF16(t *testing.T) {
	for name, order := range map[string]byteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.State = filepath.Join(r.dir, "state")
			r.reopen(r.path)
			r.start()
			r.tailing()
			mark := string(order.AppendUint16(nil, bom))
			r.put(mark[:1])
			r.next()
			r.put(mark[1:])
			r.putWide(20, order)
			r.all()
			r.stop()
			r.putWide(20, order)
			r.start()
			r.putWide(20, order)
			r.all()
			r.rename(r.path + ".1")
			r.putWide(5, order)
			r.reopen(r.path)
			r.put(mark)
			r.putWide(20, order)
			r.all()
			r.must(r.w.Truncate(0))
			r.until("the truncation", func() bool { return r.f.logs[0].current.pos == 0 })
			r.put(mark)
			r.putWide(20, order)
			r.all()
		})
	}
}

// FuzzNarrow: whatever stands in a file, its text widens to as many bytes, and both
// halves of it to the same text.
func FuzzNarrow(f *testing.F) {
	f.Add([]byte("\xff\xfeo\x00n\x00\x3d\xd8\x00\xde\x00\xd8x"), uint8(5))
	f.Fuzz(func(t *testing.T, p []byte, cut uint8) {
		for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
			text, used := narrow(nil, p, order)
			if used > len(p) || len(p)-used > 3 || !utf8.Valid(text) {
				t.Fatalf("%q: %d bytes of %d used, text %q", p, used, len(p), text)
			}
			if wide := widen(nil, text, order); len(wide) != used {
				t.Fatalf("%q: text of %d bytes widens to %d", p, used, len(wide))
			}
			n := min(int(cut), len(p))
			first, m := narrow(nil, p[:n], order)
			if both, _ := narrow(first, p[m:], order); string(both) != string(text) {
				t.Fatalf("%q cut at %d: %q, want %q", p, n, both, text)
			}
		}
	})
}

func TestUTF16WithoutItsMarkIsSaid(t *testing.T) {
	for name, order := range map[string]byteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.FromEnd = name == "big"
			r.reopen(r.path)
			r.put(string(widen(nil, []byte("2026-05-11 09:00:00 ERROR refused\n"), order)))
			r.start()
			r.until("a word", func() bool { return len(r.said) == 1 })
			if !strings.Contains(r.said[0], "UTF-16 without a byte order mark") {
				t.Errorf("said %q", r.said)
			}
		})
	}
	for head, want := range map[string]bool{"": false, "abcd": false, "\x00\x00\x00\x00": false, "a\x00b": false, "a\x00bc": false, "a\x00b\x00": true, "\x00a\x00b": true} {
		if unmarked([]byte(head)) != want {
			t.Errorf("%q: not %v", head, want)
		}
	}
}
