package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"why401/detectors"
	"why401/internal/engine"
)

// filled returns a pointer to a T whose every field, and every field of those,
// holds something.
func filled[T any]() *T {
	v := new(T)
	fill(reflect.ValueOf(v).Elem(), new(int))
	return v
}

func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Repeat("x", *n))
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 1000)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 3, *n, 1, 2, 3, 4000, time.FixedZone("", 3600))))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" { // no record says it
				fill(v.Field(i), n)
			}
		}
	}
}

// TestAppendFinding holds the encoder against encoding/json: same members, same
// values, same order, for findings with every field set and with none.
func TestAppendFinding(t *testing.T) {
	cause, spike, leak, note := filled[detectors.CauseFinding](), filled[detectors.SpikeFinding](), filled[detectors.LeakFinding](), filled[detectors.Note]()
	cause.Type, spike.Type, leak.Type, note.Type = "cause", "spike", "leak", "note"
	for _, f := range []detectors.Finding{
		cause, spike, leak, note,
		&detectors.CauseFinding{Type: "cause"}, &detectors.SpikeFinding{Type: "spike"}, &detectors.LeakFinding{Type: "leak"}, &detectors.Note{Type: "note"},
	} {
		want, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(AppendFinding(nil, f))); diff != "" {
			t.Errorf("%T: %s", f, diff)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", `"\`, "\x1b[31mred", "a\r\n\tb", "\x00\x7f\u0085", "\u202egnp.exe", "日本\u2028", "\xff\xfe", "\U000e0041", "\ufffd", "<b>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if want := strings.ToValidUTF8(strings.ReplaceAll(s, "\xff", "\xff"), "\uFFFD"); got != eachInvalid(s) {
			t.Errorf("%q became %q (%q)", s, got, want)
		}
		showsSafely(t, b)
	})
}

// eachInvalid replaces each byte that isn't UTF-8 by U+FFFD.
func eachInvalid(s string) string { return string([]rune(s)) }

// showsSafely fails if a terminal would obey something in b.
func showsSafely(t *testing.T, b []byte) {
	t.Helper()
	if !utf8.Valid(b) {
		t.Errorf("%q is no UTF-8", b)
	}
	for _, r := range string(b) {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r >= 0xe0000 && r < 0xe0080 {
			t.Errorf("%q holds %U", b, r)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]0;title\x07\x9b2J\u202e\xff日本")
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		showsSafely(t, []byte(c))
		if Clean(c) != c {
			t.Errorf("%q is not clean", c)
		}
		if w := width(short(c, 7)); w > 7 {
			t.Errorf("%q cut to 7 has %d columns", c, w)
		}
	})
}

func TestJSONDocument(t *testing.T) {
	for n := range 3 {
		m := NewModel()
		m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "a.log", Lines: 3, Records: 3, Unparsed: 1, Bytes: 9}, {Name: "b.log"}}, Elapsed: 1500 * time.Millisecond}
		var doc, lines bytes.Buffer
		d, l := NewJSON(&doc), NewJSONL(&lines)
		for i := range n {
			f := &detectors.CauseFinding{Type: "cause", File: "a.log", Line: int64(i + 1), Cause: "expired_token"}
			m.Add(f)
			for _, w := range []Writer{d, l} {
				if err := w.Finding(f); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, w := range []Writer{d, l} {
			if err := w.End(m); err != nil {
				t.Fatal(err)
			}
		}
		var got struct {
			Findings []map[string]any
			Summary  map[string]any
		}
		if err := json.Unmarshal(doc.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", doc.Bytes(), err)
		}
		if len(got.Findings) != n || got.Findings == nil {
			t.Errorf("%d findings, not %d: %s", len(got.Findings), n, doc.Bytes())
		}
		want := map[string]any{"type": "summary", "files": 2., "bytes": 9., "lines": 3., "records": 3., "unparsed": map[string]any{"a.log": 1.},
			"failures": float64(n), "causes": map[string]any{}, "spikes": 0., "leaks": 0., "seconds": 1.5}
		if n > 0 {
			want["causes"] = map[string]any{"expired_token": float64(n)}
		}
		if diff := cmp.Diff(want, got.Summary); diff != "" {
			t.Error(diff)
		}
		if c := bytes.Count(lines.Bytes(), []byte("\n")); c != n+1 {
			t.Errorf("%d JSON lines, not %d", c, n+1)
		}
	}
}

func BenchmarkAppendFinding(b *testing.B) {
	f := filled[detectors.CauseFinding]()
	buf := AppendFinding(nil, f)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendFinding(buf[:0], f)
	}
}
