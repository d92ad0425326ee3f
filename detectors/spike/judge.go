package spike

import (
	"slices"

	"why401/detectors"
	"why401/rules"
)

// How fast each view forgets, per hour.
const (
	forgetSource  = 0.5
	forgetNetwork = 2
	forgetLook    = 15
	forgetAccount = 2
)

// What raises an alarm. Thresholds are evidence as in weigh...; tries where they say so.
const (
	sourceHeat  = 6
	networkHeat = 8
	lookHeat    = 14
	accountHeat = 6

	burstTries  = 6   // from one address where nobody got in,
	burstHeat   = 5   // when this much of them isn't forgotten,
	forgetBurst = 360 // an hour: faster than a hand types

	fewTries  = 5   // from one address where nobody got in, and none followed in holdFor,
	fewGap    = 150 // seconds between them, on average
	fewNames  = 4   // of which none looks like another
	namesGap  = 10  // seconds between them
	fewAsked  = 6   // refused requests without a name, from one address that was let through nowhere,
	askedGap  = 10  // seconds between them
	fewPeople = 50  // who got in, at most: one in thousands gives up after so many tries

	clockTries = 8   // at a clock's pace
	fewOfClock = 4   // when many do so
	manyTries  = 30  // by one identity from one address, at any pace
	someTries  = 13  // when nothing came of it in holdFor; people give up by then
	fastTries  = 10  // at a pace that no hand types
	fastGap    = 2.5 // seconds
	crowdGap   = 60  // seconds between the tries of an office's people at their worst
	tokenTries = 40
	tokenGap   = 6   // seconds
	slowTokens = 200 // at any pace that isn't a machine's even one
)

// judge looks at every view that the latest failure of v touched.
func (t *Tracker) judge(v *visit, src *source) {
	if src.camp != 0 && t.campaign(src.camp) == nil {
		src.camp, src.heat.value = 0, 0 // that was told; what comes now is new
	}
	t.judgeVisit(v, src)
	if v.class == login && !v.outage && t.now != 0 { // at 0 there are no times
		if src.burst.add(t.now, 1, forgetBurst) {
			src.bursts = 0
		}
		if src.bursts++; src.bursts >= burstTries && src.burst.value >= burstHeat && src.known == 0 && src.camp == 0 && v.camp == 0 {
			src.burst.value = 0
			t.raiseTries(src, t.unresolved(src, t.now))
		}
	}
	t.judgeViews(v, src)
}

// judgeViews looks at what v's evidence adds to.
func (t *Tracker) judgeViews(v *visit, src *source) {
	if src.heat.value >= sourceHeat && src.names >= 4 {
		if c := t.campaign(src.camp); c == nil {
			t.judgeSource(src)
		} else if v.fails == 1 && c.sources.len() >= 10 && c.sources.n[src.key]%16 == 15 {
			t.raiseSource(src) // it may stand out of the campaign by now
		}
	}
	if v.class != login {
		return
	}
	if v.netCounted {
		key := networkKey(v.addr())
		if g := t.groups.get(key); g != nil && g.camp == 0 && g.heat.value >= networkHeat && g.sources >= 4 {
			t.judgeGroup(g)
		}
	}
	if u := t.accounts.get(v.user); u != nil && u.camp == 0 && u.heat.value >= accountHeat {
		t.judgeAccount(u)
	}
}

// judgeVisit sees one identity tried over and over from one address.
func (t *Tracker) judgeVisit(v *visit, src *source) {
	if v.outage || v.state == resolved || v.searches(src) || v.camp != 0 && v.fails%16 != 15 {
		return
	}
	if v.fails < fastTries {
		t.judgeFew(v, src)
		return
	}
	if c := t.campaign(v.camp); v.camp != 0 && (c == nil || c.sources.len() < 10 || !t.stands(c, viewVisit, nil, []*visit{v})) {
		return
	}
	gap, span := v.gap(), v.last-v.first
	tries := float64(v.fails) / min(3, t.site[v.class].trouble())
	switch {
	case v.own:
		if v.user == 0 && v.class == login && v.fails >= 2*manyTries && gap < 60 && !v.steady(10) {
			t.raise(viewVisit, []*visit{v}, src, nil, nil) // a client that got in once, by guessing
		} else if v.class == token || gap > 1 {
			t.judgeBroken(v, src)
		} else if v.fails >= 2*manyTries {
			t.raise(viewVisit, []*visit{v}, src, nil, nil)
		}
	case v.class == token:
		if v.asked && !t.visitors.busy() && 2*gap <= askedGap {
			t.judgeFew(v, src)
		} else if (v.timed(10) || v.steady(10) && gap > tokenGap) && !v.differ() && gap > 1 && !v.paths {
			if v.said || gap <= tokenGap { // else it may be a probe, which offers nothing
				t.judgeBroken(v, src)
			}
		} else if v.fails >= tokenTries && (gap <= tokenGap || v.differ() && gap <= crowdGap) {
			t.raise(viewVisit, []*visit{v}, src, nil, nil)
		} else if v.fails >= slowTokens && v.last-v.first >= slowTokens*tokenGap*second && !v.steady(10) && v.stranger && src.known == 0 && src.okAt == [numClasses]int64{} {
			t.raise(viewVisit, []*visit{v}, src, nil, nil) // for hours, and never accepted
		}
	case v.unknown && !v.addr().IsValid() && gap > fewGap:
		// a name that anybody's scanner tries now and then
	case t.device(v, clockTries):
		t.judgeBroken(v, src)
	case v.user == 0 && gap > crowdGap && src.shared() && (v.looks[byAgent] == 0 || t.usualLook(v.looks[byAgent])):
		// as many as have this agent
	case tries >= manyTries, gap <= fastGap && v.first != 0, tries >= someTries && (v.aged || span >= holdFor) && (v.stranger || v.user != 0 || t.rareLook(v.looks[byAgent])):
		t.raise(viewVisit, []*visit{v}, src, nil, nil)
	default:
		t.judgeFew(v, src)
	}
}

// judgeFew sees the handful of tries that an address made and gave up, where so few
// people get in that an attacker is likelier than one of them who gives up.
func (t *Tracker) judgeFew(v *visit, src *source) {
	if !v.aged || v.first == 0 || v.own || v.camp != 0 || t.device(v, clockTries) || src.camp != 0 || src.known != 0 || t.people.add(t.now, 0) >= fewPeople {
		return
	}
	if v.class == token {
		if v.asked {
			t.judgeAsked(v, src)
		}
		return
	}
	vs := t.unresolved(src, v.first)
	tries, names, first, last := 0, 0, v.first, v.last
	for _, w := range vs {
		first, last = min(first, w.first), max(last, w.last)
		tries += int(w.fails)
		if w.user != 0 && !w.retyped {
			names++
		}
	}
	span, trouble := last-first, min(3, t.site[v.class].trouble())
	if float64(tries) >= fewTries*trouble && span <= int64(tries-1)*fewGap*second || float64(names) >= fewNames*trouble && span <= int64(names-1)*namesGap*second {
		t.raiseTries(src, vs)
	}
}

// asked says that a is a request without a name, of which no more is said than that
// it was refused, by one that was let through nowhere, and that such ones are few.
func (t *Tracker) asked(a *detectors.Attempt) bool {
	return a.Status == 401 && a.Path != 0 && a.Method != detectors.MethodOther && (a.Fail.Tier == rules.TierStatus || a.Fail.Cause == rules.Unknown) &&
		!t.visitors.busy() && a.Client.IsValid() && !t.visitors.has(sourceKey(a.Client))
}

// judgeAsked sees one request made over and over by an address that was let through
// nowhere, faster than a machine that asks how things are, or not as evenly.
func (t *Tracker) judgeAsked(v *visit, src *source) {
	if gap := v.gap(); v.fails >= fewAsked && !v.paths && gap <= askedGap && (2*gap <= askedGap || !v.steady(fewAsked)) && !t.visitors.busy() && !t.visitors.has(src.key) {
		t.raise(viewVisit, []*visit{v}, src, nil, nil)
	}
}

// device says that v is a device's with an old password, though it may have got in
// before the log begins: by its pace, and one name, no form or the app that others have.
func (t *Tracker) device(v *visit, least uint32) bool {
	return v.evenly(least) && (v.user != 0 || !v.form || t.usualLook(v.looks[byAgent]))
}

// judgeSource sees one address try many identities.
func (t *Tracker) judgeSource(s *source) {
	unknown := float64(s.unknown) >= 0.4*float64(s.names)
	strong := s.known == 0 && (s.names >= 12 || s.names >= 8 && unknown) || s.names >= 25 && unknown
	if strong || t.now-s.heat.from >= holdFor {
		t.raiseSource(s)
	} else if !s.held && len(t.held) < 4096 {
		s.held = true
		t.held = append(t.held, s.key)
	}
}

func (t *Tracker) judgeGroup(g *group) {
	strong := g.sources >= 8 && float64(g.unknown) >= 0.4*float64(g.visits)
	if strong || t.now-g.heat.from >= holdGroup {
		t.raiseGroup(g, false)
	} else if !g.held && len(t.heldGroup) < 4096 {
		g.held = true
		t.heldGroup = append(t.heldGroup, g.key)
	}
}

func (t *Tracker) judgeAccount(u *account) {
	if u.sources >= 10 || t.now-u.heat.from >= holdFor {
		t.raiseAccount(u)
	} else if !u.held && len(t.heldUsers) < 4096 {
		u.held = true
		t.heldUsers = append(t.heldUsers, u.key)
	}
}

// raiseTries raises an alarm over tries of one address.
func (t *Tracker) raiseTries(s *source, vs []*visit) {
	if len(vs) == 1 {
		t.raise(viewVisit, vs, s, nil, nil)
	} else {
		t.raise(viewSource, vs, s, nil, nil)
	}
}

// unresolved returns the visits of one address about that time, the latest of them,
// that may be an attacker's.
func (t *Tracker) unresolved(s *source, about int64) (vs []*visit) {
	v := t.visits.at(s.lastVisit)
	for n := 0; v != nil && n < 64 && about-v.last <= holdFor; v, n = t.visits.at(v.prevSrc), n+1 {
		if v.first-about > holdFor {
			continue
		}
		if v.class == login && v.state != resolved && !v.own && !v.outage {
			vs = append(vs, v)
		}
	}
	return vs
}

// raiseSource raises an alarm over one address with its unresolved visits.
func (t *Tracker) raiseSource(s *source) {
	var vs []*visit
	var old fate
	for seq := s.lastVisit; len(vs) < 4096; {
		v := t.visits.at(seq)
		if v == nil || v.first < s.heat.from-settleAfter {
			break
		}
		old.see(t, v)
		if v.state != resolved && !v.own && !v.outage {
			vs = append(vs, v)
		}
		seq = v.prevSrc
	}
	if len(vs) < 4 || old.ordinary() || t.raise(viewSource, vs, s, nil, nil) == nil {
		s.heat.value = 0
	}
}

// raiseGroup raises an alarm over a network or a look, early only where the crowd is sure.
func (t *Tracker) raiseGroup(g *group, early bool) (raised bool) {
	if t.credit < 0 {
		return false // soon
	}
	var vs []*visit
	var old, others fate
	var all, rest crowd
	for v := range t.visits.latest {
		if v.first < g.heat.from-settleAfter-t.visits.late {
			break // visits stand in order of arrival
		}
		t.credit--
		if v.class != login || v.own || v.outage || v.first < g.heat.from-settleAfter {
			continue
		}
		if g.look != 0 {
			if !v.looks.has(g.look) || !v.stranger || t.device(v, fewOfClock) {
				continue
			}
		} else if !v.addr().IsValid() || !g.net.Contains(v.addr()) {
			others.see(t, v)
			rest.see(t, v)
			continue
		}
		all.see(t, v)
		if old.see(t, v); v.state != resolved {
			vs = append(vs, v)
		}
	}
	if early && (!all.sure(&rest) || fewSources(vs, 8)) {
		return false
	}
	if fewSources(vs, 4) || old.ordinary() || old.like(&others) || all.people(&rest) || t.raise(viewGroup, vs, nil, g, nil) == nil {
		g.heat.value = 0
		return false
	}
	return true
}

// raiseAccount raises an alarm over one name.
func (t *Tracker) raiseAccount(u *account) {
	var vs []*visit
	tries := uint32(0)
	for seq := u.lastVisit; len(vs) < 16384; {
		v := t.visits.at(seq)
		if v == nil || v.first < u.heat.from-settleAfter {
			break
		}
		if v.state != resolved && !v.own && !v.outage {
			vs = append(vs, v)
			tries += v.fails
		}
		seq = v.prevUser
	}
	unknown := 0
	for _, v := range vs {
		if v.unknown {
			unknown++
		}
	}
	if fewSources(vs, 5) || tries < 8 || u.okSrc[0] == 0 && 2*unknown > len(vs) || t.raise(viewAccount, vs, nil, nil, u) == nil {
		u.heat.value = 0
	}
}

// strangeNames is the share of sources that tried names that don't exist and hardly
// others. A customer who mistypes the name tries the right one too.
func strangeNames(vs []*visit) float64 {
	type pair struct{ all, unknown float64 }
	by := map[uint64]pair{}
	for _, v := range vs {
		p := by[v.srcKey]
		p.all++
		if v.unknown {
			p.unknown++
		}
		by[v.srcKey] = p
	}
	sum := 0
	for _, p := range by {
		if p.unknown == p.all || p.all >= 3 && p.unknown >= 0.4*p.all {
			sum++
		}
	}
	return float64(sum) / float64(max(1, len(by)))
}

func countSources(vs []*visit) int {
	seen := map[uint64]bool{}
	for _, v := range vs {
		seen[v.srcKey] = true
	}
	return len(seen)
}

// fewSources says that vs come from fewer than n sources, which is a small number.
func fewSources(vs []*visit, n int) bool {
	seen := make([]uint64, 0, 8)
	for _, v := range vs {
		if !slices.Contains(seen, v.srcKey) {
			if seen = append(seen, v.srcKey); len(seen) >= n {
				return false
			}
		}
	}
	return true
}
