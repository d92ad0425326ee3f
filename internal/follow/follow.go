// Package follow reads logs as they are written and loses no line: not when they
// are rotated by renaming or by copying and truncating, not when they are deleted,
// replaced, linked elsewhere or appear later, and, with a state folder, not while
// why401 isn't running. It is the only importer of hpcloud/tail.
package follow

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"why401/internal/engine"
	"why401/parsers"
)

// Options say how to follow. The zero value reads what is there first, notices
// changes as the system tells of them, and remembers nothing.
type Options struct {
	State   string           // folder of the checkpoints, made if it isn't there; "" for none
	FromEnd bool             // leave out what is there at the start and was never read
	Poll    bool             // look for changes instead of being told of them
	Stdin   io.Reader        // what "-" stands for
	Journal []string         // units whose journal is followed, "" for the whole journal
	Warn    func(string)     // told what goes wrong and doesn't end the following, on the goroutine of Next; nil means nobody asks
	now     func() time.Time // for tests
}

// A Follower is an engine.Feed. Its methods are called on one goroutine.
type Follower struct {
	Refused []error // what was named and can't be followed, such as a device

	opt      Options
	ctx      context.Context // of the call of Next
	begun    time.Time
	find     []pattern
	logs     []*logFile
	pipes    []*pipe
	journals []*journal
	byPath   map[string]bool        // everything that was found, by its absolute path
	passed   map[string]fs.FileInfo // what was found and is no log, or one that is read already
	sources  []string
	tracks   []*track
	ahead    []*track // handed out and not committed
	given    int64    // blocks handed out
	done     int64    // of these, blocks that were committed
	store    *store   // nil without a state folder

	wake     chan struct{}
	due      time.Time // when to look at the logs again
	scan     time.Time // when to look for new ones
	searched time.Time // when that was done last
	woken    time.Time // when a wake-up was last followed
	turn     int       // the log to ask first
	timer    *time.Timer
	chunk    [chunk]byte // for reading
	mem      []byte      // of the block handed out
}

// ErrLocked says that the state folder is in use.
var ErrLocked = errors.New("another why401 uses it")

// New follows files, folders, patterns with ** and "-"; no pattern and no journal
// means "-". It opens what is there, so it is best called early. Files that aren't
// there are waited for. An error is about the state folder, a pattern that can't be
// read or a journal on a system that has none.
func New(patterns []string, opt Options) (*Follower, error) {
	if opt.now == nil {
		opt.now = time.Now
	}
	f := &Follower{opt: opt, begun: opt.now(), byPath: map[string]bool{}, passed: map[string]fs.FileInfo{}, wake: make(chan struct{}, 1), timer: time.NewTimer(time.Hour), ctx: context.Background()}
	if len(patterns) == 0 && len(opt.Journal) == 0 {
		patterns = []string{"-"}
	}
	if opt.State != "" {
		if err := f.openStore(); err != nil {
			return nil, err
		}
	}
	for _, p := range patterns {
		if err := f.addPattern(p); err != nil {
			f.Close()
			return nil, err
		}
	}
	for _, unit := range opt.Journal {
		if err := f.addJournal(unit); err != nil {
			f.Close()
			return nil, err
		}
	}
	f.look(f.begun) // at once: logs may be rotated before Next is called
	return f, nil
}

// Files are the names of the sources so far.
func (f *Follower) Files() []string { return f.sources }

// Next implements engine.Feed.
func (f *Follower) Next(ctx context.Context, b *parsers.Block, wait time.Duration, busy func(source int32) bool) error {
	f.ctx = ctx
	now := f.opt.now()
	deadline := now.Add(wait)
	for {
		ending := ctx.Err() != nil
		if !ending && !now.Before(f.due) {
			f.look(now)
		}
		if f.take(b, now, ending, busy) {
			f.given++
			return nil
		}
		switch {
		case ending:
			return ctx.Err()
		case f.over():
			return io.EOF
		case !now.Before(deadline):
			return engine.ErrPause
		}
		f.pause(ctx, f.until(deadline).Sub(now))
		now = f.opt.now()
	}
}

// look checks every log that is due, and whether there are new ones.
func (f *Follower) look(now time.Time) {
	if !now.Before(f.scan) {
		f.search(now)
		f.searched = now
		f.scan = now.Add(max(calmPace, 100*f.opt.now().Sub(now))) // 1 % of the time at most
	}
	f.due = f.scan
	for _, l := range f.logs {
		if !now.Before(l.due) {
			l.check(now)
		}
		if l.due.Before(f.due) {
			f.due = l.due
		}
	}
	for _, j := range f.journals {
		if j.check(now); j.run == nil && j.again.Before(f.due) {
			f.due = j.again
		}
	}
	f.save(now)
}

// take fills b from the next log that has something and isn't busy.
func (f *Follower) take(b *parsers.Block, now time.Time, ending bool, busy func(source int32) bool) bool {
	// Without a state what is held goes out at the end; with one it waits for the next run.
	all := ending && f.store == nil
	for range f.logs {
		if f.turn++; f.turn >= len(f.logs) {
			f.turn = 0
		}
		l := f.logs[f.turn]
		if busy(l.source.Index) {
			continue
		}
		for i := 0; i < len(l.gens); i++ {
			g := l.gens[i]
			last := all || ending && g.nameless()
			if g.idle() && !last {
				continue
			}
			if ending && !last {
				g.more = false // only what was read
			}
			if g.next(b, now, last) {
				return true
			}
			if i < len(l.gens) && l.gens[i] != g {
				i-- // a truncation put an older one here
			}
		}
	}
	for _, p := range f.pipes {
		if !busy(p.source.Index) && p.next(b, now, all) {
			return true
		}
	}
	for _, j := range f.journals {
		if !busy(j.source.Index) && j.next(b, now, all) {
			return true
		}
	}
	return false
}

// over reports whether nothing can come any more.
func (f *Follower) over() bool {
	if len(f.logs) > 0 || len(f.find) > 0 || len(f.journals) > 0 {
		return false
	}
	for _, p := range f.pipes {
		if !p.ended {
			return false
		}
	}
	return true
}

// until returns when to look again at the latest.
func (f *Follower) until(t time.Time) time.Time {
	if f.due.Before(t) {
		t = f.due
	}
	at := func(h holder) {
		if h.holding.IsZero() {
			return
		}
		if r := h.release(); r.Before(t) {
			t = r
		}
	}
	for _, l := range f.logs {
		for _, g := range l.gens {
			at(g.holder)
		}
	}
	for _, p := range f.pipes {
		at(p.holder)
	}
	for _, j := range f.journals {
		at(j.holder)
		if j.run == nil && j.again.Before(t) {
			t = j.again
		}
	}
	return t
}

// pause waits until something may have come. Wake-ups are followed once a
// millisecond at most: lines that come fast are taken together.
func (f *Follower) pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	f.timer.Reset(d)
	select {
	case <-f.wake:
		const together = time.Millisecond
		if rest := together - f.opt.now().Sub(f.woken); rest > 0 && rest <= together {
			f.timer.Reset(min(rest, d))
			select {
			case <-f.timer.C:
			case <-ctx.Done():
			}
		}
		f.woken = f.opt.now()
	case <-f.timer.C:
	case <-ctx.Done():
	}
}

// poke wakes Next. It may be called on any goroutine.
func (f *Follower) poke() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Commit implements engine.Feed.
func (f *Follower) Commit(n int64) error {
	f.done = n
	f.ahead = slices.DeleteFunc(f.ahead, func(t *track) bool {
		if t.commit(n) {
			f.stale()
		}
		return len(t.steps) == 0
	})
	for _, j := range f.journals {
		if j.commit(n) {
			f.stale()
		}
	}
	f.save(f.opt.now())
	return nil
}

// Close writes the last checkpoint, of what was committed, and lets go of every
// file.
func (f *Follower) Close() {
	for _, l := range f.logs {
		for _, g := range l.gens {
			g.close()
		}
	}
	for _, j := range f.journals {
		j.close()
	}
	if f.store != nil {
		f.store.close(f.encode, f.warn)
	}
}

// stale says that there is something for the next checkpoint.
func (f *Follower) stale() {
	if f.store != nil {
		f.store.stale, f.store.fresh = true, true
	}
}

// step notes that t will be where it is given now when so many blocks are done with.
func (f *Follower) step(t *track, blocks int64) {
	if len(t.steps) == 0 {
		if blocks <= f.done {
			t.kept = t.given
			f.stale()
			return
		}
		f.ahead = append(f.ahead, t)
	}
	t.steps = addStep(t.steps, blocks, t.given)
}

const maxTracks = 400 // places of files no longer read that are remembered, about

func (f *Follower) newTrack(p place) *track {
	t := &track{given: p, kept: p} // nothing before it is to be read
	f.stale()
	f.tracks = append(f.tracks, t)
	if len(f.tracks) > maxTracks+2*len(f.logs) {
		n := len(f.tracks) - maxTracks
		f.tracks = slices.DeleteFunc(f.tracks, func(t *track) bool {
			if n > 0 && !t.live && t.given.Done {
				n--
				return true
			}
			return false
		})
	}
	return t
}

// reading returns the log that reads the file of info, if any does.
func (f *Follower) reading(info fs.FileInfo) *logFile {
	for _, l := range f.logs {
		for _, g := range l.gens {
			if (g.f != nil || g.copy != nil) && os.SameFile(g.info, info) {
				return l
			}
		}
	}
	return nil
}

// newSource names a source.
func (f *Follower) newSource(name string) *parsers.Source {
	f.sources = append(f.sources, name)
	return &parsers.Source{Name: name, Index: int32(len(f.sources) - 1)}
}

func (f *Follower) addLog(name string, named bool) *logFile {
	path := absolute(name)
	if f.byPath[path] {
		return nil
	}
	f.byPath[path] = true
	l := &logFile{f: f, name: name, path: path, source: f.newSource(name), named: named}
	// It may have been rotated since it could have been seen: since the last
	// search, or while why401 was starting, as whoever starts it and then writes
	// expects to see that.
	if l.near.since = f.searched; l.near.since.IsZero() {
		l.near.since = f.begun.Add(-startup)
	}
	f.logs = append(f.logs, l)
	return l
}

// absolute returns a path that means the same wherever why401 is started.
func absolute(name string) string {
	if path, err := filepath.Abs(name); err == nil {
		return path
	}
	return filepath.Clean(name)
}

func (f *Follower) warn(msg string) {
	if f.opt.Warn != nil {
		f.opt.Warn(msg)
	}
}
