package spike

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/axiomhq/hyperloglog"

	"why401/detectors"
)

// stateVersion is that of the layout below. Another one isn't read: a tracker starts
// anew, which costs what it knew of what is usual.
const (
	stateMagic   = "why401 campaigns\n"
	stateVersion = 13
)

// ErrOtherKey says that a state was written under another key, or under one that was
// good for one run only.
var ErrOtherKey = errors.New("was written under another key")

// Save writes the tracker's state: what it knows of addresses, names, networks and the
// site, and the campaigns that are open. Names are hashed under the tracker's key,
// except those that got in within a day, whose names findings may tell; user agents and
// fingerprints of some who were refused stand there as findings show them. One or two
// attempts whose stamps are far from the others' may be lost. It is no part of Save to
// make that w is whole when the machine stops.
//
// The state is drawn to be merged with another machine's that has the same key: all
// that is counted stands under such a key with its event times; only the numbers of
// visits, logins and campaigns are the tracker's own, and they say no more than an order.
func (t *Tracker) Save(w io.Writer) error {
	c := writing(w)
	t.code(c)
	return c.end()
}

// Restore takes back what Save wrote: observing goes on as if nothing had happened
// between. The tracker must be new, and have the key of the one that saved; a smaller
// bound of memory keeps the latest. On an error the tracker is as it was.
func (t *Tracker) Restore(r io.Reader) error {
	n := newTracker(t.cfg)
	c := reading(r)
	n.code(c)
	if err := c.end(); err != nil {
		return fmt.Errorf("the state of campaigns %w", err)
	}
	*t = *n
	for _, camp := range slices.Concat(t.camps, t.resting) {
		camp.give(&t.room)
	}
	return nil
}

func (t *Tracker) code(c *coder) {
	magic := []byte(stateMagic)
	c.bytes(magic)
	version := stateVersion
	number(c, &version)
	if string(magic) != stateMagic || version != stateVersion {
		c.damaged()
		return
	}
	same := t.key.String("the key of a state")
	was := same
	if c.hash(&was); was != same && c.err == nil {
		c.err = ErrOtherKey
		return
	}
	numbers(c, &t.began, &t.now, &t.due, &t.minuteDue, &t.odd)
	numbers(c, &t.room, &t.credit, &t.usual.all, &t.usual.resolved)
	numbers(c, &t.settleSeq, &t.finalSeq)
	number(c, &t.lastCamp)
	number(c, &t.newcomers)
	c.floats(&t.people.value)
	number(c, &t.people.at)
	t.visitors.code(c)
	c.now = t.now
	t.sources.code(c)
	t.accounts.code(c)
	t.groups.code(c)
	t.repeats.code(c)
	t.visits.code(c)
	t.logins.code(c)
	t.guarded.code(c)
	t.admitted.code(c)
	t.forms.code(c)
	t.words.code(c)
	t.calm.code(c, t.now/minute)
	for _, h := range []*[]uint64{&t.held, &t.heldUsers, &t.heldGroup} {
		list(c, h, c.hash)
	}
	for i := range t.site {
		t.site[i].code(c)
	}
	list(c, &t.doors, func(p **site) {
		if *p == nil {
			*p = &site{}
		}
		if number(c, &(*p).class); (*p).class >= numClasses || len(t.doors) > maxDoors {
			c.damaged()
			(*p).class = login
		}
		c.hash(&(*p).path)
		(*p).code(c)
	})
	t.doors = t.doors[:min(len(t.doors), maxDoors)]
	for i, s := range t.doors {
		t.doorPaths[i] = s.path
	}
	for _, camps := range []*[]*campaign{&t.camps, &t.resting} {
		list(c, camps, func(p **campaign) {
			if *p == nil {
				*p = &campaign{}
			}
			(*p).code(c)
		})
	}
	c.floats(&t.provider.calls, &t.provider.refused)
	number(c, &t.provider.at)
	for i := range t.outages {
		t.outages[i].code(c, t)
	}
}

func (t *table[T, P]) code(c *coder) {
	n := c.count(t.n, 1<<27)
	numbers(c, &t.hand)
	short := t.short
	number(c, &short)
	hand := t.hand
	if c.w == nil {
		t.hand = 0 // it may be anything, and more entries may come than there is room for
	}
	for i := range n {
		var one T
		if c.w != nil {
			one = *t.at(int32(i))
		}
		P(&one).code(c)
		if c.err != nil {
			return
		}
		if c.w == nil {
			if P(&one).id(); t.get(P(&one).id()) != nil {
				c.damaged()
				return
			}
			*t.put(P(&one).id(), 0) = one
		}
	}
	t.short = short
	if t.hand = hand; t.hand < 0 || t.hand >= max(1, t.n) {
		t.hand = 0
	}
	if c.w == nil {
		t.recent = nil
	}
}

func (s *source) code(c *coder) {
	hashes(c, &s.key, &s.okWho[0], &s.okWho[1], &s.okWho[2], &s.okWho[3])
	numbers(c, &s.last, &s.okAt[0], &s.okAt[1], &s.siteAt[0], &s.siteAt[1], &s.looksAt)
	numbers(c, &s.open, &s.firsts, &s.known, &s.bursts, &s.names, &s.unknown, &s.taken, &s.fails, &s.absent, &s.outageRun[0], &s.outageRun[1], &s.backRun[0], &s.backRun[1])
	numbers(c, &s.lastOK, &s.lastVisit)
	numbers(c, &s.tried)
	numbers(c, &s.camp, &s.member)
	number(c, &s.netPosts)
	s.heat.code(c)
	s.burst.code(c)
	c.flags(&s.held, &s.crowd, &s.again)
}

const nameKept = 24 * hour // after a login; then its hash alone is written

// code writes a copy, or reads.
func (u *account) code(c *coder) {
	if c.w != nil && c.now-u.last > nameKept {
		u.name = "" // it is known again when it gets in again
	}
	hashes(c, &u.key, &u.okSrc[0], &u.okSrc[1], &u.okSrc[2])
	c.text(&u.name)
	numbers(c, &u.last, &u.tried)
	u.heat.code(c)
	number(c, &u.lastVisit)
	numbers(c, &u.open, &u.sources)
	number(c, &u.refusals)
	number(c, &u.camp)
	c.flags(&u.exists, &u.held)
}

func (g *group) code(c *coder) {
	c.hash(&g.key)
	numbers(c, &g.last, &g.usualAt)
	g.heat.code(c)
	numbers(c, &g.sources, &g.visits, &g.unknown)
	number(c, &g.camp)
	c.prefix(&g.net)
	c.float(&g.usual)
	c.hash(&g.look)
	c.flags(&g.held)
}

func (s *sum) code(c *coder) {
	c.float(&s.value)
	numbers(c, &s.at, &s.from)
}

func (v *visit) code(c *coder) {
	hashes(c, &v.key, &v.srcKey, &v.user, &v.looks[byAgent], &v.looks[byPrint], &v.path, &v.host)
	numbers(c, &v.prevSrc, &v.prevUser)
	numbers(c, &v.first, &v.last)
	c.floats(&v.gaps2)
	c.float(&v.posted)
	number(c, &v.fails)
	number(c, &v.camp)
	numbers(c, &v.halves[0], &v.halves[1], &v.trail[0], &v.trail[1])
	numbers(c, &v.news, &v.unread, &v.read)
	if number(c, &v.family); v.family >= numFamilies {
		c.damaged()
	}
	number(c, &v.state)
	if number(c, &v.class); v.class >= numClasses {
		c.damaged()
		v.class = login
	}
	c.flags(&v.unknown, &v.own, &v.stranger, &v.netCounted, &v.siteTold, &v.outage, &v.retyped, &v.aged, &v.paths, &v.asked, &v.said, &v.form, &v.late, &v.lacked)
}

func (l *visitLog) code(c *coder) {
	number(c, &l.short)
	l.ring.code(c, func(seq uint64, v *visit) {
		open := c.w != nil && l.get(v.key) == v
		v.code(c)
		if c.w == nil {
			l.begin(v, v.first)
		}
		c.flags(&open)
		if c.w == nil && open && seq >= l.first {
			if l.get(v.key) != nil {
				c.damaged()
				return
			}
			l.index.add(v.key, l.place(seq))
		}
	})
}

func (e *loginEntry) code(c *coder) {
	hashes(c, &e.srcKey, &e.user, &e.looks[byAgent], &e.looks[byPrint])
	number(c, &e.prev)
	number(c, &e.at)
	c.flags(&e.own)
}

func (l *loginLog) code(c *coder) {
	l.ring.code(c, func(_ uint64, e *loginEntry) { e.code(c) })
	list(c, &l.marks, func(m *mark) {
		number(c, &m.at)
		number(c, &m.seq)
	})
	if len(l.marks) > mostMarks {
		c.damaged()
		l.marks = nil
	}
}

func (m *calm) code(c *coder, minute int64) {
	n := 0
	for i := range m {
		if m[i].who != 0 && m[i].minute == minute {
			n++
		}
	}
	n = c.count(n, len(m))
	at := 0
	for range n {
		for c.w != nil && (m[at].who == 0 || m[at].minute != minute) {
			at++
		}
		var src, who uint64
		if c.w != nil {
			src, who = m[at].src, m[at].who
			at++
		}
		hashes(c, &src, &who)
		if c.w == nil {
			m.set(src, who, minute)
		}
	}
}

func (s *site) code(c *coder) {
	numbers(c, &s.logins, &s.fresh, &s.own, &s.hourFresh, &s.hourLogins)
	c.floats(&s.rate, &s.oks, &s.fails, &s.base, &s.span, &s.owns, &s.ownNow, &s.heat, &s.seen, &s.hourUsual, &s.before)
	numbers(c, &s.at, &s.hourAt, &s.from, &s.high, &s.look)
	number(c, &s.camp)
	c.flags(&s.hourAlarm, &s.held)
	for h := range s.past.Hours {
		for d := range s.past.Hours[h] {
			one := &s.past.Hours[h][d]
			numbers(c, &one.Day, &one.Fresh, &one.Logins)
			c.flags(&one.Alarm)
		}
	}
}

func (o *outage) code(c *coder, t *Tracker) {
	c.floats(&o.heat, &o.mixed)
	number(c, &o.run)
	numbers(c, &o.sources, &o.back, &o.passed)
	numbers(c, &o.start, &o.last, &o.lastOK, &o.eased, &o.mixedAt)
	c.flags(&o.open)
	for i := range o.causes {
		numbers(c, &o.causes[i], &o.judged[i])
	}
	var id int32
	if o.camp != nil {
		id = o.camp.id
	}
	number(c, &id)
	if o.camp = t.campaign(id); o.open && o.camp == nil {
		c.damaged()
		o.open = false
	}
}

func (p *campaign) code(c *coder) {
	number(c, &p.id)
	number(c, &p.view)
	if number(c, &p.class); p.class >= numClasses {
		c.damaged()
		p.class = login
	}
	c.text(&p.key)
	numbers(c, &p.opened, &p.start, &p.end, &p.direct)
	numbers(c, &p.told, &p.sent, &p.visits, &p.unknown, &p.fails, &p.oks, &p.stolen)
	hashes(c, &p.look, &p.path, &p.worn)
	c.flags(&p.grown, &p.own)
	c.text(&p.cause)
	p.addrs.code(c, c.address, netip.Addr.Compare)
	for _, t := range []*tally[uint64]{&p.sources, &p.users, &p.looks[byAgent], &p.looks[byPrint]} {
		t.code(c, c.hash, cmp.Compare)
	}
	list(c, &p.nets, c.prefix)
	p.changed = p.changed || c.w == nil
	p.codeLast(c)
	names := sortedKeys(p.entered, cmp.Compare)
	list(c, &names, func(k *uint64) {
		e := p.entered[*k]
		c.hash(k)
		c.text(&e.name)
		number(c, &e.at)
		hashes(c, &e.src, &e.looks[byAgent], &e.looks[byPrint])
		c.flags(&e.away, &e.worn)
		if c.w == nil {
			if p.entered == nil {
				p.entered = map[uint64]intrusion{}
			}
			p.entered[*k] = e
		}
	})
}

// codeLast saves what is to be told of a campaign that rests.
func (p *campaign) codeLast(c *coder) {
	has := p.last != nil
	if c.flags(&has); !has {
		return
	}
	var b []byte
	if c.w != nil {
		b, c.err = json.Marshal(p.last)
	} else {
		p.last = &detectors.SpikeFinding{}
	}
	c.blob(&b)
	list(c, &p.last.Bans, c.prefix)
	if c.w == nil && c.err == nil && json.Unmarshal(b, p.last) != nil {
		c.damaged()
		p.last = nil
	}
}

// give lets the campaign's members count against room.
func (p *campaign) give(room *int) {
	p.addrs.room, p.sources.room, p.users.room, p.looks[byAgent].room, p.looks[byPrint].room = room, room, room, room, room
}

func (t *tally[K]) code(c *coder, key func(*K), compare func(a, b K) int) {
	number(c, &t.more)
	keys := sortedKeys(t.n, compare)
	list(c, &keys, func(k *K) {
		n := t.n[*k]
		key(k)
		number(c, &n)
		if c.w == nil {
			if t.n == nil {
				t.n = map[K]int32{}
			}
			t.n[*k] = n
		}
	})
	over := t.over != nil
	if c.flags(&over); !over {
		return
	}
	var b []byte
	if c.w != nil {
		b, c.err = t.over.MarshalBinary()
	}
	c.blob(&b)
	if c.w == nil && c.err == nil {
		t.over = &hyperloglog.Sketch{}
		if t.over.UnmarshalBinary(b) != nil {
			c.damaged()
			t.over = nil
		}
	}
}

func sortedKeys[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}
