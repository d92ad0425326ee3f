package alert

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"why401/detectors"
)

// fake is a target whose answers a test decides.
type fake struct {
	mu     sync.Mutex
	answer func(a *Alert) error
	got    []string
	at     []time.Time
}

func (*fake) Name() string { return "fake" }

func (f *fake) Send(ctx context.Context, a *Alert) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answer != nil {
		if err := f.answer(a); err != nil {
			return err
		}
	}
	m, err := a.message()
	if err != nil {
		return err
	}
	f.got = append(f.got, m.Key+" "+m.Step)
	f.at = append(f.at, time.Now())
	return nil
}

// said collects warnings.
type said struct {
	mu   sync.Mutex
	text []string
}

func (s *said) warn(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, text)
}

func (s *said) has(t *testing.T, part string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(strings.Join(s.text, "\n"), part) {
		t.Errorf("nobody said %q, but %q", part, s.text)
	}
}

func spike(id, phase string, attempts int) *detectors.SpikeFinding {
	return &detectors.SpikeFinding{Type: "spike", ID: id, Phase: phase, Kind: "brute_force", Severity: detectors.High, Attempts: attempts, Reason: "many tries"}
}

func start(t *testing.T, dir string, w *said, targets ...Target) *Desk {
	t.Helper()
	d, err := New(Options{Min: detectors.Medium, Dir: dir, Warn: w.warn}, nil, targets)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantSteps(t *testing.T, f *fake, want ...string) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if strings.Join(f.got, ", ") != strings.Join(want, ", ") {
		t.Errorf("got %q, want %q", f.got, want)
	}
}

// TestEachStepOnce sends every step of a campaign once and in order, though the
// findings come twice, and leaves out what is too mild.
func TestEachStepOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, w := &fake{}, &said{}
		d := start(t, "", w, f)
		for range 2 {
			for _, finding := range []detectors.Finding{
				spike("a", "opened", 10), spike("b", "opened", 3), spike("a", "grown", 20), spike("a", "grown", 40), spike("a", "closed", 41),
				&detectors.CauseFinding{Type: "cause", Cause: "expired_token", File: "x", Line: 1},
				&detectors.Note{Type: "note", ID: "n"},
			} {
				_ = d.Finding(finding)
			}
		}
		_ = d.End(nil)
		wantSteps(t, f, "a opened", "b opened", "a grown", "a grown", "a closed")
	})
}

// TestRetry tries again, ever more slowly, keeps the order, and says so once.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, began := 0, time.Now()
		w := &said{}
		f := &fake{answer: func(*Alert) error {
			if calls++; time.Since(began) < time.Hour {
				return errors.New("busy")
			}
			return nil
		}}
		d := start(t, "", w, f)
		_ = d.Finding(spike("a", "opened", 1))
		_ = d.Finding(spike("a", "closed", 2))
		time.Sleep(2 * time.Hour) // of the bubble's clock
		synctest.Wait()
		wantSteps(t, f, "a opened", "a closed")
		if calls < 15 || calls > 60 {
			t.Errorf("tried %d times in an hour", calls)
		}
		if len(w.text) != 2 {
			t.Errorf("said %q", w.text)
		}
		w.has(t, "cannot send an alert: busy")
		w.has(t, "alerts are taken again")
		_ = d.End(nil)
	})
}

func TestRefusedIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &said{}
		f := &fake{answer: func(a *Alert) error {
			if strings.Contains(string(a.Finding), `"a"`) {
				return fmt.Errorf("no: %w", ErrRefused)
			}
			return nil
		}}
		d := start(t, "", w, f)
		_ = d.Finding(spike("a", "opened", 1))
		_ = d.Finding(spike("b", "opened", 1))
		_ = d.End(nil)
		wantSteps(t, f, "b opened")
		w.has(t, "alerts lost so far: 1")
		if c := d.Counts()["fake"]; c != (Counts{Sent: 1, Dropped: 1}) {
			t.Errorf("counts are %+v", c)
		}
	})
}

// TestLater leaves a target alone for as long as it asks.
func TestLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		f := &fake{answer: func(*Alert) error {
			if calls++; calls == 1 {
				return &later{errors.New("slower"), 30 * time.Minute}
			}
			return nil
		}}
		began := time.Now()
		d := start(t, "", &said{}, f)
		_ = d.Finding(spike("a", "opened", 1))
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(f.at) != 1 || f.at[0].Sub(began) < 30*time.Minute {
			t.Errorf("sent after %v", f.at)
		}
		_ = d.End(nil)
	})
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		began := time.Now()
		d := start(t, "", &said{}, f)
		for i := range 300 {
			_ = d.Finding(spike(fmt.Sprint(i), "opened", 1))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(f.at) != 300 {
			t.Errorf("sent %d", len(f.at))
		}
		for i := range f.at {
			if i >= 90 && f.at[i].Sub(f.at[i-90]) < time.Minute { // a minute's, and a burst
				t.Errorf("alerts %d to %d came within %v", i-90, i, f.at[i].Sub(f.at[i-90]))
			}
		}
		if d := f.at[len(f.at)-1].Sub(began); d > 5*time.Minute {
			t.Errorf("took %v", d)
		}
		_ = d.End(nil)
	})
}

// TestBound fills the queue of a target that never answers: reading goes on, and
// what finds no room is counted.
func TestBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &said{}
		never := targetFunc(func(ctx context.Context, _ *Alert) error { <-ctx.Done(); return ctx.Err() })
		d := start(t, "", w, never)
		for i := range maxQueued + 25 {
			_ = d.Finding(spike(fmt.Sprint(i), "opened", 1))
		}
		if c := d.Counts()["never"]; c != (Counts{Dropped: 25, Waiting: maxQueued}) {
			t.Errorf("counts are %+v", c)
		}
		began := time.Now()
		_ = d.End(nil)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the end took %v", took)
		}
		w.has(t, "alerts lost so far: 10")
		w.has(t, fmt.Sprintf("%d alerts could not be sent", maxQueued))
	})
}

type targetFunc func(context.Context, *Alert) error

func (targetFunc) Name() string                               { return "never" }
func (f targetFunc) Send(ctx context.Context, a *Alert) error { return f(ctx, a) }

// TestRestart sends after a restart what an earlier process could not, and nothing
// of what it did.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &said{}
		f := &fake{answer: func(a *Alert) error {
			if strings.Contains(string(a.Finding), "opened") {
				return nil
			}
			return errors.New("down")
		}}
		d := start(t, dir, w, f)
		_ = d.Finding(spike("a", "opened", 1))
		_ = d.Finding(spike("a", "grown", 2))
		_ = d.Finding(spike("a", "closed", 3))
		_ = d.End(nil)
		w.has(t, "2 alerts wait for the next start")
		wantSteps(t, f, "a opened")

		next := &fake{}
		d = start(t, dir, w, next)
		_ = d.Finding(spike("a", "opened", 1)) // read again after a kill
		_ = d.Finding(spike("a", "grown", 2))
		_ = d.Finding(spike("b", "opened", 1))
		_ = d.End(nil)
		wantSteps(t, next, "a grown", "a closed", "b opened")
	})
	left, _ := filepath.Glob(filepath.Join(dir, "alerts", "*", "*.json"))
	if len(left) > 0 {
		t.Errorf("left are %q", left)
	}
}

// TestKilled sends what a killed process had queued, and says what was damaged.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	q, err := openQueue(filepath.Join(dir, "alerts", "fake-1"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := q.put(newAlert(spike(fmt.Sprint(i), "opened", 1), time.Unix(0, 0))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(q.items[1].file, nil, 0o600); err != nil { // as a lost write leaves it
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		f, w := &fake{}, &said{}
		d := start(t, dir, w, f)
		_ = d.End(nil)
		wantSteps(t, f, "0 opened", "2 opened")
		w.has(t, "1 queued alerts were damaged")
	})
}

// TestLeaksAlike tells the leaks of one producer once an hour.
func TestLeaksAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		f := &fake{answer: func(*Alert) error { n++; return nil }}
		d := start(t, "", &said{}, f)
		for i := range 7200 {
			_ = d.Finding(&detectors.LeakFinding{Type: "leak", File: "a.log", Line: int64(i), Kind: "jwt", Severity: detectors.High})
			time.Sleep(time.Second)
		}
		_ = d.Finding(&detectors.LeakFinding{Type: "leak", File: "b.log", Line: 1, Kind: "jwt", Severity: detectors.High})
		_ = d.End(nil)
		if n < 3 || n > 4 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestFileIsReopened(t *testing.T) {
	name := filepath.Join(t.TempDir(), "alerts.jsonl")
	f, err := NewFile(name)
	if err != nil {
		t.Fatal(err)
	}
	w := &said{}
	d, err := New(Options{Min: detectors.Low, Warn: w.warn}, []*File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = d.Finding(spike("a", "opened", 1))
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	_ = d.Finding(spike("b", "opened", 1))
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o700); err != nil { // can't be written
		t.Fatal(err)
	}
	_ = d.Finding(spike("c", "opened", 1))
	_ = d.Finding(spike("d", "opened", 1))
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	_ = d.Finding(spike("e", "opened", 1))
	_ = d.End(nil)
	for file, id := range map[string]string{name + ".1": "a", name: "e"} {
		text, err := os.ReadFile(file)
		if err != nil || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), `"id":"`+id+`"`) {
			t.Errorf("%s holds %q, %v", filepath.Base(file), text, err)
		}
	}
	if len(w.text) != 1 {
		t.Errorf("said %q", w.text)
	}
	if c := d.Counts()[name]; c.Sent != 3 || c.Dropped != 2 {
		t.Errorf("counts are %+v", c)
	}
}
