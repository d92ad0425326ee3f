package spike

import "why401/detectors"

// entered looks at a login from an address of a campaign, or under a name that is
// attacked, and says whether it was the attacker's.
func (t *Tracker) entered(src *source, acc *account, own bool, a *detectors.Attempt, at int64) bool {
	if acc != nil && !own && t.worn(src, acc, looksOf(a), at) {
		return true
	}
	ids := [3]int32{src.camp, src.member}
	if acc != nil {
		if ids[2] = acc.camp; acc.camp == 0 {
			ids[2] = t.guessedAt(acc, src, at)
		}
	}
	for i, id := range ids {
		c := t.campaign(id)
		if c == nil || c.view >= viewBroken || c.class != login || i > 0 && id == ids[0] {
			continue
		}
		if i < 2 {
			if (id == src.camp || !t.mistyped(src, acc, a.User)) && t.count(c, src, acc, own, looksOf(a), at) {
				return true
			}
		} else if !own && !c.sources.has(src.key) && src.known == 0 && acc.okSrc[0] != 0 {
			t.enter(c, src, acc, intrusion{looks: looksOf(a), at: at, away: true}) // the name under attack, from where nobody has been
			return true
		}
	}
	return false
}

// guessedAt returns the campaign that guessed at this name alone until shortly before,
// from elsewhere: 0 is none.
func (t *Tracker) guessedAt(acc *account, src *source, at int64) int32 {
	if t.now-acc.tried > joinWithin+lateness {
		return 0
	}
	v := t.visits.at(acc.lastVisit)
	if v == nil || v.srcKey == src.key || v.own || v.fails < someTries || at-v.last > joinWithin {
		return 0
	}
	if c := t.campaign(v.camp); c == nil || c.users.len() != 1 {
		return 0
	}
	return v.camp
}

// count keeps a login from an address of c, and says whether it is taken for the
// attacker's as long as c goes on. Which ones a finding names is decided by stolen.
func (t *Tracker) count(c *campaign, src *source, acc *account, own bool, ls looks, at int64) bool {
	switch {
	case own:
		return false
	case acc == nil:
		if src.shared() || !c.looks[byAgent].has(ls[byAgent]) {
			return false
		}
		if c.crowd(1) {
			src.crowd = true
			return false
		}
		if c.oks++; !src.gotIn(ls[byAgent]) {
			src.taken++
		}
		return true
	case (c.view == viewSite || c.wide() && src.camp != c.id) && !t.lately(c, src, at):
		return false
	case c.view == viewAccount && acc.camp != c.id:
		return false // the campaign is after one name
	}
	shared := src.shared()
	t.enter(c, src, acc, intrusion{looks: ls, at: at})
	if !shared && src.taken > 1 && (c.wide() || src.taken > sharedByMany) && hitRate*int(src.taken) > int(c.sources.n[src.key]) {
		src.crowd, src.taken = true, 0 // no list hits so often
	}
	return !src.shared()
}

// crowd says that with so many more logins c, of a log without names, is made of
// people who get in, for no list hits so often.
func (c *campaign) crowd(more int) bool {
	return c.users.len() == 0 && c.oks+more > sharedByMany && sharedByMany*(c.oks+more) > c.fails
}

// wide says that c comes from many addresses, some of which customers share.
func (c *campaign) wide() bool { return c.sources.len() >= 10 && len(c.nets) == 0 }

const returns = 5 * minute // a thief who tries a list tries each name that fits once

// returned takes back a login that was counted as the attacker's when the same name
// comes back to the same address later: it lives there.
func (t *Tracker) returned(src *source, acc *account, at int64) {
	for _, id := range [2]int32{src.member, acc.camp} {
		c := t.campaign(id)
		if c == nil || !(c.wide() && src.camp != c.id || src.shared()) {
			continue
		}
		if e, ok := c.entered[acc.key]; ok && !e.worn && e.src == src.key && at-e.at > returns {
			delete(c.entered, acc.key)
			src.taken -= min(src.taken, 1)
		}
	}
}

// enter keeps a login that may be an attacker's. Of a name's logins the one from an
// address that nobody else uses says most.
func (t *Tracker) enter(c *campaign, src *source, acc *account, e intrusion) {
	if c.entered == nil {
		c.entered = map[uint64]intrusion{}
	}
	shared := src.shared()
	if was, ok := c.entered[acc.key]; ok && (was.worn || !e.worn) {
		if s := t.sources.get(was.src); shared || s != nil && !s.shared() {
			return
		}
	}
	if n := len(c.entered); n >= mostEntered || shared && n >= mostEntered/2 {
		return
	}
	e.name, e.src = acc.name, src.key
	c.entered[acc.key] = e
	if !shared {
		src.taken++
	}
}

// enteredBefore adds the logins that a new member made since the campaign began.
func (t *Tracker) enteredBefore(c *campaign, s *source, v *visit) {
	if c.class != login {
		return
	}
	e := t.logins.at(s.lastOK)
	for k := 0; e != nil && k < 1024 && e.at >= c.start-minute; k++ {
		if acc := t.accounts.get(e.user); e.user == 0 && e.looks[byAgent] == v.looks[byAgent] || acc != nil {
			t.count(c, s, acc, e.own, e.looks, e.at)
		}
		e = t.logins.at(e.prev)
	}
}

const retypes = 5 * minute // who sees that the name was wrong; numbered names look alike at any time

// mistyped says that this name failed from src shortly before: a customer who got it
// right at last, for attackers with many addresses seldom try a name twice from one.
func (t *Tracker) mistyped(src *source, acc *account, name string) bool {
	if acc == nil {
		return false
	}
	h := t.halves(name)
	for w, n := t.visits.at(src.lastVisit), 0; w != nil && n < 4 && t.now-w.last < retypes; n++ {
		if w.resembles(h) && w.fails <= forgiven {
			return true
		}
		w = t.visits.at(w.prevSrc)
	}
	v := t.visits.at(acc.lastVisit)
	for n := 0; v != nil && n < 8 && t.now-v.last < hour; n++ {
		if v.srcKey == src.key && v.state != resolved && v.fails <= forgiven {
			return true
		}
		v = t.visits.at(v.prevUser)
	}
	return false
}

// lately says that c was trying from src when at was: within the time in which three
// tries from one of its addresses are due.
func (t *Tracker) lately(c *campaign, src *source, at int64) bool {
	within := max(minute, 3*(c.end-c.start)*int64(c.sources.len())/int64(max(1, c.visits)))
	v := t.visits.at(src.lastVisit)
	for n := 0; v != nil && n < 16; n++ {
		if v.camp == c.id && at-v.last < within && v.first-at < within {
			return true
		}
		v = t.visits.at(v.prevSrc)
	}
	return false
}
