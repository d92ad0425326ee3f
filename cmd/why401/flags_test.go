package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMoment(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-03-14":                  "2026-03-13T22:00:00Z 2026-03-14T21:59:59Z", // the whole day
		"2026-03-14 15:04":            "2026-03-14T13:04:00Z 2026-03-14T13:04:59Z",
		"2026-03-14T15:04":            "2026-03-14T13:04:00Z 2026-03-14T13:04:59Z",
		"2026-03-14 15:04:05":         "2026-03-14T13:04:05Z 2026-03-14T13:04:05Z",
		"2026-03-14T15:04:05Z":        "2026-03-14T15:04:05Z 2026-03-14T15:04:05Z",
		"2026-03-14T15:04:05.5-01:00": "2026-03-14T16:04:05Z 2026-03-14T16:04:05Z",
		"90m":                         "2026-03-29T10:30:00Z 2026-03-29T10:30:00Z",
		"3d":                          "2026-03-26T12:00:00Z 2026-03-26T12:00:00Z",
		"11:30":                       "2026-03-29T09:30:00Z 2026-03-29T09:30:59Z",
		"14:01":                       "2026-03-28T12:01:00Z 2026-03-28T12:01:59Z", // not today yet
		"25:00":                       "error",
		"":                            "error", "yesterday": "error", "-2h": "error", "14": "error", "2026-13-01": "error", "d": "error", "99999999999d": "error",
	} {
		got := "error"
		if from, to, ok := parseMoment(text, now, zone); ok {
			got = from.UTC().Truncate(time.Second).Format(time.RFC3339) + " " + to.UTC().Truncate(time.Second).Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
}

func TestZone(t *testing.T) {
	for text, want := range map[string]int{"UTC": 0, "utc": 0, "+02:00": 7200, "-05:30": -19800, "Asia/Tokyo": 32400} {
		var z zone
		if err := z.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, got := time.Unix(0, 0).In(z.location()).Zone(); got != want {
			t.Errorf("%s is %d seconds east, not %d", text, got, want)
		}
	}
	for _, text := range []string{"", "Mars", "../../etc/passwd", "+2", "+25:00"} {
		if err := new(zone).Set(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// TestLineSink cuts the same text into writes of every size and looks for the
// lines wanted.
func TestLineSink(t *testing.T) {
	text := "one\r\n\ntwo\n" + strings.Repeat("x", 3*maxContext) + "\nlast"
	want := map[int64]string{1: "one", 2: "", 3: "two", 4: strings.Repeat("x", maxContext), 5: "last"}
	for size := 1; size <= len(text); size += 1 + size/2 {
		s := &lineSink{next: 1, last: 5, keep: map[int64]string{1: "", 2: "", 3: "", 4: "", 5: ""}}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if _, err := s.Write([]byte(rest[:n])); err != nil && err != errEnough {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.keep); got != fmt.Sprint(want) {
			t.Errorf("in pieces of %d: %.80s", size, got)
		}
	}
}

// TestDocument makes one JSON document of lines, however they are cut.
func TestDocument(t *testing.T) {
	for text, want := range map[string]string{
		"":                    `{"x":[]}` + "\n",
		"{}\n":                "{\"x\":[\n{}]}\n",
		"{\"a\":1}\n{}\n{}\n": "{\"x\":[\n{\"a\":1},\n{},\n{}]}\n",
	} {
		for size := 1; size <= len(text)+1; size++ {
			var b strings.Builder
			s := newStream(&b)
			s.document("x")
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				if _, err := s.Write([]byte(rest[:n])); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := s.end(); err != nil || b.String() != want {
				t.Errorf("%q in pieces of %d: %q, %v", text, size, b.String(), err)
			}
		}
	}
}
