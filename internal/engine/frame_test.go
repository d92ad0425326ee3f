package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"why401/parsers"
)

// exported writes n entries of the journal; every third has a message of lines that
// look like others' fields, cursors and entries.
func exported(n int) string {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "__CURSOR=s=a;i=%d\n__REALTIME_TIMESTAMP=%d\nPRIORITY=5\n", i, 1795306351500000+i)
		if i%3 > 0 {
			fmt.Fprintf(&b, "MESSAGE=refused for user%d\n\n", i)
			continue
		}
		text := fmt.Sprintf("refused for user%d\n\n__CURSOR=s=b\nMESSAGE=granted\n%s{\"Records\":[{\"a\":1}]}", i, strings.Repeat("x", i))
		b.WriteString("MESSAGE\n")
		_ = binary.Write(&b, binary.LittleEndian, uint64(len(text)))
		b.WriteString(text + "\n\n")
	}
	return b.String()
}

// tabled writes a header and n rows; every third has a cell of lines that look like rows.
func tabled(n int) string {
	var b bytes.Buffer
	b.WriteString("time,user,status,message\n")
	for i := range n {
		text := "refused"
		if i%3 == 0 {
			text = fmt.Sprintf("\"refused \"\"%d\"\"\n2026-11-22T00:12:31Z,root,200,%s\n#Fields: a,b\n\"", i, strings.Repeat("x", i))
		}
		fmt.Fprintf(&b, "2026-11-22T00:12:31Z,user%d,401,%s\n", i, text)
	}
	return b.String()
}

// listed writes n records as one document.
func listed(n int, head, between, tail string) string {
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"time":"2026-11-22T00:12:31Z","user":"user%d","note":"},{\"","status":401,"text":"%s"}`, i, strings.Repeat("x", i%700))
	}
	return head + strings.Join(records, between) + tail
}

// framed is a log of n entries.
type framed struct {
	text  string
	lines int // of one entry, 0 where all stand in one
	want  int
}

func framedLogs() map[string]framed {
	const n = 2000
	return map[string]framed{
		"export":           {exported(n), 0, n},
		"table":            {tabled(n), 0, n + 1},
		"one line":         {listed(n, `{"Records":[`, ",", "]}\n"), 0, n},
		"no line end":      {listed(n, `[`, ", ", "]"), 0, n},
		"pretty":           {listed(n, "{\n  \"events\": [\n", ",\n", "\n  ],\n  \"searchedLogStreams\": []\n}\n"), 1, n},
		"bare":             {listed(n, "[\n", "\n,\n", "\n]\n"), 2, n},
		"two documents":    {strings.Repeat(listed(n, "[\n", ",\n", "]\n"), 2), 1, 2 * n},
		"then a line":      {listed(n, "[\n", ",\n", "]\n") + `{"user":"last"}` + "\n", 1, n + 1},
		"after a line":     {`{"user":"first"}` + "\n" + listed(n, `{"Records":[`, ",", "]}\n"), 0, n + 1},
		"cut off":          {listed(n, "[\n", ",\n", `,{"time":"2026-11-22T00:12:32Z","user":"last","te`), 1, n + 1},
		"one large object": {`{"user":"only","status":401,"text":"` + strings.Repeat("x", 3*parsers.MaxLine) + `","message":"token expired"}` + "\n", 0, 1},
	}
}

// A log of another frame gives the same entries however it is cut, every byte once,
// and its numbers of lines are right.
func TestFrames(t *testing.T) {
	dir := t.TempDir()
	for name, c := range framedLogs() {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".log")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var want string
		for _, size := range []int{256 << 10, 1, 1000, 20 << 10} {
			var got []byte
			for _, b := range cutAll(t, strings.NewReader(c.text), size) {
				if line := int64(1 + bytes.Count(got, newline)); b.Line != line {
					t.Fatalf("%s, blocks of %d: a block of line %d says %d", name, size, line, b.Line)
				}
				got = append(got, b.Data...)
			}
			if string(got) != c.text {
				t.Fatalf("%s, blocks of %d: %d bytes of %d", name, size, len(got), len(c.text))
			}
			logs, _ := Open([]string{file}, nil)
			k := &kept{}
			stats, err := Run(context.Background(), logs, Config{Mode: Parse, Block: size}, k)
			if err != nil {
				t.Fatal(err)
			}
			f := &stats.Files[0]
			if lines := strings.Count(strings.TrimSuffix(c.text, "\n"), "\n") + 1; f.Lines != int64(lines) || f.Bytes != int64(len(c.text)) {
				t.Errorf("%s, blocks of %d: %d lines, want %d; %d bytes, want %d", name, size, f.Lines, lines, f.Bytes, len(c.text))
			}
			if f.Records != int64(c.want) || f.Unparsed > 0 {
				t.Errorf("%s, blocks of %d: %d records, want %d; %d unparsed", name, size, f.Records, c.want, f.Unparsed)
			}
			if want == "" {
				want = k.out.String()
			} else if k.out.String() != want {
				t.Errorf("%s: blocks of %d give other events", name, size)
			}
			if at := fmt.Sprintf(`"line":%d}`, c.lines*20+2); c.lines > 0 && name != "pretty" && !strings.Contains(want, at) {
				t.Errorf("%s: no event with %s", name, at)
			}
		}
	}
}

// A log of another frame that comes bit by bit gives what it gives when it is all
// there, little is held, and no place within a document is one to go on from.
func TestFramesLive(t *testing.T) {
	for name, c := range framedLogs() {
		file := filepath.Join(t.TempDir(), "x.log")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		logs, _ := Open([]string{file}, nil)
		want := &kept{}
		if _, err := Run(context.Background(), logs, Config{Mode: Parse}, want); err != nil {
			t.Fatal(err)
		}
		for _, most := range []int{100, 5000, 300 << 10, len(c.text)} {
			if most == 100 && len(c.text) > 1<<20 {
				continue
			}
			cut := NewLiveCutter(&parsers.Source{Name: file}, 1, nil, nil)
			f := &script{names: []string{file}, burst: 1, ended: map[int]bool{}, cutters: []*LiveCutter{cut}}
			for text := c.text; text != ""; {
				k := min(1+rand.IntN(most), len(text))
				f.pieces = append(f.pieces, piece{0, text[:k], rand.IntN(4) == 0})
				text = text[k:]
			}
			held := 0
			f.check = func(time.Duration) { held = max(held, cut.Partial()) }
			got := &kept{}
			if _, err := Live(t.Context(), f, Config{Mode: Parse}, got); err != nil {
				t.Fatal(err)
			}
			if got.out.String() != want.out.String() {
				t.Errorf("%s, in pieces of up to %d: other events", name, most)
			}
			if most < 1<<16 && held > 1<<17 && name != "after a line" && name != "one large object" {
				t.Errorf("%s, in pieces of up to %d: %d bytes were held", name, most, held)
			}
		}
	}
}

// What can't be read as entries of its frame is read as lines: no byte is lost, and
// there is an end.
func TestBrokenFrames(t *testing.T) {
	huge := `{"Records":[{"user":"a","text":"` + strings.Repeat("x", 3*maxFramed) + `"},{"user":"b"}]}` + "\nafter\n"
	field := "__CURSOR=a\nMESSAGE\n" + strings.Repeat("\xff", 8) + "text\n\n"
	for name, text := range map[string]string{
		"an element too large": huge, "a field too large": exported(5) + field + exported(3),
		"no object": listed(300, "[\n", ",\n", ", 7]\n") + "after\n", "no end": listed(300, "[\n", ",\n", "\n") + "after\n",
		"a long object without end": `{"a":"` + strings.Repeat("x", maxObject+7) + "\nafter\n",
	} {
		got := 0
		for _, b := range cutAll(t, strings.NewReader(text), 4<<10) {
			if string(b.Data) != text[got:got+len(b.Data)] {
				t.Fatalf("%s: other bytes at %d", name, got)
			}
			got += len(b.Data)
		}
		if got != len(text) {
			t.Errorf("%s: %d bytes of %d", name, got, len(text))
		}
	}
}
