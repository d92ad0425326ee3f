package correlate

import (
	"container/heap"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

const recentFailures = 16 // of one client, that a success is compared with

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
	regular      bool        // the client had been accepted
	reached      bool        // and on this path, lately
	named        bool        // and with this name, lately
	fresh        bool        // it had got a token just before, and is refused as expired
	steady       bool        // its token is off by as much as the one before
	kept         bool        // it is off by more, as much as has gone by: it is the same one
	served       uint64      // the replica that answered it last
	refusals     int         // 401s and 407s in a row
	sinceRefusal int64       // the last of them
	root         rules.Cause // of them

	// What came after, of the same client.
	retried   bool         // accepted on the same path within challengeWindow
	retrySent parsers.Sent // and what it had sent then
	typed     bool         // accepted on the same path with a password that the browser asked for
	loggedIn  bool         // offered a name and a password in another way
	refreshed bool         // got a new token
	recovered bool         // and was accepted on the same path with it
	refused   bool         // got no new token
	renewal   bool         // this is the request for a new token after a failure

	late bool // a line of another hop came when it was waited for

	waited int64 // how long after it was looked at last whether it can be judged
	due    int64 // when that is done next; once it is told, when it is forgotten

	// What came after, of others: are some still accepted on its route, or by its replica?
	goesOn, ownGoesOn bool
	good, ownGood     uint32 // how many were, when it was looked at last
	anyRoute          bool   // good counts all routes, as its own is seldom asked for

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
	f.merged, f.untimed, f.told, f.parts = *r.Attempt, r.untimed, r.told, nil
	f.Attempt = &f.merged
	if len(r.parts) > 1 {
		f.parts = slices.Clone(r.parts)
	}
}

// route returns the path on which others are compared with f.
func (f *held) route() uint64 {
	if f.class == password {
		return logins
	}
	return f.Path
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
		case s.Kind == detectors.Login:
			f.loggedIn = f.loggedIn || f.precedes(s, refreshWindow)
		case f.Path == 0 || f.Path != s.Path:
		case f.refreshed && f.precedes(s, refreshWindow):
			f.recovered = true
		case !f.retried && f.precedes(s, challengeWindow):
			f.retried, f.retrySent = true, s.Sent
		case asksForPassword(f) && !f.loggedIn && withPassword(s) && f.precedes(s, refreshWindow):
			f.typed = true
		}
	}
}

// asksForPassword reports that f may be what makes a browser show its dialog.
func asksForPassword(f *held) bool {
	return mayBeChallenge(f) && strings.HasPrefix(f.Fail.UserAgent, "Mozilla/")
}

// withPassword reports that s carries what is typed into such a dialog, as far as a
// hop shows it: the scheme, or the name that came in the header.
func withPassword(s *request) bool {
	switch s.Scheme {
	case detectors.SchemeBasic, detectors.SchemeDigest, detectors.SchemeNegotiate:
		return true
	case detectors.SchemeUnknown:
		return s.User != "" && s.Layer != parsers.App
	}
	return false
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

// A queue is a heap of failures, by when their turn comes.
type queue []*held

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].due != q[j].due {
		return q[i].due < q[j].due
	}
	return before(q[i].Attempt, q[j].Attempt)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(f any)   { *q = append(*q, f.(*held)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	f := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return f
}

// hold keeps f until it can be judged, or judges it at once.
func (t *Tracker) hold(f *held, report func(detectors.Finding)) {
	f.ids = [2]uint64{f.Request, f.Trace}
	for _, id := range f.ids {
		if id != 0 {
			t.byID[id] = f
		}
	}
	if !f.told {
		if f.waited = min(t.waits(f), challengeWindow); f.waited == 0 {
			t.tell(f, report)
		}
	}
	if f.due = f.Time + f.waited; f.told {
		f.due = f.Time + refreshWindow
	}
	heap.Push(&t.held, f)
}

// joinHeld adds lines that came late to the failure that they belong to, if it is held;
// knew says whether its client was known.
func (t *Tracker) joinHeld(r *request) (yes, knew bool) {
	if len(t.byID) == 0 {
		return false, false
	}
	f := t.byID[r.Request]
	if f == nil && r.Trace != 0 {
		if f = t.byID[r.Trace]; f != nil && !agree(f.Path, r.Path) {
			return false, false
		}
	}
	if f == nil || len(f.lines())+len(r.parts) > maxParts {
		return false, false
	}
	for i := range r.parts {
		for _, p := range f.lines() {
			o := &r.parts[i]
			if p.Place == o.Place || p.SameLog(o) && p.Layer == o.Layer && p.Status != 0 && o.Status != 0 || strangers(&p, o) {
				return false, false
			}
		}
	}
	knew = f.Client.IsValid()
	if late := r.Time - f.Time; late > joinWindow {
		t.measure(f.log(), r.parts, late)
		f.late = true
	}
	joined := request{untimed: f.untimed && r.untimed, told: f.told}
	for _, p := range append(slices.Clone(f.lines()), r.parts...) {
		joined.add(&p)
	}
	joined.merge()
	joined.Replica = f.Replica
	f.set(&joined)
	if f.late && !f.told && !unsaid(f) {
		f.class = classOf(f.Attempt)
	}
	t.counters.Joined += int64(len(r.parts))
	return true, knew
}

// decideUntil judges the failures whose turn comes before limit.
func (t *Tracker) decideUntil(limit int64, report func(detectors.Finding)) {
	for len(t.held) > 0 && t.held[0].due < limit {
		f := t.held[0]
		if f.told || f.sign != nil {
			t.forget(report)
			continue
		}
		t.lookAround(f)
		if w := t.waits(f); w > f.waited {
			f.waited = min(2*f.waited, w)
			f.due = f.Time + f.waited
		} else {
			t.tell(f, report)
			f.due = max(f.due, f.Time+refreshWindow)
		}
		heap.Fix(&t.held, 0)
	}
}

// lookAround notes whether others were accepted shortly before f and still are, since
// it was looked at last: requests that were under way when it failed show nothing.
func (t *Tracker) lookAround(f *held) {
	const some = 3
	path := f.route()
	if t.worked(path) < some && f.class != password {
		path = 0
	}
	good, own := t.accepted(path), uint32(0)
	if f.Replica != 0 {
		if r := t.routes.get(mix(f.Path, f.Replica)); r != nil {
			own = r.good.total
		}
	}
	if f.waited > challengeWindow {
		before, _ := t.siteSums(f, path, -3*span, -span) // not its own bucket: those may be the first after an outage
		f.goesOn = f.goesOn || f.waited <= outageWindow && before >= some && f.anyRoute == (path == 0) && good >= f.good+some
		before, _ = t.sums(f, f.Path, f.Replica, -3*span, -span)
		f.ownGoesOn = f.ownGoesOn || before >= some && own >= f.ownGood+some
	}
	f.good, f.ownGood, f.anyRoute = good, own, path == 0
}

// A judged tracker wants to know what strikes everyone; see spike.Tracker.
type judged interface {
	Judged(a *detectors.Attempt, cause rules.Cause)
}

// tell judges f and reports it.
func (t *Tracker) tell(f *held, report func(detectors.Finding)) {
	f.told = true
	verdict := f.Fail.Verdict
	if !f.untimed {
		verdict = t.judge(f)
		if j, ok := t.next.(judged); ok && f.outage != nil && verdict.Cause != f.Fail.Cause {
			j.Judged(f.Attempt, verdict.Cause)
		}
	}
	report(t.finding(f, &verdict))
}

// forget lets the failure go whose turn it is, and tells it if that wasn't done. One
// that was told is kept until its client's next steps, and its lines that come late,
// are known: they are no other failure's.
func (t *Tracker) forget(report func(detectors.Finding)) {
	f := heap.Pop(&t.held).(*held)
	if f.sign != nil {
		if !f.sign.explains {
			report(t.signFinding(f.sign))
		}
		return
	}
	if !f.told {
		t.tell(f, report)
	}
	t.rememberTold(f)
	for _, id := range f.ids {
		if id != 0 && t.byID[id] == f {
			delete(t.byID, id)
		}
	}
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
