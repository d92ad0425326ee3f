package correlate

import (
	"slices"
	"time"

	"why401/detectors"
	"why401/parsers"
)

const (
	challengeWindow = int64(2 * time.Second)  // to the success that makes a refusal a challenge
	refreshWindow   = int64(30 * time.Second) // to the token endpoint's answer and the next try
	recentFailures  = 16                      // of one client, that a success is compared with
)

// A held is a failure that waits for what follows it; or the first line of an
// episode of signals.
type held struct {
	request
	class class
	ids   [2]uint64 // under which it is found by lines that come late
	key   uint64    // of the client in whose chain it stands
	older *held     // failure of the same client, not judged yet
	newer *held

	// What came before.
	regular bool // the client had been accepted
	reached bool // and on this path, lately

	// What came after, of the same client.
	retried   bool         // accepted on the same path within challengeWindow
	retrySent parsers.Sent // and what it had sent then
	refreshed bool         // got a new token
	recovered bool         // and was accepted on the same path with it
	refused   bool         // got no new token
	renewal   bool         // this is the request for a new token after a failure

	outage  *outage // that it is part of, if any; set when it is judged
	sign    *sign   // of an episode; all else but Attempt is zero then
	signals []*sign // that explain it
}

// keep returns a copy of r, which is reused.
func (t *Tracker) keep(r *request) *held {
	var f *held
	if n := len(t.spare); n > 0 {
		f, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		f = &held{}
	}
	f.set(r)
	return f
}

func (f *held) set(r *request) {
	f.merged, f.untimed, f.parts = *r.Attempt, r.untimed, nil
	f.Attempt = &f.merged
	if len(r.parts) > 1 {
		f.parts = slices.Clone(r.parts)
	}
}

// lines returns the lines of the request.
func (f *held) lines() []detectors.Attempt {
	if f.parts == nil {
		return []detectors.Attempt{f.merged}
	}
	return f.parts
}

// precedes says whether s came after f: by their lines where one source shows
// both, else by time; and within the window. Clients behind one address are told
// apart by user agent.
func (f *held) precedes(s *request, window int64) bool {
	d := s.Time - f.Time
	if d > window || d < -int64(time.Second) || f.untimed || s.untimed || !agree(f.Agent, s.Agent) {
		return false
	}
	for i := range s.parts {
		if p := &s.parts[i]; p.Source == f.Source && p.Layer == f.Layer {
			return p.Line > f.Line
		}
	}
	return d >= 0
}

// followedBy tells f and the client's failures before it that s succeeded.
func (f *held) followedBy(s *request) {
	for n := 0; f != nil && n < recentFailures && s.Time-f.Time <= refreshWindow; f, n = f.older, n+1 {
		switch {
		case s.Kind == detectors.Token:
			f.refreshed = f.refreshed || f.precedes(s, refreshWindow)
		case f.Path == 0 || f.Path != s.Path:
		case f.refreshed && f.precedes(s, refreshWindow):
			f.recovered = true
		case !f.retried && f.precedes(s, challengeWindow):
			f.retried, f.retrySent = true, s.Sent
		}
	}
}

// refusedBy tells f and the client's failures before it that the token endpoint refused.
func (f *held) refusedBy(g *held) {
	for n := 0; f != nil && n < recentFailures && g.Time-f.Time <= refreshWindow; f, n = f.older, n+1 {
		if f.Kind != detectors.Token && !f.refreshed && f.precedes(&request{Attempt: g.Attempt, parts: g.lines()}, refreshWindow) {
			f.refused = true
			g.renewal = true
		}
	}
}

// wait holds f, in the order of time.
func (t *Tracker) wait(f *held) {
	i := len(t.held)
	for i > 0 && before(f.Attempt, t.held[i-1].Attempt) {
		if i--; len(t.held)-i == 32 {
			i, _ = slices.BinarySearchFunc(t.held, f, func(a, b *held) int {
				if before(b.Attempt, a.Attempt) {
					return 1
				}
				return -1
			})
			break
		}
	}
	t.held = slices.Insert(t.held, i, f)
	if f.sign == nil {
		f.ids = [2]uint64{f.Request, f.Trace}
		for _, id := range f.ids {
			if id != 0 {
				t.byID[id] = f
			}
		}
	}
}

// joinHeld adds lines that came late to the failure that they belong to.
func (t *Tracker) joinHeld(r *request) bool {
	if len(t.byID) == 0 {
		return false
	}
	f := t.byID[r.Request]
	if f == nil && r.Trace != 0 {
		if f = t.byID[r.Trace]; f != nil && !agree(f.Path, r.Path) {
			return false
		}
	}
	if f == nil || len(f.lines())+len(r.parts) > maxParts {
		return false
	}
	for i := range r.parts {
		for _, p := range f.lines() {
			if o := &r.parts[i]; p.Place == o.Place || p.Source == o.Source && p.Layer == o.Layer && p.Status != 0 && o.Status != 0 {
				return false
			}
		}
	}
	joined := request{untimed: f.untimed && r.untimed}
	for _, p := range append(slices.Clone(f.lines()), r.parts...) {
		joined.add(&p)
	}
	joined.merge()
	joined.Replica = f.Replica
	f.set(&joined)
	t.counters.Joined += int64(len(r.parts))
	return true
}

// decideUntil judges the failures up to limit.
func (t *Tracker) decideUntil(limit int64, report func(detectors.Finding)) {
	for len(t.held) > 0 && t.held[0].Time <= limit {
		t.decide(report)
	}
}

// decide judges the oldest failure and forgets it.
func (t *Tracker) decide(report func(detectors.Finding)) {
	f := t.held[0]
	t.held[0] = nil
	t.held = t.held[1:]
	if f.sign != nil {
		if !f.sign.explains {
			report(t.signFinding(f.sign))
		}
		return
	}
	for _, id := range f.ids {
		if id != 0 && t.byID[id] == f {
			delete(t.byID, id)
		}
	}
	verdict := f.Fail.Verdict
	if !f.untimed {
		verdict = t.judge(f)
	}
	report(t.finding(f, &verdict))
	if f.key != 0 && t.chains[f.key] == f {
		if f.older != nil {
			t.chains[f.key] = f.older
		} else {
			delete(t.chains, f.key)
		}
	}
	if f.newer != nil {
		f.newer.older = f.older
	}
	if f.older != nil {
		f.older.newer = f.newer
	}
	if len(t.spare) < 1024 {
		*f = held{signals: f.signals[:0]}
		t.spare = append(t.spare, f)
	}
}
