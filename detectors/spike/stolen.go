package spike

import (
	"cmp"
	"math"
	"slices"
)

const (
	hitRate = 20 // tries that a stolen password takes at least, on average
	uneven  = 3  // times as many as usual that an address's customers come at its busy hours
)

// A theft is a login during a campaign that may be the attacker's.
type theft struct {
	intrusion
	from *place
	odds float64 // how much likelier a customer's login looks like this
	p    float64 // that it is the attacker's
}

// A place is an address of a campaign that somebody got in from meanwhile.
type place struct {
	names  float64 // that got in for the first time, at any time
	inside float64 // of these during the campaign
	tries  float64 // visits of the campaign that were refused
}

// stolen judges the logins that c kept: those that are likelier the attacker's than a
// customer's, and those of which that can't be said.
//
// Customers get in from addresses that an attacker uses, too. How many is known from
// how many did at other times, and how many logins the site had then, or from alone.
// The attacker gets in with a share of the tries; it is what explains the rest, fitted
// by expectation and maximization.
func (t *Tracker) stolen(c *campaign) (sure, doubtful []theft) {
	until := c.end + t.after(c)
	var all, worn []theft
	for _, x := range t.thefts(c, until) {
		switch {
		case x.away:
			sure = append(sure, x)
		case x.worn:
			worn = append(worn, x)
		default:
			all = append(all, x)
		}
	}
	if hitRate*len(worn) <= c.visits+len(worn) {
		sure = append(sure, worn...)
	} else {
		doubtful = worn // no list hits so often: customers have this look by now
	}
	if len(all) == 0 {
		return sure, doubtful
	}
	inside := t.logins.since(until) - t.logins.since(c.start)
	ratio := (inside + 1) / (float64(t.logins.next) - inside)
	alone, mean := 0.0, 0.0
	if n := float64(c.sources.len()); c.wide() {
		alone = t.alone(c, until) / n
		mean = float64(c.visits+len(all)) / n // by chance some have more tries, or fewer
	}
	dedicated := !c.wide() && hitRate*len(all) <= c.visits+len(all) // to the attack, as far as the hits go
	for hits, rounds := 1.0/hitRate, 0; rounds < 30; rounds++ {
		sum := 0.0
		for i := range all {
			x := &all[i]
			theirs := hits * mean
			if mean == 0 {
				theirs = hits * (x.from.tries + x.from.inside)
			}
			others := x.from.names - 1 - theirs
			if dedicated {
				others = x.from.names - x.from.inside
			}
			customers := x.odds * max(alone, uneven*ratio*others)
			if x.p = 1; customers > 0 {
				x.p = theirs / (theirs + customers)
			}
			sum += x.p
		}
		next := min(1.0/hitRate, sum/float64(c.visits+len(all)))
		if math.Abs(next-hits) < hits/1000 {
			break
		}
		hits = next
	}
	for _, x := range all {
		if 3*x.p >= 2 {
			sure = append(sure, x)
		} else {
			doubtful = append(doubtful, x)
		}
	}
	return sure, doubtful
}

// thefts lists the logins that may be c's, in order of time, with what else than the
// address tells a customer from the attacker: the look, and whether c tried the
// name before.
func (t *Tracker) thefts(c *campaign, until int64) (all []theft) {
	places := map[uint64]*place{}
	kind := c.telling()
	odds := t.lookOdds(c, kind)
	tried := float64(c.users.len()+1) / float64(t.accounts.n+2) // of all names
	again := 1 - float64(c.users.len())/float64(max(1, c.fails))
	tried, again = min(tried, 0.5), max(0.05, min(again, 0.95))
	for k, e := range c.entered {
		if e.at < c.start || (e.away || e.worn) && e.at > c.end+joinWithin || !e.away && !e.worn && (e.at > until || !c.sources.has(e.src)) {
			continue
		}
		x := theft{intrusion: e, odds: 1}
		if x.from = places[e.src]; x.from == nil {
			x.from = &place{tries: float64(c.sources.n[e.src])}
			if s := t.sources.get(e.src); s != nil {
				x.from.names = float64(s.firsts)
			}
			places[e.src] = x.from
		}
		x.from.inside++
		if look := e.looks[kind]; odds != nil && look != 0 {
			var ok bool
			if x.odds, ok = odds[look]; !ok {
				x.odds = odds[0]
			}
		}
		if c.users.has(k) {
			x.odds *= tried / again
		} else if c.users.len() > 0 {
			x.odds *= (1 - tried) / (1 - again)
		}
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b theft) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.name, b.name)) })
	return all
}

// alone estimates how many addresses of c have had one customer only, who got in once
// and while c was going on. It is to the addresses of c that have had one customer at
// another time, or one who came back, as at the addresses that c didn't use.
func (t *Tracker) alone(c *campaign, until int64) float64 {
	var once, other [2]float64 // elsewhere, and of c
	for i := range t.sources.n {
		s := t.sources.at(int32(i))
		if s.firsts != 1 {
			continue
		}
		of := 0
		if c.sources.has(s.key) {
			of = 1
		}
		if at := s.okAt[login]; at >= c.start && at <= until && !s.again {
			once[of]++
		} else {
			other[of]++
		}
	}
	return (other[1] + 0.1) * once[0] / (other[0] + 1)
}

// after is how long after the last try seen a login may still be of the campaign c:
// from many addresses ten of its tries' time, else long enough to see what was won.
func (t *Tracker) after(c *campaign) int64 {
	if !c.wide() {
		return 5 * minute
	}
	return min(5*minute, 10*(c.end-c.start)/int64(max(1, c.visits)))
}

// telling is the kind of looks of which c has the fewest.
func (c *campaign) telling() int {
	if p := &c.looks[byPrint]; !p.has(0) && (c.looks[byAgent].has(0) || p.count() < c.looks[byAgent].count()) {
		return byPrint
	}
	return byAgent
}

// lookOdds says for each look of c, of one kind, how much likelier a customer has it than
// c's visits have, and for all others under 0, as far as those that c used once foretell.
// It is nil where the log has none.
func (t *Tracker) lookOdds(c *campaign, kind int) map[uint64]float64 {
	looks := &c.looks[kind]
	if looks.has(0) {
		return nil
	}
	seen := map[uint64]float64{}
	all := 0.0
	for seq := t.logins.next - 1; all < 4096; seq-- {
		e := t.logins.at(seq)
		if e == nil {
			break
		}
		all++
		if looks.has(e.looks[kind]) {
			seen[e.looks[kind]]++
		}
	}
	odds := map[uint64]float64{}
	visits, once := float64(max(1, c.visits)), 0.5
	for look, n := range looks.n {
		odds[look] = (seen[look] + 0.5) / (all + 5) * visits / float64(n)
		if n == 1 {
			once++
		}
	}
	odds[0] = visits / once
	return odds
}
