package spike

import (
	"cmp"
	"slices"
)

// Who sprays waits an hour or a day between two rounds, so that no account is locked. A
// campaign that closed therefore rests: the next alarm over its names is its next round.
const (
	restFor     = 24 * hour
	mostResting = 64
	sameNames   = 5 // of them, that another attacker's list shares few of
)

// rest lets a campaign that closed wait for another round. Without phases it is told,
// as it is now, when none can come any more.
func (t *Tracker) rest(c *campaign) {
	f := t.finding(c, "closed")
	if t.cfg.Phases {
		t.report(f)
	} else {
		c.last = f
	}
	t.resting = append(t.resting, c)
	members := 0
	for i := len(t.resting) - 1; i >= 0; i-- {
		if members += t.resting[i].members(); members > t.mostRoom/4 || len(t.resting)-i > mostResting {
			t.forget(i + 1)
			break
		}
	}
}

// awake lets go the campaigns that have rested too long.
func (t *Tracker) awake() {
	n := 0
	for n < len(t.resting) && t.now-t.resting[n].end > restFor {
		n++
	}
	t.forget(n)
}

// forget lets go the n campaigns that have rested longest.
func (t *Tracker) forget(n int) {
	for _, c := range t.resting[:n] {
		if c.last != nil {
			t.report(c.last)
		}
		t.free(c)
	}
	t.resting = slices.Delete(t.resting, 0, n)
}

// rests says that this campaign rests.
func (t *Tracker) rests(id int32) bool {
	return id != 0 && slices.ContainsFunc(t.resting, func(c *campaign) bool { return c.id == id })
}

// wake opens the resting campaign again of which vs are another round, nil if there is none.
func (t *Tracker) wake(vs []*visit) *campaign {
	for i, c := range slices.Backward(t.resting) {
		if !c.sameNames(vs) {
			continue
		}
		t.resting = slices.Delete(t.resting, i, i+1)
		at, _ := slices.BinarySearchFunc(t.camps, c.id, func(o *campaign, id int32) int { return cmp.Compare(o.id, id) })
		t.camps = slices.Insert(t.camps, at, c)
		c.last, c.told = nil, 0 // that it goes on is news
		return c
	}
	return nil
}

// sameNames says that half of the names of vs that exist were tried by c.
func (c *campaign) sameNames(vs []*visit) bool {
	if vs[0].class != c.class || c.view >= viewBroken || c.users.len() < sameNames {
		return false
	}
	seen := map[uint64]bool{}
	known := 0
	for _, v := range vs {
		if v.user == 0 || v.unknown || seen[v.user] {
			continue
		}
		seen[v.user] = true
		if c.users.has(v.user) {
			known++
		}
	}
	return known >= sameNames && 2*known >= len(seen)
}

// members is how much of the tracker's room c takes.
func (c *campaign) members() int {
	return c.addrs.len() + c.sources.len() + c.users.len() + c.looks[byAgent].len() + c.looks[byPrint].len()
}

// free gives back the room of c's members.
func (t *Tracker) free(c *campaign) { t.room += c.members() }
