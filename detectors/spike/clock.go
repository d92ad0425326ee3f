package spike

import "why401/detectors"

const (
	lateness = hour     // an entry older than this is of a clock that was set back
	leap     = 6 * hour // a step forward that one entry alone can't make
	agreeing = 3        // stamps far from event time that make it leap
)

// isFar says that a stamp is too far from event time to be believed alone: it may be
// wrong, or a quiet night has passed, or a clock was set right.
func (t *Tracker) isFar(at int64) bool {
	d := at - t.now
	return t.now != 0 && at > 0 && (d >= leap || d <= -lateness)
}

// passed says that d has passed since at, or that at is a time of before the clock was
// set back: what waits for that would wait until it comes again.
func (t *Tracker) passed(at, d int64) bool { return t.now-at >= d || at-t.now > lateness }

// clock brings event time forward and returns the time that an attempt counts for.
func (t *Tracker) clock(at int64, report func(detectors.Finding)) int64 {
	switch {
	case at <= 0:
		return t.now
	case t.now == 0:
		t.began, t.now = at, at
		t.due = after(at, tickEvery)
	case at > t.now:
		if at >= t.due {
			t.advance(at, report)
		}
		t.now = at
	}
	return at
}

// wait keeps an attempt with a far stamp until others agree with it, or none does.
// Stamps agree that go on from each other: a log of little may be quiet for days.
func (t *Tracker) wait(a *detectors.Attempt, report func(detectors.Finding)) {
	if n := len(t.far); n > 0 {
		d := a.Time - t.far[n-1].Time
		if d <= -lateness || d >= leap && a.Time < t.now {
			t.disbelieve(report)
		}
	}
	kept := *a
	if a.Fail != nil {
		f := *a.Fail
		kept.Fail = &f
	}
	if t.far = append(t.far, kept); len(t.far) == agreeing {
		if a.Time < t.now {
			t.odd = a.Time // the clock was set back
		}
		t.believe(report)
	}
}

// believe lets event time leap to the attempts that waited.
func (t *Tracker) believe(report func(detectors.Finding)) {
	far := t.far
	t.far = nil
	for i := range far {
		at := far[i].Time
		if t.isFar(at) {
			t.advance(at, report)
			t.now, t.due, t.minuteDue = at, after(at, tickEvery), after(at, minute)
		} else {
			t.clock(at, report)
		}
		t.observe(&far[i], at, report)
	}
}

// disbelieve takes the attempts that waited as of now: their stamps were wrong.
func (t *Tracker) disbelieve(report func(detectors.Finding)) {
	far := t.far
	t.far = nil
	for i := range far {
		t.odd = t.now
		t.observe(&far[i], t.now, report)
	}
}
