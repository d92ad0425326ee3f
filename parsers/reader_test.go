package parsers

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// a seen record is all that a record says, kept.
type seen struct {
	Line, Lines int64
	Raw         string
	Attrs       int
	Fields      map[string]any
}

func readAll(rd *Reader, blocks ...*Block) (all []seen) {
	for _, b := range blocks {
		rd.Each(b, func(r *Record) {
			_, fields := ecs(r)
			all = append(all, seen{r.Line, int64(r.Lines), string(r.Raw), len(r.Attrs), fields})
		})
	}
	return all
}

// cut cuts data into blocks before those starting lines that want chooses, as the
// engine does: with the header in force, and the number of the first line.
func cut(data []byte, want func(line int) bool) (blocks []*Block) {
	if f, head, _ := FrameOf(data); f != Lines {
		return cutFramed(data, f, head)
	}
	b := sampleBlock(nil)
	at, number, header, prev := 0, int64(1), []byte(nil), []byte(nil)
	for line := range bytes.Lines(data) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		if at > 0 && Starts(prev, text) && want(int(number)) && len(b.Data) > 0 {
			blocks = append(blocks, b)
			b = sampleBlock(nil)
			b.Line, b.Header = number, header
		}
		b.Data = data[at-len(b.Data) : at+len(line)]
		if IsHeader(text) {
			header = bytes.TrimSuffix(text, []byte("\r"))
			if bytes.HasPrefix(prev, dateHead) {
				header = slices.Concat(prev, newline, header)
			}
		}
		at += len(line)
		number++
		prev = text
	}
	return append(blocks, b)
}

// cutFramed cuts data before every entry of its frame.
func cutFramed(data []byte, f Frame, head int) (blocks []*Block) {
	line := int64(1)
	var header []byte
	if f == List {
		head = 0
	}
	for len(data) > 0 {
		n := f.Next(data[head:])
		if n += head; n <= head {
			n = len(data)
		}
		b := sampleBlock(data[:n:n])
		b.Frame, b.Line, b.Head, b.Header = f, line, head, header
		if f == Table && head > 0 {
			header = bytes.TrimRight(data[:head], "\r\n")
		}
		head = 0
		blocks = append(blocks, b)
		line += int64(bytes.Count(b.Data, newline))
		data = data[n:]
	}
	return blocks
}

// checkCuts fails where the cut of data into blocks changes what is read.
func checkCuts(t *testing.T, data []byte) {
	t.Helper()
	rd := NewReader(Options{})
	whole := readAll(rd, sampleBlock(data))
	for _, n := range []int{1, 2, 3} {
		blocks := cut(data, func(line int) bool { return line%n == 0 })
		if diff := cmp.Diff(whole, readAll(rd, blocks...)); diff != "" {
			t.Errorf("cut before every %d. line that starts an entry: (-whole +cut)\n%s", n, diff)
			return
		}
	}
}

func TestCuts(t *testing.T) {
	var all []byte
	for _, s := range readSamples(t) {
		t.Run(s.name, func(t *testing.T) { checkCuts(t, s.input) })
		if s.name != "w3c" {
			all = append(all, s.input...)
		}
	}
	t.Run("all", func(t *testing.T) { checkCuts(t, all) })
}

// TestContainerCuts cuts what containers write without stamps of their own: words,
// traces, lines in pieces, two streams. There must be places to cut, too.
func TestContainerCuts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	texts := []string{
		"listening on port 8080", "login refused for user ada", "Error: jwt expired\n    at verify (/srv/a.js:1:2)\n    at next (/srv/b.js:3:4)",
		"example.auth.TokenException: expired\n\tat example.A.b(A.java:1)\nCaused by: example.C: no key\n\t... 2 more", "",
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: bad token", "2026-11-22T00:12:31Z ERROR refused",
		"panic: no key\n\ngoroutine 1 [running]:\nmain.f(0x0)\n\t/srv/a.go:1 +0x1", strings.Repeat("word ", 40), `{"level":"info","msg":"ready"}`,
	}
	docker := func(b *bytes.Buffer, stream, text string, whole bool) {
		end := `\n`
		if !whole {
			end = ""
		}
		text = strings.NewReplacer(`"`, `\"`, "\t", `\t`).Replace(text)
		fmt.Fprintf(b, `{"log":"%s%s","stream":"std%s","time":"2026-11-22T00:12:31.5Z"}`+"\n", text, end, stream)
	}
	cri := func(b *bytes.Buffer, stream, text string, whole bool) {
		tag := 'F'
		if !whole {
			tag = 'P'
		}
		fmt.Fprintf(b, "2026-11-22T00:12:31.5Z std%s %c %s\n", stream, tag, text)
	}
	for name, write := range map[string]func(*bytes.Buffer, string, string, bool){"docker": docker, "cri": cri} {
		var b bytes.Buffer
		for range 400 {
			stream := []string{"out", "out", "err"}[rng.IntN(3)]
			for line := range strings.SplitSeq(texts[rng.IntN(len(texts))], "\n") {
				if rng.IntN(8) == 0 && len(line) > 0 {
					at := rng.IntN(len(line))
					write(&b, stream, line[:at], false)
					line = line[at:]
				}
				if rng.IntN(20) == 0 {
					write(&b, "err", "between", rng.IntN(2) == 0)
				}
				write(&b, stream, line, true)
			}
		}
		t.Run(name, func(t *testing.T) {
			checkCuts(t, b.Bytes())
			if n := len(cut(b.Bytes(), func(int) bool { return true })); n < 200 {
				t.Errorf("only %d places to cut", n)
			}
		})
	}
}

// TestLines counts the lines of all records of all samples: they are in order,
// none twice, and none missing but blank ones.
func TestLines(t *testing.T) {
	for _, s := range readSamples(t) {
		checkLines(t, s.name, s.input)
	}
}

func checkLines(t *testing.T, name string, data []byte) {
	t.Helper()
	before := bytes.Clone(data)
	lines := bytes.Split(data, []byte("\n"))
	next, last := int64(1), int64(0)
	skip := func(to int64) {
		for ; next < to; next++ {
			if text := bytes.TrimSuffix(lines[next-1], []byte("\r")); !isBlank(text) {
				t.Errorf("%s: line %d belongs to no record: %q", name, next, text)
			}
		}
	}
	NewReader(Options{}).Each(sampleBlock(data), func(r *Record) {
		if r.Line == last && r.Text[0] == '{' {
			return // of a list
		}
		last = r.Line
		if r.Lines < 1 || r.Line < next {
			t.Errorf("%s: record of line %d, %d lines, after line %d", name, r.Line, r.Lines, next-1)
			return
		}
		skip(r.Line)
		next = r.Line + int64(r.Lines)
		want := bytes.TrimSuffix(bytes.Join(lines[r.Line-1:next-1], []byte("\n")), []byte("\r"))
		if r.Line > 1 && !bytes.Equal(r.Raw, want) {
			t.Errorf("%s: line %d: raw %q, want %q", name, r.Line, r.Raw, want)
		}
		if r.Status != 0 && (r.Status < 100 || r.Status > 599) {
			t.Errorf("%s: line %d: status %d", name, r.Line, r.Status)
		}
		for _, a := range r.Attrs {
			if int(a.Parent) >= len(r.Attrs) {
				t.Errorf("%s: line %d: parent %d of %d attributes", name, r.Line, a.Parent, len(r.Attrs))
			}
		}
	})
	skip(int64(len(lines)) + 1)
	if !bytes.Equal(before, data) {
		t.Errorf("%s: the block was changed", name)
	}
}

// isBlank reports whether nothing is left of a line once wrappers are off.
func isBlank(text []byte) bool {
	var ln line
	ln.unwrap(text, nil, true)
	return ln.kind == blank
}

// TestAllocs holds ordinary entries to no allocation.
func TestAllocs(t *testing.T) {
	for _, s := range readSamples(t) {
		rd, b := NewReader(Options{}), sampleBlock(s.input)
		visit := func(r *Record) {}
		rd.Each(b, visit)
		if n := testing.AllocsPerRun(5, func() { rd.Each(b, visit) }); n > 0 {
			t.Errorf("%s: %.0f allocations", s.name, n)
		}
	}
}

// TestUsual holds the fast path of access logs to what the slow one reads.
func TestUsual(t *testing.T) {
	s := NewReader(Options{}).scratchFor(sampleBlock(nil))
	rng := rand.New(rand.NewPCG(1, 2))
	for _, sample := range readSamples(t) {
		if sample.name != "combined" {
			continue
		}
		for line := range bytes.Lines(sample.input) {
			for range 2000 {
				m := bytes.Clone(bytes.TrimSuffix(line, []byte("\n")))
				for range rng.IntN(3) {
					const odd = " \"\\-[]/?.:9aG\x00"
					m[rng.IntN(len(m))] = odd[rng.IntN(len(odd))]
				}
				checkUsual(t, s, m)
			}
		}
	}
}

func checkUsual(t *testing.T, s *Scratch, text []byte) {
	t.Helper()
	fast, slow := Record{Text: text, Lines: 1}, Record{Text: text, Lines: 1}
	if len(text) < 40 || !parseUsual(&fast, s, text) {
		return
	}
	if !parseCLF(&slow, s, text) {
		t.Fatalf("only the fast path reads %q", text)
	}
	_, a := ecs(&fast)
	_, b := ecs(&slow)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("%q: (-fast +slow)\n%s", text, diff)
	}
}

// TestDated holds the formats to what they say of entries that begin with a date.
func TestDated(t *testing.T) {
	s := NewReader(Options{}).scratchFor(sampleBlock(nil))
	all := allCandidates()
	n := 0
	for _, sample := range readSamples(t) {
		for line := range bytes.Lines(sample.input) {
			line = bytes.TrimSpace(line)
			if !beginsWithDate(line) {
				continue
			}
			for _, date := range []string{"T", " ", "_"} {
				for _, end := range []string{"", " ", ",", ".", "|", "Z", "+"} {
					text := bytes.Clone(line)
					copy(text[10:], date)
					copy(text[19:], end)
					for _, p := range all.first[text[0]] {
						r := Record{Raw: text, Text: text, Line: 1, Lines: 1}
						if !slices.Contains(all.of(text), p) && p.Parse(&r, s) {
							t.Errorf("%s would read %q, and is not asked", p.Name, text)
						}
						n++
					}
				}
			}
		}
	}
	if n == 0 {
		t.Error("no sample begins with a date")
	}
}

// TestOverlong checks that an entry of endless lines ends at MaxRecord, and that
// what follows is read as ever.
func TestOverlong(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("2026-11-22T00:12:31Z ERROR auth: trace\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "\tat example.Frame%d(X.java)  \n", i)
	}
	b.WriteString("2026-11-22T00:12:32Z ERROR auth: next\n")
	all := readAll(NewReader(Options{}), sampleBlock(b.Bytes()))
	if n := len(all[0].Raw); n < MaxRecord || n > MaxRecord+64 {
		t.Errorf("the entry has %d bytes", n)
	}
	if last := all[len(all)-1]; last.Line != 4002 || last.Fields["why401.format"] != "stamped-text" {
		t.Errorf("the last record is %v", last)
	}
	checkCuts(t, b.Bytes())
}

// TestBare checks that lines of one event each are not joined.
func TestBare(t *testing.T) {
	for _, text := range []string{
		"jwt expired\njwt malformed\ninvalid signature",
		"jwt.exceptions.DecodeError: a\njwt.exceptions.DecodeError: b\nTokenExpiredError: c",
		"Forbidden: a\nUnauthorized: b\ndone\n- - -",
		"INFO:     started\nWARNING:  refused\nERROR: x\nINFO: y",
		"{\"a\":1}\n{\"a\":2}\n{\"a\":3}",
		"{\"a\":1}\nError: b\n[c]\n(d)",
		"level=info msg=a\nlevel=info msg=b",
		"2026-11-22 00:12:31 a\n2026-11-22 00:12:31 b\n2026-11-22 00:12:31 c",
	} {
		if n := len(readAll(NewReader(Options{}), sampleBlock([]byte(text)))); n != strings.Count(text, "\n")+1 {
			t.Errorf("%d records of %q", n, text)
		}
	}
}

// TestLongLine checks that of a line in pieces one record comes.
func TestLongLine(t *testing.T) {
	b := sampleBlock([]byte(`192.0.2.1 - - [22/Nov/2026:00:12:31 +0000] "GET /` + strings.Repeat("a", 4096)))
	b.Part, b.Last = 1, false
	c := sampleBlock(bytes.Repeat([]byte("a"), 4096))
	c.Part = 2
	if all := readAll(NewReader(Options{}), b, c); len(all) != 1 {
		t.Errorf("%d records", len(all))
	}
}

func FuzzEach(f *testing.F) {
	f.Add([]byte(`{"stream":{}"values":[0`)) // a stream of Loki's, broken at its start
	for _, s := range readSamples(f) {
		f.Add(s.input)
		for line := range bytes.Lines(s.input) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkLines(t, "fuzz", data)
		checkCuts(t, data)
	})
}

// FuzzParsers asks every parser for any text, whatever it begins with.
func FuzzParsers(f *testing.F) {
	f.Add([]byte("00:00:00 X:0:00 ::000::")) // two addresses that overlap
	f.Add([]byte("20:6-11-22 09:15:031 "))   // a blank where Elixir's level stands
	f.Add([]byte(`[20/Nov/2026:09:15:03 +0000] 404 - GET http shop.example "/" [Client 192.0.2.15] [Length 1] [Gzip 1] " "x"`))
	f.Add([]byte(`{"message":"x\ny 192.0.2.15 z \"PUT http://shop.example/\" no"}`)) // a request behind a line break and an address
	for _, s := range readSamples(f) {
		for line := range bytes.Lines(s.input) {
			f.Add(bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	rd := NewReader(Options{})
	s := rd.scratchFor(sampleBlock(nil))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) == 0 {
			return
		}
		checkUsual(t, s, text)
		for _, p := range registry {
			if p.First != "" && strings.IndexByte(p.First, text[0]) < 0 {
				continue
			}
			r := Record{Raw: text, Text: text, Line: 1, Lines: 1 + bytes.Count(text, []byte("\n"))}
			s.buf = s.buf[:0]
			blank := r
			if !p.Parse(&r, s) {
				r.Attrs, blank.Attrs = nil, nil
				if !reflect.DeepEqual(blank, r) {
					t.Errorf("%s says no and leaves\n%s", p.Name, cmp.Diff(blank, r, cmp.AllowUnexported()))
				}
			}
		}
	})
}

func BenchmarkFormats(b *testing.B) {
	for _, s := range readSamples(b) {
		b.Run(s.name, func(b *testing.B) {
			data := bytes.Repeat(s.input, 1+(64<<10)/len(s.input))
			benchmark(b, data)
		})
	}
}

// BenchmarkFile reads the log that the environment variable FILE names.
func BenchmarkFile(b *testing.B) {
	name := os.Getenv("FILE")
	if name == "" {
		b.Skip("no FILE")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, data)
}

func benchmark(b *testing.B, data []byte) {
	rd, block := NewReader(Options{}), sampleBlock(data)
	records, unread := 0, 0
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		records, unread = 0, 0
		rd.Each(block, func(r *Record) {
			records++
			if r.Format == nil {
				unread++
			}
		})
	}
	b.ReportMetric(float64(records), "records")
	b.ReportMetric(float64(unread), "unread")
}
