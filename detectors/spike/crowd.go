package spike

import "math"

// A fate is what became of visits that had time to be resolved.
type fate struct{ all, resolved int }

func (f *fate) see(t *Tracker, v *visit) {
	if v.first+holdFor-5*minute > t.now {
		return
	}
	f.all++
	if v.state == resolved {
		f.resolved++
	}
}

// ordinary says that too many were resolved for an attack.
func (f *fate) ordinary() bool { return 20*f.resolved > 7*f.all }

// like says that as many were resolved as of the others, so far as chance lets it be known.
func (f *fate) like(others *fate) bool {
	if others.all < fewLogins {
		return false
	}
	n, p := float64(f.all), float64(others.resolved)/float64(others.all)
	least := n*p - 3*math.Sqrt(n*p*(1-p))
	return p > 0.2 && least > 0 && float64(f.resolved) >= least
}

// A crowd sums up what its visits' fate says before they have had all their time: how
// much likelier it is that attackers who hardly ever get in make it than people whose
// passwords were all reset, who get in slowest of all. Visits that were resolved within
// settleAfter say nothing of that: people mistype at all times.
type crowd struct {
	fate          // of visits older than settleAfter
	odds  float64 // the logarithm
	names float64 // the part of it that several names from one address make
	tried map[uint64]uint8
	open  int // visits that weren't resolved,
	once  int // and of these, how many had one try
}

const (
	crowdOdds  = 6
	slowShare  = 0.6  // of people at a reset, who get in after settleAfter and before holdFor
	crowdHits  = 0.03 // of an attacker's names that get in, at most
	crowdNames = 3    // names that were tried from an address and say something, at most,
	nameOdds   = 0.5  // each but the first: attackers go through a list, people try their own
)

func (c *crowd) see(t *Tracker, v *visit) {
	if v.first+settleAfter <= t.now {
		c.all++
		if v.state == resolved {
			c.resolved++
		}
	}
	if v.state == resolved && !v.late {
		return
	}
	got := slowShare * float64(min(max(0, t.now-v.first-settleAfter), holdFor-settleAfter)) / float64(holdFor-settleAfter)
	if v.state == resolved {
		c.odds += math.Log(crowdHits / max(got, 2*crowdHits))
		return
	}
	c.odds += math.Log((1 - crowdHits) / (1 - max(got, crowdHits)))
	if c.open++; v.fails == 1 {
		c.once++
	}
	if v.user == 0 || v.retyped {
		return
	}
	if c.tried == nil {
		c.tried = map[uint64]uint8{}
	}
	if n := c.tried[v.srcKey]; n < crowdNames {
		if c.tried[v.srcKey] = n + 1; n > 0 {
			c.odds += nameOdds
			c.names += nameOdds
		}
	}
}

// onceEach says that so many came once and never again: people who aren't let in, for
// whatever reason, try again.
func (c *crowd) onceEach() bool {
	const many = 100
	return c.open >= many && 10*c.once >= 9*c.open && c.odds >= 2*crowdOdds
}

// late says that many get in late, as they do when it is the site that makes them try.
func (c *crowd) late() bool { return c.odds <= -crowdOdds }

// sure says that nobody has to wait for the crowd's people to get in. It takes more
// while many do elsewhere.
func (c *crowd) sure(elsewhere *crowd) bool {
	if elsewhere != nil && elsewhere.late() {
		return c.odds >= 2*crowdOdds
	}
	return c.odds >= crowdOdds
}

// people says that the crowd's fate is that of people, or no other than elsewhere.
func (c *crowd) people(elsewhere *crowd) bool {
	return c.late() || elsewhere.late() && c.odds < crowdOdds
}
