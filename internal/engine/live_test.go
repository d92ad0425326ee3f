package engine

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"why401/detectors"
	"why401/parsers"
)

// A script is a feed that gives logs in pieces. When it is asked to wait, the next
// ones come.
type script struct {
	names   []string
	cutters []*LiveCutter
	pieces  []piece       // to come
	burst   int           // how many come at a time
	every   time.Duration // and how long after each other
	due     time.Time     // when the next come
	ended   map[int]bool
	mem     []byte
	given   int64
	kept    int64
	check   func(wait time.Duration) // is called before a wait, and with 0 after a commit
}

type piece struct {
	log  int
	text string
	end  bool // of an entry: nothing comes for a moment
}

func (f *script) Files() []string { return f.names }

func (f *script) Next(_ context.Context, b *parsers.Block, wait time.Duration, busy func(int32) bool) error {
	for i, c := range f.cutters {
		if !busy(int32(i)) && c.Next(b, &f.mem, f.ended[i]) {
			f.given++
			return nil
		}
	}
	if wait == 0 {
		return ErrPause
	}
	if f.check != nil {
		f.check(wait)
	}
	if left := time.Until(f.due); left > wait {
		<-time.After(wait)
		return ErrPause
	} else if left > 0 {
		<-time.After(left)
	}
	f.due = time.Now().Add(f.every)
	if len(f.pieces) == 0 {
		for _, c := range f.cutters {
			if c.End(); c.Next(b, &f.mem, true) {
				f.given++
				return nil
			}
		}
		return io.EOF
	}
	for range min(f.burst, len(f.pieces)) {
		p := f.pieces[0]
		f.cutters[p.log].Add([]byte(p.text))
		f.ended[p.log] = p.end
		f.pieces = f.pieces[1:]
	}
	return ErrPause
}

func (f *script) Commit(n int64) error {
	if n < f.kept || n > f.given {
		return fmt.Errorf("commits %d after %d, of %d", n, f.kept, f.given)
	}
	f.kept = n
	if f.check != nil {
		f.check(0)
	}
	return nil
}

// follow runs Live on logs that are written moment by moment, in pieces of up to most
// bytes, or are there from the start where most is 0.
func follow(t *testing.T, names []string, logs [][]string, most int, sink Sink) {
	t.Helper()
	f := &script{names: names, burst: 1 + rand.IntN(3), ended: map[int]bool{}}
	for i, name := range names {
		f.cutters = append(f.cutters, NewLiveCutter(&parsers.Source{Name: name, Index: int32(i)}, 1, nil, nil))
	}
	if most == 0 {
		f.burst = len(logs)
		for i, l := range logs {
			f.pieces = append(f.pieces, piece{i, strings.Join(l, ""), true})
		}
	}
	for i := 0; most > 0 && i < len(logs[0]); i++ {
		for _, at := range rand.Perm(len(logs)) {
			for text := logs[at][i]; text != ""; {
				n := min(1+rand.IntN(most), len(text))
				f.pieces = append(f.pieces, piece{at, text[:n], n == len(text)})
				text = text[n:]
			}
		}
	}
	if _, err := Live(t.Context(), f, Config{Mode: Report}, sink); err != nil {
		t.Fatal(err)
	}
	if f.kept != f.given {
		t.Errorf("committed %d blocks of %d", f.kept, f.given)
	}
}

// told returns what was found, in the order of its text, without what time alone makes
// differ: the clock may see an attack before the next line does, and what comes later
// than a moment after an entry is no part of it.
func told(k *kept) []string {
	for i, f := range k.findings {
		k.findings[i] = timing.ReplaceAllString(f, "")
	}
	slices.Sort(k.findings)
	return k.findings
}

var timing = regexp.MustCompile(`"(detected_at":"[^"]*"|end_line":\d+),`)

// A live run finds what a batch run finds, however the lines come.
func TestLiveFindsWhatRunFinds(t *testing.T) {
	edge, app := moments(3)
	edge, app = edge[500:1100], app[500:1100] // with the campaign
	for name, logs := range map[string][][]string{"app": {app}, "both": {app, edge}} {
		var names []string
		dir := t.TempDir()
		for i, text := range logs {
			names = append(names, filepath.Join(dir, fmt.Sprintf("%d.log", i)))
			if err := os.WriteFile(names[i], []byte(strings.Join(text, "")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		opened, _ := Open(names, nil)
		want := &kept{}
		if _, err := Run(t.Context(), opened, Config{Mode: Report}, want); err != nil {
			t.Fatal(err)
		}
		told(want)
		for _, most := range []int{0, 300} {
			got := &kept{}
			follow(t, names, logs, most, got)
			if d := firstDifference(told(got), want.findings); d != "" {
				t.Errorf("%s in pieces of up to %d bytes: %s", name, most, d)
			}
		}
	}
}

// What was committed is told: whatever a run that breaks off hasn't told stands in
// blocks that weren't committed. Before a wait, all that is told goes out.
func TestCommitCoversWhatIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &telling{}
		f := &script{names: []string{"access.log"}, burst: 1, every: 700 * time.Millisecond, ended: map[int]bool{}, cutters: []*LiveCutter{NewLiveCutter(&parsers.Source{Name: "access.log"}, 1, nil, nil)}}
		start := time.Now()
		for i := range 200 { // every second line is a failure, and every line a block
			f.pieces = append(f.pieces, piece{0, accessLine(start.Add(time.Duration(i)*f.every), i%7, fmt.Sprint("/n/", i), 200+i%2*201), true})
		}
		commits := 0
		f.check = func(wait time.Duration) {
			if wait > 0 && len(sink.waiting) > 0 {
				t.Fatal("a finding isn't flushed")
			}
			if wait == 0 {
				commits++
			}
			if len(sink.at) < int(f.kept)/2 {
				t.Fatalf("%d failures are told and %d lines committed", len(sink.at), f.kept)
			}
		}
		if _, err := Live(t.Context(), f, Config{Mode: Report}, sink); err != nil {
			t.Fatal(err)
		}
		if len(sink.at) != 100 || commits < 50 {
			t.Errorf("%d failures are told in %d commits, want 100 in many", len(sink.at), commits)
		}
	})
}

// A cause is told when nothing can change it any more, though no other line comes.
func TestCausesAreToldInTime(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want time.Duration // after the line, at most
	}{
		"its own words": {`{"time":%q,"level":"warn","msg":"token is expired","remote_addr":"192.0.2.1","path":"/a","status":401}`, 0},
		"no time":       {`{"zeit":%q,"level":"warn","msg":"token is expired","remote_addr":"192.0.2.1","path":"/a","status":401}`, 0},
		"a challenge":   {`{"time":%q,"level":"info","msg":"request","remote_addr":"192.0.2.1","path":"/a","status":401}`, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &telling{}
				f := &script{names: []string{"app.log"}, burst: 1, every: time.Hour, ended: map[int]bool{}, cutters: []*LiveCutter{NewLiveCutter(&parsers.Source{Name: "app.log"}, 1, nil, nil)}}
				start := time.Now()
				f.pieces = []piece{{0, fmt.Sprintf(c.line, start.Format(time.RFC3339Nano)) + "\n", true}}
				if _, err := Live(t.Context(), f, Config{Mode: Report}, sink); err != nil {
					t.Fatal(err)
				}
				if len(sink.at) != 1 || sink.at[0].Sub(start) > c.want+10*time.Millisecond {
					t.Errorf("told %v, want one %v after %v", sink.at, c.want, start)
				}
			})
		})
	}
}

func accessLine(at time.Time, client int, path string, status int) string {
	return fmt.Sprintf("192.0.2.%d - - [%s] \"GET %s HTTP/1.1\" %d 5 \"-\" \"probe/1.0\"\n", client, at.Format("02/Jan/2006:15:04:05 -0700"), path, status)
}

// telling is a sink that knows when causes were told.
type telling struct {
	bytes.Buffer
	waiting []time.Time // told and not flushed
	at      []time.Time // flushed
}

func (s *telling) Finding(f detectors.Finding) error {
	if f.FindingType() == "cause" {
		s.waiting = append(s.waiting, time.Now())
	}
	return nil
}

func (s *telling) Flush() error {
	s.at = append(s.at, s.waiting...)
	s.waiting = nil
	return nil
}
