// Package report turns findings into what people and machines read.
package report

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/internal/engine"
	"why401/rules"
)

// A Writer writes one report in one format. Calls come from one goroutine.
type Writer interface {
	Finding(f detectors.Finding) error
	Flush() error       // the input pauses
	End(m *Model) error // nothing more comes
}

// Summary is the last record of a report.
type Summary struct {
	Files, Bytes, Lines, Records int64
	Unparsed                     map[string]int64 // records that fit no format, by file; files without any are absent
	Failures                     int64            // cause findings, without benign challenges
	Causes                       map[string]int64
	Spikes, Leaks                int64
	Known, Ignored               int64 // leaks that a person accepted
	Seconds                      float64
	Before                       *Before // nil where nothing is known of earlier runs
}

// A Model is a report as a whole, filled while findings stream by. Its memory is
// bounded: where a bound is met, its counts say so.
type Model struct {
	Failures int64
	Benign   int64                    // challenges that belong to the protocol
	Causes   map[rules.Cause]*ByCause // also BenignChallenge
	Times    Histogram                // of the failures; its Zone is set before the first
	Untimed  int64                    // failures without a time
	Spikes   []*detectors.SpikeFinding
	Leaks    int64
	LeftOut  LeftOut                  // leaks that a person accepted, not in Leaks
	Groups   []*LeakGroup             // in the order of their first leak
	Places   []*detectors.LeakFinding // the first maxPlaces
	Notes    []*NoteGroup

	Stats   *engine.Stats // set before End
	Stopped bool          // the user ended the run: what follows is what was read so far
	Chosen  string        // the flags that left findings out, if any: nothing can be said about what isn't here
	Before  *Before       // set before End; nil where nothing is known of earlier runs

	seed   maphash.Seed
	key    []byte         // scratch
	spikes map[string]int // index into Spikes, by id
	total  int64          // spikes, past the bound too
	leaks  map[leakKey]*LeakGroup
	notes  map[string]*NoteGroup
}

const (
	maxDistinct = 4096
	maxTally    = 2048
	maxPlaces   = 10_000
	maxGroups   = 1000
	maxSpikes   = 10_000

	maxNoteFiles = 100
)

// Before is what earlier runs found over as long a time, to compare with.
type Before struct {
	Runs     int // that are compared; 1 is the last one alone
	Failures Band
	Causes   map[rules.Cause]Band // none for what never occurred
}

// A Band is from the fewest to the most that is usual.
type Band struct{ Low, High int64 }

// ByCause is what is known of all failures with one cause.
type ByCause struct {
	Cause          rules.Cause
	Count          int64
	First, Last    time.Time // zero when no finding has a time
	Clients, Users Distinct
	TopClients     Tally
	TopUsers       Tally
	TopRoutes      Tally // method and route
	TopAgents      Tally // program and version
	Sample         *detectors.CauseFinding
	Together       *detectors.CauseFinding // the first that many requests together tell, nil for none

	sure float64 // sum of the confidences
}

// Guess reports whether the logs say too little to be sure of the cause.
func (by *ByCause) Guess() bool { return by.sure < 0.6*float64(by.Count) }

// A LeakGroup is the leaks of one kind at one location in one file, of one producer.
type LeakGroup struct {
	First *detectors.LeakFinding
	Count int64
}

// A NoteGroup is the notes of one id.
type NoteGroup struct {
	First *detectors.Note
	Count int64
	Files []string // different ones, at most maxNoteFiles
}

func (g *NoteGroup) add(f *detectors.Note) {
	g.Count++
	if f.File != "" && len(g.Files) < maxNoteFiles && !slices.Contains(g.Files, f.File) {
		g.Files = append(g.Files, f.File)
	}
}

type leakKey struct{ file, kind, scheme, location, producer string }

// NewModel returns an empty Model.
func NewModel() *Model {
	return &Model{
		Causes: map[rules.Cause]*ByCause{}, seed: maphash.MakeSeed(),
		spikes: map[string]int{}, leaks: map[leakKey]*LeakGroup{}, notes: map[string]*NoteGroup{},
	}
}

// Add counts f. The caller may reuse a *LeakFinding; others are the Model's.
func (m *Model) Add(f detectors.Finding) {
	switch f := f.(type) {
	case *detectors.CauseFinding:
		m.addCause(f)
	case *detectors.SpikeFinding:
		if i, ok := m.spikes[f.ID]; ok {
			m.Spikes[i] = f
			return
		}
		m.total++
		if len(m.Spikes) < maxSpikes {
			m.spikes[f.ID] = len(m.Spikes)
			m.Spikes = append(m.Spikes, f)
		}
	case *detectors.LeakFinding:
		m.addLeak(f)
	case *detectors.Note:
		g := m.notes[f.ID]
		if g == nil && len(m.notes) < maxGroups {
			g = &NoteGroup{First: f}
			m.notes[f.ID], m.Notes = g, append(m.Notes, g)
		}
		if g != nil {
			g.add(f)
		}
	}
}

func (m *Model) addCause(f *detectors.CauseFinding) {
	c, ok := rules.ParseCause(f.Cause)
	if !ok {
		c = rules.Unknown
	}
	by := m.Causes[c]
	if by == nil {
		by = &ByCause{Cause: c, Sample: f}
		m.Causes[c] = by
	}
	if c == rules.BenignChallenge {
		m.Benign++
	} else {
		m.Failures++
	}
	by.Count++
	by.sure += f.Confidence
	if by.Together == nil && strings.HasPrefix(f.Rule, "correlate/") {
		by.Together = f
	}
	m.addTime(by, f)
	m.addNames(by, f)
}

func (m *Model) addTime(by *ByCause, f *detectors.CauseFinding) {
	if f.Time == nil {
		if by.Cause != rules.BenignChallenge {
			m.Untimed++
		}
		return
	}
	if by.First.IsZero() || f.Time.Before(by.First) {
		by.First = *f.Time
	}
	if f.Time.After(by.Last) {
		by.Last = *f.Time
	}
	m.Times.add(*f.Time, by.Cause)
}

func (m *Model) addNames(by *ByCause, f *detectors.CauseFinding) {
	if f.SourceIP != "" {
		by.Clients.add(maphash.String(m.seed, f.SourceIP))
		m.key = appendCut(m.key[:0], f.SourceIP)
		by.TopClients.add(m.key)
	}
	if f.User != "" {
		by.Users.add(maphash.String(m.seed, f.User))
		m.key = appendCut(m.key[:0], f.User)
		by.TopUsers.add(m.key)
	}
	if f.Path != "" {
		m.key = m.key[:0]
		if f.Method != "" {
			m.key = append(appendCut(m.key, f.Method), ' ')
		}
		m.key = appendRoute(m.key, f.Path)
		m.key = m.key[:min(len(m.key), maxKey)]
		by.TopRoutes.add(m.key)
	}
	if f.UserAgent != "" && f.UserAgent != "-" {
		m.key = appendAgent(m.key[:0], f.UserAgent)
		by.TopAgents.add(m.key)
	}
}

func (m *Model) addLeak(f *detectors.LeakFinding) {
	m.Leaks++
	if len(m.Places) < maxPlaces {
		place := *f
		f, m.Places = &place, append(m.Places, &place)
	}
	key := leakKey{f.File, f.Kind, f.Scheme, f.Location, f.Producer}
	if g := m.leaks[key]; g != nil {
		g.Count++
	} else if len(m.leaks) < maxGroups {
		first := *f
		g = &LeakGroup{First: &first, Count: 1}
		m.leaks[key], m.Groups = g, append(m.Groups, g)
	}
}

// Ranked returns the causes of failures, the most frequent first.
func (m *Model) Ranked() []*ByCause {
	var list []*ByCause
	for c, by := range m.Causes {
		if c != rules.BenignChallenge {
			list = append(list, by)
		}
	}
	slices.SortFunc(list, func(a, b *ByCause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return list
}

// Summary returns the record that closes a report.
func (m *Model) Summary() *Summary {
	s := &Summary{Failures: m.Failures, Spikes: m.total, Leaks: m.Leaks, Known: m.LeftOut.Known, Ignored: m.LeftOut.Ignored, Causes: map[string]int64{}, Unparsed: map[string]int64{}, Before: m.Before}
	for c, by := range m.Causes {
		s.Causes[c.String()] = by.Count
	}
	if m.Stats == nil {
		return s
	}
	t := m.Stats.Totals()
	s.Files, s.Bytes, s.Lines, s.Records = int64(len(m.Stats.Files)), t.Bytes, t.Lines, t.Records
	s.Seconds = m.Stats.Elapsed.Seconds()
	for _, f := range m.Stats.Files {
		if f.Unparsed > 0 {
			s.Unparsed[f.Name] += f.Unparsed
		}
	}
	return s
}

// A Top is what occurs often among all failures, and the cause that it has most often.
type Top struct {
	Key   string
	N     int64
	Cause rules.Cause
	of    int64 // with that cause
}

// Frequent adds up a tally of all causes of failures, the most frequent first.
// bound says that counts are lower bounds.
func (m *Model) Frequent(tally func(*ByCause) *Tally) (list []Top, bound bool) {
	byKey := map[string]*Top{}
	for _, by := range m.Ranked() {
		t := tally(by)
		bound = bound || t.Bound
		for key, n := range t.counts {
			top := byKey[key]
			if top == nil {
				top = &Top{Key: key}
				byKey[key] = top
			}
			if top.N += *n; *n > top.of {
				top.Cause, top.of = by.Cause, *n
			}
		}
	}
	for _, t := range byKey {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b Top) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Key, b.Key)) })
	return list, bound
}
