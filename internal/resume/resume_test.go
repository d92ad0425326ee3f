package resume

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/internal/engine"
	"why401/internal/report"
)

// all keeps findings.
type all struct{ list []detectors.Finding }

func (a *all) Finding(f detectors.Finding) error {
	if l, ok := f.(*detectors.LeakFinding); ok {
		leak := *l // the engine's
		f = &leak
	}
	a.list = append(a.list, f)
	return nil
}
func (*all) Write(p []byte) (int, error) { return len(p), nil }
func (*all) Flush() error                { return nil }

// reported runs a report over logs, with a state folder unless dir is "".
func reported(t *testing.T, dir string, logs ...string) ([]detectors.Finding, *report.Model) {
	t.Helper()
	found, m := &all{}, report.NewModel()
	sink := &report.Sink{Model: m, Filter: &report.Filter{}}
	inputs, _ := engine.Open(logs, nil)
	cfg := engine.Config{Mode: engine.Report, Workers: 1}
	if dir == "" {
		if _, err := engine.Run(context.Background(), inputs, cfg, both{sink, found}); err != nil {
			t.Fatal(err)
		}
		return found.list, m
	}
	r, err := Open(dir, []string{"test"}, time.Unix(1, 0), func(s string) { t.Error(s) })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Follow(&cfg)
	stats, err := engine.Run(context.Background(), r.Logs(inputs), cfg, r.Sink(both{sink, found}))
	if err != nil {
		t.Fatal(err)
	}
	r.Read(stats, m)
	if err := r.Save(); err != nil {
		t.Fatal(err)
	}
	return found.list, m
}

type both struct {
	*report.Sink
	all *all
}

func (b both) Finding(f detectors.Finding) error {
	_ = b.all.Finding(f)
	return b.Sink.Finding(f)
}

// toldOf lists what was found: refusals by their lines, campaigns as they were told last.
// Why requests of the lines from and to were refused is left out.
func toldOf(list []detectors.Finding, from, to int) []string {
	spikes := map[string]string{}
	var lines []string
	for _, f := range list {
		switch f := f.(type) {
		case *detectors.CauseFinding:
			cause := f.Cause
			if n := int(f.Line); n >= from && n <= to {
				cause = ""
			}
			lines = append(lines, fmt.Sprintf("%s:%d %s", filepath.Base(f.File), f.Line, cause))
		case *detectors.LeakFinding:
			lines = append(lines, fmt.Sprintf("%s:%d:%d %s", filepath.Base(f.File), f.Line, f.Column, f.Kind))
		case *detectors.SpikeFinding:
			spikes[f.ID] = fmt.Sprintf("%s %s %s %d %d %s", f.ID, f.Kind, f.Phase, f.Attempts, len(f.SourceIPs), f.CompromisedUsers)
		}
	}
	for _, s := range spikes {
		lines = append(lines, s)
	}
	slices.Sort(lines)
	return lines
}

// TestCutAnywhere cuts a log at records and reads it in two runs, which must find
// what one run does, but for causes that waited for what comes later.
func TestCutAnywhere(t *testing.T) {
	for _, name := range []string{"edge.log", "shop.log"} {
		text, err := os.ReadFile(filepath.Join("../../testdata/demo", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.Collect(strings.Lines(string(text)))
		dir := t.TempDir()
		log := filepath.Join(dir, name)
		write := func(lines []string) {
			if err := os.WriteFile(log, []byte(strings.Join(lines, "")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(lines)
		whole, _ := reported(t, "", log)
		const waits = 40 // lines, more than two minutes
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 12 {
			state := filepath.Join(dir, fmt.Sprint("state", i))
			at := r.IntN(len(lines))
			write(lines[:at])
			first, _ := reported(t, state, log)
			write(lines)
			second, _ := reported(t, state, log)
			third, _ := reported(t, state, log)
			if len(third) > 0 {
				t.Errorf("%s cut at %d: found %q again", name, at, toldOf(third, 0, 0))
			}
			want := toldOf(whole, at-waits, at)
			if got := toldOf(append(first, second...), at-waits, at); !slices.Equal(got, want) {
				t.Errorf("%s cut at %d:%s", name, at, difference(got, want))
			}
		}
	}
}

func difference(got, want []string) string {
	var b bytes.Buffer
	for _, s := range got {
		if !slices.Contains(want, s) {
			fmt.Fprintf(&b, "\n+ %s", s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			fmt.Fprintf(&b, "\n- %s", s)
		}
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	start := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC) // a Monday
	failures := func(n int64) *report.Model {
		m := report.NewModel()
		m.Failures = n
		return m
	}
	night := func(s *state, day int, of string, n int64) *report.Before {
		m := failures(n)
		s.compare(figures{From: start.AddDate(0, 0, day-1), To: start.AddDate(0, 0, day), Failures: n}, of, m)
		return m.Before
	}
	var s state
	if b := night(&s, 0, "a", 10); b != nil {
		t.Errorf("the first run is compared with %+v", b)
	}
	if b := night(&s, 1, "a", 20); b == nil || b.Runs != 1 || b.Failures != (report.Band{Low: 10, High: 10}) {
		t.Errorf("the second run is compared with %+v, not the first", b)
	}
	if b := night(&s, 2, "b", 20); b != nil {
		t.Errorf("other logs are compared with %+v", b)
	}
	for day := 2; day <= 20; day++ {
		n := int64(100 + day)
		if day%7 == 0 {
			n = int64(day)
		}
		b := night(&s, day, "a", n)
		if day == 6 && (b.Runs != 6 || b.Failures != (report.Band{Low: 10, High: 105})) {
			t.Errorf("a week is compared with %+v", b)
		}
	}
	if b := night(&s, 21, "a", 5000); b.Runs != 3 || b.Failures != (report.Band{Low: 7, High: 14}) { // days 0, 7 and 14
		t.Errorf("a Monday is compared with %+v, not Mondays", b)
	}
	m := failures(1)
	s.compare(figures{To: start.AddDate(0, 0, 30), Failures: 1}, "a", m)
	if m.Before != nil {
		t.Errorf("nine days are compared with %+v", m.Before)
	}
	for range 2 * maxRuns {
		s.compare(figures{To: start, Failures: 1}, "a", m)
	}
	if len(s.Runs) != maxRuns {
		t.Errorf("%d runs are kept", len(s.Runs))
	}
}

// TestStateDamaged holds that no state that was changed is believed or overwritten.
func TestStateDamaged(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "a.log")
	if err := os.WriteFile(log, []byte("192.0.2.1 - - [12/Mar/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 401 12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	reported(t, dir, log)
	whole, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for _, data := range [][]byte{whole[:i], slices.Concat(whole[:i], []byte{whole[i] ^ 1}, whole[i+1:])} {
			if _, why := decode(data); why == "" {
				t.Fatalf("a state changed at byte %d is believed", i)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, stateFile), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	var said []string
	r, err := Open(dir, nil, time.Unix(1, 0), func(s string) { said = append(said, s) })
	if err != nil || len(said) != 1 || !strings.Contains(said[0], "is damaged: kept as report.state.1") {
		t.Fatal(err, said)
	}
	if _, err := Open(dir, nil, time.Unix(1, 0), nil); err == nil || !strings.Contains(err.Error(), "another report is running") {
		t.Error("two runs have one state:", err)
	}
	r.Close()
	if kept, err := os.ReadFile(filepath.Join(dir, stateFile+".1")); err != nil || len(kept) != len(whole)/2 {
		t.Error(err, len(kept))
	}
}
