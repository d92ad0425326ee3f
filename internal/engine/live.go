package engine

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"time"

	"why401/detectors"
	"why401/parsers"
)

// A Feed gives the lines of logs as they are written.
type Feed interface {
	// Next fills b with whole lines of one source, as many as are there; of sources
	// that are busy it gives none. It waits for them up to wait and then returns
	// ErrPause; io.EOF after the last. b's memory is the feed's until the next call.
	Next(ctx context.Context, b *parsers.Block, wait time.Duration, busy func(source int32) bool) error
	// Commit says that the results of the first n blocks that Next gave are written:
	// a checkpoint may cover them.
	Commit(n int64) error
	// Files are the names of the sources so far, by Source.Index.
	Files() []string
}

// ErrPause is returned by Feed.Next when nothing came in time.
var ErrPause = errors.New("nothing to read yet")

const (
	checkpoint = 100 * time.Millisecond // how old results get before they are written, while lines come
	recount    = 250 * time.Millisecond // between looks at which blocks are done with, where results wait
	longest    = time.Minute            // between looks at whether ctx is done
)

// live is a run of Live. Of each source it holds one block's contents at most, and
// takes the earliest first: a backlog of several logs is merged as a batch run does.
type live struct {
	merger
	feed  Feed
	pass  *pass
	seed  maphash.Seed
	stats *Stats
	start time.Time
	all   []*stream // by source

	clock clock
	given int64 // blocks that feed gave

	dirty     bool // there are results to flush
	flushed   time.Time
	committed int64 // blocks
	counted   time.Time
}

// Live runs as Run does on what a feed gives, until it ends or ctx is done.
// Results are flushed whenever the feed pauses.
func Live(ctx context.Context, feed Feed, cfg Config, sink Sink) (*Stats, error) {
	cfg.fill()
	l := &live{merger: merger{cfg: &cfg, sink: sink, free: make(chan *batch, 16)}, feed: feed, stats: &Stats{}, start: time.Now(), seed: maphash.MakeSeed()}
	if cfg.Mode == Report {
		cfg.Correlate.Files = feed.Files
		l.tracker = newTracker(&cfg)
	}
	l.pass = newPass(&cfg, l.seed)
	var block parsers.Block
	for l.err == nil {
		err := feed.Next(ctx, &block, l.wait(), l.busy)
		switch {
		case err == nil:
			l.add(&block)
			if cfg.Mode == Report && len(l.streams) < len(feed.Files()) {
				continue // another source may have something that comes before
			}
		case errors.Is(err, ErrPause), len(l.streams) > 0:
		case errors.Is(err, io.EOF), ctx.Err() != nil:
			return l.stats, l.end()
		default:
			return l.stats, errors.Join(err, l.end())
		}
		if len(l.streams) > 0 {
			l.take()
		} else if l.tracker != nil && l.clock.runs() {
			l.tracker.Tick(l.clock.now(), l.report)
		}
		l.flush(err != nil)
	}
	return l.stats, l.err
}

// wait returns how long there is nothing to do.
func (l *live) wait() time.Duration {
	if l.dirty || len(l.streams) > 0 {
		return 0
	}
	wait := longest
	if l.tracker != nil && l.clock.runs() {
		wait = min(wait, max(l.clock.until(l.tracker.Due()), time.Millisecond))
	}
	if l.committed < l.given {
		wait = min(wait, max(recount-time.Since(l.counted), time.Millisecond))
	}
	return wait
}

func (l *live) report(f detectors.Finding) {
	l.dirty = true
	l.merger.report(f)
}

// busy reports whether there still is something of a source's last block.
func (l *live) busy(source int32) bool {
	return int(source) < len(l.all) && len(l.all[source].queue) > 0
}

// add processes a block and queues what became of it.
func (l *live) add(block *parsers.Block) {
	if l.cfg.renew() {
		l.pass = newPass(l.cfg, l.seed)
	}
	for int(block.Source.Index) >= len(l.all) {
		l.all = append(l.all, &stream{source: &parsers.Source{Index: int32(len(l.all))}})
		l.stats.Files = append(l.stats.Files, FileStats{})
		for i, s := range l.all {
			s.stats = &l.stats.Files[i]
		}
	}
	b := l.fresh()
	l.pass.process(block, b)
	l.given++
	for i := range b.attempts {
		b.attempts[i].Block = l.given
	}
	s := l.all[block.Source.Index]
	s.stats.Name = block.Source.Name
	b.seq = l.given
	s.queue = append(s.queue[:0], b)
	l.streams = append(l.streams, s)
	heapify(l.streams)
}

// take hands on what is queued, in the order of time, until a source has no more.
func (l *live) take() {
	l.dirty = true
	for l.err == nil {
		s := l.streams[0]
		b := s.queue[0]
		if len(b.attempts) > 0 && b.count.Last == 0 && l.clock.assume() {
			l.tracker.Tick(l.clock.now(), l.report)
		}
		l.merger.take(s, b)
		if a, leak := b.next(); a == nil && leak == nil {
			l.clock.note(b.count.First, b.count.Last)
			l.finish(s, b)
			last := len(l.streams) - 1
			l.streams[0] = l.streams[last]
			l.streams = l.streams[:last]
			siftDown(l.streams, 0)
			return
		}
		siftDown(l.streams, 0)
	}
}

// flush writes results and lets the feed make a checkpoint, at once in a pause.
func (l *live) flush(pause bool) {
	if l.err != nil {
		return
	}
	if l.dirty && (pause || time.Since(l.flushed) >= checkpoint) {
		l.err = l.sink.Flush()
		l.flushed, l.dirty = time.Now(), false
		l.stats.Elapsed = time.Since(l.start)
		if l.cfg.Progress != nil {
			l.cfg.Progress(l.stats)
		}
	}
	if l.err == nil && !l.dirty && l.committed < l.given && (l.tracker == nil || time.Since(l.counted) >= recount) {
		l.commit(l.done())
	}
}

func (l *live) commit(n int64) {
	l.counted = time.Now()
	if n > l.committed {
		l.committed = n
		l.err = l.feed.Commit(n)
	}
}

// done returns how many blocks nothing waits of any more.
func (l *live) done() int64 {
	n := l.given
	for _, s := range l.streams {
		n = min(n, s.queue[0].seq-1)
	}
	if w, ok := l.tracker.(interface{ Waiting() int64 }); ok {
		n = min(n, w.Waiting()-1)
	}
	return n
}

// renew takes over what Renew gives, and reports whether it gave something.
func (cfg *Config) renew() bool {
	if cfg.Renew == nil {
		return false
	}
	next := cfg.Renew()
	if next == nil {
		return false
	}
	next.fill()
	cfg.Parse, cfg.Rules, cfg.Event = next.Parse, next.Rules, next.Event
	cfg.Since, cfg.Until, cfg.Key = next.Since, next.Until, next.Key
	return true
}

// end closes every window and flushes.
func (l *live) end() error {
	if l.tracker != nil {
		l.tracker.Flush(l.report)
	}
	l.stats.Elapsed = time.Since(l.start)
	if l.err == nil {
		l.err = l.sink.Flush()
	}
	if l.err == nil {
		l.err = l.feed.Commit(l.given)
	}
	return l.err
}

// A clock tells event time while nothing comes: it goes on from the latest stamp at
// the wall's pace, behind by as much as lines came late a while ago, as those of
// a server do that writes its log every few seconds.
type clock struct {
	time    int64 // the latest stamp
	at      time.Time
	assumed bool // no line has a stamp: it is the wall's time
	late    time.Duration
	lateAt  time.Time
}

const (
	latest    = 10 * time.Second // as late as lines are waited for
	forgetful = 20               // times as long as it was is remembered how late they came
)

func (c *clock) runs() bool { return c.time != 0 }

// assume sets a clock that doesn't run by the wall; it reports whether it goes by it.
func (c *clock) assume() bool {
	if c.time == 0 {
		*c = clock{time: time.Now().UnixNano(), at: time.Now(), assumed: true}
	}
	return c.assumed
}

// note takes the earliest and the latest stamp of some lines, 0 where they have none.
func (c *clock) note(first, last int64) {
	switch {
	case last == 0:
	case c.time == 0 || c.assumed:
		*c = clock{time: last, at: time.Now()}
	default:
		if late := min(time.Duration(c.time-first)+time.Since(c.at), latest); late > c.lag() {
			c.late, c.lateAt = late, time.Now()
		}
		if last > c.time {
			c.time, c.at = last, time.Now()
		}
	}
}

// lag is how late lines may come.
func (c *clock) lag() time.Duration {
	return max(0, c.late-time.Since(c.lateAt)/forgetful)
}

func (c *clock) now() int64 { return max(c.time, c.time+int64(time.Since(c.at)-c.lag())) }

// until returns how long it takes to reach an event time.
func (c *clock) until(t int64) time.Duration {
	if t-c.time > int64(longest) {
		return longest
	}
	return time.Duration(t-c.time) - time.Since(c.at) + c.lag()
}
