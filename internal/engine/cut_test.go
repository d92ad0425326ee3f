package engine

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"why401/parsers"
)

// cutAll cuts text with blocks of size bytes and says what came out.
func cutAll(t *testing.T, r io.Reader, size int) (blocks []parsers.Block) {
	t.Helper()
	c := newCutter(r, &parsers.Source{Name: "x.log"}, size)
	var buf []byte
	for range 1 << 20 {
		var b parsers.Block
		var ok bool
		if buf, ok = c.next(&b, buf); !ok {
			if c.err != nil {
				t.Fatal(c.err)
			}
			return blocks
		}
		b.Before, b.Data, b.After, b.Header = bytes.Clone(b.Before), bytes.Clone(b.Data), bytes.Clone(b.After), bytes.Clone(b.Header)
		blocks = append(blocks, b)
	}
	t.Fatal("no end")
	return nil
}

func TestCutKeepsEveryByteAndLine(t *testing.T) {
	short := strings.Repeat("one line of a log\nanother one, a little longer\n\n", 300)
	long := strings.Repeat("x", 3*parsers.MaxLine+17)
	exact := strings.Repeat("y", parsers.MaxLine)
	trace := "2026-05-11 ERROR boom\n" + strings.Repeat("\tat a.b.c(D.java:1)\n", 200)
	for name, text := range map[string]string{
		"empty": "", "no newline": "abc", "one line": "abc\n", "short": short, "long": long + "\n", "long without end": long,
		"long within": short + long + "\n" + short, "exact": exact + "\n" + short, "exact and over": exact + "\nz" + exact + "\n",
		"multiple": strings.Repeat("m", 2*parsers.MaxLine) + "\n" + short, "multiple without end": strings.Repeat("m", 2*parsers.MaxLine),
		"entries": strings.Repeat(trace, 20), "fields": "#Fields: a b\n1 2\n#Fields: c\n3\n" + short, "crlf": "a\r\nb\r\n",
	} {
		for _, size := range []int{1, 7, 100, 4 << 10, 256 << 10} {
			var got []byte
			line := int64(1)
			for i, b := range cutAll(t, strings.NewReader(text), size) {
				if b.Line != line {
					t.Fatalf("%s, blocks of %d: block %d starts at line %d, want %d", name, size, i, b.Line, line)
				}
				got = append(got, b.Data...)
				line = int64(1 + bytes.Count(got, newline))
				if len(b.Before) > 0 && b.Part == 0 {
					if !bytes.HasSuffix(got[:len(got)-len(b.Data)], b.Before) || len(b.Before) > parsers.LookBehind {
						t.Fatalf("%s, blocks of %d: block %d: %d bytes before are not what came before", name, size, i, len(b.Before))
					}
				}
				if n := len(b.Data); b.Part == 0 && n > 0 && b.Data[n-1] != '\n' && len(got) != len(text) {
					t.Fatalf("%s, blocks of %d: block %d ends within a line", name, size, i)
				}
			}
			if string(got) != text {
				t.Fatalf("%s, blocks of %d: %d bytes of %d came out", name, size, len(got), len(text))
			}
		}
	}
}

// What a detector can see around a line must not depend on the size of blocks.
func TestLookBehindIsTheSameForAnyCut(t *testing.T) {
	var text strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&text, "line %d %s\n", i, strings.Repeat("z", i*37%211))
	}
	want := map[int64]string{}
	for _, size := range []int{300, 1 << 10, 9 << 10, 64 << 10} {
		for _, b := range cutAll(t, strings.NewReader(text.String()), size) {
			seen, ok := want[b.Line]
			if ok && seen != string(b.Before) {
				t.Fatalf("blocks of %d: before line %d stand %d bytes, were %d", size, b.Line, len(b.Before), len(seen))
			}
			want[b.Line] = string(b.Before)
			if b.Line > 1 && len(b.Before) < parsers.LookBehind/2 && b.Line > 200 {
				t.Fatalf("blocks of %d: only %d bytes before line %d", size, len(b.Before), b.Line)
			}
		}
	}
}

func TestPiecesOfALongLineLieAtTheSamePlaces(t *testing.T) {
	line := make([]byte, 5*parsers.MaxLine/2)
	for i := range line {
		line[i] = byte('a' + i/1000%26)
	}
	text := "before\n" + string(line) + "\nafter\n"
	for _, size := range []int{10, 256 << 10} {
		part := 0
		for _, b := range cutAll(t, iotest.HalfReader(strings.NewReader(text)), size) {
			if b.Part == 0 {
				continue
			}
			part++
			at := (part - 1) * parsers.MaxLine
			whole := append(append(bytes.Clone(b.Before), b.Data...), b.After...)
			from := at - len(b.Before)
			if b.Part != part || string(whole) != text[7+from:7+from+len(whole)] {
				t.Fatalf("blocks of %d: piece %d (%d) is not what stands at %d", size, part, b.Part, at)
			}
			if part > 1 && len(b.Before) != parsers.Overlap {
				t.Fatalf("piece %d sees %d bytes before it", part, len(b.Before))
			}
			if (part == 3) != b.Last {
				t.Fatalf("piece %d: last is %v", part, b.Last)
			}
		}
		if part != 3 {
			t.Fatalf("blocks of %d: %d pieces", size, part)
		}
	}
}

func TestHeaderInForce(t *testing.T) {
	text := "#Software: x\n#Fields: a b\n1 2\n3 4\n#Fields: c d\n5 6\n7 8\n"
	want := map[int64]string{1: "", 2: "", 3: "#Fields: a b", 4: "#Fields: a b", 5: "#Fields: a b", 6: "#Fields: c d", 7: "#Fields: c d"}
	for _, b := range cutAll(t, strings.NewReader(text), 1) {
		if string(b.Header) != want[b.Line] {
			t.Errorf("at line %d %q is in force, want %q", b.Line, b.Header, want[b.Line])
		}
	}
}
