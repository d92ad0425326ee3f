// Package correlate joins what several logs say of one request and names causes
// that no single line can tell.
//
// The lines that one try leaves with a daemon, and the parts of what one framework
// says of a request, are put together first (dialogue.go, parts.go). Attempts wait a
// few seconds, sorted by event time, until the lines of other hops have come
// (pending.go, join.go, merge.go); where there is one hop they don't. What logs prove to
// be like helps: whose clock is off (clock.go, skew.go), who writes at the same moments (step.go),
// and who leaves credentials out (absence.go). The joined requests feed what is known of
// clients, routes and replicas (history.go, replica.go, signals.go), which can be saved
// (state.go). A failure is judged (judge.go, judgeclient.go) as soon as nothing that may
// come can change its cause (held.go, waits.go): at once where its own words decide,
// after seconds where the client's next steps do, after a minute or two where an outage
// may have begun.
package correlate

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// Config says what the tracker reports to, and its bounds. The zero value of a
// bound is its default.
type Config struct {
	Files func() []string // source names by Place.Source; more may come while logs are followed

	State *State // what an earlier run knew, and what this one knows in the end; nil where nobody asks

	MaxOpen int // lines that wait for others of their request; 16,384
	MaxHeld int // failures held; 32,768
}

const (
	// joinSettle is how long a line waits for the others of its request: the window
	// in which they join, and a second of disorder.
	joinSettle = joinWindow + int64(time.Second)
	// oneHop is after how many lines of one hop no other is expected.
	oneHop = 32
)

// Counters say how often a bound was met, so that the answer may be less than it could be.
type Counters struct {
	Lines     int64 // attempts taken
	Joined    int64 // of these, lines that joined another's request
	Late      int64 // came after their time was settled
	Unsettled int64 // lines let go before their time, as too many waited
	Early     int64 // failures judged before their time, as too many were held
	Forgotten int64 // clients and routes forgotten, as there were too many
	Unsure    int64 // failures of clients that may have been among them
	Cut       int64 // requests whose beginning was forgotten, as too many were open
}

// Tracker is what New returns.
type Tracker struct {
	cfg     Config
	next    detectors.Tracker
	pending *pending
	seed    uint64
	names   *detectors.Key

	now     int64 // event time: the latest of a line
	tick    int64 // the latest of Tick, which may be ahead of lines that come late
	settled int64 // all lines up to here are joined
	ahead   int64 // a time far ahead of now that some lines claim
	claims  int   // how many
	behind  int   // lines in a row that are far behind now

	layer    parsers.Layer // of the line before
	source   int32
	service  uint64
	format   uint64
	files    int             // how many there were when last looked
	manyHops bool            // requests may have lines that share no id
	ids      bool            // requests may have lines that share one
	shared   map[logKey]bool // whose ids were met in another log
	group    []int32         // the lines of the request that is being joined
	silences map[logKey]silence
	steps    map[logKey]step
	outer    int64  // time of the latest line with a login or refusal of a client
	outerLog logKey // of that line
	parts    []detectors.Attempt
	single   [1]detectors.Attempt // the line that waited for no other
	joined   request

	begun     begun
	dialogues dialogues
	history
	signals
	outages      [numClasses]outage // going on, by class
	views        [8]view
	viewed       int
	held         queue
	spare        []*held // for reuse
	byID         map[uint64]*held
	told         recent[toldFailure] // by id
	lags         map[logKey]*lag
	replicaFiles []replicaFile    // by source
	chains       map[uint64]*held // by client: its latest failure that isn't judged yet
	counters     Counters
}

// New returns the tracker that joins attempts, decides their causes and reports a
// *detectors.CauseFinding for each failed request. Every joined request, failed or
// not, goes to next (which may be nil) once its joining window of a few seconds has closed.
func New(cfg Config, next detectors.Tracker) detectors.Tracker {
	if cfg.Files == nil {
		cfg.Files = func() []string { return nil }
	}
	if cfg.MaxOpen <= 0 {
		cfg.MaxOpen = 16 << 10
	}
	if cfg.MaxHeld <= 0 {
		cfg.MaxHeld = 32 << 10
	}
	t := &Tracker{cfg: cfg, next: next, pending: newPending(cfg.MaxOpen),
		seed: rand.Uint64(), names: detectors.NewKey(),
		history: newHistory(), shared: map[logKey]bool{}, steps: map[logKey]step{}, silences: map[logKey]silence{}, byID: map[uint64]*held{}, chains: map[uint64]*held{},
		told: newRecent[toldFailure](maxTold), lags: map[logKey]*lag{}}
	if cfg.State != nil {
		t.use(cfg.State)
	}
	return t
}

// Counters returns the counts so far.
func (t *Tracker) Counters() Counters {
	c := t.counters
	c.Forgotten, c.Cut = t.clients.lost+t.routes.lost, t.begun.cut
	return c
}

// Observe takes the next attempt.
func (t *Tracker) Observe(a *detectors.Attempt, report func(detectors.Finding)) {
	if a.Part != parsers.Whole && !t.begun.assemble(a) {
		return
	}
	t.counters.Lines++
	t.hops(a)
	t.believeAbsence(a)
	if a.Fail != nil && t.dialogues.echoes(a, t.clientKey(a)) && !t.waiting(a.Trace) {
		t.counters.Joined++
		return
	}
	untimed := a.Time == 0
	at := a.Time
	if untimed {
		at = max(t.now, t.tick)
	} else {
		t.clock(at, report)
		if at < t.settled {
			t.counters.Late++
		}
	}
	t.advance(t.now-t.settle(), report)
	if t.settle() == 0 && at <= t.now && t.pending.len() == 0 {
		t.takeAlone(a, at, untimed, report)
		return
	}
	s, ok := t.pending.add(a, at, t.keys(a))
	if !ok {
		return // the same line twice
	}
	l := &t.pending.lines[s]
	l.untimed, l.alone, l.told = untimed, belongsToNone(a), false
	if showsName(a) {
		t.pending.attempts[s].Sent = parsers.SentPresent
	}
	if !l.alone && t.settle() > 0 && !t.expectsMore() {
		l.told = t.tellAtOnce(s, report)
	}
	if t.settle() == 0 {
		t.advance(t.now, report)
	}
	for t.pending.len() > t.cfg.MaxOpen {
		t.counters.Unsettled++
		t.release(report)
	}
}

// takeAlone takes a line that waits for no other, as of the time at.
func (t *Tracker) takeAlone(a *detectors.Attempt, at int64, untimed bool, report func(detectors.Finding)) {
	one := &t.single[0]
	*one = *a
	if one.Time = at; showsName(a) {
		one.Sent = parsers.SentPresent
	}
	t.joined.untimed, t.joined.told, t.joined.parts = untimed, false, t.single[:]
	t.take(&t.joined, report)
	t.decideUntil(t.now, report)
}

// filesEvery is how many lines go by between looks at how many files there are.
const filesEvery = 64

// hops notes which lines may belong to one request with a.
func (t *Tracker) hops(a *detectors.Attempt) {
	if t.counters.Lines%filesEvery == 1 {
		t.files = len(t.cfg.Files())
	}
	if !t.manyHops && (t.counters.Lines > 1 && (a.Layer != t.layer || a.Source != t.source || a.Service != t.service || a.Format != t.format) || a.Fail != nil && a.Status == 0 || t.files > 1) {
		t.becomeManyHops()
	}
	t.layer, t.source, t.service, t.format = a.Layer, a.Source, a.Service, a.Format
	if !t.ids && a.Request|a.Trace != 0 && a.Layer != parsers.Edge && a.Layer != parsers.Gateway { // these write one line a request
		t.ids = true
	}
}

// joins reports whether requests may have more lines than one.
func (t *Tracker) joins() bool { return t.manyHops || t.ids }

// expectsMore reports whether a line is likely to be followed by another of its request.
func (t *Tracker) expectsMore() bool {
	return t.joins() && (t.counters.Lines <= oneHop || t.counters.Joined > 0 || t.files > 1)
}

// settle is how long lines wait for others of their request.
func (t *Tracker) settle() int64 {
	if !t.joins() && t.counters.Lines > oneHop {
		return 0
	}
	return joinSettle
}

// tellAtOnce reports the failure of a waiting line, if it needs neither other lines
// nor the past to be judged: should there be others of its request, they are no news.
func (t *Tracker) tellAtOnce(s int32, report func(detectors.Finding)) bool {
	a := &t.pending.attempts[s]
	if a.Fail == nil || signalOf(a) != rules.NoSignal {
		return false
	}
	f := held{request: request{Attempt: a, untimed: t.pending.lines[s].untimed}, key: t.clientKey(a), class: classOf(a)}
	switch {
	case f.untimed:
	case unsaid(&f), lookedBack[f.Fail.Cause], f.Fail.Cause == rules.ExpiredToken && (t.grants || f.Fail.Lapse != 0), allows(&f, rules.WrongEndpoint), t.waits(&f) > 0:
		return false
	}
	t.tell(&f, report)
	return true
}

// lookedBack are causes that what came before may change, or explain.
var lookedBack = [rules.NumCauses]bool{rules.MissingCredentials: true, rules.BadCredentials: true, rules.RateLimitedOrBlocked: true,
	rules.DigestReplay: true, rules.DigestStaleNonce: true, rules.ClockSkew: true}

// Tick says that event time has reached now.
func (t *Tracker) Tick(now int64, report func(detectors.Finding)) {
	t.tick = max(t.now, now)
	t.advance(t.tick-t.settle(), report)
	if t.next != nil {
		t.next.Tick(now-t.settle(), report) // what comes before has been handed on
	}
}

// Due returns the event time at which Tick would decide something.
func (t *Tracker) Due() int64 {
	due := int64(math.MaxInt64)
	if t.next != nil {
		if due = t.next.Due(); due < math.MaxInt64-t.settle() {
			due += t.settle()
		}
	}
	if t.pending.len() > 0 {
		due = min(due, t.pending.attempts[t.pending.oldest()].Time+t.settle())
	}
	if len(t.held) > 0 {
		due = min(due, t.held[0].due+t.settle()+1)
	}
	return due
}

// Waiting returns the lowest Attempt.Block of what is not reported yet, the largest
// int64 where nothing waits: from there on a run that breaks off has to read again.
func (t *Tracker) Waiting() int64 {
	first := int64(math.MaxInt64)
	p := t.pending
	for _, s := range p.order[p.head:] {
		if a := &p.attempts[s]; a.Fail != nil && !p.lines[s].gone && !p.lines[s].told {
			first = min(first, a.Block)
		}
	}
	for _, f := range t.held {
		if f.told || f.sign != nil && f.sign.explains {
			continue
		}
		first = min(first, f.Block)
		for i := range f.parts {
			first = min(first, f.parts[i].Block)
		}
	}
	return first
}

// Flush decides everything that waits.
func (t *Tracker) Flush(report func(detectors.Finding)) {
	t.drain(report)
	t.sayBounds(report)
	t.saySkews(report)
	if t.cfg.State != nil {
		t.remember(t.cfg.State)
	}
	if t.next != nil {
		t.next.Flush(report)
	}
}

// sayBounds tells how often a bound was met.
func (t *Tracker) sayBounds(report func(detectors.Finding)) {
	c := t.Counters()
	for _, b := range []struct {
		id    string
		n     int64
		words string
	}{
		{"judged_early", c.Early, "failures were judged before all that follows them was known: too many at once"},
		{"history_forgotten", c.Unsure, "failures were judged without what their clients may have done before: too many clients to remember"},
		{"requests_cut", c.Cut, "requests were told without their beginning: too many were open at once"},
		{"joined_early", c.Unsettled, "lines didn't wait for the other lines of their request: too many at once"},
	} {
		if b.n > 0 {
			report(&detectors.Note{Type: "note", ID: b.id, Message: fmt.Sprintf("%d %s", b.n, b.words)})
		}
	}
}

func (t *Tracker) drain(report func(detectors.Finding)) {
	for t.pending.len() > 0 {
		t.release(report)
	}
	for len(t.held) > 0 {
		t.forget(report)
	}
}

const (
	farAhead  = int64(time.Hour)
	farBehind = int64(10 * time.Minute)
	manyLines = 64
)

// showsName reports that a is the line of a proxy, or like one, with the name that
// came in the request's header.
func showsName(a *detectors.Attempt) bool {
	if a.Sent != parsers.SentUnknown || a.User == "" || a.Kind != detectors.Request {
		return false
	}
	return a.Layer == parsers.Edge || a.Layer == parsers.Gateway ||
		a.Layer == parsers.LayerUnknown && a.Fail != nil && a.Fail.Tier == rules.TierStatus
}

// keys returns by what other lines of a's request can be found.
func (t *Tracker) keys(a *detectors.Attempt) (k keys) {
	if belongsToNone(a) {
		return k
	}
	k[byRequest], k[byTrace] = a.Request, a.Trace
	if t.manyHops {
		k[byClient] = t.clientKey(a)
		if !tellsClient(a) {
			if k[byPath] = a.Path; a.Path == 0 {
				k[byPath] = noPath
			}
		}
	}
	return k
}

// noPath stands for the path of lines that tell neither path nor client: see follows.
const noPath = 2

// clientKey returns the hash of a's client, 0 where it is not known.
func (t *Tracker) clientKey(a *detectors.Attempt) uint64 {
	if !a.Client.IsValid() {
		return 0
	}
	if a.Client.Is4() {
		ip := a.Client.As4()
		return mix(uint64(binary.BigEndian.Uint32(ip[:])), t.seed) | 1
	}
	ip := a.Client.As16()
	return mix(mix(binary.BigEndian.Uint64(ip[:8]), t.seed), binary.BigEndian.Uint64(ip[8:])) | 1
}

// becomeManyHops files the waiting lines by client, which one hop alone doesn't need.
func (t *Tracker) becomeManyHops() {
	t.manyHops = true
	for _, s := range t.pending.order[t.pending.head:] {
		if k := t.keys(&t.pending.attempts[s]); !t.pending.lines[s].gone {
			t.pending.link(s, byClient, k[byClient])
			t.pending.link(s, byPath, k[byPath])
		}
	}
}

// advance joins and passes on what happened up to limit, and decides what nothing
// after it can change.
func (t *Tracker) advance(limit int64, report func(detectors.Finding)) {
	t.settled = max(t.settled, limit)
	for t.pending.len() > 0 && t.pending.attempts[t.pending.oldest()].Time <= limit {
		t.release(report)
	}
	t.decideUntil(limit, report)
}

// release takes the oldest line, with the others of its request, out of the waiting.
func (t *Tracker) release(report func(detectors.Finding)) {
	p := t.pending
	s := p.oldest()
	if p.lines[s].gone {
		p.pop()
		return
	}
	t.decideUntil(p.attempts[s].Time, report)
	t.gather(s)
	if t.manyHops {
		t.countSteps()
	}
	r := &t.joined
	if len(t.group) == 1 {
		r.untimed, r.told, r.parts = p.lines[s].untimed, p.lines[s].told, p.attempts[s:s+1:s+1]
	} else {
		t.counters.Joined += int64(len(t.group) - 1)
		r.untimed, r.told, r.parts = true, false, t.parts[:0]
		for _, s := range t.group {
			r.untimed = r.untimed && p.lines[s].untimed
			r.told = r.told || p.lines[s].told
			r.add(&p.attempts[s])
		}
		t.parts = r.parts
	}
	for _, s := range t.group {
		p.take(s)
	}
	t.take(r, report)
	p.pop()
}

// take handles a joined request, or a line that belongs to none.
func (t *Tracker) take(r *request, report func(detectors.Finding)) {
	r.merge()
	t.countSilences(r)
	t.learnReplica(r)
	if r.isSignal() || t.shownOutside(r) {
		t.signal(r, false)
		if t.next != nil {
			t.next.Observe(r.Attempt, report)
		}
		return
	}
	t.grants = t.grants || r.Kind == detectors.Token
	if r.Fail != nil && r.Fail.Cause == rules.IDPUnreachable {
		t.signal(r, true)
	}
	if r.Kind == detectors.Dependency {
		r.Kind = detectors.Request
	}
	joined, knew := t.joinHeld(r)
	if !joined {
		joined, knew = t.toldBefore(r)
	}
	switch {
	case joined && (knew || !r.Client.IsValid()):
		return
	case joined: // next hears of its client
	case r.Fail == nil:
		t.passed(r)
	default:
		t.failed(r, report)
		if len(t.held) > t.cfg.MaxHeld {
			if !t.held[0].told {
				t.counters.Early++
			}
			t.forget(report)
		}
	}
	if t.next != nil {
		t.next.Observe(r.Attempt, report)
	}
}
