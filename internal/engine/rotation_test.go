package engine

import (
	"slices"
	"testing"
)

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
