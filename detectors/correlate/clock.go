package correlate

import "why401/detectors"

// clock moves event time to at. One request alone can't move it far, as its stamp
// may be wrong; many lines in a row that are far behind mean that the clock was.
func (t *Tracker) clock(at int64, report func(detectors.Finding)) {
	switch {
	case t.now == 0:
		t.now = at
	case at > t.now+farAhead && !t.claimed(at):
	case at > t.now:
		t.now, t.behind, t.claims = at, 0, 0
	case at < t.now-farBehind:
		if t.behind++; t.behind == manyLines {
			t.drain(report)
			t.now, t.settled, t.claims, t.behind = at, 0, 0, 0
		}
	default:
		t.behind = 0
	}
}

// claimed counts the lines that claim a time far ahead, and reports whether they are enough.
func (t *Tracker) claimed(at int64) bool {
	if t.claims == 0 || at < t.ahead-farAhead || at > t.ahead+24*farAhead {
		t.ahead, t.claims = at, 0
	}
	t.claims++
	return t.claims > 3
}
