package correlate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"why401/detectors"
)

// Clocks of hosts may be minutes apart. Lines with the same request id are known as one
// request all the same: a failure that was told is remembered by its ids, and once a
// few requests have shown how far a log's clock is behind, failures that their own line
// doesn't explain wait for the other.
const (
	maxSkew   = int64(65 * time.Minute) // an hour is a zone
	maxLag    = maxSkew                 // longest wait; what happened around a failure is forgotten before, see buckets
	skewSlack = int64(5 * time.Second)  // by which what is measured of two clocks varies
	maxTold   = 1 << 14                 // ids; what is forgotten may be told twice
	maxLags   = 256                     // logs
	fewLags   = 3                       // measured, to believe them
)

// A toldFailure is what is remembered of a failure that was told, by its ids.
type toldFailure struct {
	at     int64
	path   uint64
	status uint16
	client bool      // it is known
	log    logKey    // of the line that decided
	logs   [3]uint64 // hashes of those that showed it
}

func (k logKey) hash() uint64 { return mix(mix(uint64(k.source), k.service), k.format) | 1 }

// rememberTold keeps a failure that is forgotten otherwise.
func (t *Tracker) rememberTold(f *held) {
	if !t.manyHops || f.untimed || f.Request|f.Trace == 0 {
		return
	}
	o := toldFailure{at: f.Time, path: f.Path, status: f.Status, client: f.Client.IsValid(), log: f.log()}
	for i, p := range f.lines() {
		if i == len(o.logs) {
			return
		}
		o.logs[i] = logOf(&p).hash()
	}
	for _, id := range f.ids {
		if id != 0 {
			*t.told.put(id) = o
		}
	}
}

// toldBefore reports whether r is what another log, whose clock is behind, told before;
// knew, whether its client was known.
func (t *Tracker) toldBefore(r *request) (yes, knew bool) {
	if len(t.told.slots) == 0 || r.Fail == nil || r.untimed {
		return false, false
	}
	for _, id := range [...]uint64{r.Request, r.Trace} {
		if id == 0 {
			continue
		}
		if o := t.told.get(id); o != nil && o.shownBy(r, t.lags[o.log]) {
			t.measure(o.log, r.parts, r.Time-o.at)
			t.counters.Joined += int64(len(r.parts))
			return true, o.client
		}
	}
	return false, false
}

// shownBy reports whether r, of other logs, is the same request: it asks for the same
// path, or comes as late as others did. It is taken once from each log.
func (o *toldFailure) shownBy(r *request, l *lag) bool {
	late := r.Time - o.at
	if max(late, -late) > maxSkew || !agree(o.path, r.Path) || !agree(o.status, r.Status) && (o.status < 400 || r.Status < 400) {
		return false
	}
	for i := range r.parts {
		if slices.Contains(o.logs[:], logOf(&r.parts[i]).hash()) {
			return false
		}
	}
	if by, ok := l.usual(); o.path == 0 || o.path != r.Path {
		if !ok || max(late-by, by-late) > skewSlack {
			return false
		}
	}
	for i := range r.parts {
		if free := slices.Index(o.logs[:], 0); free >= 0 {
			o.logs[free] = logOf(&r.parts[i]).hash()
		}
	}
	return true
}

// metBefore reports whether another log showed a failure with a's id.
func (t *Tracker) metBefore(a *detectors.Attempt) bool {
	if f := t.byID[a.Request]; f != nil {
		return f.log() != logOf(a)
	}
	o := t.told.get(a.Request)
	return o != nil && o.log != logOf(a)
}

// A lag is how long after the lines of one log those of another come that share an id
// with them, where that is more than a joining window.
type lag struct {
	by    [16]int64
	n     int
	other logKey
}

// usual returns the median, if what was measured last hardly varies.
func (l *lag) usual() (int64, bool) {
	if l == nil || l.n < fewLags {
		return 0, false
	}
	by := l.by
	s := by[:min(l.n, len(by))]
	slices.Sort(s)
	return s[len(s)/2], s[len(s)*3/4]-s[len(s)/4] <= skewSlack
}

// clocksDiffer reports that ids show the clock of one log to be off from those of
// others, and not that of the other by as much: what happened at one time by both did not.
func (t *Tracker) clocksDiffer(a, b *detectors.Attempt) bool {
	if len(t.lags) == 0 {
		return false
	}
	x, off := t.lags[logOf(a)].usual()
	y, also := t.lags[logOf(b)].usual()
	return (off || also) && max(x-y, y-x) > joinWindow
}

// measure notes that parts came late after a line of log with the same id.
func (t *Tracker) measure(log logKey, parts []detectors.Attempt, late int64) {
	if late <= joinWindow || late > maxSkew {
		return
	}
	t.sharesIDs(log)
	t.sharesIDs(logOf(&parts[0]))
	l := t.lags[log]
	if l == nil {
		if len(t.lags) == maxLags {
			return
		}
		l = &lag{}
		t.lags[log] = l
	}
	l.by[l.n%len(l.by)], l.other = late, logOf(&parts[0])
	l.n++
}

// lagWaits is for the line of another hop, whose clock is ahead.
func lagWaits(t *Tracker, f *held) int64 {
	if len(t.lags) == 0 || f.Request|f.Trace == 0 || f.late || f.Client.IsValid() && !unsaid(f) {
		return 0
	}
	by, ok := t.lags[f.log()].usual()
	if !ok || by+skewSlack > maxLag {
		return 0
	}
	return by + skewSlack
}

// log returns the log of the line that decided.
func (f *held) log() logKey {
	if len(f.parts) > 0 {
		return logOf(&f.parts[0])
	}
	return logOf(f.Attempt)
}

// saySkews tells whose clocks differ.
func (t *Tracker) saySkews(report func(detectors.Finding)) {
	var said []string
	for log, l := range t.lags {
		if by, ok := l.usual(); ok && log.source != l.other.source {
			said = append(said, fmt.Sprintf("%s is %s behind %s, by the ids that both have: set the clocks right, so that requests without ids are joined, too",
				t.file(detectors.Place{Source: log.source}), time.Duration(by).Round(time.Second), t.file(detectors.Place{Source: l.other.source})))
		}
	}
	slices.Sort(said)
	for _, s := range slices.Compact(said) {
		report(&detectors.Note{Type: "note", ID: "clocks_differ", Message: strings.ToValidUTF8(s, "")})
	}
}
