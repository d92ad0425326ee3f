package engine

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A file and its compressed copy are one log; logs that are alike are two.
func TestCopiesAreReadOnce(t *testing.T) {
	packed := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.String()
	}
	long := func(word string) string { return strings.Repeat(word+" went by\n", 20000) }
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"x.log.1": "a\n", "x.log.1.gz": packed("a\n")}, "x.log.1"},
		{map[string]string{"x.log.gz": packed("a\n"), "x.log": "a\n"}, "x.log"},
		{map[string]string{"x.log.1": long("a"), "x.log.2.gz": packed(long("a")), "x.log": long("b")}, "x.log.1 x.log"},
		{map[string]string{"x.log.1": "a\n", "x.log.2": "a\n"}, "x.log.2 x.log.1"},
		{map[string]string{"x.log.1": "a\n", "x.log.1.gz": packed("b\n")}, "x.log.1 x.log.1.gz"},
		{map[string]string{"x.log.1": "", "x.log.1.gz": packed("")}, "x.log.1 x.log.1.gz"},
		{map[string]string{"x.log": "a\n", "y.log.gz": packed("a\n")}, "x.log y.log.gz"},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		logs, skipped := Open([]string{dir}, nil)
		var got []string
		for _, l := range logs {
			got = append(got, filepath.Base(l.Name))
		}
		if want := strings.Fields(c.want); fmt.Sprint(got) != fmt.Sprint(want) || len(got)+len(skipped) != len(c.files) {
			t.Errorf("of %v are read %v, want %v; left out %v", len(c.files), got, want, skipped)
		}
		for _, s := range skipped {
			if !errors.Is(s.Err, ErrCopy) || s.Named {
				t.Errorf("%s: %v", s.Name, s.Err)
			}
		}
	}
}

func TestRotatedSetsComeInTimeOrder(t *testing.T) {
	try := func(want []string, given ...string) {
		t.Helper()
		logs := make([]Log, len(given))
		for i, n := range given {
			logs[i].Name = n
		}
		var got []string
		for _, l := range inTimeOrder(logs) {
			got = append(got, l.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v became %v, want %v", given, got, want)
		}
	}
	try([]string{"x.log.10.gz", "x.log.2.zst", "x.log.1", "x.log"}, "x.log", "x.log.1", "x.log.10.gz", "x.log.2.zst")
	try([]string{"x.log-20260510.gz", "x.log-20260511", "x.log"}, "x.log", "x.log-20260510.gz", "x.log-20260511")
	try([]string{"x.log-2026-05-10-13", "x.log-2026-05-10-14", "x.log"}, "x.log", "x.log-2026-05-10-13", "x.log-2026-05-10-14")
	try([]string{"x.2026-05-10", "x.2026-05-11", "x"}, "x", "x.2026-05-10", "x.2026-05-11")
	try([]string{"b.log.1", "b.log", "a.log.1", "a.log"}, "b.log", "a.log", "a.log.1", "b.log.1")
	try([]string{"b", "-", "a", "host12", "host11", "v1.2.3"}, "b", "-", "a", "host12", "host11", "v1.2.3")
	try([]string{"d/x.log.1", "d/x.log", "e/x.log.2", "e/x.log"}, "d/x.log", "d/x.log.1", "e/x.log", "e/x.log.2")
}
