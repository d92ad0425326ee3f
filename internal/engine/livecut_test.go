package engine

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"why401/parsers"
)

// However a log comes, every byte is handed out once, in blocks of whole lines
// with the right numbers, and little is held.
func TestLiveCutterKeepsEveryByteAndLine(t *testing.T) {
	trace := "2026-05-11 ERROR boom\n" + strings.Repeat("\tat a.b.c(D.java:1)\n", 200)
	long := strings.Repeat("x", 2*parsers.MaxLine+17)
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, text := range map[string]string{
		"lines": strings.Repeat("2026-05-11 INFO one line of a log\n", 3000), "traces": strings.Repeat(trace, 50), "no entry starts": strings.Repeat(" at x\n", 40_000),
		"long": "a\n" + long + "\nb\n" + long + "\n", "long without end": "a\n" + long, "no newline": "abc", "empty": "", "blank": "\n\n\n",
	} {
		for _, most := range []int{1, 700, 300 << 10} {
			if most == 1 && len(text) > 1<<20 {
				continue
			}
			c := NewLiveCutter(&parsers.Source{Name: "x.log"}, 1, nil, nil)
			var b parsers.Block
			var mem []byte
			var got bytes.Buffer
			take := func(release bool) {
				for c.Next(&b, &mem, release) {
					if want := int64(1 + bytes.Count(got.Bytes(), newline)); b.Line != want {
						t.Fatalf("%s: line %d, want %d", name, b.Line, want)
					}
					got.Write(b.Data)
					if b.Part == 0 && !bytes.HasSuffix(b.Data, newline) && got.Len() != len(text) {
						t.Fatalf("%s: a block ends within a line", name)
					}
				}
				if release && c.Holds() {
					t.Fatalf("%s: whole lines are held after a release", name)
				}
				if c.Partial() > parsers.MaxLine+parsers.Overlap+parsers.MaxRecord {
					t.Fatalf("%s: %d bytes are held", name, c.Partial())
				}
			}
			for at := 0; at < len(text); {
				n := min(1+rnd.IntN(most), len(text)-at)
				c.Add([]byte(text[at : at+n]))
				at += n
				take(rnd.IntN(5) == 0)
				c.Shrink()
				if got.Len()+c.Partial() != at {
					t.Fatalf("%s: %d bytes came and %d are held, of %d", name, got.Len(), c.Partial(), at)
				}
			}
			c.End()
			take(true)
			if got.String() != text {
				t.Fatalf("%s: %d bytes of %d came", name, got.Len(), len(text))
			}
		}
	}
}

// What no line can continue is handed out at once.
func TestLiveCutterHoldsWhatMayGoOn(t *testing.T) {
	for line, holds := range map[string]bool{
		`{"level":"warn","msg":"token is expired","status":401}`:                                                false,
		`{"level":"warn","msg":"token is expired","status":401}` + "\r":                                         false,
		`{"log":"java.lang.IllegalStateException: refused\\n","stream":"stderr","time":"2026-05-11T09:00:00Z"}`: true,
		"2026-05-11 09:00:00 ERROR refused":                                                                     true,
		"{":                                                                                                     true,
	} {
		c := NewLiveCutter(&parsers.Source{Name: "x.log"}, 1, nil, nil)
		var b parsers.Block
		var mem []byte
		c.Add([]byte("2026-05-11 09:00:00 INFO one\n"))
		c.Add([]byte(line + "\n"))
		for c.Next(&b, &mem, false) {
		}
		if c.Holds() != holds {
			t.Errorf("%s: holds %v, want %v", line, !holds, holds)
		}
	}
}
