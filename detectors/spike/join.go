package spike

import (
	"net/netip"
	"slices"
)

// joins finds the open campaign that an alarm belongs to: the one that holds half
// of its visits, else one that looks alike and started about when it did.
func (t *Tracker) joins(by view, g *group, fresh, all []*visit, inside map[int32]int, start int64) *campaign {
	var left *campaign // that the visits stand out of
	for _, c := range t.camps {
		if n := inside[c.id]; n > 0 && 2*n >= len(all) && c.view < viewBroken {
			if t.stands(c, by, g, all) {
				for _, v := range all {
					if v.camp == c.id {
						c.release(v)
					}
				}
				fresh, left = all, c
				for _, v := range all {
					start = min(start, v.first)
				}
				break
			}
			return c
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	like := shapeOf(fresh)
	for _, c := range t.camps {
		if c != left && c.class == fresh[0].class && c.view < viewBroken && start > c.start && start-c.end < idleFor && c.movesTo(fresh) && c.alike(&like) {
			return c
		}
	}
	// a crowded network is an attacker of its own, unless its names are those of a campaign
	alone := g != nil && g.look == 0 && t.dense(nil, g, all)
	for _, c := range t.camps {
		if c == left || c.view >= viewBroken || c.class != fresh[0].class {
			continue
		}
		near := start-c.start < joinWithin && c.start-start < joinWithin
		going := by != viewSite && (c.view == viewSite && t.watches(c) != nil || c.sources.len() >= 20 && len(c.nets) == 0 && start > c.start && t.now-c.end < joinWithin/2)
		again := by == viewSite && c.view == viewSite && start > c.start && start-c.end < joinWithin // the sum fell meanwhile
		if (near || going || again) && (!alone || c.aimsAt(fresh)) && c.alike(&like) || left == nil && c.sameNames(fresh) {
			return c
		}
		if near && by == viewVisit && c.view == viewVisit && c.addrs.len() == 0 && !fresh[0].addr().IsValid() {
			return c // in a log without addresses nothing else tells one from another
		}
	}
	if left != nil {
		return nil
	}
	return t.wake(fresh)
}

// stands says that an alarm stands out of the campaign that it lies in: an address
// far busier than the others, a network far denser. It is another attacker's.
func (t *Tracker) stands(c *campaign, by view, g *group, vs []*visit) bool {
	if by == viewVisit && vs[0].user != 0 {
		return c.visits >= 10 && int(vs[0].fails)*c.visits >= 6*c.fails
	}
	if by == viewGroup && g.look == 0 {
		return !slices.Contains(c.nets, g.net) && t.dense(c, g, vs)
	}
	if by != viewSource && by != viewVisit {
		return false
	}
	if s := t.sources.get(vs[0].srcKey); s != nil && s.shared() {
		return false // several of the attackers' machines may be behind it
	}
	fails := 0
	for _, v := range vs {
		fails += int(v.fails)
	}
	return c.sources.len() >= 10 && fails >= 12 && fails*c.sources.len() >= 6*c.fails
}

// dense says that a network holds many members, most of which could be anywhere else.
func (t *Tracker) dense(c *campaign, g *group, vs []*visit) bool {
	n := countSources(vs)
	if n < 15 {
		return false
	}
	if c == nil {
		return true
	}
	nets := map[uint64]map[uint64]bool{}
	second := 1
	for v := range t.visits.latest {
		if v.first < c.start-t.visits.late {
			break
		}
		t.credit--
		if v.camp != c.id || g.net.Contains(v.addr()) || !v.addr().IsValid() {
			continue
		}
		key := networkKey(v.addr())
		if nets[key] == nil {
			nets[key] = map[uint64]bool{}
		}
		nets[key][v.srcKey] = true
		second = max(second, len(nets[key]))
	}
	return n >= 4*second && 2*n < c.sources.len()
}

// A shape is what the visits of one attacker have in common.
type shape struct {
	visits, fails, unknown, sources int
	looks                           looks // those that all have, 0 where they differ
	same                            [numLooks]bool
	user                            uint64 // where all have the same
	oneUser                         bool
	net                             uint64 // of the first
	oneNet                          bool
}

func shapeOf(vs []*visit) shape {
	first := vs[0]
	s := shape{visits: len(vs), sources: countSources(vs), looks: first.looks, user: first.user, oneUser: first.user != 0}
	for i := range s.same {
		s.same[i] = true
	}
	if s.oneNet = first.addr().IsValid(); s.oneNet {
		s.net = networkKey(first.addr())
	}
	for _, v := range vs {
		s.fails += int(v.fails)
		if v.unknown {
			s.unknown++
		}
		for i := range s.same {
			s.same[i] = s.same[i] && v.looks[i] == s.looks[i]
		}
		s.oneUser = s.oneUser && v.user == s.user
		if s.oneNet && v.addr() != first.addr() {
			key := networkKey(v.addr())
			s.oneNet = v.addr().IsValid() && key == s.net
		}
	}
	return s
}

// aimsAt says that vs tried no names but the campaign's.
func (c *campaign) aimsAt(vs []*visit) bool {
	return !slices.ContainsFunc(vs, func(v *visit) bool { return v.user == 0 || !c.users.has(v.user) })
}

// beside says that one of the campaign's networks has the same parent as n.
func (c *campaign) beside(n netip.Prefix) bool {
	return slices.ContainsFunc(c.nets, parentOf(n).Overlaps)
}

// movesTo says that most of vs come from networks beside the campaign's.
func (c *campaign) movesTo(vs []*visit) bool {
	if len(c.nets) == 0 {
		return false
	}
	inside := 0
	for _, v := range vs {
		if v.addr().IsValid() && c.beside(netip.PrefixFrom(v.addr(), v.addr().BitLen())) {
			inside++
		}
	}
	return 5*inside >= 4*len(vs)
}

// alike says that visits look like the campaign's: from its network, or as many tries
// from an address, by the same looks if there is one of a kind, at as many names that don't exist.
func (c *campaign) alike(s *shape) bool {
	if s.oneNet && slices.ContainsFunc(c.nets, func(n netip.Prefix) bool { return networkKey(n.Addr()) == s.net }) {
		return true
	}
	if one := c.users.len() == 1; one != s.oneUser || one && !c.users.has(s.user) {
		return false // one name under attack, or many
	}
	for i := range s.same {
		if main := c.main(i); s.same[i] && main != 0 && s.looks[i] != main {
			return false
		}
	}
	a := float64(c.fails) / float64(max(1, c.sources.len()))
	b := float64(s.fails) / float64(s.sources)
	if a > 5*b || b > 5*a {
		return false
	}
	d := float64(c.unknown)/float64(max(1, c.visits)) - float64(s.unknown)/float64(s.visits)
	return d < 0.4 && d > -0.4
}
