package correlate

import (
	"time"

	"why401/detectors"
	"why401/rules"
)

// An inner hop may tell neither what was asked for nor by whom, as the hop before is its
// client. Its refusals and logins are joined by time alone while its log is in step with
// those of outer hops: what it tells happened there as well, within milliseconds.

// A step counts the lines of such a log.
type step struct {
	hits   uint32 // had one line of another hop beside them
	misses uint32 // had none
}

// stepSlack is by how much a stamp of whole seconds and one of another hop may differ.
const stepSlack = int64(time.Second) + timeWindow

// follows reports that a is a line of such a hop.
func follows(a *detectors.Attempt) bool { return a.Path == 0 && !tellsClient(a) }

// inStep reports whether a and b, of which one follows, may be joined by time alone.
func (t *Tracker) inStep(a, b *detectors.Attempt) bool {
	in := a
	if !follows(a) {
		in = b
	}
	if !follows(in) || a.SameLog(b) || !(a.Fail != nil && b.Fail != nil) && !(a.Kind == detectors.Login && b.Kind == detectors.Login) {
		return false
	}
	s := t.steps[logOf(in)]
	return s.misses*8 <= s.hits
}

// sure reports that the log is known well enough to take, of two lines of one moment,
// the first for the first request's.
func (s step) sure() bool { return s.hits >= 16 && s.misses*8 <= s.hits }

// offered reports that a login or credentials were judged in a.
func offered(a *detectors.Attempt) bool { return a.Fail != nil || a.Kind == detectors.Login }

// crowded reports that the line o may belong to another request as well as to the
// group's, of which nothing but whole seconds is known.
func (t *Tracker) crowded(o int32) bool {
	p := t.pending
	at := p.attempts[o].Time
	for _, s := range t.group {
		if p.attempts[s].Time%int64(time.Second) != 0 {
			return false
		}
	}
	if at-t.outer <= stepSlack {
		return true
	}
	for _, s := range p.order[p.head:] {
		a := &p.attempts[s]
		if a.Time > at+stepSlack {
			break
		}
		if s != o && s != t.group[0] && !p.lines[s].gone && offered(a) && a.SameLog(&p.attempts[t.group[0]]) {
			return true
		}
	}
	return false
}

// countSteps learns from the lines in hand, which are a request's, how far logs are in step.
func (t *Tracker) countSteps() {
	p := t.pending
	outer, inner := int64(0), (*detectors.Attempt)(nil)
	for _, s := range t.group {
		switch a := &p.attempts[s]; {
		case !offered(a):
		case tellsClient(a):
			outer, t.outerLog = a.Time, logOf(a)
		case follows(a) && a.Client.IsValid():
			inner = a
		}
	}
	if inner != nil && len(t.steps) < maxLogs {
		s := t.steps[logOf(inner)]
		switch {
		case len(t.group) > 1:
			s.hits++
		case inner.Time-t.outer > stepSlack || t.outer%int64(time.Second) != 0 && inner.Time-t.outer > timeWindow:
			s.misses++
		}
		t.steps[logOf(inner)] = s
	}
	t.outer = max(t.outer, outer)
}

// shownOutside reports that r, a login that nobody could check, tells why only: another
// log shows, lately, who logged in.
func (t *Tracker) shownOutside(r *request) bool {
	return len(r.parts) == 1 && r.Fail != nil && r.Fail.Cause == rules.IDPUnreachable && r.Kind == detectors.Login && follows(r.Attempt) &&
		t.outer != 0 && t.outerLog != logOf(r.Attempt) && r.Time-t.outer <= signalReach
}
