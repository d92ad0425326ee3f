package parsers

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite want.jsonl of the samples chosen with -run; read the difference before you commit it")

const samples = "../testdata/formats"

// A sample is one file of testdata/formats: lines of one format or wrapper, and
// the records that they are.
type sample struct {
	name  string
	input []byte
	want  []map[string]any
}

func readSamples(t testing.TB) []sample {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(samples, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := sample{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
		for _, f := range archive.Files {
			switch f.Name {
			case "input.log":
				s.input = f.Data
			case "want.jsonl":
				for line := range bytes.Lines(f.Data) {
					var m map[string]any
					if err := json.Unmarshal(line, &m); err != nil {
						t.Fatalf("%s: want.jsonl: %v: %s", file, err, line)
					}
					s.want = append(s.want, m)
				}
			default:
				t.Errorf("%s: unknown section %q", file, f.Name)
			}
		}
		all = append(all, s)
	}
	return all
}

func sampleBlock(data []byte) *Block {
	b := &Block{
		Source: &Source{Name: "sample.log", ModTime: time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)},
		Line:   1, Data: data, Last: true,
	}
	if f, head, _ := FrameOf(data); f == Export || f == Table {
		b.Frame, b.Head = f, head
	}
	return b
}

// ecs shows every field of r under its ECS name, in a fixed order.
func ecs(r *Record) (keys []string, values map[string]any) {
	values = map[string]any{}
	put := func(key string, value any) {
		if b, ok := value.([]byte); ok {
			if len(b) == 0 {
				return
			}
			value = string(bytes.ToValidUTF8(b, []byte("\ufffd")))
		}
		keys = append(keys, key)
		values[key] = value
	}
	put("log.file.line", float64(r.Line))
	if r.Lines > 1 {
		put("why401.lines", float64(r.Lines))
	}
	format := "text"
	if r.Format != nil {
		format = r.Format.Name
	}
	put("why401.format", format)
	if len(r.Wrappers) > 0 {
		put("why401.wrappers", strings.Join(r.Wrappers, " "))
	}
	if r.Time != 0 {
		put("@timestamp", time.Unix(0, r.Time).UTC().Format(time.RFC3339Nano))
	}
	var assumed []string
	for i, name := range []string{"zone", "year", "date"} {
		if r.Assumed&(1<<i) != 0 {
			assumed = append(assumed, name)
		}
	}
	if assumed != nil {
		put("why401.assumed", strings.Join(assumed, " "))
	}
	put("source.ip", r.Client)
	put("source.port", r.ClientPort)
	put("user.name", r.User)
	put("http.request.method", r.Method)
	put("url.original", r.URL)
	put("url.path", r.Path)
	put("url.domain", r.Domain)
	put("user_agent.original", r.UserAgent)
	if f := r.Fingerprint; f.Kind != NoFingerprint {
		put("why401.fingerprint", append([]byte(f.Kind.String()+" "), f.Value...))
	}
	put("http.request.header.origin", r.Origin)
	put("http.request.id", r.RequestID)
	put("trace.id", r.TraceID)
	if r.Status != 0 {
		put("http.response.status_code", float64(r.Status))
	}
	put("event.outcome", []byte([...]string{"", "success", "failure"}[r.Outcome]))
	put("log.level", r.Level)
	put("log.logger", r.Logger)
	put("event.reason", r.Message)
	put("error.code", r.Code)
	put("error.type", r.ErrorType)
	put("http.response.header.www-authenticate", r.Challenge)
	put("auth.scheme", r.Scheme)
	put("auth.sent", []byte([...]string{"", "absent", "present"}[r.Sent]))
	put("server.address", r.Upstream)
	put("service.name", r.Service)
	return keys, values
}

// TestFormats reads every sample and compares every field of every record. A want
// without why401.format means the format that the file is named after.
func TestFormats(t *testing.T) {
	for _, s := range readSamples(t) {
		t.Run(s.name, func(t *testing.T) {
			wrapper := slices.Contains(WrapperNames(), s.name)
			var out bytes.Buffer
			n := 0
			NewReader(Options{}).Each(sampleBlock(bytes.Clone(s.input)), func(r *Record) {
				keys, got := ecs(r)
				if !wrapper && got["why401.format"] == s.name {
					delete(got, "why401.format")
				}
				if wrapper && !slices.Contains(r.Wrappers, s.name) {
					t.Errorf("line %d: wrapper %s not taken off: %v", r.Line, s.name, r.Wrappers)
				}
				if *update {
					fmt.Fprintf(&out, "%s\n", orderedJSON(keys, got))
					return
				}
				if n >= len(s.want) {
					t.Errorf("line %d: one record too many: %v", r.Line, got)
				} else if diff := cmp.Diff(s.want[n], got); diff != "" {
					t.Errorf("line %d: (-want +got)\n%s", r.Line, diff)
				}
				n++
				sameOrder(t, r)
			})
			if *update {
				archive := &txtar.Archive{Files: []txtar.File{{Name: "input.log", Data: s.input}, {Name: "want.jsonl", Data: out.Bytes()}}}
				if err := os.WriteFile(filepath.Join(samples, s.name+".txtar"), txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if n < len(s.want) {
				t.Errorf("%d records, want %d", n, len(s.want))
			}
			if n == 0 {
				t.Error("no sample lines")
			}
		})
	}
}

// sameOrder fails where another parser of the winner's order takes the entry too.
func sameOrder(t *testing.T, r *Record) {
	t.Helper()
	for _, p := range registry {
		if r.Format == nil || slices.Contains(r.Wrappers, "envelope") || p == r.Format || p.Order != r.Format.Order || p.First != "" && strings.IndexByte(p.First, r.Text[0]) < 0 {
			continue
		}
		other := Record{Raw: r.Raw, Text: r.Text, Line: r.Line, Lines: r.Lines}
		if p.Parse(&other, NewReader(Options{}).scratchFor(sampleBlock(nil))) {
			t.Errorf("line %d: %s and %s, both of order %d, take it", r.Line, p.Name, r.Format.Name, p.Order)
		}
	}
}

func orderedJSON(keys []string, values map[string]any) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, k := range keys {
		v, ok := values[k]
		if !ok {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", k)
		if err := enc.Encode(v); err != nil {
			panic(err)
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// TestRegistry holds every format and wrapper to the house rules: named, titled,
// with a sample; and every sample to a format or wrapper.
func TestRegistry(t *testing.T) {
	var names, have []string
	for _, p := range All() {
		names = append(names, p.Name)
		if p.Name == "" || p.Name != strings.ToLower(p.Name) || strings.ContainsAny(p.Name, " _.") {
			t.Errorf("%q is no kebab-case name", p.Name)
		}
		if title, _, _ := strings.Cut(p.Doc, "\n"); title == "" || len(title) > 80 {
			t.Errorf("%s: want a title of at most 80 letters, got %q", p.Name, title)
		}
		if p.Parse == nil {
			t.Errorf("%s: no Parse", p.Name)
		}
	}
	names = append(names, WrapperNames()...)
	for _, s := range readSamples(t) {
		have = append(have, s.name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i > 0 && names[i-1] == name {
			t.Errorf("two formats or wrappers are called %s", name)
		}
		if !slices.Contains(have, name) {
			t.Errorf("%s has no testdata/formats/%s.txtar", name, name)
		}
	}
	for _, name := range have {
		if !slices.Contains(names, name) {
			t.Errorf("testdata/formats/%s.txtar belongs to no format or wrapper", name)
		}
	}
}
