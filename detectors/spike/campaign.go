package spike

import (
	"cmp"
	"net/netip"
	"slices"

	"why401/detectors"
)

// view says what raised a campaign.
type view uint8

const (
	viewVisit   view = iota // one identity from one address
	viewSource              // one address
	viewGroup               // a network or a look
	viewAccount             // one name from many addresses
	viewSite                // everybody
	viewBroken              // no attack: a client that repeats itself
	viewOutage              // no attack: everybody is refused
)

// A campaign is a set of visits that belong together, and the logins among them.
type campaign struct {
	id     int32
	view   view
	class  class
	key    string // the finding's id
	opened int64  // event time of the attempt that raised it
	start  int64
	end    int64
	told   int   // failures when it was last reported as opened or grown
	sent   int   // its state when it was last reported
	direct int64 // when an address, a name or a network of its own last brought a visit

	addrs   tally[netip.Addr]
	sources tally[uint64]
	users   tally[uint64]
	looks   [numLooks]tally[uint64]

	visits, unknown int
	fails, oks      int    // oks: where the log has no names
	stolen          int    // accounts that it got into, as far as was told
	look            uint64 // of a cohort: others aren't members
	path            uint64 // of the door whose alarm it is; 0 is everybody's
	worn            uint64 // look that gives it away; see brand
	entered         map[uint64]intrusion
	looked          int // how many of entered were judged while it goes on
	nets            []netip.Prefix
	changed         bool // addresses or networks, since they were last held against each other
	usual           [numLooks]share
	grown           bool
	cause           string
	last            *detectors.SpikeFinding // to be told, while it rests
	own             bool                    // of a client that got in before
}

const (
	joinWithin   = 20 * minute // campaigns that start so close to each other may be one
	idleFor      = 45 * minute
	siteIdleFor  = 90 * minute
	mostMembers  = 40000 // of one campaign: addresses, or names; beyond, counts are lower bounds
	leastMembers = 64    // of one campaign, however many others hold
	mostCamps    = 256   // open at once
	mostEntered  = 1000
	sharedByMany = 4 // names that got in make an address a shared one
)

// An intrusion is an account that an attacker got into.
type intrusion struct {
	name  string
	at    int64
	src   uint64 // key of the source
	looks looks
	away  bool // from an address that isn't the campaign's
	worn  bool // with the look that gives the campaign away
}

func (t *Tracker) campaign(id int32) *campaign {
	if id == 0 {
		return nil
	}
	i, ok := slices.BinarySearchFunc(t.camps, id, func(c *campaign, id int32) int { return cmp.Compare(c.id, id) })
	if !ok {
		return nil
	}
	return t.camps[i]
}

// newCampaign opens a campaign that nothing belongs to yet. Where too many are open
// the smallest is closed.
func (t *Tracker) newCampaign(by view, cl class, start, end int64) *campaign {
	if len(t.camps) >= mostCamps {
		t.close(slices.MinFunc(t.camps, func(a, b *campaign) int {
			if a.view == viewOutage || b.view == viewOutage { // its test goes on
				return cmp.Compare(a.view, b.view)
			}
			return cmp.Or(cmp.Compare(a.fails, b.fails), cmp.Compare(a.id, b.id))
		}))
	}
	t.lastCamp++
	c := &campaign{id: t.lastCamp, view: by, class: cl, opened: t.now, start: start, end: end}
	c.give(&t.room)
	t.camps = append(t.camps, c)
	return c
}

// raise turns an alarm into a campaign, or into a part of one that is open.
func (t *Tracker) raise(by view, vs []*visit, src *source, g *group, u *account) *campaign {
	if len(vs) == 0 {
		return nil
	}
	fresh := vs[:0:0]
	inside := map[int32]int{}
	start, over := t.now, 0
	for _, v := range vs {
		switch {
		case v.camp == 0:
			fresh = append(fresh, v)
			start = min(start, v.first)
		case t.campaign(v.camp) != nil:
			inside[v.camp]++
		default:
			over++ // its campaign was closed
		}
	}
	if 2*over > len(vs) {
		return nil // an echo of what was told already
	}
	c := t.joins(by, g, fresh, vs, inside, start)
	isNew := c == nil
	if isNew && len(fresh) < len(vs) {
		fresh = fresh[:0]
		for _, v := range vs {
			if v.camp == 0 {
				fresh = append(fresh, v)
				start = min(start, v.first)
			}
		}
	}
	if isNew {
		if len(fresh) == 0 {
			return nil
		}
		c = t.newCampaign(by, vs[0].class, start, start)
	} else if by == viewSite && len(c.nets) == 0 {
		c.view = viewSite
	}
	switch {
	case src != nil && by == viewSource:
		src.camp = c.id
	case src != nil && !vs[0].own:
		src.camp = c.id
	}
	if u != nil {
		u.camp = c.id
	}
	for _, v := range fresh {
		t.claim(c, v)
	}
	if g != nil {
		g.heat.value = 0
		if g.look != 0 {
			g.camp = c.id
		} else if n := countSources(vs); n >= 6 && (5*n >= c.sources.len() || c.beside(g.net)) {
			g.camp = c.id // the network itself is at fault, not some of its customers
			c.nets, c.changed = append(c.nets, g.net), true
			if c.view == viewSite && 2*n >= c.sources.len() {
				c.view = viewGroup // no longer everybody's matter
				if st := t.watches(c); st != nil {
					st.camp, st.heat, st.held = 0, 0, false
				}
			}
		}
	}
	if isNew {
		c.key = c.name()
		c.told = c.fails
		if t.cfg.Phases {
			t.tell(c, "opened")
		}
	} else {
		t.grow(c)
	}
	return c
}

// claim makes v a part of c.
func (t *Tracker) claim(c *campaign, v *visit) {
	v.camp = c.id
	c.visits++
	c.fails += int(v.fails)
	if v.unknown {
		c.unknown++
	}
	if v.addr().IsValid() {
		c.addrs.add(v.addr(), t.hashOf)
		c.changed = true
	}
	s := t.sources.get(v.srcKey)
	first := !c.sources.has(v.srcKey)
	c.sources.add(v.srcKey, t.spread)
	if v.user != 0 {
		c.users.add(v.user, t.spread)
	}
	for i := range c.looks {
		c.looks[i].add(v.looks[i], t.spread)
	}
	c.start, c.end = min(c.start, v.first), max(c.end, v.last)
	if s != nil {
		s.member = c.id
		if first {
			t.enteredBefore(c, s, v)
		}
	}
}

// more takes n further failures of a visit of c.
func (c *campaign) more(v *visit, n uint32) {
	c.fails += int(n)
	c.end = max(c.end, v.last)
}

// release takes back a visit that proved ordinary.
func (c *campaign) release(v *visit) {
	v.camp = 0
	c.visits--
	c.fails -= int(v.fails)
	if v.unknown {
		c.unknown--
	}
	c.addrs.remove(v.addr())
	c.changed = true
	c.sources.remove(v.srcKey)
	if v.user != 0 {
		c.users.remove(v.user)
	}
	for i := range c.looks {
		c.looks[i].remove(v.looks[i])
	}
}

// claimAtOnce gives a new visit to the campaign that holds its address, its name or
// its network.
func (t *Tracker) claimAtOnce(v *visit, src *source, acc *account) {
	if v.own || v.outage {
		return
	}
	if c := t.attack(src.camp, v.class); c != nil {
		if !src.shared() || v.state != pending {
			t.claimAndGrow(c, v)
		}
	} else if acc != nil && acc.camp != 0 {
		if c := t.attack(acc.camp, v.class); c != nil {
			t.claimAndGrow(c, v)
		} else {
			acc.camp = 0
		}
	} else if v.class == login && v.addr().IsValid() && !src.shared() {
		key := networkKey(v.addr())
		if g := t.groups.get(key); g != nil && g.camp != 0 {
			if c := t.attack(g.camp, v.class); c != nil {
				t.claimAndGrow(c, v)
			} else {
				g.camp = 0
			}
		}
	}
}

// claimSettled gives a visit that stayed unresolved to a campaign over the whole
// site or of one look.
func (t *Tracker) claimSettled(v *visit, src *source) {
	if v.camp != 0 || v.own || v.outage || t.weight(v) < 0.3 {
		return
	}
	if src != nil { // else it was forgotten meanwhile
		t.claimAtOnce(v, src, nil)
	}
	if v.camp != 0 {
		return
	}
	for _, st := range [...]*site{t.door(v.class, v.path), &t.site[v.class]} {
		if st == nil || st.heat < siteHeat/2 {
			continue
		}
		if c := t.campaign(st.camp); c != nil && (v.stranger || c.look != 0 || v.user != 0 && (st.intense() || t.oneSince(src, c.start))) && (c.look == 0 || v.looks.has(c.look)) {
			t.claimAndGrow(c, v)
			return
		}
	}
	for _, look := range v.looks {
		if look == 0 || !v.stranger || v.camp != 0 {
			continue
		}
		if g := t.groups.get(t.lookKey(look)); g != nil && g.camp != 0 {
			if c := t.attack(g.camp, v.class); c != nil {
				t.claimAndGrow(c, v)
			} else {
				g.camp = 0
			}
		}
	}
}

// oneSince says that one name alone got in at src, after start: maybe the attacker.
func (t *Tracker) oneSince(src *source, start int64) bool {
	if src == nil || src.known != 1 {
		return false
	}
	e := t.logins.at(src.lastOK)
	return e != nil && e.prev == 0 && e.at >= start
}

func (t *Tracker) claimAndGrow(c *campaign, v *visit) {
	t.claim(c, v)
	if v.state == pending {
		c.direct = t.now
	}
	t.grow(c)
}

// attack returns the open campaign if it is an attack of this class.
func (t *Tracker) attack(id int32, cl class) *campaign {
	if c := t.campaign(id); c != nil && c.view < viewBroken && c.class == cl {
		return c
	}
	return nil
}

// tellStolen tells at once of accounts that a campaign got into.
func (t *Tracker) tellStolen(c *campaign) {
	if !t.cfg.Phases || c.view >= viewBroken || len(c.entered) == c.looked {
		return
	}
	c.looked = len(c.entered)
	if sure, _ := t.stolen(c); len(sure) > c.stolen {
		c.told = c.fails
		c.grown = true
		t.tell(c, "grown")
	}
}

// grow tells of a campaign that doubled.
func (t *Tracker) grow(c *campaign) {
	if t.cfg.Phases && c.view < viewBroken && c.fails >= 2*c.told {
		c.told = c.fails
		c.grown = true
		t.tell(c, "grown")
	}
}

// closeIdle ends campaigns of which nothing was heard for a while.
func (t *Tracker) closeIdle() {
	t.awake()
	for i := 0; i < len(t.camps); {
		c := t.camps[i]
		t.prune(c)
		idle := idleFor
		if c.view == viewBroken || c.view == viewSite || c.view == viewAccount {
			idle = siteIdleFor
		}
		if c.view == viewOutage || !t.passed(c.end, idle) || c.view == viewSite && t.watches(c) != nil {
			i++
			continue
		}
		t.close(c)
	}
}

// prune drops the networks that proved no more at fault than others.
func (t *Tracker) prune(c *campaign) {
	if !c.changed {
		return
	}
	c.changed = false
	c.nets = slices.DeleteFunc(c.nets, func(n netip.Prefix) bool {
		if c.holds(n) {
			return false
		}
		if g := t.groups.get(networkKey(n.Addr())); g != nil && g.camp == c.id {
			g.camp = 0
		}
		c.changed = true
		return true
	})
}

// holds says that a fifth of the campaign's addresses at least are in n, or in the
// provider's net through which the campaign moves.
func (c *campaign) holds(n netip.Prefix) bool {
	inside, all := 0, parentOf(n)
	if i := slices.IndexFunc(c.nets, func(o netip.Prefix) bool { return o != n && all.Overlaps(o) }); i >= 0 {
		n = all
	}
	for a := range c.addrs.n {
		if n.Contains(a) {
			inside++
		}
	}
	return 5*inside >= c.addrs.len()
}

// close ends a campaign and reports it, for the last time unless it has another round.
func (t *Tracker) close(c *campaign) {
	for i, o := range t.camps {
		if o == c {
			t.camps = append(t.camps[:i], t.camps[i+1:]...)
			break
		}
	}
	t.trim(c)
	if c.view < viewBroken && c.class == login && c.users.len() >= sameNames {
		t.rest(c)
		return
	}
	t.tell(c, "closed")
	t.free(c)
}

// trim finds when a campaign of many addresses began and ended, and drops what came
// before and later: the first and the last moment at which tries came at a third of
// its pace. The pace is that of its first half. Of a visit the first and the last try
// count, for where the log has no names an address has one visit, however long it tries.
func (t *Tracker) trim(c *campaign) {
	if c.view == viewAccount || c.view >= viewBroken || c.sources.len() < 10 {
		return
	}
	var vs []*visit
	var at []int64
	for v := range t.visits.latest {
		if v.first < c.start-t.visits.late {
			break
		}
		if v.camp == c.id {
			vs = append(vs, v)
			if at = append(at, v.first); v.fails > 1 {
				at = append(at, v.last)
			}
			if g := t.groups.get(networkKey(v.addr())); v.netCounted && g != nil {
				g.add(t.now, -v.posted) // told, and no evidence any more
			}
		}
	}
	if len(vs) < 24 || 2*len(vs) < c.visits { // too few to tell, or most are forgotten
		for _, v := range vs {
			c.end = max(c.end, v.last)
		}
		return
	}
	slices.Sort(at)
	half := len(at) / 2
	span := 12 * (at[half] - at[0]) / int64(half) // in which twelve are due
	from, last := 0, len(at)-1
	for from < half/2 && at[from+4]-at[from] > span && at[from+1] <= c.opened {
		from++
	}
	for last > half && at[last]-at[last-4] > span {
		last--
	}
	usual := c.usualVisits(vs)
	start, end := at[from], at[last]
	c.start, c.end = end, end
	for _, v := range vs {
		if v.last < start || v.first > end || 8*int(c.sources.n[v.srcKey]) <= usual {
			c.release(v)
			continue
		}
		c.start, c.end = min(c.start, v.first), max(c.end, v.last)
	}
}

// usualVisits is the number of visits that half of them come from sources with at
// least: what one attacking address does. A bystander does far less.
func (c *campaign) usualVisits(vs []*visit) int {
	counts := make([]int, len(vs))
	for i, v := range vs {
		counts[i] = int(c.sources.n[v.srcKey])
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}
