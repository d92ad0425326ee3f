package spike

import "slices"

// A door is a site of one route: what is much for an administrators' login is lost
// among what customers mistype at theirs.
const (
	maxDoors  = 32
	mainShare = 0.5 // of a site's failing strangers
)

// door returns the sums of a route, or nil.
func (t *Tracker) door(c class, path uint64) *site {
	if path == 0 {
		return nil
	}
	for i, p := range t.doorPaths[:len(t.doors)] {
		if p == path && t.doors[i].class == c {
			return t.doors[i]
		}
	}
	return nil
}

// openDoor returns the sums of a route, new ones where there are none: they begin with
// what is usual at the site. At the limit the door at which least happened is forgotten.
func (t *Tracker) openDoor(c class, path uint64) *site {
	s := t.door(c, path)
	if s != nil || path == 0 {
		return s
	}
	if len(t.doors) < maxDoors {
		s = &site{}
		t.doors = append(t.doors, s)
	} else {
		for _, o := range t.doors {
			if !o.stirs() && (s == nil || o.busy() < s.busy()) {
				s = o
			}
		}
		if s == nil {
			return nil
		}
	}
	*s = site{path: path, at: t.now}
	t.doorPaths[slices.Index(t.doors, s)] = path
	s.init(c)
	all := &t.site[c]
	s.fails = max(s.fails, guessedLogins*min(0.3, all.fails/all.oks))
	return s
}

// busy is about how much happened at a door in six hours.
func (s *site) busy() float64 { return s.oks + s.base + float64(s.logins+s.fresh) }

// stirs says that a door has to be looked at often.
func (s *site) stirs() bool { return s.heat > 0 || s.held || s.camp != 0 }

// main says that a door's strangers were most of the site's before they became more:
// the site itself sees them.
func (s *site) main(t *Tracker) bool {
	usual, _ := t.site[s.class].expected()
	return s.before > mainShare*usual
}

// doorOfMost returns the door, not the main one, that most of vs were refused at and that has an alarm, too.
func (t *Tracker) doorOfMost(vs []*visit) *site {
	for _, s := range t.doors {
		n := 0
		for _, v := range vs {
			if v.path == s.path && v.class == s.class {
				n++
			}
		}
		if s.held && 2*n > len(vs) && n >= siteMembers && !s.main(t) {
			return s
		}
	}
	return nil
}

// watches returns the site or door whose alarm c is, or nil.
func (t *Tracker) watches(c *campaign) *site {
	if s := &t.site[c.class]; s.camp == c.id {
		return s
	}
	for _, s := range t.doors {
		if s.camp == c.id {
			return s
		}
	}
	return nil
}
