package spike

import (
	"math"

	"why401/detectors"
	"why401/rules"
)

// An outage refuses everybody at once. It is a sequential test over the clients
// that used to get in: each one's refusal speaks for an outage, each one's success
// against it. Attackers never got in, so they don't count.
type outage struct {
	heat    float64
	run     uint32 // number of the rise, so that each source counts once
	sources int
	back    int // of these, that got new credentials or got in, and weren't refused since
	start   int64
	last    int64
	open    bool
	camp    *campaign
	causes  [rules.NumCauses]int32 // what refusals said
	judged  [rules.NumCauses]int32 // what others that surround them showed
	lastOK  int64
	passed  int     // let in since then, and once it is open since the last refusal
	mixed   float64 // see mixing
	mixedAt int64
	eased   int64 // since when clients get in again, 0 while they don't
}

const (
	outageFail    = 2.25 // ln(0.95 / 0.1)
	outageDoubt   = 0.48 // ln(0.97 / 0.6), for passwords: a forced reset refuses most
	outageOK      = -2.8 // ln(0.06 / 0.9)
	outageHeat    = 14
	outageCap     = 24
	outageSources = 6
	outageSpan    = 45 * second // of passwords refused for no reason given
	outageLasts   = 20 * second // of whatever else: tokens that end at once are soon renewed
	outageIdle    = 15 * minute
	outageEases   = 5 * minute // of clients that get in again: some servers of several may be well
	outageMixes   = 10 * minute
	usedToGetIn   = 12 * hour
)

func (o *outage) failure(t *Tracker, a *detectors.Attempt, at int64) {
	switch a.Fail.Cause {
	case rules.CORSPreflight, rules.BenignChallenge, rules.InsufficientPermission, rules.CSRFFailure, rules.ExpiredSession, rules.UnknownUser,
		rules.PasswordExpired, rules.AccountLockedOrDisabled:
		return
	}
	if !a.Client.IsValid() {
		return
	}
	s := t.sources.get(sourceKey(a.Client))
	cl := token
	if o == &t.outages[login] {
		cl = login
	}
	if s == nil || s.okAt[cl] == 0 || t.now-s.okAt[cl] > usedToGetIn {
		return
	}
	if t.now-o.last > outageIdle && !o.open {
		o.heat = 0
	}
	if o.heat == 0 && !o.open {
		o.run++
		o.mixed = o.mixing(t.now) + float64(o.sources-o.back)
		o.mixedAt = t.now
		o.sources, o.back, o.passed, o.start = 0, 0, 0, at
		o.causes, o.judged = [rules.NumCauses]int32{}, [rules.NumCauses]int32{}
	}
	o.last = t.now
	if a.Fail.Tier != rules.TierStatus || a.Fail.Cause != rules.MissingCredentials && a.Fail.Cause != rules.BadCredentials {
		o.causes[a.Fail.Cause]++ // what was said, not guessed from the status
	}
	if o.camp != nil && o.heat > 0 {
		o.camp.fails++
		o.camp.oks += o.passed
		o.passed = 0
		o.camp.end = max(o.camp.end, at)
		o.camp.addrs.add(a.Client, t.hashOf)
	}
	w := outageFail
	if cl == login && !serverSide(a.Fail.Cause) {
		w = outageDoubt
	}
	if s.outageRun[cl] != o.run {
		s.outageRun[cl] = o.run
		o.sources++
		o.heat = min(outageCap, o.heat+w)
	} else if s.backRun[cl] == o.run {
		s.backRun[cl] = ^o.run // its new credentials don't do, either
		o.back--
	}
	if o.heat >= outageHeat/2 {
		o.eased = 0
	}
	// that nobody got in for so long speaks for itself: e^-expected
	span := t.now - max(o.lastOK, o.start)
	missed := t.site[cl].rate / 2 * float64(span) / float64(second)
	if o.open || o.heat+missed < outageHeat || o.sources < outageSources || 3*max(o.back, o.passed) >= o.sources || float64(o.sources) < 2*o.mixing(t.now) {
		return
	}
	if w == outageFail && t.now-o.start >= outageLasts || span >= outageSpan {
		o.begin(t, cl)
	}
}

// success of a client that used to get in speaks against an outage.
func (o *outage) success(t *Tracker, a *detectors.Attempt, cl class) {
	o.lastOK = t.now
	o.renewed(t, a, cl)
	if o.heat == 0 || a.Kind == detectors.Token {
		return
	}
	o.heat = max(0, o.heat+outageOK)
	o.passed++
	if o.open && o.heat == 0 && o.eased == 0 {
		o.eased, o.passed = t.now, 0
		o.run++ // those who are refused after all count once more
	}
}

// mixing is how many sources were refused in earlier rises, about ten minutes back, and
// came to nothing else: where some were let in all the time, chance makes a rise.
func (o *outage) mixing(now int64) float64 {
	return o.mixed * math.Exp(-float64(max(0, now-o.mixedAt))/float64(outageMixes))
}

// renewed counts a client that was refused and has a new token or session since: it
// was its own that had ended, unless it is refused once more.
func (o *outage) renewed(t *Tracker, a *detectors.Attempt, cl class) {
	if o.heat == 0 || !a.Client.IsValid() {
		return
	}
	if s := t.sources.get(sourceKey(a.Client)); s != nil && s.outageRun[cl] == o.run && s.backRun[cl] != o.run && s.backRun[cl] != ^o.run {
		s.backRun[cl] = o.run
		o.back++
	}
}

// begin opens the outage and forgives the visits that it made.
func (o *outage) begin(t *Tracker, cl class) {
	o.open = true
	c := t.newCampaign(viewOutage, cl, o.start, o.last)
	o.passed = 0
	o.camp = c
	counted := map[uint64]bool{}
	for v := range t.visits.latest {
		if v.first < o.start-minute-t.visits.late {
			break
		}
		if v.class != cl && cl != login || v.first < o.start-minute || v.state == resolved || v.camp != 0 {
			continue
		}
		if v.fails <= forgiven {
			t.resolve(v)
		}
		v.outage = true // who can't log in has no token, either
		if !v.stranger && v.class == cl {
			c.fails += int(v.fails)
			c.addrs.add(v.addr(), t.hashOf)
			counted[v.srcKey] = true
		}
	}
	for i := range t.sources.n { // those whose refusals were no evidence of guessing
		if s := t.sources.at(int32(i)); s.outageRun[cl] == o.run && !counted[s.key] {
			c.fails++
			c.addrs.add(addressOf(s.key), t.hashOf)
		}
	}
	c.cause = o.cause()
	c.key = c.name()
	if t.cfg.Phases {
		t.tell(c, "opened")
	}
}

// serverSide says that no client could have done better.
func serverSide(c rules.Cause) bool {
	switch c {
	case rules.IDPUnreachable, rules.ServerMisconfiguration, rules.UnknownKey, rules.InvalidSignature, rules.AuthorizerFailure:
		return true
	}
	return false
}

// Judged takes the cause of a refusal that was handed on before, if other requests show
// it to be another than its line said: a key that was changed, a restart, an identity
// provider that is down.
func (t *Tracker) Judged(a *detectors.Attempt, cause rules.Cause) {
	cl, _ := evidence(a)
	if o := &t.outages[cl]; (o.open || o.heat > 0) && a.Time >= o.start {
		o.judged[cause]++
	}
}

func (o *outage) cause() string {
	best, said := most(&o.causes)
	if cause, n := most(&o.judged); 2*n >= said && n > 0 {
		best = cause
	}
	return best.String()
}

// most returns the cause of which counts has most, and how many.
func most(counts *[rules.NumCauses]int32) (best rules.Cause, n int32) {
	best = rules.Unknown
	for i, k := range counts {
		if c := rules.Cause(i); c != rules.Unknown && c != rules.None && k > n {
			best, n = c, k
		}
	}
	return best, n
}

func (o *outage) finish(t *Tracker) {
	o.open, o.heat, o.eased = false, 0, 0
	if o.camp != nil {
		o.camp.cause = o.cause()
		t.close(o.camp)
		o.camp = nil
	}
}

// pass ends an outage of which nothing more is heard.
func (o *outage) pass(t *Tracker) {
	if o.open && (t.passed(o.last, outageIdle+1) || o.eased != 0 && t.now-o.eased > outageEases) {
		o.finish(t)
	}
}

// reigns says that clients which used to get in are being refused.
func (o *outage) reigns() bool { return o.open && o.eased == 0 }

func (o *outage) flush(*Tracker) {
	if o.camp != nil {
		o.camp.cause = o.cause()
	}
}

// judgeBroken sees a client that repeats one refused request: it used to get in,
// or keeps a machine's even pace.
func (t *Tracker) judgeBroken(v *visit, src *source) {
	span := v.last - v.first
	if v.outage || v.camp != 0 || v.fails < 20 || t.outages[v.class].open {
		return
	}
	if !(v.fails >= 300 || span >= 30*minute || v.fails >= 60 && span >= 10*minute || v.fails >= 100 && v.gap() <= tokenGap) {
		return
	}
	c := t.newCampaign(viewBroken, v.class, v.first, v.last)
	t.claim(c, v)
	c.own = v.own || src.okAt[v.class] != 0
	c.key = c.name()
	if t.cfg.Phases {
		t.tell(c, "opened")
	}
}
