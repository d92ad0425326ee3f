package engine

import (
	"context"
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"why401/detectors"
	"why401/detectors/correlate"
	"why401/detectors/spike"
	"why401/parsers"
	"why401/rules"
)

// Run reads logs to their ends, or until ctx is done: then it ends with what is
// known so far and no error. What it finds, and the order, depend neither on
// cfg.Workers, cfg.Block nor on the order of logs (Report); other modes keep the
// order of logs. The error is the sink's; what was wrong with a log stands in its
// FileStats.Err.
func Run(ctx context.Context, logs []Log, cfg Config, sink Sink) (*Stats, error) {
	return runWith(ctx, logs, cfg, sink, newTracker)
}

// newTracker returns what attempts go to.
func newTracker(cfg *Config) detectors.Tracker {
	next := cfg.Campaigns
	if next == nil {
		next = spike.New(cfg.Spike)
	}
	return correlate.New(cfg.Correlate, next)
}

func runWith(ctx context.Context, logs []Log, cfg Config, sink Sink, tracker func(*Config) detectors.Tracker) (*Stats, error) {
	cfg.fill()
	start := time.Now()
	logs = slices.Clone(logs)
	if cfg.Mode == Report {
		slices.SortStableFunc(logs, func(a, b Log) int { return strings.Compare(a.Name, b.Name) })
	}
	stats := &Stats{Files: make([]FileStats, len(logs))}
	streams := make([]*stream, len(logs))
	for i := range logs {
		stats.Files[i].Name = logs[i].Name
		streams[i] = &stream{log: &logs[i], source: &parsers.Source{Name: logs[i].Name, Index: int32(i)}, stats: &stats.Files[i], key: int64(i)}
	}
	if cfg.Mode == Report && len(logs) > 1 {
		samples := make([]sample, len(logs))
		for i := range logs {
			samples[i] = sampleOf(&logs[i], &cfg)
		}
		for i, o := range offsets(logs, samples) {
			stats.Files[i].Offset, streams[i].offset = o, o
			streams[i].key = samples[i].first - max(0, int64(o.Ahead))
		}
	}
	room := len(logs)*2 + 4*cfg.Workers + 8
	m := &merger{cfg: &cfg, sink: sink, streams: slices.Clone(streams),
		wants: make(chan *stream, room), results: make(chan *batch, 2*room), free: make(chan *batch, 2*cfg.Workers+4)}
	if cfg.Mode == Report {
		names := make([]string, len(logs))
		for i := range logs {
			names[i] = logs[i].Name
		}
		cfg.Correlate.Files = func() []string { return names }
		m.tracker = tracker(&cfg)
	}
	stop := m.start(&cfg)
	m.loop(ctx, func() {
		stats.Elapsed = time.Since(start)
		if cfg.Progress != nil {
			cfg.Progress(stats)
		}
	})
	stop()
	if m.tracker != nil {
		m.tracker.Flush(m.report)
	}
	if m.err == nil {
		m.err = sink.Flush()
	}
	stats.Elapsed = time.Since(start)
	return stats, m.err
}

func (cfg *Config) fill() {
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.Block <= 0 {
		cfg.Block = 256 << 10
	}
	if cfg.Rules == nil && (cfg.Mode == Report || cfg.Mode == Explain) {
		cfg.Rules = rules.Builtin()
	}
	if cfg.Event == nil {
		cfg.Event = AppendEvent
	}
	if cfg.Explain == nil {
		cfg.Explain = AppendExplanation
	}
}

// A job is a block for a worker, and the memory that it lies in.
type job struct {
	stream *stream
	seq    int64
	block  parsers.Block
	buf    []byte

	exchange   *parsers.Exchange // instead of a block, with its neighbours; nil for none
	prev, next *parsers.Exchange
}

// start starts the reader and the workers. The function that it returns ends
// them; a reader that hangs in a read is left behind.
func (m *merger) start(cfg *Config) (stop func()) {
	done := make(chan struct{})
	jobs := make(chan job, cfg.Workers)
	memory := make(chan []byte, 2*cfg.Workers+2)
	for range cap(memory) {
		memory <- nil
	}
	go func() {
		defer close(jobs)
		for {
			select {
			case s := <-m.wants:
				if !m.read(s, jobs, memory, done, cfg) {
					return
				}
			case <-done:
				return
			}
		}
	}()
	seed := maphash.MakeSeed()
	var workers sync.WaitGroup
	for range cfg.Workers {
		workers.Go(func() {
			p := newPass(cfg, seed)
			for j := range jobs {
				b := m.fresh()
				b.stream, b.seq = j.stream, j.seq
				if j.exchange != nil {
					p.exchange(&j, b)
				} else {
					p.process(&j.block, b)
				}
				memory <- j.buf
				select {
				case m.results <- b:
				case <-done:
					return
				}
			}
		})
	}
	return func() { close(done) }
}

func (m *merger) fresh() *batch {
	select {
	case b := <-m.free:
		b.reset()
		return b
	default:
		return &batch{formats: map[*parsers.Parser]int64{}, wrappers: map[string]int64{}}
	}
}

// read reads one block of s and passes it on; false means that the run is over.
func (m *merger) read(s *stream, jobs chan<- job, memory chan []byte, done <-chan struct{}, cfg *Config) bool {
	ended := &batch{stream: s, seq: s.seq, end: true}
	s.seq++
	if s.cut == nil && !s.over {
		in, err := s.log.open()
		if err != nil {
			ended.count.Err, s.over = err, true
		} else {
			s.in, s.source.ModTime = in, in.modTime
			if cfg.Mode == Explain {
				s.capture = newCapture(in)
			}
			s.cut = s.log.cutter(in, s.source, cfg.Block)
			s.cut.eager = in.stream && cfg.Mode != Report
			s.cut.lines = cfg.Mode == Redact || cfg.Mode == Check
			s.cut.frames = s.cut.frames && !(s.cut.lines && s.cut.eager)
		}
	}
	if !s.over {
		j := job{stream: s, seq: ended.seq}
		var ok bool
		select {
		case buf := <-memory:
			if s.capture != nil {
				j.buf, ok = buf, s.capture.take(&j)
			} else {
				j.buf, ok = s.cut.next(&j.block, buf)
			}
		case <-done:
			return false
		}
		if ok {
			select {
			case jobs <- j:
				return true
			case <-done:
				return false
			}
		}
		memory <- j.buf
		s.over = true
		ended.count.Err, ended.count.Size = s.cut.err, s.in.stored
		if s.capture != nil {
			ended.count.Err, ended.count.Lines = s.capture.failed(), s.capture.in.Lines()
		}
		_ = s.in.Close()
	}
	select {
	case m.results <- ended:
		return true
	case <-done:
		return false
	}
}
