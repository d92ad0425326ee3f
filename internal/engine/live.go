package engine

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"time"

	"why401/parsers"
)

// A Feed gives the lines of logs as they are written.
type Feed interface {
	// Next fills b with whole lines of one source, as many as are there. It
	// waits for them up to wait and then returns ErrPause; io.EOF after the
	// last. b's memory is the feed's until the next call.
	Next(ctx context.Context, b *parsers.Block, wait time.Duration) error
	// Commit says that all that Next gave has been processed and its results
	// written: a checkpoint may cover it.
	Commit() error
	// Files are the names of the sources so far, by Source.Index.
	Files() []string
}

// ErrPause is returned by Feed.Next when nothing came in time.
var ErrPause = errors.New("nothing to read yet")

const (
	tick       = 10 * time.Millisecond // how late a window may close when nothing comes
	idle       = 15 * time.Second      // after which no line waits for another of its request
	idleTick   = 200 * time.Millisecond
	checkpoint = 100 * time.Millisecond // how old results get before they are written, while lines come
)

// liveHold is how long a live run waits for what follows a failure before it tells
// the cause: who watches wants it soon, and pays with what only minutes can show.
const liveHold = 10 * time.Second

// Live runs as Run does on what a feed gives, until it ends or ctx is done.
// Results are flushed whenever the feed pauses.
func Live(ctx context.Context, feed Feed, cfg Config, sink Sink) (*Stats, error) {
	cfg.fill()
	start := time.Now()
	stats := &Stats{}
	m := &merger{cfg: &cfg, sink: sink}
	if cfg.Mode == Report {
		cfg.Correlate.Files = feed.Files
		if cfg.Correlate.Hold == 0 {
			cfg.Correlate.Hold = liveHold
		}
		m.tracker = newTracker(&cfg)
	}
	seed := maphash.MakeSeed()
	p := newPass(&cfg, seed)
	out := m.fresh()
	var block parsers.Block
	var seen event
	flushed := time.Now()
	dirty := false
	for m.err == nil {
		wait := time.Duration(0) // something is waiting to be flushed
		if !dirty {
			wait = tick
			switch {
			case m.tracker == nil || seen.at.IsZero():
				wait = time.Minute
			case time.Since(seen.at) > idle:
				wait = idleTick
			}
		}
		err := feed.Next(ctx, &block, wait)
		switch {
		case err == nil:
			if cfg.renew() {
				p = newPass(&cfg, seed)
			}
			out.reset()
			p.process(&block, out)
			seen.note(out.count.Last)
			m.liveBatch(stats, &block, out)
			dirty = true
		case errors.Is(err, ErrPause):
			if m.tracker != nil && !seen.at.IsZero() {
				m.tracker.Tick(seen.now(), m.report)
			}
		case errors.Is(err, io.EOF), ctx.Err() != nil:
			return stats, m.end(feed, sink, stats, start)
		default:
			return stats, errors.Join(err, m.end(feed, sink, stats, start))
		}
		if dirty && (err != nil || time.Since(flushed) >= checkpoint) && m.err == nil {
			if m.err = sink.Flush(); m.err == nil {
				m.err = feed.Commit()
			}
			flushed, dirty = time.Now(), false
			stats.Elapsed = time.Since(start)
			if cfg.Progress != nil {
				cfg.Progress(stats)
			}
		}
	}
	return stats, m.err
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

// liveBatch hands on the contents of a block in the order of its lines.
func (m *merger) liveBatch(stats *Stats, block *parsers.Block, b *batch) {
	for int(block.Source.Index) >= len(stats.Files) {
		stats.Files = append(stats.Files, FileStats{})
	}
	f := &stats.Files[block.Source.Index]
	f.Name = block.Source.Name
	b.addTo(f)
	for m.err == nil {
		a, l := b.next()
		switch {
		case l != nil:
			b.l++
			leak := *l
			m.report(&leak)
		case a != nil:
			b.a++
			m.tracker.Observe(a, m.report)
		default:
			if len(b.out) > 0 {
				_, m.err = m.sink.Write(b.out)
			}
			return
		}
	}
}

// end closes every window and flushes.
func (m *merger) end(feed Feed, sink Sink, stats *Stats, start time.Time) error {
	if m.tracker != nil {
		m.tracker.Flush(m.report)
	}
	stats.Elapsed = time.Since(start)
	if m.err == nil {
		m.err = sink.Flush()
	}
	if m.err == nil {
		m.err = feed.Commit()
	}
	return m.err
}

// An event is the latest event time seen, and when it came: event time goes on
// at the wall's pace while nothing comes.
type event struct {
	time int64
	at   time.Time
}

func (e *event) note(t int64) {
	if t > e.time {
		e.time, e.at = t, time.Now()
	}
}

func (e *event) now() int64 { return e.time + int64(time.Since(e.at)) }
