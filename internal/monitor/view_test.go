package monitor

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/internal/engine"
	"why401/internal/follow"
	"why401/internal/report"
	"why401/rules"
)

// hostile is what a log may hold to spoil a terminal.
const hostile = "\x1b[2J\x1b]0;x\x07\r\n\u202eabc\u200b\xff日本語 " + "very-long-word-very-long-word-very-long-word-very-long-word"

func filled() *State {
	s := New()
	for i := range 30 {
		c := cause(rules.Cause(i % 12))
		c.Evidence, c.Path, c.User, c.SourceIP, c.File, c.Line = hostile, "/"+hostile, hostile, "192.0.2.7", "a.log", int64(i)
		_ = s.Finding(c)
	}
	_ = s.Finding(&detectors.LeakFinding{Type: "leak", File: hostile, Line: 3, Kind: "jwt", Severity: detectors.High})
	for i := range 5 {
		f := spike(fmt.Sprint(i), "opened", hostile, "ada")
		f.Reason = hostile
		_ = s.Finding(f)
	}
	s.Progress(&engine.Stats{Files: []engine.FileStats{{Name: "a.log", Lines: 1_234_567, Records: 1_234_567, Unparsed: 10, Last: 1_700_000_000_000_000_000}}})
	s.Alive([]follow.Health{{Name: "a.log", Unread: 5 << 20}, {Name: hostile, Problem: "cannot be read"}, {Name: "c.log"}})
	return s
}

// TestDrawFits draws at many sizes: no more lines than there are, each as wide as
// the terminal, and nothing that a terminal would obey.
func TestDrawFits(t *testing.T) {
	full, empty := filled().Snapshot(), New().Snapshot()
	colour := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, shot := range []*Snapshot{&full, &empty} {
		for width := 1; width < 220; width += 13 {
			for height := 1; height < 70; height += 5 {
				v := View{Width: width, Height: height, Colours: height%2 == 0, Zone: time.UTC, Now: time.Now(), Keys: true, Messages: []string{hostile, "b"}}
				lines := v.Draw(shot)
				if len(lines) > height {
					t.Fatalf("%d lines at %d by %d", len(lines), width, height)
				}
				for _, l := range lines {
					plain := colour.ReplaceAllString(l, "")
					if n := report.Columns(plain); n != width {
						t.Fatalf("%d columns at %d by %d: %q", n, width, height, l)
					}
					if strings.ContainsAny(plain, "\x1b\x07\r\n\u202e") || !v.Colours && plain != l {
						t.Fatalf("control characters at %d by %d: %q", width, height, l)
					}
				}
			}
		}
	}
}

// TestDraw shows what matters at 3 in the morning.
func TestDraw(t *testing.T) {
	shot := filled().Snapshot()
	shot.Requests[window-3] = 70
	v := View{Width: 100, Height: 40, Zone: time.UTC, Now: time.Date(2026, 3, 12, 3, 4, 5, 0, time.UTC), Paused: true}
	text := strings.Join(v.Draw(&shot), "\n")
	for _, want := range []string{
		"PAUSED  03:04:05 UTC", "entries      7.0/s    1,234,567 in all", "5 campaigns under way, 1 leak, 1 source not read",
		"brute_force  since", "got into ", "CREDENTIALS IN LOGS", "jwt  in text", "LATEST", "SOURCES", "cannot be read", "5.2 MB", "Nov 14 22:13:20",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("without %q:\n%s", want, text)
		}
	}
	empty := New().Snapshot()
	if text := strings.Join(v.Draw(&empty), "\n"); !strings.Contains(text, "nothing found yet") {
		t.Errorf("got\n%s", text)
	}
}

func TestSparkline(t *testing.T) {
	if got := sparkline([]int64{9, 9, 0, 1, 4, 8}, 4); got != " ▁▄█" {
		t.Errorf("got %q", got)
	}
}
