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
	"time"

	"why401/detectors"
	"why401/parsers"
)

// A script is a feed that gives logs in pieces: those that have come are given at
// once, and after it paused the next ones come.
type script struct {
	names   []string
	cutters []*LiveCutter
	pieces  []piece // to come
	burst   int     // how many come at a time
	ended   map[int]bool
	mem     []byte
	given   int64
	kept    int64
}

type piece struct {
	log  int
	text string
	end  bool // of an entry: nothing comes for a moment
}

func (f *script) Files() []string { return f.names }

func (f *script) Next(_ context.Context, b *parsers.Block, _ time.Duration, busy func(int32) bool) error {
	for i, c := range f.cutters {
		if !busy(int32(i)) && c.Next(b, &f.mem, f.ended[i]) {
			f.given++
			return nil
		}
	}
	for i := range f.cutters {
		if busy(int32(i)) {
			return ErrPause
		}
	}
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
	for name, logs := range map[string][][]string{"edge": {edge}, "app": {app}, "both": {app, edge}} {
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
		for _, most := range []int{0, 100, 5000} {
			got := &kept{}
			follow(t, names, logs, most, got)
			if d := firstDifference(told(got), want.findings); d != "" {
				t.Errorf("%s in pieces of up to %d bytes: %s", name, most, d)
			}
		}
	}
}

// What was committed is told: whatever a run that breaks off hasn't told stands in
// blocks that weren't committed.
func TestCommitCoversWhatIsTold(t *testing.T) {
	var text strings.Builder
	for i := range 400 {
		fmt.Fprintf(&text, "192.0.2.%d - - [11/May/2026:09:%02d:%02d +0000] \"GET /n/%d HTTP/1.1\" %d 5 \"-\" \"probe/1.0\"\n", i%7, i/60, i%60, i, []int{200, 401}[i%2])
	}
	sink := &telling{}
	f := &script{names: []string{"access.log"}, burst: 1, ended: map[int]bool{}, cutters: []*LiveCutter{NewLiveCutter(&parsers.Source{Name: "access.log"}, 1, nil, nil)}}
	for line := range strings.Lines(text.String()) {
		f.pieces = append(f.pieces, piece{0, line, true})
	}
	sink.check = func() {
		if sink.n < int(f.kept)/2-1 { // every second line is a failure, and every line a block
			t.Fatalf("%d failures are told and %d lines committed", sink.n, f.kept)
		}
	}
	if _, err := Live(context.Background(), f, Config{Mode: Report}, sink); err != nil {
		t.Fatal(err)
	}
	if sink.n != 200 {
		t.Errorf("%d failures are told, want 200", sink.n)
	}
}

// telling counts findings, and checks at each flush.
type telling struct {
	bytes.Buffer
	n     int
	check func()
}

func (s *telling) Finding(f detectors.Finding) error {
	if f.FindingType() == "cause" {
		s.n++
	}
	s.check()
	return nil
}
func (s *telling) Flush() error { s.check(); return nil }
