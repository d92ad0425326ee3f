package alert

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"why401/detectors"
	"why401/internal/report"
)

// Options are those of a Desk.
type Options struct {
	Min  detectors.Severity // the mildest that is told
	Dir  string             // of queues that outlive the process; "" keeps them in memory
	Rate int                // alerts a minute to each target over a network; 0 means 60
	Warn func(string)       // told what goes wrong, from any goroutine; never nil
}

// A Desk hands findings to targets. It is a report.Writer.
type Desk struct {
	opt   Options
	files []*File
	lines []*line
	seen  recent // alerts raised of late
	wg    sync.WaitGroup
	stop  context.CancelFunc
}

// Counts are what became of the alerts for one target.
type Counts struct{ Sent, Dropped, Waiting int64 }

// closing is how long the end waits for what is on its way.
const closing = time.Second

// New starts a Desk. Alerts that an earlier one left in the folder are sent first.
// Errors name the folder.
func New(opt Options, files []*File, targets []Target) (*Desk, error) {
	if opt.Rate == 0 {
		opt.Rate = 60
	}
	ctx, stop := context.WithCancel(context.Background())
	d := &Desk{opt: opt, files: files, stop: stop}
	names := map[string]int{}
	for _, t := range targets {
		l := &line{target: t, warn: opt.Warn, limit: limit{every: time.Minute / time.Duration(opt.Rate), burst: max(1, opt.Rate/2)}}
		dir := ""
		if opt.Dir != "" {
			names[t.Name()]++
			dir = filepath.Join(opt.Dir, "alerts", folder(t.Name())+"-"+strconv.Itoa(names[t.Name()]))
		}
		var err error
		if l.queue, err = openQueue(dir); err != nil {
			stop()
			return nil, err
		}
		if l.queue.damaged > 0 {
			opt.Warn(fmt.Sprintf("%s: %d queued alerts were damaged and are lost", t.Name(), l.queue.damaged))
		}
		d.lines = append(d.lines, l)
	}
	for _, l := range d.lines {
		d.wg.Go(func() { l.run(ctx) })
	}
	return d, nil
}

// Finding raises an alert for f if it is bad enough and wasn't raised before.
func (d *Desk) Finding(f detectors.Finding) error {
	if report.Rank(report.SeverityOf(f)) < max(1, report.Rank(d.opt.Min)) {
		return nil
	}
	a := newAlert(f, time.Now())
	if !d.seen.add(a.ID) {
		return nil
	}
	for _, file := range d.files {
		file.put(a, d.opt.Warn)
	}
	for _, l := range d.lines {
		l.put(a)
	}
	return nil
}

// Flush implements report.Writer: every alert is in its queue already.
func (d *Desk) Flush() error { return nil }

// End sends what it can within a second, leaves the rest in the folder, and says
// what is left.
func (d *Desk) End(*report.Model) error {
	for _, l := range d.lines {
		l.queue.close()
	}
	done := make(chan struct{})
	go func() {
		d.wg.Wait()
		close(done)
	}()
	for _, left := range []time.Duration{closing, closing / 2} { // to send, and to notice that it is over
		select {
		case <-done:
		case <-time.After(left):
		}
		d.stop()
	}
	for _, f := range d.files {
		f.close()
	}
	for _, l := range d.lines {
		n := l.queue.len()
		switch {
		case n > 0 && l.queue.dir != "":
			d.opt.Warn(fmt.Sprintf("%s: %d alerts wait for the next start", l.target.Name(), n))
		case n > 0:
			d.opt.Warn(fmt.Sprintf("%s: %d alerts could not be sent and are lost; --state keeps them for the next start", l.target.Name(), n))
		}
	}
	return nil
}

// Counts returns, by the name of the target, what became of the alerts.
func (d *Desk) Counts() map[string]Counts {
	all := map[string]Counts{}
	for _, f := range d.files {
		c := all[f.Name()]
		all[f.Name()] = Counts{c.Sent + f.sent.Load(), c.Dropped + f.dropped.Load(), 0}
	}
	for _, l := range d.lines {
		c := all[l.target.Name()]
		all[l.target.Name()] = Counts{c.Sent + l.sent.Load(), c.Dropped + l.dropped.Load(), c.Waiting + int64(l.queue.len())}
	}
	return all
}

// A line is one target with its queue.
type line struct {
	target        Target
	queue         *queue
	limit         limit
	warn          func(string)
	sent, dropped atomic.Int64
}

// put queues a. What finds no room is said at powers of ten.
func (l *line) put(a *Alert) {
	err := l.queue.put(a)
	if err == nil {
		return
	}
	l.drop(err)
}

func (l *line) drop(err error) {
	if n := l.dropped.Add(1); powerOfTen(n) {
		l.warn(fmt.Sprintf("%s: %v; alerts lost so far: %d", l.target.Name(), err, n))
	}
}

func powerOfTen(n int64) bool {
	for n > 0 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// ErrRefused is in the chain of an error of Send when trying again is no use.
var ErrRefused = errors.New("refused")

// Pauses between attempts double from shortest to longest.
const (
	shortest = time.Second
	longest  = 5 * time.Minute
)

// A later error says how long the target asks to be left alone.
type later struct {
	error
	wait time.Duration
}

// run sends what is queued until the queue is closed and empty, or ctx is done.
// At the first failure after the queue was closed it leaves the rest.
func (l *line) run(ctx context.Context) {
	fails := 0
	for {
		a, err := l.queue.first(ctx)
		if err != nil {
			if !errors.Is(err, errNoMore) {
				l.drop(err)
				continue
			}
			return
		}
		if !l.limit.wait(ctx) {
			return
		}
		err = l.target.Send(ctx, a)
		switch {
		case err == nil:
			if fails > 0 {
				l.warn(l.target.Name() + ": alerts are taken again")
			}
			fails = 0
			l.sent.Add(1)
			l.queue.done(a)
			continue
		case errors.Is(err, ErrRefused):
			l.drop(err)
			l.queue.done(a)
			continue
		case ctx.Err() != nil || l.queue.closed():
			return
		}
		if fails++; fails == 1 {
			l.warn(fmt.Sprintf("%s: cannot send an alert: %v; trying until it goes", l.target.Name(), err))
		}
		pause := min(shortest<<min(fails-1, 20), longest)
		pause = pause/2 + rand.N(pause/2+1) // not all at once when a target comes back
		if ask := (*later)(nil); errors.As(err, &ask) {
			pause = max(pause, min(ask.wait, time.Hour))
		}
		if !l.queue.sleep(ctx, pause) {
			return
		}
	}
}

// A limit lets a burst pass, and one more each time that every has gone by.
type limit struct {
	every time.Duration
	burst int
	free  time.Time // when the bucket will have been full
}

// wait waits for its turn. It reports false if ctx ended first.
func (l *limit) wait(ctx context.Context) bool {
	now := time.Now()
	full := now.Add(-time.Duration(l.burst) * l.every)
	if l.free.Before(full) {
		l.free = full
	}
	l.free = l.free.Add(l.every)
	return pause(ctx, nil, l.free.Sub(now))
}

// pause waits for d, or until wake is closed. It reports false if ctx ended first.
func pause(ctx context.Context, wake <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-t.C:
	}
	return true
}
