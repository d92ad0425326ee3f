package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/internal/engine"
)

// TestWhen reads how the text shows failures over time, with and without the
// characters that not every terminal has.
func TestWhen(t *testing.T) {
	m := NewModel()
	for i, n := range []int{1, 0, 4, 8} {
		for range n {
			at := noon.Add(time.Duration(i) * time.Minute)
			m.Add(&detectors.CauseFinding{Cause: "expired_token", Time: &at})
		}
	}
	m.Add(&detectors.CauseFinding{Cause: "expired_token"})
	m.Add(&detectors.SpikeFinding{ID: "1", Kind: "brute_force", Severity: detectors.High, Start: noon.Add(2 * time.Minute), End: noon.Add(3 * time.Minute)})
	m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "a.log", Lines: 15, Records: 15, First: noon.UnixNano(), Last: noon.Add(239 * time.Second).UnixNano()}}}
	for _, c := range []struct {
		style Style
		want  []string
	}{
		{Style{}, []string{"expired_token  ▂▁▁▁▁▁▁▁▁▁▁▁▄▁▁▁▁▁█▁▁▁▁▁     8\n", "brute force                ━━━━━━━\n", "columns of 10 seconds", "1 failure without a time"}},
		{Style{ASCII: true}, []string{"expired_token  .___________-_____#_____     8\n", "brute force                =======\n"}},
	} {
		var b bytes.Buffer
		if err := NewText(&b, Options{Style: c.style}).End(m); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in\n%s", want, b.String())
			}
		}
	}
}

// TestCourse tells when a cause began and what many requests together tell of it.
func TestCourse(t *testing.T) {
	m := NewModel()
	for i := range 3 {
		at := noon.Add(time.Duration(i) * time.Minute)
		f := &detectors.CauseFinding{Cause: "server_misconfiguration", Rule: "server_misconfiguration/word", Evidence: "no secret", File: "a.log", Line: 7,
			SourceIP: string(rune('a' + i)), Time: &at}
		if i == 1 {
			f.Rule, f.Evidence = "correlate/server_misconfiguration", "12 clients refused and nobody accepted since a restart 1m0s before"
		}
		m.Add(f)
	}
	m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "a.log", Lines: 3, Records: 3, First: noon.UnixNano(), Last: noon.Add(time.Hour).UnixNano()}}}
	var b bytes.Buffer
	if err := NewText(&b, Options{}).End(m); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"when 12:00 to 12:02, 3 clients; at 12:01:00: 12 clients refused and nobody accepted since a restart 1m0s before",
		"said “no secret” (a.log:7)",
	} {
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestDates writes as much of a date as tells it from the others.
func TestDates(t *testing.T) {
	for _, c := range []struct {
		read, span time.Duration // of the logs and of what is told, both from noon on
		want       string
	}{
		{time.Hour, time.Hour, "12:00 to 13:00"},
		{time.Hour, time.Second, "12:00"},
		{48 * time.Hour, time.Hour, "03-12 12:00 to 13:00"},
		{48 * time.Hour, 48 * time.Hour, "03-12 12:00 to 03-14 12:00"},
		{4000 * day, time.Hour, "2026-03-12 12:00 to 13:00"},
		{4000 * day, 400 * day, "2026-03-12 to 2027-04-16"},
	} {
		m := &Model{Stats: &engine.Stats{Files: []engine.FileStats{{First: noon.UnixNano(), Last: noon.Add(c.read).UnixNano()}}}}
		x := newText(&plainPage{}, Options{})
		x.dates = m.datesOf(time.UTC)
		if got := x.span(noon, noon.Add(c.span)); got != c.want {
			t.Errorf("%s of %s is %q, not %q", c.span, c.read, got, c.want)
		}
	}
}
