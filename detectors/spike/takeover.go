package spike

import "why401/detectors"

// entered looks at a login from an address of a campaign, or under a name that is
// attacked, and says whether it was the attacker's.
func (t *Tracker) entered(src *source, acc *account, own bool, a *detectors.Attempt, at int64) bool {
	ids := [3]int32{src.camp, src.member}
	if acc != nil {
		ids[2] = acc.camp
	}
	for i, id := range ids {
		c := t.campaign(id)
		if c == nil || c.view >= viewBroken || c.class != login || i > 0 && id == ids[0] {
			continue
		}
		if i < 2 {
			if (id == src.camp || !t.mistyped(src, acc, a.User)) && t.count(c, src, acc, own, a.Agent, at) {
				return true
			}
		} else if !own && !c.sources.has(src.key) && src.known == 0 && acc.okSrc[0] != 0 {
			t.enter(c, src, acc, at) // the name under attack, from where nobody has been
			return true
		}
	}
	return false
}

// count adds a login from an address of c, unless it is a customer's.
func (t *Tracker) count(c *campaign, src *source, acc *account, own bool, agent uint64, at int64) bool {
	switch {
	case own || src.shared():
		return false
	case acc == nil:
		if !c.agents.has(agent) {
			return false
		}
		if c.oks++; !src.gotIn(agent) {
			src.taken++
		}
		return true
	case (c.view == viewSite || c.wide() && src.camp != c.id) && !t.lately(c, src, at):
		return false
	case c.view == viewAccount && acc.camp != c.id:
		return false // the campaign is after one name
	case c.wide() && src.taken > 0 && hitRate*int(src.taken) > int(c.sources.n[src.key]):
		t.crowd(c, src)
		return false
	case (src.camp != c.id || src.taken >= 4) && 4*int(src.taken) > int(c.sources.n[src.key]):
		t.crowd(c, src)
		return false
	}
	t.enter(c, src, acc, at)
	return true
}

// hitRate is how many tries a stolen password takes at least, on average.
const hitRate = 20

const returns = 5 * minute // a thief who tries a list tries each name that fits once

// wide says that c comes from many addresses, some of which customers share.
func (c *campaign) wide() bool { return c.sources.len() >= 10 && len(c.nets) == 0 }

// returned takes back a login that was counted as the attacker's when the same name
// comes back to the same address later: it lives there.
func (t *Tracker) returned(src *source, acc *account, at int64) {
	for _, id := range [2]int32{src.member, acc.camp} {
		c := t.campaign(id)
		if c == nil || !c.wide() || src.camp == c.id {
			continue
		}
		if e, ok := c.entered[acc.key]; ok && e.src == src.key && at-e.at > returns {
			delete(c.entered, acc.key)
			c.oks--
			src.taken--
		}
	}
}

// crowd takes back the logins counted from a source whose hit rate no list has.
func (t *Tracker) crowd(c *campaign, src *source) {
	src.crowd, src.taken = true, 0
	for k, e := range c.entered {
		if e.src == src.key {
			delete(c.entered, k)
			c.oks--
		}
	}
}

func (t *Tracker) enter(c *campaign, src *source, acc *account, at int64) {
	c.oks++
	src.taken++
	if c.entered == nil {
		c.entered = map[uint64]intrusion{}
	}
	if len(c.entered) < mostEntered {
		c.entered[acc.key] = intrusion{acc.name, at, src.key}
	}
}

// enteredBefore adds the logins that a new member made since the campaign began.
func (t *Tracker) enteredBefore(c *campaign, s *source, v *visit) {
	if c.class != login {
		return
	}
	e := t.logins.at(s.lastOK)
	for k := 0; e != nil && k < 1024 && e.at >= c.start-minute; k++ {
		if acc := t.accounts.get(e.user); e.user == 0 && e.agent == v.agent || acc != nil {
			t.count(c, s, acc, e.own, e.agent, e.at)
		}
		e = t.logins.at(e.prev)
	}
}

// mistyped says that this name failed from src shortly before: a customer who got it
// right at last, for attackers with many addresses seldom try a name twice from one.
func (t *Tracker) mistyped(src *source, acc *account, name string) bool {
	if acc == nil {
		return false
	}
	h := t.halves(name)
	for w, n := t.visits.at(src.lastVisit), 0; w != nil && n < 4 && t.now-w.last < hour; n++ {
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

// lately says that a try of the campaign came from src within twenty minutes.
func (t *Tracker) lately(c *campaign, src *source, at int64) bool {
	v := t.visits.at(src.lastVisit)
	for n := 0; v != nil && n < 16; n++ {
		if v.camp == c.id && at-v.last < joinWithin && v.first-at < joinWithin {
			return true
		}
		v = t.visits.at(v.prevSrc)
	}
	return false
}
