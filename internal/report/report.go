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
}

// A Model is a report as a whole, filled while findings stream by. Its memory is
// bounded: where a bound is met, its counts say so.
type Model struct {
	Failures int64
	Benign   int64                    // challenges that belong to the protocol
	Causes   map[rules.Cause]*ByCause // also BenignChallenge
	Spikes   []*detectors.SpikeFinding
	Leaks    int64
	LeftOut  LeftOut                  // leaks that a person accepted, not in Leaks
	Groups   []*LeakGroup             // in the order of their first leak
	Places   []*detectors.LeakFinding // the first maxPlaces
	Notes    []*NoteGroup

	Stats   *engine.Stats // set before End
	Stopped bool          // the user ended the run: what follows is what was read so far
	Chosen  string        // the flags that left findings out, if any: nothing can be said about what isn't here

	seed   maphash.Seed
	route  []byte         // scratch
	spikes map[string]int // index into Spikes, by id
	total  int64          // spikes, past the bound too
	leaks  map[leakKey]*LeakGroup
	notes  map[string]*NoteGroup
}

const (
	maxDistinct = 4096
	maxTally    = 512
	maxPlaces   = 10_000
	maxGroups   = 1000
	maxSpikes   = 10_000

	maxNoteFiles = 100
)

// ByCause is what is known of all failures with one cause.
type ByCause struct {
	Cause          rules.Cause
	Count          int64
	First, Last    time.Time // zero when no finding has a time
	Clients, Users Distinct
	TopClients     Tally
	TopRoutes      Tally // method and route
	Sample         *detectors.CauseFinding

	sure float64 // sum of the confidences
}

// Guess reports whether the logs say too little to be sure of the cause.
func (by *ByCause) Guess() bool { return by.sure < 0.6*float64(by.Count) }

// A LeakGroup is the leaks of one kind at one location in one file.
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

type leakKey struct{ file, kind, scheme, location string }

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
	if f.Time != nil {
		if by.First.IsZero() || f.Time.Before(by.First) {
			by.First = *f.Time
		}
		if f.Time.After(by.Last) {
			by.Last = *f.Time
		}
	}
	if f.SourceIP != "" {
		by.Clients.add(maphash.String(m.seed, f.SourceIP))
		m.route = append(m.route[:0], f.SourceIP...)
		by.TopClients.add(m.route)
	}
	if f.User != "" {
		by.Users.add(maphash.String(m.seed, f.User))
	}
	if f.Path != "" {
		m.route = m.route[:0]
		if f.Method != "" {
			m.route = append(append(m.route, f.Method...), ' ')
		}
		m.route = appendRoute(m.route, f.Path)
		by.TopRoutes.add(m.route)
	}
}

func (m *Model) addLeak(f *detectors.LeakFinding) {
	m.Leaks++
	if len(m.Places) < maxPlaces {
		place := *f
		f, m.Places = &place, append(m.Places, &place)
	}
	key := leakKey{f.File, f.Kind, f.Scheme, f.Location}
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
	s := &Summary{Failures: m.Failures, Spikes: m.total, Leaks: m.Leaks, Known: m.LeftOut.Known, Ignored: m.LeftOut.Ignored, Causes: map[string]int64{}, Unparsed: map[string]int64{}}
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

// Distinct counts different things, exactly up to maxDistinct.
type Distinct struct {
	seen map[uint64]struct{}
	More bool // there were more than were counted
}

func (d *Distinct) add(h uint64) {
	if _, ok := d.seen[h]; ok {
		return
	}
	if len(d.seen) == maxDistinct {
		d.More = true
		return
	}
	if d.seen == nil {
		d.seen = map[uint64]struct{}{}
	}
	d.seen[h] = struct{}{}
}

// Len returns how many were counted.
func (d *Distinct) Len() int { return len(d.seen) }

// A Tally counts the frequent ones among many: exactly up to maxTally different
// ones, by Misra and Gries (1982) beyond, and then counts are lower bounds.
type Tally struct {
	counts map[string]*int64
	Bound  bool // counts are lower bounds
}

func (t *Tally) add(key []byte) {
	if n := t.counts[string(key)]; n != nil {
		*n++
		return
	}
	if t.counts == nil {
		t.counts = map[string]*int64{}
	}
	if len(t.counts) == maxTally {
		t.Bound = true
		for k, n := range t.counts {
			if *n--; *n == 0 {
				delete(t.counts, k)
			}
		}
		return
	}
	one := int64(1)
	t.counts[string(key)] = &one
}

// A Count is one line of a Tally.
type Count struct {
	Key string
	N   int64
}

// Top returns the n most frequent.
func (t *Tally) Top(n int) []Count {
	list := make([]Count, 0, len(t.counts))
	for k, c := range t.counts {
		list = append(list, Count{k, *c})
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Key, b.Key)) })
	return list[:min(n, len(list))]
}

// appendRoute appends path with what looks like an identifier in it replaced by
// {id}, so that requests for different things count as one route.
func appendRoute(dst []byte, path string) []byte {
	for len(path) > 0 {
		seg := path
		if i := strings.IndexByte(path[1:], '/'); i >= 0 {
			seg = path[:i+1]
		}
		path = path[len(seg):]
		if seg[0] == '/' && isID(seg[1:]) {
			seg = "/{id}"
		}
		dst = append(dst, seg...)
	}
	return dst
}

// isID tells identifiers from names: numbers, and longer words of hexadecimal or
// mixed characters with at least three digits.
func isID(s string) bool {
	digits, other := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z':
			other++
		default:
			return false
		}
	}
	return digits > 0 && other == 0 || digits >= 3 && digits+other >= 12
}
