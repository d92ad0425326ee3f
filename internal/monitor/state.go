// Package monitor keeps what a run that follows logs has seen so far, and shows it:
// as metrics and, to whoever watches, as a picture of the moment.
package monitor

import (
	"maps"
	"slices"
	"sync"
	"time"

	"why401/detectors"
	"why401/internal/alert"
	"why401/internal/engine"
	"why401/internal/follow"
	"why401/internal/report"
	"why401/rules"
)

// Bounds of what is kept.
const (
	maxLatest    = 200  // findings
	maxExposed   = 10   // leaks
	maxCampaigns = 100  // under way
	maxSources   = 1000 // with figures of their own
	window       = 120  // seconds of the rates
)

// A State takes what a run finds. It is a report.Writer, called on the run's
// goroutine; snapshots are taken on any.
type State struct {
	mu        sync.Mutex
	started   time.Time
	seen      time.Time // when the run last showed that it goes on
	failures  map[rules.Cause]int64
	benign    int64
	spikes    map[string]int64 // campaigns, outages and broken clients opened, by kind
	accounts  int64            // taken over
	leaks     map[detectors.Severity]int64
	latest    []detectors.Finding // a ring
	next      int
	exposed   []*detectors.LeakFinding  // the newest first
	campaigns []*detectors.SpikeFinding // under way, the oldest first
	known     map[string]int            // accounts taken over, of the campaigns under way
	trend     map[rules.Cause]*ring
	requests  ring
	refused   ring
	stats     engine.FileStats // of all sources
	sources   []Source
	alerts    func() map[string]alert.Counts
	changed   chan struct{} // closed at the next finding
	version   int64         // of what is known
}

// A Source is one log, pipe or journal.
type Source struct {
	follow.Health
	Lines, Records, Unparsed int64
	Last                     time.Time // of its latest entry; zero if none has a time
}

// A Snapshot is a State at one moment.
type Snapshot struct {
	Started, Seen                   time.Time
	Bytes, Lines, Records, Unparsed int64
	Failures                        map[rules.Cause]int64
	Benign                          int64
	Spikes                          map[string]int64
	Accounts                        int64
	Leaks                           map[detectors.Severity]int64
	Latest                          []detectors.Finding       // the newest first; not to be changed
	Exposed                         []*detectors.LeakFinding  // the newest first; not to be changed
	Campaigns                       []*detectors.SpikeFinding // under way, the oldest first; not to be changed
	Requests, Refused               []int64                   // a second each, the latest last
	Trend                           map[rules.Cause][]int64   // the same, of each cause seen
	Sources                         []Source
	Alerts                          map[string]alert.Counts
}

// New returns an empty State.
func New() *State {
	return &State{
		started: time.Now(), seen: time.Now(),
		failures: map[rules.Cause]int64{}, spikes: map[string]int64{}, leaks: map[detectors.Severity]int64{},
		known: map[string]int{}, trend: map[rules.Cause]*ring{}, changed: make(chan struct{}),
	}
}

// Finding implements report.Writer.
func (s *State) Finding(f detectors.Finding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	switch f := f.(type) {
	case *detectors.CauseFinding:
		c, ok := rules.ParseCause(f.Cause)
		if !ok {
			c = rules.Unknown
		}
		if c == rules.BenignChallenge {
			s.benign++
			return nil
		}
		s.failures[c]++
		now := time.Now()
		s.refused.add(now, 1)
		if s.trend[c] == nil {
			s.trend[c] = &ring{}
		}
		s.trend[c].add(now, 1)
	case *detectors.SpikeFinding:
		s.spike(f)
	case *detectors.LeakFinding:
		s.leaks[f.Severity]++
		leak := *f // the engine's own, to be used again
		s.exposed = append([]*detectors.LeakFinding{&leak}, s.exposed[:min(len(s.exposed), maxExposed-1)]...)
		s.remember(&leak)
		return nil
	default:
		return nil
	}
	s.remember(f)
	return nil
}

func (s *State) spike(f *detectors.SpikeFinding) {
	i := slices.IndexFunc(s.campaigns, func(c *detectors.SpikeFinding) bool { return c.ID == f.ID })
	if i < 0 && f.Phase != "grown" { // what closes unseen was opened unseen
		s.spikes[f.Kind]++
	}
	s.accounts += int64(max(0, len(f.CompromisedUsers)-s.known[f.ID]))
	s.known[f.ID] = len(f.CompromisedUsers)
	switch {
	case f.Phase == "closed":
		delete(s.known, f.ID)
		if i >= 0 {
			s.campaigns = slices.Delete(s.campaigns, i, i+1)
		}
	case i >= 0:
		s.campaigns[i] = f
	case len(s.campaigns) < maxCampaigns:
		s.campaigns = append(s.campaigns, f)
	default: // the oldest makes room
		delete(s.known, s.campaigns[0].ID)
		s.campaigns = append(slices.Delete(s.campaigns, 0, 1), f)
	}
}

func (s *State) remember(f detectors.Finding) {
	if len(s.latest) < maxLatest {
		s.latest = append(s.latest, f)
	} else {
		s.latest[s.next] = f
		s.next = (s.next + 1) % maxLatest
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

// Flush implements report.Writer.
func (s *State) Flush() error { return nil }

// End implements report.Writer.
func (s *State) End(*report.Model) error { return nil }

// Progress takes the figures of a run.
func (s *State) Progress(stats *engine.Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	total := stats.Totals()
	s.requests.add(time.Now(), total.Records-s.stats.Records)
	s.stats = total
	for i := range min(len(stats.Files), maxSources) {
		f := &stats.Files[i]
		src := s.source(f.Name)
		src.Lines, src.Records, src.Unparsed = f.Lines, f.Records, f.Unparsed
		if f.Last != 0 {
			src.Last = time.Unix(0, f.Last).UTC()
		}
	}
}

// Alive says that the run goes on, and how its sources fare.
func (s *State) Alive(health []follow.Health) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = time.Now()
	for i := range health[:min(len(health), maxSources)] {
		s.source(health[i].Name).Health = health[i]
	}
	s.sources = slices.DeleteFunc(s.sources, func(src Source) bool { // gone for good
		return src.Health.Name != "" && !slices.ContainsFunc(health, func(h follow.Health) bool { return h.Name == src.Name })
	})
}

// Alerts names who counts alerts.
func (s *State) Alerts(counts func() map[string]alert.Counts) { s.alerts = counts }

func (s *State) source(name string) *Source {
	i := slices.IndexFunc(s.sources, func(src Source) bool { return src.Name == name })
	if i < 0 {
		i = len(s.sources)
		s.sources = append(s.sources, Source{Health: follow.Health{Name: name}})
	}
	return &s.sources[i]
}

// Snapshot returns what is known now.
func (s *State) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	shot := Snapshot{
		Started: s.started, Seen: s.seen,
		Bytes: s.stats.Bytes, Lines: s.stats.Lines, Records: s.stats.Records, Unparsed: s.stats.Unparsed,
		Failures: maps.Clone(s.failures), Benign: s.benign, Spikes: maps.Clone(s.spikes), Accounts: s.accounts, Leaks: maps.Clone(s.leaks),
		Latest: slices.Concat(s.latest[s.next:], s.latest[:s.next]), Exposed: s.exposed, Campaigns: slices.Clone(s.campaigns),
		Requests: s.requests.list(now), Refused: s.refused.list(now), Trend: map[rules.Cause][]int64{},
		Sources: slices.Clone(s.sources),
	}
	slices.Reverse(shot.Latest)
	for c, r := range s.trend {
		shot.Trend[c] = r.list(now)
	}
	if s.alerts != nil {
		shot.Alerts = s.alerts()
	}
	return shot
}

// Version grows whenever something more is known.
func (s *State) Version() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Changed returns a channel that is closed at the next finding that is shown.
func (s *State) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// A ring counts by seconds of the wall's clock, as long as window is.
type ring struct {
	counts [window]int64
	second int64 // of the latest count
}

func (r *ring) add(now time.Time, n int64) {
	r.turn(now.Unix())
	r.counts[r.second%window] += n
}

// turn goes on to a second, and forgets what is too old by then.
func (r *ring) turn(second int64) {
	for s := max(r.second+1, second-window+1); s <= second; s++ {
		r.counts[s%window] = 0
	}
	r.second = max(r.second, second)
}

// list returns the counts, the latest last.
func (r *ring) list(now time.Time) []int64 {
	r.turn(now.Unix())
	first := int((r.second + 1) % window)
	return slices.Concat(r.counts[first:], r.counts[:first])
}
