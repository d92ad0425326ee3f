package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/internal/engine"
	"why401/rules"
)

func TestRoute(t *testing.T) {
	for path, want := range map[string]string{
		"":                "",
		"/":               "/",
		"/api/v1/orders":  "/api/v1/orders",
		"/api/orders/17/": "/api/orders/{id}/",
		"/u/3f2b8c1e-0d41-4c7a-9a53-2b1f0c9d8e7a/x": "/u/{id}/x",
		"/oauth2/token":                "/oauth2/token",
		"/v1/5d41402abc4b2a76b9719d91": "/v1/{id}",
		"/summer-sale-2026":            "/{id}",
		"*":                            "*",
		"/a//b":                        "/a//b",
	} {
		if got := string(appendRoute(nil, path)); got != want {
			t.Errorf("route of %q is %q, not %q", path, got, want)
		}
	}
}

// TestTally floods a tally and looks whether the frequent ones survive.
func TestTally(t *testing.T) {
	var tally Tally
	for i := range 100_000 {
		tally.add(fmt.Append(nil, "rare", i))
		if i%10 == 0 {
			tally.add([]byte("often"))
		}
	}
	if len(tally.counts) > maxTally {
		t.Errorf("%d counts", len(tally.counts))
	}
	top := tally.Top(1)
	if len(top) != 1 || top[0].Key != "often" || top[0].N > 10_000 || !tally.Bound {
		t.Errorf("top is %v, bound %v", top, tally.Bound)
	}
}

// TestModelBounded adds a million findings that an attacker made all different.
func TestModelBounded(t *testing.T) {
	m := NewModel()
	for i := range 200_000 {
		s, at := fmt.Sprint(i), noon.Add(time.Duration(i)*time.Hour)
		m.Add(&detectors.CauseFinding{Cause: "bad_credentials", SourceIP: s, User: s, Path: "/" + s + "x", File: s, UserAgent: s + "/1", Time: &at})
		m.Add(&detectors.LeakFinding{File: s, Kind: "jwt", Severity: detectors.High})
		m.Add(&detectors.SpikeFinding{ID: s, Kind: "brute_force"})
		m.Add(&detectors.Note{ID: s})
	}
	by := m.Causes[rules.BadCredentials]
	if by.Count != 200_000 || by.Clients.Len() != maxDistinct || !by.Clients.More || m.Leaks != 200_000 {
		t.Errorf("count %d, clients %d, leaks %d", by.Count, by.Clients.Len(), m.Leaks)
	}
	for _, tally := range []*Tally{&by.TopClients, &by.TopUsers, &by.TopRoutes, &by.TopAgents} {
		if len(tally.counts) > maxTally {
			t.Errorf("%d names kept", len(tally.counts))
		}
	}
	if len(m.Times.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(m.Times.buckets))
	}
	if n := len(m.Places) + len(m.Groups) + len(m.Spikes) + len(m.Notes); n > maxPlaces+2*maxGroups+maxSpikes {
		t.Errorf("%d things kept", n)
	}
	if s := m.Summary(); s.Spikes != 200_000 || s.Failures != 200_000 {
		t.Errorf("summary says %d spikes, %d failures", s.Spikes, s.Failures)
	}
}

// TestPhases counts a spike once, however often it is told, by its last phase.
func TestPhases(t *testing.T) {
	m := NewModel()
	for _, phase := range []string{"opened", "grown", "closed"} {
		m.Add(&detectors.SpikeFinding{ID: "a", Phase: phase})
	}
	if len(m.Spikes) != 1 || m.Spikes[0].Phase != "closed" || m.Summary().Spikes != 1 {
		t.Errorf("%v", m.Spikes)
	}
}

// TestTextHostile renders a report of findings whose every string attacks the
// reader, and looks for lines too wide and for what a terminal obeys.
func TestTextHostile(t *testing.T) {
	evil := "\x1b]0;x\x07\x1b[2J\u202e\r\nwhy401: all fine\xff" + strings.Repeat("W", 300)
	now := time.Date(2026, 3, 12, 14, 0, 0, 0, time.UTC)
	m := NewModel()
	all := []detectors.Finding{
		&detectors.CauseFinding{Cause: "expired_token", File: evil, SourceIP: evil, User: evil, Path: "/" + evil, Method: evil, Evidence: evil, Time: &now},
		&detectors.CauseFinding{Cause: "expired_token", File: evil, SourceIP: evil, User: evil, Path: "/" + evil, Method: evil, Evidence: evil, Time: &now},
		&detectors.SpikeFinding{ID: evil, Kind: "credential_stuffing", Severity: detectors.Critical, SourceIPs: []string{evil}, SourceNetworks: []string{evil},
			CompromisedUsers: []string{evil, evil}, Reason: evil, Start: now, End: now},
		&detectors.LeakFinding{File: evil, Kind: evil, Location: evil, Severity: detectors.High, Producer: evil, Fix: evil},
		&detectors.Note{ID: evil, Message: evil},
	}
	for _, f := range all {
		m.Add(f)
	}
	m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: evil, Lines: 2, Records: 2, Unparsed: 1, FirstBad: 1, First: now.UnixNano(), Last: now.UnixNano()}}}
	none, err := rules.NewSet(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, make := range []func(*bytes.Buffer) Writer{
		func(b *bytes.Buffer) Writer { return NewText(b, Options{Rules: none}) },
		func(b *bytes.Buffer) Writer { return NewPlaces(b, Options{}) },
		func(b *bytes.Buffer) Writer { return NewJSON(b) },
		func(b *bytes.Buffer) Writer { return NewJSONL(b) },
		func(b *bytes.Buffer) Writer { return NewMarkdown(b, Options{Rules: none}) },
		func(b *bytes.Buffer) Writer { return NewHTML(b, Options{Rules: none}) },
		func(b *bytes.Buffer) Writer { return NewPlacesHTML(b, Options{}) },
		func(b *bytes.Buffer) Writer { return NewPrometheus(b, Options{}) },
		func(b *bytes.Buffer) Writer { return NewLines(b, Options{}) },
		func(b *bytes.Buffer) Writer { return NewCSV(b) },
		func(b *bytes.Buffer) Writer { return NewSARIF(b, Options{Rules: none}) },
	} {
		var b bytes.Buffer
		w := make(&b)
		for _, f := range all {
			if err := w.Finding(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.End(m); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			showsSafely(t, []byte(strings.TrimSuffix(line, "\n")))
			if w := width(strings.TrimSuffix(line, "\n")); i == 0 && w > mailWidth {
				t.Errorf("%d columns: %s", w, line)
			}
			if strings.HasPrefix(line, "why401: all fine") {
				t.Errorf("a log line passes for ours: %q", line)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	must := func(s string) Filter {
		p, ok := ParsePrefix(s)
		if !ok {
			t.Fatal(s)
		}
		f := Filter{}
		f.Clients = append(f.Clients, p)
		return f
	}
	status := func(s string) Filter {
		r, ok := ParseStatus(s)
		if !ok {
			t.Fatal(s)
		}
		return Filter{Status: []StatusRange{r}}
	}
	cause := &detectors.CauseFinding{Cause: "expired_token", SourceIP: "::ffff:192.0.2.7", User: "ada", Path: "/api/v1/orders/17", Status: 401}
	spike := &detectors.SpikeFinding{Kind: "brute_force", SourceIPs: []string{"198.51.100.1", "192.0.2.7"}, CompromisedUsers: []string{"ada"}}
	leak := &detectors.LeakFinding{}
	for i, c := range []struct {
		filter             Filter
		cause, spike, leak bool
	}{
		{Filter{}, true, true, true},
		{must("192.0.2.7"), true, true, false},
		{must("192.0.2.0/24"), true, true, false},
		{must("::ffff:192.0.2.0/120"), true, true, false},
		{must("2001:db8::/32"), false, false, false},
		{Filter{Causes: []string{"expired_token"}}, true, false, false},
		{Filter{Causes: []string{"clock_skew"}}, false, false, false},
		{Filter{Users: []string{"bob", "ada"}}, true, true, false},
		{Filter{Paths: []string{"/api/**"}}, true, false, false},
		{Filter{Paths: []string{"/api/*"}}, false, false, false},
		{status("401"), true, false, false},
		{status("4xx"), true, false, false},
		{status("402-499"), false, false, false},
		{Filter{Causes: []string{"expired_token"}, Users: []string{"bob"}}, false, false, false},
	} {
		got := [3]bool{c.filter.Match(cause), c.filter.Match(spike), c.filter.Match(leak)}
		if want := [3]bool{c.cause, c.spike, c.leak}; got != want {
			t.Errorf("%d: %+v chooses %v, not %v", i, c.filter, got, want)
		}
	}
	for _, bad := range []string{"", "40", "4x", "abc", "499-400", "99", "401-", "-"} {
		if _, ok := ParseStatus(bad); ok {
			t.Errorf("status %q was accepted", bad)
		}
	}
	for _, bad := range []string{"", "192.0.2", "192.0.2.0/33", "x"} {
		if _, ok := ParsePrefix(bad); ok {
			t.Errorf("network %q was accepted", bad)
		}
	}
}

// TestFailOn looks which findings let a run fail at each level.
func TestFailOn(t *testing.T) {
	for _, c := range []struct {
		f    detectors.Finding
		rank int
	}{
		{&detectors.CauseFinding{Cause: "expired_token"}, 2},
		{&detectors.CauseFinding{Cause: "benign_challenge"}, 0},
		{&detectors.Note{}, 0},
		{&detectors.LeakFinding{Severity: detectors.High}, 4},
		{&detectors.SpikeFinding{Severity: detectors.Informational}, 1},
	} {
		for i, level := range Severities {
			s := &Sink{Model: NewModel(), Filter: &Filter{}, Fail: level}
			if err := s.Finding(c.f); err != nil {
				t.Fatal(err)
			}
			if want := c.rank >= i+1; s.Found != want {
				t.Errorf("%T at --fail-on %s: found %v", c.f, level, s.Found)
			}
		}
	}
}

func TestUnits(t *testing.T) {
	for got, want := range map[string]string{
		Number(0): "0", Number(999): "999", Number(1000): "1,000", Number(-1234567): "-1,234,567",
		Bytes(0): "0 B", Bytes(999): "999 B", Bytes(1000): "1 kB", Bytes(1_550_000): "1.6 MB", Bytes(123_456_789): "123 MB", Bytes(99_949): "100 kB",
		share(1, 1000): "<1%", share(999, 1000): ">99%", share(1, 3): "33%", share(5, 5): "100%",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// TestTable looks at alignment with and without colours: wide runes, cut cells,
// and no blank at the end of a line.
func TestTable(t *testing.T) {
	tab := Table{Columns: []Column{{Name: "name"}, {Name: "n", Right: true}, {Name: "last"}}}
	tab.Row("日本", "7", "x")
	tab.Colour(0, red)
	tab.Colour(2, yellow)
	tab.Row("a long name", "1,000", "")
	tab.Row("a\nb", "", "y")
	for _, c := range []struct {
		style Style
		want  string
	}{
		{Style{}, "> name             n  last\n> 日本             7  x\n> a long name  1,000\n> a\\nb                y\n"},
		{Style{Colours: true}, "> \x1b[2mname\x1b[0m             \x1b[2mn\x1b[0m  \x1b[2mlast\x1b[0m\n> \x1b[31m日本\x1b[0m             7  \x1b[33mx\x1b[0m\n> a long name  1,000\n> a\\nb                y\n"},
	} {
		var b bytes.Buffer
		if err := tab.Write(&b, c.style, "> "); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.want {
			t.Errorf("%q, not\n%q", b.String(), c.want)
		}
	}
	wide := Table{Columns: []Column{{Name: "broken", Fit: true}, {Name: "whole"}}}
	wide.Row(strings.Repeat("日", 60), "/a/path/that/stays/whole.log:12:3")
	var b bytes.Buffer
	if err := wide.Write(&b, Style{}, "  "); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if w := width(strings.TrimSuffix(line, "\n")); w > mailWidth || strings.Count(b.String(), "日") != 60 || !strings.Contains(b.String(), "日  /a/path/that/stays/whole.log:12:3\n") {
			t.Errorf("%d columns: %q", w, line)
		}
	}
}

// BenchmarkSink is the cost of one refused request, counted and written.
func BenchmarkSink(b *testing.B) {
	now := time.Date(2026, 3, 12, 14, 0, 0, 0, time.UTC)
	findings := make([]*detectors.CauseFinding, 1024)
	for i := range findings {
		findings[i] = &detectors.CauseFinding{Type: "cause", File: "/var/log/nginx/access.log", Line: int64(1000 + i), EndLine: int64(1000 + i), Time: &now,
			Cause: "expired_token", Confidence: 0.92, Rule: "expired_token/sentence", Evidence: "token is expired by 5m", SourceIP: fmt.Sprintf("192.0.2.%d", i%250),
			User: fmt.Sprint("user", i), Method: "GET", Path: fmt.Sprintf("/api/v1/orders/%d/lines", i), Status: 401, Layer: "edge"}
	}
	s := &Sink{Model: NewModel(), Filter: &Filter{}, Writers: []Writer{NewJSONL(io.Discard)}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := s.Finding(findings[i%len(findings)]); err != nil {
			b.Fatal(err)
		}
	}
}
