package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/internal/engine"
	"why401/rules"
)

// page renders a report in which every string that may come from a log is s.
func pageOf(t *testing.T, s string) string {
	t.Helper()
	m := NewModel()
	for i := range 40 {
		at := noon.Add(time.Duration(i) * time.Minute)
		m.Add(&detectors.CauseFinding{Cause: []string{"expired_token", "bad_credentials"}[i%2], File: s, SourceIP: s, User: s, Path: "/" + s, Method: s,
			UserAgent: s + "/1.0", Evidence: s, Rule: "correlate/x", Time: &at})
	}
	m.Add(&detectors.SpikeFinding{ID: "1", Kind: s, Severity: detectors.Critical, SourceIPs: []string{s}, SourceNetworks: []string{s},
		CompromisedUsers: []string{s, s}, Reason: s, Start: noon, End: noon.Add(time.Hour), Attempts: 7})
	m.Add(&detectors.LeakFinding{File: s, Kind: s, Location: s, Severity: detectors.High, Producer: s, Fix: s})
	m.Add(&detectors.Note{ID: "1", Message: s, File: s})
	m.Chosen = "--user " + s
	m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: s, Lines: 2, Records: 2, Unparsed: 1, FirstBad: 1, Formats: map[string]int64{s: 1},
		First: noon.UnixNano(), Last: noon.Add(time.Hour).UnixNano()}}}
	around := func(places []detectors.FilePlace) map[detectors.FilePlace][]Line {
		return map[detectors.FilePlace][]Line{places[0]: {{Number: 1, Text: s, Marked: true}, {Number: 2, Text: s}}}
	}
	var b bytes.Buffer
	if err := NewHTML(&b, Options{Around: around}).End(m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	tag       = regexp.MustCompile(`<[^>]*>`)
	texts     = regexp.MustCompile(` aria-label="[^"<>]*"|<wbr>`)
	reference = regexp.MustCompile(`(?i)(?: (?:href|src|action)=|url\()["']?([^"'> )]*)`)
)

// TestHTMLMarkup holds that no log can add markup: the tags of the page are the
// same whatever it says.
func TestHTMLMarkup(t *testing.T) {
	tags := func(s string) []string {
		return tag.FindAllString(texts.ReplaceAllString(pageOf(t, s), ""), -1)
	}
	want := tags("harmless")
	for _, evil := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='x`, `</style><b>`, `</title>`, `-->`, `]]>`, `{{.}}`, `&lt;b&gt;`, "`<b>`", "<!--",
	} {
		if got := tags(evil); !slices.Equal(got, want) {
			for i := range got {
				if i >= len(want) || got[i] != want[i] {
					t.Errorf("%s adds %s", evil, got[i])
					break
				}
			}
		}
	}
	for _, m := range reference.FindAllStringSubmatch(pageOf(t, "harmless"), -1) {
		if !strings.HasPrefix(m[1], "#") && m[1] != "data:," {
			t.Errorf("the page refers to %q", m[1])
		}
	}
	if !strings.Contains(pageOf(t, "שלום"), "<bdi>") {
		t.Error("words from right to left don't stand apart")
	}
}

// TestHTMLSize fills every table with long lines and asks for all of them.
func TestHTMLSize(t *testing.T) {
	m := NewModel()
	m.Stats = &engine.Stats{}
	for i := range 20_000 {
		at := noon.Add(time.Duration(i) * time.Second)
		s := fmt.Sprint(i, strings.Repeat(`<"&'`, 100))
		m.Add(&detectors.CauseFinding{Cause: []string{"expired_token", "bad_credentials", "unknown_user"}[i%3], SourceIP: s, User: s, Path: "/" + s, UserAgent: s, File: s, Time: &at})
		m.Add(&detectors.LeakFinding{File: s, Kind: "jwt", Severity: detectors.High, Fix: s})
		m.Add(&detectors.SpikeFinding{ID: s, Kind: "brute_force", Reason: s, CompromisedUsers: []string{s}, SourceNetworks: []string{s}, Start: at, End: at})
		m.Add(&detectors.Note{ID: s, Message: s})
		m.Stats.Files = append(m.Stats.Files, engine.FileStats{Name: s, Lines: 1, First: at.UnixNano(), Last: at.UnixNano()})
	}
	var b bytes.Buffer
	if err := NewHTML(&b, Options{Top: 1 << 30}).End(m); err != nil {
		t.Fatal(err)
	}
	if b.Len() > maxHTML {
		t.Errorf("%d bytes", b.Len())
	}
	if !strings.Contains(b.String(), "would make this page too long") || !strings.HasSuffix(b.String(), "</html>\n") {
		t.Error("nothing was left out, or the end")
	}
}

// TestHTMLEmpty writes a whole page whatever is missing.
func TestHTMLEmpty(t *testing.T) {
	none := NewModel()
	unread := NewModel()
	unread.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "a.log", Err: fmt.Errorf("no")}}}
	untimed := NewModel()
	untimed.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "a.log", Lines: 1, Records: 1}}}
	untimed.Add(&detectors.CauseFinding{Cause: "expired_token"})
	for i, m := range []*Model{none, unread, untimed} {
		for _, make := range []func(*bytes.Buffer) Writer{
			func(b *bytes.Buffer) Writer { return NewHTML(b, Options{}) },
			func(b *bytes.Buffer) Writer { return NewPlacesHTML(b, Options{}) },
		} {
			var b bytes.Buffer
			if err := make(&b).End(m); err != nil {
				t.Fatal(err)
			}
			if s := b.String(); !strings.HasPrefix(s, htmlFirst) || !strings.HasSuffix(s, "</html>\n") {
				t.Errorf("%d: %s", i, s)
			}
		}
	}
}

// TestTicks labels charts of every length, with few labels and with more than one
// where there are columns enough.
func TestTicks(t *testing.T) {
	for span := 10 * time.Second; span < 8000*day; span = span * 5 / 4 {
		var h Histogram
		for i := range 400 {
			h.add(noon.Add(span*time.Duration(i)/400), rules.ExpiredToken)
		}
		c := h.chart(noon, noon.Add(span), 72, chartSeries)
		if n := len(c.ticks(0)); n > 6 || len(c.Columns) > 20 && n < 2 {
			t.Errorf("%s: %d columns of %s have %d labels", span, len(c.Columns), c.Width, n)
		}
	}
}
