package spike

import (
	"net/netip"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// evidence says what was offered, and whether its refusal speaks of guessing.
func evidence(a *detectors.Attempt) (cl class, weighs bool) {
	cl = token
	if isForm(a) {
		cl = login
	}
	switch a.Fail.Cause {
	case rules.APIKeyInvalid, rules.MalformedToken, rules.InvalidToken, rules.InvalidSignature, rules.UnknownKey, rules.SignatureMismatch:
		if said(a) && a.Kind != detectors.Login {
			return token, true // posted to an API, no form
		}
		return cl, true
	case rules.BadCredentials, rules.UnknownUser, rules.AccountLockedOrDisabled, rules.MFAFailure, rules.KerberosNTLMFailure:
		if a.User != "" || a.Path == 0 || a.Fail.Tier != rules.TierStatus { // of mail, ftp and the like no more is said
			cl = login
		}
		return cl, true
	case rules.Unknown, rules.DigestReplay, rules.RateLimitedOrBlocked, rules.MalformedHeader, rules.WrongScheme:
		return cl, true
	case rules.MissingCredentials:
		// a form that was posted did offer something; and from the status alone it is a guess
		return cl, cl == login || a.Fail.Tier == rules.TierStatus && a.Sent != parsers.SentAbsent
	}
	return cl, false
}

// isForm says that a name and a password were offered, as far as the log tells: a
// form may be posted to any route.
func isForm(a *detectors.Attempt) bool {
	return a.Kind == detectors.Login || a.Kind == detectors.Request && a.Method == detectors.MethodPost
}

// said says that the log itself tells what was offered, or that something was: from a
// bare status it can't be told whether it was anything.
func said(a *detectors.Attempt) bool {
	return a.Fail.Tier != rules.TierStatus || a.Sent == parsers.SentPresent
}

// refusedForm is the failure of a login form that was refused in no words.
var refusedForm = detectors.Failure{Verdict: rules.Verdict{Cause: rules.Unknown, Tier: rules.TierStatus}}

// formRefused says that a login form wasn't let through, though its status alone is no
// failure: 403 or 422 may mean anything elsewhere.
func formRefused(a *detectors.Attempt) bool {
	if a.Kind != detectors.Login || a.Method != detectors.MethodPost || a.Success {
		return false
	}
	switch a.Status {
	case 200, 400, 403, 422, 429:
		return true
	}
	return false
}

// failure takes a refusal that speaks of guessing.
func (t *Tracker) failure(a *detectors.Attempt, cl class, at int64) {
	user, who := t.who(a)
	src := t.client(a, user)
	if src == nil {
		return
	}
	src.last = t.now
	src.fails++
	src.tried = t.now
	acc := t.account(user)
	if acc != nil {
		acc.tried = t.now
	}
	key := t.visitKey(a, who, cl)
	v := t.visits.get(key)
	if v != nil && (at-v.last > visitEnds || t.campaign(v.camp) == nil && t.rests(v.camp)) {
		t.visits.close(v)
		v = nil
	}
	if v == nil {
		v = t.open(a, key, cl, at, src, acc, who)
	} else {
		if at > v.last {
			g := float64(at-v.last) / float64(second)
			v.gaps2 += g * g
			v.last = at
		}
		n := times(a)
		if lockedOut(a, src) {
			n = 0
		}
		v.fails += n
		v.said = v.said || said(a)
		v.goes(a.Path)
		if c := t.campaign(v.camp); c != nil {
			c.more(v, n)
			t.grow(c)
		}
	}
	v.offers(a.Fail)
	t.judge(v, src)
}

// lockedOut says that the account is locked for somebody at a place where many get in:
// the right password is refused, too, and who locked it is elsewhere, as a rule.
func lockedOut(a *detectors.Attempt, src *source) bool {
	return a.Fail.Cause == rules.AccountLockedOrDisabled && src.shared() && src.camp == 0
}

// times is how often an attempt was made.
func times(a *detectors.Attempt) uint32 { return max(1, uint32(a.Times)) }

// open starts a visit and gives its first evidence.
func (t *Tracker) open(a *detectors.Attempt, key uint64, cl class, at int64, src *source, acc *account, who uint64) *visit {
	t.makeRoom()
	v, seq := t.visits.add(key, t.now)
	v.srcKey, v.looks, v.path, v.class = src.key, looksOf(a), a.Path, cl
	t.words.add(v.looks, a.Fail)
	v.from(a.Client)
	v.last, v.fails = at, times(a)
	t.visits.begin(v, at)
	v.asked = cl == token && t.asked(a)
	v.said, v.form = said(a), a.Kind == detectors.Login
	v.stranger = src.known == 0 && src.okAt[login] == 0 && (cl == login || src.okAt[token] == 0)
	v.unknown = a.Fail.Cause == rules.UnknownUser
	v.outage = t.outages[cl].reigns() || t.outages[login].reigns()
	t.credit = min(t.credit+creditPerVisit, 4*t.visits.limit)
	if acc != nil {
		v.halves = t.halves(a.User)
		alike := 0
		for w, n := t.visits.at(src.lastVisit), 0; w != nil && n < 8 && at-w.last < holdFor; n++ {
			if w.resembles(v.halves) {
				alike++
			}
			w = t.visits.at(w.prevSrc)
		}
		v.retyped = alike > 0 && alike < 3 // nobody mistypes a name over and over, each time in another way
		v.user = acc.key
		v.own = acc.gotInFrom(src.key) || src.gotIn(acc.key)
		before := t.visits.at(acc.lastVisit)
		v.prevUser, acc.lastVisit = acc.lastVisit, seq
		acc.open++
		if v.unknown {
			acc.refusals++
		} else {
			acc.exists = true
		}
		if acc.exists && !v.own && cl == login && !v.outage && (before == nil || before.srcKey != src.key) {
			if acc.heat.add(t.now, 1, forgetAccount) {
				acc.sources = 0
			}
			acc.sources++
		}
	} else if cl == login {
		v.own = src.gotIn(who)
	} else {
		v.own = src.okAt[token] != 0
	}
	if !a.Client.IsValid() { // each name is its own source, whoever uses it
		v.own, v.stranger = false, true
	}
	v.prevSrc, src.lastVisit = src.lastVisit, seq
	src.open++
	t.calm.forget(src.key)
	if acc != nil {
		for _, s := range acc.okSrc {
			t.calm.forget(s)
		}
	}
	src.names++
	if v.unknown {
		src.unknown++
	}
	t.post(v, src, weighPending)
	t.claimAtOnce(v, src, acc)
	return v
}

// weight is what share of the evidence a visit is good for.
func (t *Tracker) weight(v *visit) float32 {
	switch {
	case v.outage:
		return 0
	case v.own:
		return 0.1
	case v.retyped:
		return 0.3
	case v.user != 0 && v.unknown:
		if u := t.accounts.get(v.user); u != nil && !u.exists && u.refusals > usualRefusals {
			return 0.25 // admin, root, test: the background of the internet
		}
	case v.class == token && v.fails < 3:
		return 0.4
	}
	return 1
}

// post gives a visit's evidence, as it stands now, to every view it belongs to.
func (t *Tracker) post(v *visit, src *source, weigh float32) {
	w := weigh * t.weight(v) / float32(t.site[v.class].trouble())
	d := w - v.posted
	v.posted = w
	if src != nil && src.heat.add(t.now, d, forgetSource) {
		src.names, src.unknown, src.netPosts = 1, 0, 0
		if v.unknown {
			src.unknown = 1
		}
	}
	if v.class != login || v.own || !v.addr().IsValid() {
		return
	}
	if !v.netCounted && weigh == weighPending && src != nil && src.netPosts < 3 {
		v.netCounted = true
		src.netPosts++
		d = w
	}
	if v.netCounted {
		net, key := network(v.addr())
		g := t.group(key)
		g.net = net
		t.heatGroup(g, v, d, weigh, src != nil && src.netPosts == 1)
	}
	if v.looks != (looks{}) && src != nil && weigh == weighSettled && t.now-src.looksAt > hour {
		src.looksAt = t.now
		for _, look := range v.looks {
			if look != 0 {
				g := t.group(t.lookKey(look))
				g.look = look
				t.heatGroup(g, v, w, weigh, true)
			}
		}
	}
}

func (t *Tracker) group(key uint64) *group {
	g := t.groups.get(key)
	if g == nil {
		g = t.groups.put(key, t.now)
		g.key = key
	}
	g.last = t.now
	return g
}

func (t *Tracker) heatGroup(g *group, v *visit, d, weigh float32, newSource bool) {
	if g.add(t.now, d) {
		g.sources, g.visits, g.unknown = 0, 0, 0
	}
	if weigh == weighPending || g.look != 0 {
		g.visits++
		if v.unknown {
			g.unknown++
		}
		if newSource {
			g.sources++
		}
	}
}

// cool takes evidence back from the groups of a visit that was resolved, or of a login.
func (t *Tracker) cool(addr netip.Addr, ls looks, d float32) {
	if addr.IsValid() {
		key := networkKey(addr)
		if g := t.groups.get(key); g != nil {
			g.add(t.now, d)
		}
	}
	for _, look := range ls {
		if look != 0 {
			if g := t.groups.get(t.lookKey(look)); g != nil {
				g.add(t.now, d)
			}
		}
	}
}

// resolve ends a visit whose identity got in: it was no attack.
func (t *Tracker) resolve(v *visit) {
	if v.state == resolved {
		return
	}
	t.visits.close(v)
	v.late = v.state == settled
	v.state = resolved
	if s := t.sources.get(v.srcKey); s != nil {
		s.heat.add(t.now, weighResolved-v.posted, forgetSource)
		if s.names > 0 {
			s.names--
		}
		if v.unknown && s.unknown > 0 {
			s.unknown--
		}
		if s.open > 0 {
			s.open--
		}
	}
	t.cool(v.addr(), v.looks, weighResolved-v.posted)
	if v.user != 0 {
		if u := t.accounts.get(v.user); u != nil {
			u.heat.add(t.now, -1, forgetAccount)
			if u.open > 0 {
				u.open--
			}
		}
	}
	if v.siteTold {
		t.site[v.class].takeBack(t.now)
		if d := t.door(v.class, v.path); d != nil {
			d.takeBack(t.now)
		}
	}
	if c := t.campaign(v.camp); c != nil && c.view != viewVisit {
		c.release(v)
	}
}

// success takes a login, or an ordinary request that the server let through on a
// route that refuses others.
func (t *Tracker) success(a *detectors.Attempt, at int64) {
	cl := token
	if isForm(a) || a.User != "" {
		cl = login
	}
	user, who := t.who(a)
	ordinary := cl == login && !isForm(a) && a.Client.IsValid()
	if ordinary {
		t.outages[token].success(t, a, token)
		if o := &t.outages[login]; o.heat > 0 && t.granted(a, user) {
			o.success(t, a, login)
		}
		t.admit(a)
	}
	if ordinary && t.calm.has(sourceKey(a.Client), who, t.now/minute) {
		return
	}
	src := t.client(a, user)
	if src == nil {
		return
	}
	src.last = t.now
	if isForm(a) || cl == token {
		t.outages[cl].success(t, a, cl)
		t.site[cl].logins++
		d := t.door(cl, a.Path)
		if d == nil && a.Kind == detectors.Login {
			d = t.openDoor(cl, a.Path)
		}
		if d != nil {
			d.logins++
		}
		if cl == login {
			t.outages[token].renewed(t, a, token)
		}
	}
	if cl == token {
		src.okAt[token] = t.now
		if src.open == 0 || t.now-src.tried > visitEnds {
			return
		}
		if v := t.visits.get(t.visitKey(a, a.Agent, token)); v != nil && v.fails <= forgiven*4 {
			t.resolve(v)
		}
		if v := t.handshake(a); v != nil {
			t.resolve(v)
		}
		return
	}
	acc := t.account(user)
	own := src.gotIn(who)
	if acc != nil {
		own = acc.gotInFrom(src.key)
		if acc.name == "" {
			acc.name = cut(a.User)
		}
		acc.exists = true
	}
	if own && acc != nil && src.member != 0 {
		t.returned(src, acc, at)
	}
	if isForm(a) || !own {
		t.logins.add(src, user, looksOf(a), at, own)
	}
	if len(t.camps) == 0 || !t.entered(src, acc, own && !t.attacking(a, who), a, at) {
		if src.open > 0 || acc != nil && acc.open > 0 {
			t.forgive(a, src, acc, who)
		}
		if !own {
			src.heat.add(t.now, weighLogin, forgetSource)
			t.people.add(t.now, 1)
			if t.newcomers++; t.newcomers%coolEvery == 0 {
				t.cool(a.Client, looksOf(a), coolEvery*weighLogin)
			}
		}
	}
	if acc != nil && !own {
		src.firsts++
	} else if src.firsts == 1 && at-src.okAt[login] > returns {
		src.again = true
	}
	src.remember(who)
	src.okAt[login] = t.now
	if acc != nil {
		acc.remember(src.key)
	}
	if ordinary && src.open == 0 && acc.open == 0 {
		t.calm.set(src.key, who, t.now/minute)
	}
}

// attacking says that this identity's visit here is part of a campaign.
func (t *Tracker) attacking(a *detectors.Attempt, who uint64) bool {
	v := t.visits.get(t.visitKey(a, who, login))
	return v != nil && !v.own && v.camp != 0 && v.user == 0
}
