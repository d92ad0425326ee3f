package follow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// A rig is a log in a folder, its writer, and a follower of it. What the follower
// gives is compared with what was written: nothing lost, nothing repeated.
type rig struct {
	*testing.T
	dir, path string
	opt       Options
	f         *Follower
	ahead     time.Duration // of the follower's clock
	w         *os.File
	written   []string
	got       []string
	said      []string
}

// newRig returns a rig whose follower isn't started yet.
func newRig(t *testing.T) *rig {
	dir := t.TempDir()
	r := &rig{T: t, dir: dir, path: filepath.Join(dir, "access.log")}
	r.opt = Options{
		Warn: func(msg string) { r.said = append(r.said, msg) },
		now:  func() time.Time { return time.Now().Add(r.ahead) },
	}
	t.Cleanup(func() {
		if r.f != nil {
			r.f.Close()
		}
	})
	return r
}

// each runs a hazard with both ways to notice changes.
func each(t *testing.T, hazard func(r *rig)) {
	for name, poll := range map[string]bool{"told": false, "poll": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.Poll = poll
			hazard(r)
		})
	}
}

func (r *rig) start(patterns ...string) {
	r.Helper()
	if len(patterns) == 0 {
		patterns = []string{r.path}
	}
	f, err := New(patterns, r.opt)
	r.must(err)
	r.f = f
}

func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// reopen lets the writer go on with the file of this name, made if need be.
func (r *rig) reopen(name string) {
	r.Helper()
	if r.w != nil {
		r.w.Close()
	}
	w, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	r.must(err)
	r.w = w
	r.Cleanup(func() { w.Close() })
}

// write appends n lines.
func (r *rig) write(n int) {
	r.Helper()
	var b strings.Builder
	for range n {
		line := fmt.Sprintf("192.0.2.7 - - [11/May/2026:09:00:00 +0000] \"GET /item/%d HTTP/1.1\" 200 5", len(r.written)+1)
		r.written = append(r.written, line)
		b.WriteString(line + "\n")
	}
	r.put(b.String())
}

func (r *rig) put(text string) {
	r.Helper()
	_, err := r.w.WriteString(text)
	r.must(err)
}

// next takes one block, or waits a little; false means that there was none.
func (r *rig) next() bool {
	r.Helper()
	return r.within(20 * time.Millisecond)
}

func (r *rig) within(wait time.Duration) bool {
	r.Helper()
	var b parsers.Block
	switch err := r.f.Next(r.Context(), &b, wait, none); {
	case err == nil:
		for line := range strings.Lines(string(b.Data)) {
			r.got = append(r.got, strings.TrimSuffix(line, "\n"))
		}
		return true
	case !errors.Is(err, engine.ErrPause):
		r.Fatal(err)
	}
	return false
}

// until follows until a condition holds.
func (r *rig) until(what string, ok func() bool) {
	r.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); {
		if !r.next() && time.Now().After(end) {
			r.Fatalf("waited in vain for %s: %d lines of %d came; said %q", what, len(r.got), len(r.written), r.said)
		}
	}
}

// all follows until everything written has come, and nothing else.
func (r *rig) all() {
	r.Helper()
	r.until("every line", func() bool { return len(r.got) >= len(r.written) })
	r.same()
}

// same compares what came with what was written, in any order.
func (r *rig) same() {
	r.Helper()
	got, want := slices.Sorted(slices.Values(r.got)), slices.Sorted(slices.Values(r.written))
	for len(got) > 0 || len(want) > 0 {
		switch {
		case len(want) == 0 || len(got) > 0 && got[0] < want[0]:
			r.Fatalf("%q came and was not written, or came twice", got[0])
		case len(got) == 0 || want[0] < got[0]:
			r.Fatalf("%q is lost", want[0])
		}
		got, want = got[1:], want[1:]
	}
}

// tailing follows until hpcloud/tail reads the log, where it can.
func (r *rig) tailing() {
	r.Helper()
	r.until("the tailer", func() bool {
		g := r.f.logs[0].current
		return g != nil && (g.tailer != nil || g.alone)
	})
}

// stop ends the follower as a signal does, with a last checkpoint.
func (r *rig) stop() {
	r.Helper()
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	var b parsers.Block
	for {
		err := r.f.Next(ctx, &b, 0, none)
		if err != nil {
			break
		}
		for line := range strings.Lines(string(b.Data)) {
			r.got = append(r.got, strings.TrimSuffix(line, "\n"))
		}
	}
	r.must(r.f.Commit(r.f.given))
	r.f.Close()
	r.f = nil
}

func (r *rig) rename(to string) {
	r.Helper()
	r.must(os.Rename(r.path, to))
}

func TestLinesComeAsTheyAreWritten(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.write(3)
		r.start()
		r.all()
		for range 5 {
			r.tailing()
			r.write(2)
			r.all()
		}
		if !slices.Equal(r.got, r.written) {
			r.Error("lines of one file came in another order")
		}
	})
}

func TestManyLinesAreReadWithoutATailer(t *testing.T) {
	each(t, func(r *rig) {
		r.reopen(r.path)
		r.write(20_000)
		r.start()
		for len(r.got) < 20_000 {
			if !r.next() {
				t.Fatal("a pause before the end of what is there")
			}
			if g := r.f.logs[0].current; g.tailer != nil && len(r.got) < 20_000 {
				t.Fatal("a tailer before the end of what is there")
			}
		}
		r.all()
	})
}

// A notice of hpcloud/tail can get lost, and then it waits for the next one.
func TestATailerThatMissedItsNoticeIsHelped(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.tailing()
	g := r.f.logs[0].current
	if g.tailer == nil {
		t.Skip("no tailer here")
	}
	g.tailer.halt() // it says nothing any more
	<-g.tailer.gone
	r.write(5)
	r.all()
	r.write(5)
	r.tailing()
	r.all()
}

func TestFromTheEnd(t *testing.T) {
	r := newRig(t)
	r.opt.FromEnd = true
	r.reopen(r.path)
	r.write(3000)
	r.put("the line ")
	r.written = nil
	r.start()
	r.tailing()
	r.put("that was begun\n")
	r.written = append(r.written, "the line that was begun")
	r.until("the line", func() bool { return len(r.got) == 1 })
	r.same()
	if line := r.f.logs[0].current.track.given.Line; line != 3002 {
		t.Errorf("the next line has number %d, want 3002", line)
	}
}

// The lines of an entry are held until nothing came for a moment, however many
// writes they took.
func TestEntriesOfSeveralLinesComeInOneBlock(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.tailing()
	g := r.f.logs[0].current
	if g.tailer == nil {
		t.Skip("no tailer here")
	}
	stopped := r.f.opt.now()
	r.f.opt.now = func() time.Time { return stopped.Add(r.ahead) }
	var b parsers.Block
	entry := ""
	for line := range strings.Lines("2026-05-11 09:00:00,000 ERROR app: refused\nTraceback (most recent call last):\n  File \"app.py\", line 3, in check\nValueError: no\n") {
		entry += line
		r.put(line)
		for end := time.Now().Add(20 * time.Second); g.cut.Partial() < len(entry); {
			if err := r.f.Next(r.Context(), &b, 0, none); !errors.Is(err, engine.ErrPause) || time.Now().After(end) {
				t.Fatalf("%d bytes of %d are held; got %v, %q", g.cut.Partial(), len(entry), err, b.Data)
			}
		}
	}
	r.ahead += quiet
	r.must(r.f.Next(r.Context(), &b, 0, none))
	if string(b.Data) != entry {
		t.Errorf("the block is %q", b.Data)
	}
}

func TestABlockSeesTheLinesBefore(t *testing.T) {
	r := newRig(t)
	r.opt.State = filepath.Join(r.dir, "state")
	r.reopen(r.path)
	r.put("#Fields: date time cs-method\n")
	r.written = append(r.written, "#Fields: date time cs-method")
	r.write(10)
	r.start()
	r.all()
	r.stop()
	r.write(1)
	r.start()
	var b parsers.Block
	r.until("a line", func() bool { return r.f.Next(r.Context(), &b, time.Second, none) == nil })
	if string(b.Header) != "#Fields: date time cs-method" {
		t.Errorf("the header is %q", b.Header)
	}
	if want := r.written[10] + "\n"; !strings.HasSuffix(string(b.Before), want) || b.Line != 12 {
		t.Errorf("line %d follows %q, want 12 behind %q", b.Line, b.Before, want)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	ctx, cancel := context.WithCancel(r.Context())
	time.AfterFunc(time.Millisecond, cancel)
	var b parsers.Block
	if err := r.f.Next(ctx, &b, time.Hour, none); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Without a state what is held goes out at the end.
func TestTheLastLinesGoOutAtTheEnd(t *testing.T) {
	r := newRig(t)
	r.reopen(r.path)
	r.start()
	r.tailing()
	r.write(1)
	g := r.f.logs[0].current
	r.until("the line to be read", func() bool { return g.holding != (time.Time{}) || len(r.got) > 0 })
	r.stop()
	r.same()
}

func TestStandardInputEnds(t *testing.T) {
	r := newRig(t)
	r.opt.Stdin = strings.NewReader("one\ntwo\nwithout its end")
	r.start("-")
	r.written = []string{"one", "two", "without its end"}
	r.all()
	var b parsers.Block
	if err := r.f.Next(r.Context(), &b, time.Second, none); err != io.EOF {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(r.f.Files(), []string{"-"}) {
		t.Errorf("files are %q", r.f.Files())
	}
}

// none is a source that is never busy.
func none(int32) bool { return false }
