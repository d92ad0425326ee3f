package parsers

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestProducts reads lines as many products write them, in testdata/products, and
// compares fields that were written by hand. A file holds
//
//	=== product
//	the lines of an entry
//	-> ip=192.0.2.1 user="a b" method=GET url=/x status=401 agent=x
//
// What a want doesn't name the entry must not have, but for level, id, domain and
// outcome, which are compared where named, and time, which is 2026-11-22T00:12:31Z.
func TestProducts(t *testing.T) {
	files, err := filepath.Glob("../testdata/products/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	count := 0
	for _, file := range files {
		for product, body := range sections(t, file) {
			t.Run(product, func(t *testing.T) { count += checkProduct(t, body) })
		}
	}
	if count < 200 {
		t.Errorf("%d entries, want 200", count)
	}
}

// TestInjections hands every format an entry in which a client's own words, in the
// escaping of the server, look like fields: testdata/injections.txt, with a section
// for each format. The fake address is 203.0.113.66, and it is nobody's client.
func TestInjections(t *testing.T) {
	cases := sections(t, "../testdata/injections.txt")
	for _, p := range All() {
		body, ok := cases[p.Name]
		if !ok {
			t.Errorf("%s has no case in testdata/injections.txt", p.Name)
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			body = strings.ReplaceAll(body, "\n-> ", "\n-> format="+p.Name+" ")
			checkProduct(t, body)
		})
		delete(cases, p.Name)
	}
	for name := range cases {
		t.Errorf("testdata/injections.txt: %s is no format", name)
	}
}

// TestProductLines holds every product's lines, and those that lie, to what holds for
// all input: cuts change nothing, no line is lost, and nothing is allocated.
func TestProductLines(t *testing.T) {
	files, err := filepath.Glob("../testdata/products/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	rd := NewReader(Options{})
	for _, file := range append(files, "../testdata/injections.txt") {
		for name, body := range sections(t, file) {
			var input []byte
			for line := range strings.Lines(body) {
				if line != "\n" && !strings.HasPrefix(line, "-> ") {
					input = append(input, line...)
				}
			}
			t.Run(name, func(t *testing.T) {
				checkCuts(t, input)
				checkLines(t, name, input)
				b := sampleBlock(input)
				visit := func(*Record) {}
				rd.Each(b, visit)
				if n := testing.AllocsPerRun(3, func() { rd.Each(b, visit) }); n > 0 {
					t.Errorf("%.0f allocations", n)
				}
				for i := range input { // as a full disk or a limit cuts it
					rd.Each(sampleBlock(input[:i:i]), visit)
					rd.Each(sampleBlock(input[i:]), visit)
				}
			})
		}
	}
}

// sections reads a file of "=== name" and lines.
func sections(t *testing.T, file string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, part := range strings.Split("\n"+string(data), "\n=== ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		if _, twice := all[name]; twice {
			t.Errorf("%s: two sections are called %s", file, name)
		}
		all[name] = body
	}
	return all
}

// checkProduct returns how many entries body has.
func checkProduct(t *testing.T, body string) int {
	var input []byte
	var wants []map[string]string
	var lines []int64 // the first line of each want's entry
	n, first := int64(0), int64(1)
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if want, ok := strings.CutPrefix(line, "-> "); ok {
			wants, lines = append(wants, wantedFields(t, want)), append(lines, first)
			first = n + 1
			continue
		}
		if line != "" {
			n++
			input = append(append(input, line...), '\n')
		}
	}
	i := 0
	NewReader(Options{}).Each(sampleBlock(input), func(r *Record) {
		if i >= len(wants) || r.Line != lines[i] {
			t.Errorf("line %d is an entry of its own: %s", r.Line, r.Raw)
			return
		}
		compareFields(t, wants[i], r)
		i++
	})
	if i < len(wants) {
		t.Errorf("%d entries, want %d", i, len(wants))
	}
	return len(wants)
}

// wantedFields splits `key=value key="quoted value"`.
func wantedFields(t *testing.T, want string) map[string]string {
	t.Helper()
	m := map[string]string{"time": "2026-11-22T00:12:31Z"}
	for want = strings.TrimSpace(want); want != ""; want = strings.TrimSpace(want) {
		key, rest, ok := strings.Cut(want, "=")
		if !ok {
			t.Fatalf("no value: %s", want)
		}
		value, after, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			value, _ = strconv.Unquote(quoted)
			after = rest[len(quoted):]
		}
		m[key], want = value, after
	}
	return m
}

// Fields that are compared only where a want names them.
var optional = []string{"level", "id", "domain", "outcome", "format"}

func compareFields(t *testing.T, want map[string]string, r *Record) {
	t.Helper()
	got := map[string]string{
		"ip": string(r.Client), "port": string(r.ClientPort), "user": string(r.User), "method": string(r.Method), "url": string(r.URL),
		"agent": string(r.UserAgent), "level": string(r.Level), "id": string(r.RequestID), "domain": string(r.Domain),
		"outcome": [...]string{"", "success", "failure"}[r.Outcome], "status": "", "time": "none", "format": "text",
	}
	if r.Status != 0 {
		got["status"] = fmt.Sprint(r.Status)
	}
	if r.Time != 0 {
		got["time"] = time.Unix(0, r.Time).UTC().Format(time.RFC3339Nano)
	}
	if r.Format != nil {
		got["format"] = r.Format.Name
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if w, named := want[key]; w != got[key] && w != "*" && (named || !slices.Contains(optional, key)) {
			t.Errorf("%s is %q, want %q, as %s, in\n%s", key, got[key], w, got["format"], bytes.TrimSpace(r.Raw))
		}
	}
	if string(r.Client) == "203.0.113.66" {
		t.Errorf("the client's own words are taken for its address in\n%s", r.Raw)
	}
	for key := range want {
		if _, ok := got[key]; !ok {
			t.Errorf("no such field: %s", key)
		}
	}
	if got["format"] == "text" && want["format"] == "" {
		t.Errorf("no format reads\n%s", r.Raw)
	}
}
