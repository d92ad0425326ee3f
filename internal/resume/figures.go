package resume

import (
	"slices"
	"time"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/rules"
)

// figures are what one run found, over the time that its logs tell of.
type figures struct {
	Of       string           `json:"of"` // hash of what was asked for
	From     time.Time        `json:"from"`
	To       time.Time        `json:"to"`
	Failures int64            `json:"failures"`
	Causes   map[string]int64 `json:"causes,omitempty"`
}

const (
	maxRuns = 500 // three weeks by the hour, more than a year of nights
	similar = 0.8 // of the longer one is what a run covers that is compared
	enough  = 3   // runs make what is usual
)

// figuresOf returns a run's figures; To is zero where its logs have no times.
func figuresOf(stats *engine.Stats, m *report.Model) (f figures) {
	for i := range stats.Files {
		s := &stats.Files[i]
		if s.First == 0 {
			continue
		}
		if first := time.Unix(0, s.First).UTC(); f.To.IsZero() || first.Before(f.From) {
			f.From = first
		}
		if last := time.Unix(0, s.Last).UTC(); last.After(f.To) {
			f.To = last
		}
	}
	f.Failures, f.Causes = m.Failures, map[string]int64{}
	for c, by := range m.Causes {
		if c != rules.BenignChallenge {
			f.Causes[c.String()] = by.Count
		}
	}
	return f
}

// compare tells the model what earlier runs of the same found, and keeps f.
func (s *state) compare(f figures, of string, m *report.Model) {
	if f.To.IsZero() {
		return
	}
	f.Of = of
	var past []figures
	for _, r := range s.Runs {
		if r.Of == of {
			past = append(past, r)
		}
	}
	if n := len(past); n > 0 && past[n-1].To.Before(f.To) {
		f.From = past[n-1].To // what is quiet at its ends counts
	}
	m.Before = before(f, past)
	s.Runs = append(s.Runs, f)
	s.Runs = s.Runs[max(0, len(s.Runs)-maxRuns):]
}

// before returns what runs that cover as long a time found: at the same hour of the
// same weekday if there are enough of them, else at the same hour, else at any.
func before(f figures, past []figures) *report.Before {
	var alike []figures
	for _, r := range past {
		if a, b := f.length(), r.length(); min(a, b) >= similar*max(a, b) {
			alike = append(alike, r)
		}
	}
	if len(alike) == 0 {
		return nil
	}
	for _, same := range []func(a, b time.Time) bool{sameHourOfWeek, sameHour} {
		var some []figures
		for _, r := range alike {
			if same(f.middle(), r.middle()) {
				some = append(some, r)
			}
		}
		if len(some) >= enough {
			alike = some
			break
		}
	}
	if len(alike) < enough {
		alike = alike[len(alike)-1:] // the last run
	}
	b := &report.Before{Runs: len(alike), Failures: band(alike, func(r *figures) int64 { return r.Failures }), Causes: map[rules.Cause]report.Band{}}
	for _, r := range past {
		for id := range r.Causes {
			if c, ok := rules.ParseCause(id); ok {
				b.Causes[c] = band(alike, func(r *figures) int64 { return r.Causes[id] })
			}
		}
	}
	return b
}

func (f *figures) length() float64 { return f.To.Sub(f.From).Seconds() }

func (f *figures) middle() time.Time { return f.From.Add(f.To.Sub(f.From) / 2) }

const day = 24 * time.Hour

// sameHour reports whether two times of day are no more than half an hour apart.
func sameHour(a, b time.Time) bool { return apart(a, b, day) <= 30*time.Minute }

// sameHourOfWeek is sameHour on the same weekday.
func sameHourOfWeek(a, b time.Time) bool { return apart(a, b, 7*day) <= 30*time.Minute }

// apart returns how far two times are from each other on a circle.
func apart(a, b time.Time, circle time.Duration) time.Duration {
	d := a.Sub(b).Abs() % circle
	return min(d, circle-d)
}

// band returns from where to where a figure of runs goes; of many the lowest and the
// highest tenth are left out.
func band(runs []figures, of func(*figures) int64) report.Band {
	list := make([]int64, len(runs))
	for i := range runs {
		list[i] = of(&runs[i])
	}
	slices.Sort(list)
	out := len(list) / 10
	return report.Band{Low: list[out], High: list[len(list)-1-out]}
}
