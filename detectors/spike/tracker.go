package spike

import (
	"encoding/binary"
	"math"
	"math/bits"
	"net/netip"
	"slices"
	"strings"

	"why401/detectors"
	"why401/rules"
)

const (
	second = int64(1e9)
	minute = 60 * second
	hour   = 60 * minute

	tickEvery      = 5 * second         // of event time: when timers run, multiples of it
	settleAfter    = 3 * minute         // an ordinary visit is mostly resolved by then
	holdFor        = 20 * minute        // and nearly always by then: a doubtful alarm waits so long
	holdGroup      = holdFor + 5*minute // networks and agents give way to an alarm over the whole site
	visitEnds      = 6 * hour           // without a try
	forgiven       = 12                 // failures that one login forgives; people give up by then
	creditPerVisit = 24
)

// Evidence, in the logarithm of how much likelier an attack makes it.
const (
	weighPending  = 0.5
	weighSettled  = 1.4
	weighResolved = -1.5 // on top of taking back what the visit had given
	weighLogin    = -0.1 // somebody new got in without failing
	coolEvery     = 4    // of them, that network and agent are told of, for all
)

// A Tracker follows campaigns. See detectors.Tracker for its calls.
type Tracker struct {
	cfg  Config
	key  *detectors.Key
	salt [2]uint64

	began     int64 // event time of the first entry
	now       int64 // event time
	due       int64 // of the next look at the timers
	minuteDue int64
	far       []detectors.Attempt // whose stamps are far from now, until they prove right or wrong
	odd       int64               // event time after which a stamp last proved wrong

	sources  *table[source, *source]
	accounts *table[account, *account]
	groups   *table[group, *group]
	repeats  *table[repeat, *repeat]
	visits   *visitLog
	logins   *loginLog
	guarded  routes
	admitted admitted
	forms    forms
	words    lookWords
	calm     calm
	visitors visitors

	settleSeq uint64 // next visit to settle
	finalSeq  uint64 // next visit to look at after holdFor
	newcomers uint32 // logins of somebody new
	people    fading // of these, over about a day
	usual     fate   // of visits that no campaign claimed
	held      []uint64
	heldUsers []uint64
	heldGroup []uint64

	site      [numClasses]site
	doors     []*site // at most maxDoors
	provider  provider
	doorPaths [maxDoors]uint64 // of doors: all that most lines ask of them
	outages   [numClasses]outage

	camps    []*campaign // open, by number
	resting  []*campaign // closed that may have another round, in order of closing
	room     int         // for members of campaigns
	mostRoom int
	credit   int // visits that may be looked through: time for each line stays flat
	lastCamp int32

	form   detectors.Attempt       // a copy of one whose refusal only the status tells
	report func(detectors.Finding) // during a call
}

func newTracker(cfg Config) *Tracker {
	if cfg.Memory <= 0 {
		cfg.Memory = 64 << 20
	}
	if cfg.Key == nil {
		cfg.Key = detectors.NewKey()
	}
	unit := int(cfg.Memory >> 10) // what one KiB of every MiB pays for
	t := &Tracker{cfg: cfg, key: cfg.Key,
		sources:  newTable[source](unit * 13 / 10),
		accounts: newTable[account](unit * 14 / 10),
		groups:   newTable[group](unit * 4 / 10),
		repeats:  newTable[repeat](unit / 16),
		visits:   newVisitLog(unit),
		logins:   newLoginLog(unit * 5 / 10),
		guarded:  routes{newKept[tried](maxRoutes)},
		admitted: newAdmitted(min(mostAdmitted, unit)),
		forms:    forms{shown: newAdmitted(4096)},
		words:    lookWords{newKept[lookWord](mostWords)},
		room:     unit * 2,

		settleSeq: 1, finalSeq: 1,
	}
	t.mostRoom = t.room
	t.credit = t.visits.limit
	t.salt[0] = t.key.String("a")
	t.salt[1] = t.key.String("b")
	for c := range t.site {
		t.site[c].init(class(c))
	}
	return t
}

// mix joins two keys into one that nobody outside can aim at.
func (t *Tracker) mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^t.salt[0], b^t.salt[1])
	return hi ^ lo
}

// spread makes a hash of a key whose bits aren't even.
func (t *Tracker) spread(key uint64) uint64 { return t.mix(key, 5) }

func (t *Tracker) hashOf(a netip.Addr) uint64 {
	b := a.As16()
	return t.mix(binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]))
}

// Observe takes the next attempt. See detectors.Tracker.
func (t *Tracker) Observe(a *detectors.Attempt, report func(detectors.Finding)) {
	if t.isFar(a.Time) {
		t.wait(a, report)
		return
	}
	if len(t.far) > 0 {
		t.disbelieve(report)
	}
	t.observe(a, t.clock(a.Time, report), report)
}

// observe takes an attempt that counts for the time at.
func (t *Tracker) observe(a *detectors.Attempt, at int64, report func(detectors.Finding)) {
	if t.due-t.now > tickEvery {
		t.due = after(t.now, tickEvery)
	}
	if saysUnreachable(a) {
		t.provider.fails(t.now)
	}
	if a.Fail == nil && (formRefused(a) || a.Success && t.forms.refused(t, a)) {
		t.form = *a
		t.form.Fail = &refusedForm
		a = &t.form
	}
	if a.Fail == nil {
		if !a.Success {
			if a.Status == 404 {
				t.absent(a)
			}
			return
		}
		if len(t.visitors.today) < fewPeople && a.Client.IsValid() {
			t.visitors.add(a.Client)
		}
		if a.Kind == detectors.Request && a.User == "" && !t.guarded.pass(route(a)) {
			t.admit(a)
			return
		}
	}
	if a.Fail != nil && a.Fail.Tier == rules.TierStatus && a.Kind != detectors.Dependency && t.provider.refuses(t.now) {
		t.form = *a
		t.form.Fail = &unreachable
		a = &t.form
	}
	if a.Kind == detectors.Restart || a.Kind == detectors.Dependency || a.Method == detectors.MethodOptions || t.allowed(a.Client) {
		return
	}
	t.report = report
	if a.Fail == nil {
		t.success(a, at)
		return
	}
	cl, weighs := evidence(a)
	weighs = weighs || t.asked(a)
	shut := false
	if a.Kind != detectors.Login {
		shut = t.guarded.refuse(route(a))
		if ok := t.admitted.when(t.admission(a)); ok != 0 {
			s := t.client(a, 0)
			s.okAt[cl] = max(s.okAt[cl], ok)
			shut = false
		}
	}
	if !shut {
		t.outages[cl].failure(t, a, at)
	}
	if weighs {
		t.failure(a, cl, at)
	} else if cl == token {
		t.repeated(a, at)
	}
}

// absent counts a request for what doesn't exist, from an address that was refused before.
func (t *Tracker) absent(a *detectors.Attempt) {
	if !a.Client.IsValid() {
		return
	}
	if s := t.sources.get(sourceKey(a.Client)); s != nil && s.fails > 0 {
		s.absent++
	}
}

// Tick says that event time has reached now.
func (t *Tracker) Tick(now int64, report func(detectors.Finding)) {
	if t.now == 0 {
		return
	}
	t.advance(now, report)
	if len(t.far) > 0 && !t.isFar(t.far[0].Time) {
		t.believe(report)
	}
}

// advance runs what is due until now, each at its time, which doesn't depend on when
// attempts and ticks come: a log that is followed is told what a report tells of it.
func (t *Tracker) advance(now int64, report func(detectors.Finding)) {
	for t.due <= now {
		t.report = report
		t.now = max(t.now, t.due)
		t.timers()
		t.due = t.next()
	}
}

// after returns the first multiple of step that comes after at.
func after(at, step int64) int64 { return at - at%step + step }

// next returns when the timers have something to do, if nothing comes meanwhile.
func (t *Tracker) next() int64 {
	at := after(t.now, hour) // the site's history
	if slices.ContainsFunc(t.doors, (*site).stirs) {
		return after(t.now, tickEvery)
	}
	for cl := range t.site {
		if s := &t.site[cl]; s.heat > 0 || s.held {
			return after(t.now, tickEvery)
		}
		if o := &t.outages[cl]; o.open {
			at = min(at, after(t.now, minute))
		}
	}
	if len(t.held)+len(t.heldUsers)+len(t.heldGroup)+len(t.camps) > 0 {
		at = min(at, after(t.now, minute))
	}
	if v := t.visits.at(t.settleSeq); v != nil {
		at = min(at, after(v.first+settleAfter-1, tickEvery))
	}
	if v := t.visits.at(t.finalSeq); v != nil {
		at = min(at, after(v.first+holdFor-1, tickEvery))
	}
	return max(at, after(t.now, tickEvery))
}

// Due returns when the timers are due next.
func (t *Tracker) Due() int64 {
	if t.now == 0 {
		return math.MaxInt64
	}
	return t.due
}

// Flush ends the run: what is held is decided on what is known.
func (t *Tracker) Flush(report func(detectors.Finding)) {
	if len(t.far) > 0 && t.far[0].Time > t.now {
		t.believe(report)
	}
	t.disbelieve(report)
	if t.now != 0 {
		t.advance(after(t.now, tickEvery), report)
	}
	t.report = report
	t.timers()
	t.settleAll()
	for cl := range t.site {
		if s := &t.site[cl]; s.held && s.camp == 0 {
			s.judge(t)
		}
	}
	t.decideHeld(true)
	for cl := range t.outages {
		t.outages[cl].flush(t)
	}
	t.forget(len(t.resting))
	for _, c := range t.camps {
		if !t.cfg.Phases { // what is still open is told once, as if it had ended
			t.trim(c)
		}
		if !t.cfg.Phases || c.sent != c.state() { // nothing is told twice
			t.tell(c, c.phase())
		}
	}
	t.camps = nil
}

func (t *Tracker) allowed(a netip.Addr) bool {
	for _, p := range t.cfg.Allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// who is the identity behind an attempt: its name, else its user agent.
func (t *Tracker) who(a *detectors.Attempt) (user, who uint64) {
	if a.User != "" {
		user = t.key.String(a.User)
		return user, user
	}
	return 0, a.Agent
}

// client returns the source of an attempt. Where the log has no address each name
// has a source of its own, which says nothing of where it came from; nil without both.
func (t *Tracker) client(a *detectors.Attempt, user uint64) *source {
	key := user &^ (1 << 63) // an address that nobody is given
	if a.Client.IsValid() {
		key = sourceKey(a.Client)
	} else if user == 0 {
		return nil
	}
	s := t.sources.get(key)
	if s == nil {
		s = t.sources.put(key, t.now)
		s.key = key
	}
	return s
}

// halves hashes both halves of a name, without its domain. The first half of a numbered
// name is 0: others have it, too.
func (t *Tracker) halves(name string) (h [2]uint32) {
	name, _, _ = strings.Cut(name, "@")
	if len(name) < 4 {
		return h
	}
	mid := (len(name) + 1) / 2
	if h[1] = uint32(t.key.String(name[mid:]) &^ 1); strings.Trim(name[mid:], "0123456789") != "" {
		h[0] = uint32(t.key.String(name[:mid]))
	}
	return h
}

func (t *Tracker) account(user uint64) *account {
	if user == 0 {
		return nil
	}
	u := t.accounts.get(user)
	if u == nil {
		u = t.accounts.put(user, t.now)
		u.key = user
	}
	u.last = t.now
	return u
}

func (t *Tracker) visitKey(a *detectors.Attempt, who uint64, cl class) uint64 {
	var hi, lo uint64
	if a.Client.IsValid() {
		hi = sourceKey(a.Client)
		if !a.Client.Is4() {
			b := a.Client.As16()
			for _, x := range b[8:] {
				lo = lo<<8 | uint64(x)
			}
		}
	}
	return t.mix(t.mix(hi, lo+uint64(cl)), who)
}

// cut keeps a name for reports.
func cut(name string) string {
	const longest = 96
	b := []byte(name)
	return string(b[:min(len(b), longest)])
}

// route tells a form that is posted from the page that shows it.
func route(a *detectors.Attempt) uint64 {
	if a.Method == detectors.MethodPost && a.Path != 0 {
		return a.Path ^ 0x9e3779b97f4a7c15
	}
	return a.Path
}
