package engine

import (
	"context"

	"why401/detectors"
	"why401/parsers"
)

// A stream is one log on its way. The reader goroutine owns in and cut, the
// merger the rest.
type stream struct {
	log    *Log
	source *parsers.Source
	in     *input
	cut    *cutter
	over   bool // the reader has met its end

	capture *capture // instead of cut, where the log is none

	offset Offset

	key   int64 // of the next item: the latest time so far, so that keys never fall
	asked int   // blocks asked for and not come back
	next  int64 // number of the next batch to take
	seq   int64 // number of the next block to read
	queue []*batch
	late  []*batch // came before their turn
	open  bool
	ended bool
	stats *FileStats
}

func (s *stream) less(t *stream) bool {
	return s.frontKey() < t.frontKey() || s.frontKey() == t.frontKey() && s.source.Index < t.source.Index
}

// frontKey is the key of the stream's next item, or a lower bound of it.
func (s *stream) frontKey() int64 {
	if len(s.queue) > 0 {
		if a, _ := s.queue[0].next(); a != nil {
			return max(s.key, a.Time)
		}
	}
	return s.key
}

// merger takes batches in the order of their streams' event time and hands their
// contents to the trackers and the sink.
type merger struct {
	cfg     *Config
	sink    Sink
	tracker detectors.Tracker // nil unless Report
	streams []*stream         // not ended; a heap by less, the unopened among them
	wants   chan *stream
	results chan *batch
	free    chan *batch
	written bool // to the sink, and not flushed
	err     error
}

// loop runs until every stream has ended.
func (m *merger) loop(ctx context.Context, progress func()) {
	heapify(m.streams)
	for len(m.streams) > 0 && m.err == nil {
		m.ask()
		b := m.result(ctx)
		if b == nil {
			return
		}
		m.arrive(b)
		m.drain()
		progress()
	}
}

// result waits for the next batch, and returns nil when ctx is done. What was
// written goes out before a wait: the input may pause for long.
func (m *merger) result(ctx context.Context) *batch {
	select {
	case b := <-m.results:
		return b
	default:
	}
	if m.written {
		m.written = false
		if m.err = m.sink.Flush(); m.err != nil {
			return nil
		}
	}
	select {
	case b := <-m.results:
		return b
	case <-ctx.Done():
		return nil
	}
}

// ask requests blocks of the streams that will be needed next.
func (m *merger) ask() {
	top := m.streams[0]
	top.open = true
	open := 0
	for _, s := range m.streams {
		if s.open {
			open++
		}
	}
	if m.cfg.Mode != Report { // what comes next is known: read ahead
		for _, s := range nearest(m.streams, m.cfg.Workers+1) {
			if !s.open {
				s.open = true
				open++
			}
		}
	}
	budget := 2*m.cfg.Workers + 2
	depth := max(2, budget/open)
	for _, s := range m.streams {
		if !s.open {
			continue
		}
		want := depth
		if s == top {
			want = max(depth, budget/2)
		}
		for s.asked+len(s.late)+len(s.queue) < want && len(m.wants) < cap(m.wants) {
			s.asked++
			m.wants <- s
		}
	}
}

// nearest returns the n streams that come first.
func nearest(heap []*stream, n int) []*stream {
	if len(heap) <= n {
		return heap
	}
	first := make([]*stream, 0, n+1)
	for _, s := range heap {
		at := len(first)
		for at > 0 && s.less(first[at-1]) {
			at--
		}
		if at == n {
			continue
		}
		first = append(first, nil)
		copy(first[at+1:], first[at:])
		first[at] = s
		first = first[:min(len(first), n)]
	}
	return first
}

func (m *merger) arrive(b *batch) {
	s := b.stream
	s.asked--
	if b.seq != s.next {
		s.late = append(s.late, b)
		return
	}
	for b != nil {
		s.next++
		s.queue = append(s.queue, b)
		b = nil
		for i, l := range s.late {
			if l.seq == s.next {
				b = l
				s.late[i] = s.late[len(s.late)-1]
				s.late = s.late[:len(s.late)-1]
				break
			}
		}
	}
}

// drain takes items while the stream whose turn it is has one.
func (m *merger) drain() {
	heapify(m.streams) // keys may have risen with what arrived
	for len(m.streams) > 0 && m.err == nil {
		s := m.streams[0]
		if len(s.queue) == 0 {
			return
		}
		b := s.queue[0]
		m.take(s, b)
		if a, l := b.next(); a == nil && l == nil {
			m.finish(s, b)
		}
		if s.ended {
			last := len(m.streams) - 1
			m.streams[0] = m.streams[last]
			m.streams = m.streams[:last]
		}
		siftDown(m.streams, 0)
	}
}

// take hands on the items of b until another stream's turn comes.
func (m *merger) take(s *stream, b *batch) {
	second := runnerUp(m.streams)
	report := m.report // one closure for all
	for m.err == nil {
		a, l := b.next()
		if a == nil && l == nil {
			return
		}
		key := s.key
		if a != nil {
			key = max(key, a.Time)
		}
		if second != nil {
			if k := second.frontKey(); k < key || k == key && second.source.Index < s.source.Index {
				return
			}
		}
		s.key = key
		if l != nil {
			b.l++
			leak := *l
			m.report(&leak)
			continue
		}
		b.a++
		m.tracker.Observe(a, report)
	}
}

func (m *merger) report(f detectors.Finding) {
	if m.err == nil {
		m.err = m.sink.Finding(f)
	}
}

// finish counts b and lets its memory go.
func (m *merger) finish(s *stream, b *batch) {
	s.queue = s.queue[1:]
	b.addTo(s.stats)
	if b.end {
		s.ended = true
		return
	}
	if len(b.out) > 0 && m.err == nil {
		m.written = true
		if m.cfg.Mode == Redact && (s.in.encoding.mark || s.in.encoding.order != nil) {
			b.out = s.in.encoding.put(nil, b.out)
		}
		_, m.err = m.sink.Write(b.out)
	}
	select {
	case m.free <- b:
	default:
	}
}

func heapify(h []*stream) {
	for i := len(h)/2 - 1; i >= 0; i-- {
		siftDown(h, i)
	}
}

func siftDown(h []*stream, i int) {
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && h[c+1].less(h[c]) {
			c++
		}
		if !h[c].less(h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// runnerUp returns the stream that comes second in the heap.
func runnerUp(h []*stream) *stream {
	switch {
	case len(h) < 2:
		return nil
	case len(h) == 2 || h[1].less(h[2]):
		return h[1]
	}
	return h[2]
}
