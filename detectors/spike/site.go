package spike

import (
	"math"
	"slices"
)

// A site sums up, over everybody, the sources that never got in and whose visit
// stayed unresolved, against how many the site's logins lead one to expect.
type site struct {
	class  class
	path   uint64  // of a door's route; 0 is everywhere
	logins int     // since the last pass
	rate   float64 // logins a second, over about ten minutes
	oks    float64 // logins and failing strangers, over about six hours
	fails  float64
	base   float64 // failing strangers, over about six hours, whatever the logins,
	span   float64 // and of how many seconds
	fresh  int     // failing strangers since the last pass
	own    int     // visits since the last pass of those who used to get in and don't
	owns   float64 // of these over about six hours
	ownNow float64 // of these a second, over about ten minutes
	at     int64

	past       history
	hourAt     int64 // the hour being counted
	hourFresh  int
	hourLogins int
	hourAlarm  bool
	hourUsual  float64 // failing strangers a second, of the past

	heat         float64 // log-likelihood that more come than usual
	from         int64   // first visit of the rise
	before       float64 // failing strangers a second that were usual then
	high         int64   // when the sum last was over the threshold
	camp         int32
	lately, long decay   // of the sums over ten minutes, and six hours
	look         int64   // when the alarm was last looked at
	seen         float64 // failing strangers a second, over about ten minutes
	held         bool    // an alarm waits, though the sum may have fallen since
}

const (
	siteHeat      = 14
	siteCap       = 18
	ratePeriod    = 600   // seconds
	usualPeriod   = 21600 // seconds
	background    = 0.06  // scanners a minute that any site has, the first guess
	guessedSpan   = 3600  // seconds that this guess is worth
	guessedOwn    = 0.02  // customers that can't get in for some minutes, of all logins
	mostTrouble   = 8
	guessedLogins = 60 // how many logins the first guess of the usual share is worth
	guessedShare  = 0.03
	leastMore     = 1.0 // failing strangers a minute that an attack adds at least
	siteMembers   = 12
	floodSources  = 1000 // that no trouble of a site's own brings within minutes
	learnFirst    = hour // what is usual, before twenty minutes of it are an alarm
	holdSite      = holdFor + settleAfter
	siteCounts    = 30 * minute // one source counts once in so long
)

func (s *site) init(c class) {
	s.class = c
	s.oks, s.fails = guessedLogins, guessedLogins*guessedShare
}

// expected is the usual number of failing strangers a second, and that under attack.
//
// Strangers that fail are some share of the logins, and no fewer than there are of
// them at any hour, or were at this one on other days.
func (s *site) expected() (usual, attack float64) {
	base := (guessedSpan*background/60 + s.base) / (guessedSpan + s.span)
	usual = max(s.rate*min(0.3, s.fails/s.oks)+background/60, base, s.hourUsual) * s.trouble()
	return usual, max(3*usual, usual+leastMore/60)
}

// trouble says how many times as many as usual fail of those who used to get in from
// where they are: that is the site's doing, as a forced reset of passwords is, and
// strangers have the same trouble. No attack has this effect.
func (s *site) trouble() float64 {
	const sure = 2 // so many more or fewer are chance
	share := (guessedLogins*guessedOwn + s.owns) / s.oks
	return max(1, min(mostTrouble, (s.ownNow*ratePeriod+sure)/(s.rate*share*ratePeriod+sure)))
}

// pass brings the sums up to now.
func (s *site) pass(t *Tracker) {
	if s.at == 0 || t.now < s.at || t.now-s.at > 12*hour {
		s.at, s.logins, s.fresh = t.now, 0, 0
		return
	}
	dt := float64(t.now-s.at) / float64(second)
	if dt <= 0 {
		return
	}
	s.at = t.now
	keep := s.lately.keeps(dt, ratePeriod)
	s.rate = s.rate*keep + float64(s.logins)/ratePeriod
	s.seen = s.seen*keep + float64(s.fresh)/ratePeriod
	s.ownNow = s.ownNow*keep + float64(s.own)/ratePeriod
	if s.camp == 0 {
		s.learn(dt)
	}
	s.remember()
	s.logins, s.fresh, s.own = 0, 0, 0
	usual, attack := s.expected()
	s.heat = max(0, min(siteCap, s.heat-(attack-usual)*dt))
	if s.heat >= siteHeat {
		s.high = t.now
		s.held = s.held || s.camp == 0
	}
	if s.held && s.camp == 0 && t.passed(s.look, minute) {
		s.look = t.now
		s.judge(t)
		if s.camp != 0 || s.heat == 0 && t.passed(s.from, holdSite+1) {
			s.held = false
		}
	}
	if c := t.campaign(s.camp); s.camp != 0 && (c == nil || s.heat == 0) {
		s.camp = 0
		if c == nil || c.view != viewSite || t.watches(c) != nil {
			return
		}
		if t.now-c.direct < 10*minute {
			c.view = viewGroup // what goes on is known by its addresses and networks
		} else {
			c.end = min(c.end, s.high) // it closes when customers have had time to come back
		}
	}
}

// learn adds the last dt seconds to what is usual.
func (s *site) learn(dt float64) {
	keep := s.long.keeps(dt, usualPeriod)
	s.oks = guessedLogins + (s.oks-guessedLogins)*keep + float64(s.logins)
	s.fails = guessedLogins*guessedShare + (s.fails-guessedLogins*guessedShare)*keep + float64(s.fresh)
	s.base = s.base*keep + float64(s.fresh)
	s.span = s.span*keep + dt
	s.owns = s.owns*keep + float64(s.own)/s.trouble()
}

// remember counts by hours.
func (s *site) remember() {
	if at := s.at - s.at%hour; at != s.hourAt {
		if s.hourAt != 0 && at-s.hourAt == hour {
			s.past.add(s.hourAt, s.hourFresh, s.hourLogins, s.hourAlarm)
		}
		s.hourUsual = s.past.usual(at)
		s.hourAt, s.hourFresh, s.hourLogins, s.hourAlarm = at, 0, 0, false
	}
	s.hourFresh += s.fresh
	s.hourLogins += s.logins
	s.hourAlarm = s.hourAlarm || s.camp != 0
}

// settled takes a visit that stayed unresolved.
func (s *site) settled(t *Tracker, v *visit, src *source) {
	if v.own && !v.outage && v.first > t.now-hour {
		s.own++
	}
	if !v.stranger || v.outage || t.weight(v) < 0.3 || src != nil && src.siteAt[s.class] != 0 && t.now-src.siteAt[s.class] < siteCounts {
		return
	}
	if c := t.campaign(v.camp); c != nil && (c.view != viewSite || c.path != s.path) {
		if c.view == viewSite { // it may come every day
			s.hourFresh++
			s.hourAlarm = true
		}
		return
	}
	if s.path == 0 {
		if src != nil {
			src.siteAt[s.class] = t.now
		}
		v.siteTold = true
	}
	s.fresh++
	usual, attack := s.expected()
	if s.heat == 0 && !s.held {
		s.from, s.before = v.first, usual
	}
	s.heat += math.Log(attack / usual)
}

// intense says that nearly every failure is the attacker's.
func (s *site) intense() bool {
	usual, _ := s.expected()
	return s.seen > 10*usual
}

// takeBack takes back a visit that was resolved after all.
func (s *site) takeBack(int64) {
	usual, attack := s.expected()
	s.heat = max(0, s.heat-math.Log(attack/usual))
	if s.fails > guessedLogins*guessedShare+1 {
		s.fails--
	}
}

// judge looks at who makes the excess: raised at once when the names don't exist
// or one unusual look does it, else when twenty minutes didn't resolve it.
func (s *site) judge(t *Tracker) {
	if t.credit < 0 {
		return // soon
	}
	if s.path != 0 && s.main(t) {
		return
	}
	var vs []*visit
	var old fate
	var all crowd
	for v := range t.visits.latest {
		if v.first < s.from-second-t.visits.late {
			break
		}
		t.credit--
		if v.class != s.class || s.path != 0 && v.path != s.path || v.first < s.from-second || v.first > s.high || !v.stranger || v.outage || v.camp != 0 || t.device(v, fewOfClock) || v.misread(t) {
			continue
		}
		old.see(t, v)
		all.see(t, v)
		if v.state != resolved && t.weight(v) >= 0.3 {
			vs = append(vs, v)
		}
	}
	vs = withoutScanners(vs)
	n := countSources(vs)
	usual, _ := s.expected()
	flood := n >= floodSources && s.seen >= 1 && s.seen > 30*max(s.before, s.rate*guessedShare)*s.trouble()
	if n < siteMembers || !flood && float64(n) < siteMembers/2+2*usual*float64(t.now-s.from)/float64(second) {
		return
	}
	look := t.cohort(vs, s.from)
	lasted := t.now-s.from >= holdSite-minute && t.knows() && !old.ordinary()
	early := s.class == login && all.sure(nil) && (t.knows() || all.names >= crowdOdds || t.letsIn(login) && all.onceEach()) && !all.fate.ordinary() &&
		float64(n) >= siteMembers/2+4*max(s.before, s.hourUsual)*float64(t.now-s.from)/float64(second)
	if !(strangeNames(vs) >= 0.35 || look != 0 || lasted || flood || early) {
		return
	}
	if look != 0 {
		keep := vs[:0]
		for _, v := range vs {
			if v.looks.has(look) {
				keep = append(keep, v)
			}
		}
		vs = keep
	}
	owner := s
	if d := t.doorOfMost(vs); s.path == 0 && d != nil && d.camp == 0 {
		owner = d
		vs = slices.DeleteFunc(vs, func(v *visit) bool { return v.path != d.path })
	}
	last := t.lastCamp
	c := t.raise(viewSite, vs, nil, nil, nil)
	if c == nil {
		return
	}
	if c.view == viewGroup { // a network's, as it turned out
		s.heat, s.held = 0, false
		return
	}
	if owner != s {
		s.heat, s.held = 0, false
	}
	owner.camp = c.id
	c.look = look
	if c.id > last { // it didn't join another
		c.path = owner.path
	}
}

// knows says that the log is long enough to tell what is usual.
func (t *Tracker) knows() bool { return t.now-t.began >= learnFirst }

// withoutScanners leaves out the names that don't exist and that several try: admin,
// root and test are tried everywhere, and no list holds a name for every address.
func withoutScanners(vs []*visit) []*visit {
	by := map[uint64][3]uint64{} // sources by name
	for _, v := range vs {
		if !v.unknown {
			continue
		}
		s := by[v.user]
		if i := slices.IndexFunc(s[:], func(k uint64) bool { return k == v.srcKey || k == 0 }); i >= 0 {
			s[i] = v.srcKey
		}
		by[v.user] = s
	}
	return slices.DeleteFunc(vs, func(v *visit) bool { return v.unknown && by[v.user][2] != 0 })
}
