package spike

import (
	"encoding/binary"
	"math"
	"net/netip"
)

// A source is one address, or one IPv6 /64, which is what one customer has.
//
// What every success needs comes first: most sources are asked for nothing else.
type source struct {
	key       uint64
	last      int64 // event time of the latest attempt
	okAt      [numClasses]int64
	tried     int64  // when the latest try was counted
	open      uint32 // visits not resolved, as far as is remembered
	known     uint32 // names that got in here, counted once each as far as okWho remembers
	lastVisit uint64
	fails     uint32
	camp      int32 // campaign that it alarmed itself

	okWho    [4]uint64 // identities that got in, latest first
	lastOK   uint64    // number of the latest entry in the log of logins
	member   int32     // campaign that claimed a visit of it last
	firsts   uint32    // names that got in here for the first time, as far as accounts remember
	heat     sum       // unresolved visits against resolved ones
	burst    sum       // refused logins, forgotten within seconds
	bursts   uint32    // of this burst
	names    uint32    // unresolved visits of this heat
	unknown  uint32    // of these, names that don't exist
	taken    uint32    // names that an attacker got into from here
	absent   uint32    // requests for what doesn't exist, since something was refused
	netPosts uint8     // times it counted for its network
	held     bool
	again    bool // the one name that got in here came back
	crowd    bool // more got in than an attacker would: customers

	siteAt    [numClasses]int64  // when the site's sum last counted it
	outageRun [numClasses]uint32 // of the outage's sum that last counted it
	backRun   [numClasses]uint32 // in which it got new credentials, or in, after that
	looksAt   int64
}

func (s *source) id() uint64 { return s.key }

func (s *source) worth(now int64) float64 {
	w := float64(s.heat.value)*4 - float64(now-s.last)/float64(hour)
	if s.camp != 0 {
		w += 8
	}
	if s.known > 0 || s.okAt[token] != 0 {
		w += 2
	}
	return w
}

// gotIn says that this identity got in from here, as far as is remembered.
func (s *source) gotIn(who uint64) bool {
	if who == 0 {
		return s.known > 0
	}
	for _, w := range s.okWho {
		if w == who {
			return true
		}
	}
	return false
}

// shared says that so many customers got in here that one more says nothing.
func (s *source) shared() bool { return s.crowd || s.known >= s.taken+sharedByMany }

func (s *source) remember(who uint64) (isNew bool) {
	for i, w := range s.okWho {
		if w == who {
			copy(s.okWho[1:i+1], s.okWho[:i])
			s.okWho[0] = who
			return false
		}
	}
	copy(s.okWho[1:], s.okWho[:3])
	s.okWho[0] = who
	s.known++
	return true
}

// usualRefusals is how many visits end in "no such user" before a name is one that
// everybody's scanners try.
const usualRefusals = 5

// An account is one name.
type account struct {
	key       uint64
	name      string // cut; "" where nobody got in under it
	last      int64
	heat      sum // addresses that failed on it
	lastVisit uint64
	tried     int64     // when the latest try was counted
	okSrc     [3]uint64 // sources where it got in, latest first
	open      uint32    // visits not resolved, as far as is remembered
	sources   uint32    // of this heat
	camp      int32
	refusals  uint16 // visits that ended in "no such user"
	exists    bool   // it got in, or was refused for another reason than that it doesn't exist
	held      bool
}

func (u *account) id() uint64 { return u.key }

func (u *account) worth(now int64) float64 {
	w := float64(u.heat.value)*2 - float64(now-u.last)/float64(hour)
	if u.okSrc[0] != 0 {
		w += 4
	}
	if u.refusals > usualRefusals {
		w += 6
	}
	if u.camp != 0 {
		w += 8
	}
	return w
}

func (u *account) gotInFrom(src uint64) bool {
	return u.okSrc[0] == src || u.okSrc[1] == src || u.okSrc[2] == src
}

func (u *account) remember(src uint64) {
	for i, s := range u.okSrc {
		if s == src {
			copy(u.okSrc[1:i+1], u.okSrc[:i])
			u.okSrc[0] = src
			return
		}
	}
	copy(u.okSrc[1:], u.okSrc[:2])
	u.okSrc[0] = src
}

// A group is a network or all clients of one look.
type group struct {
	key     uint64
	last    int64
	heat    sum
	sources uint32 // of this heat
	visits  uint32
	unknown uint32
	camp    int32
	look    uint64 // 0 of a network
	held    bool
	net     netip.Prefix
	usual   float32 // evidence an hour, over about six hours: what scanners leave here every day
	usualAt int64
}

// add brings the group's evidence up to now and adds w to it. What is usual in a
// network is forgotten as fast as it comes.
func (g *group) add(now int64, w float32) (began bool) {
	const period = 6 * float64(hour)
	if g.look != 0 {
		return g.heat.add(now, w, forgetLook)
	}
	began = g.heat.add(now, w, max(forgetNetwork, 2.5*g.usual))
	if w > 0 {
		if now > g.usualAt {
			g.usual *= float32(math.Exp(-float64(now-g.usualAt) / period))
			g.usualAt = now
		}
		g.usual += w / 6
	}
	return began
}

func (g *group) id() uint64 { return g.key }

func (g *group) worth(now int64) float64 {
	w := float64(g.heat.value)*4 - float64(now-g.last)/float64(hour)
	if g.camp != 0 {
		w += 8
	}
	return w
}

// A sum is evidence that adds up and is forgotten at a steady rate; it never
// falls below nothing (a CUSUM).
type sum struct {
	value float32
	at    int64 // when it was last brought up to date
	from  int64 // when it last left zero
}

// add brings the sum up to now, adds w and reports whether it began anew.
func (s *sum) add(now int64, w, perHour float32) (began bool) {
	if now > s.at {
		s.value -= perHour * float32(float64(now-s.at)/float64(hour))
		s.at = now
	}
	if s.value <= 0 {
		s.value, s.from, began = 0, now, true
	}
	s.value = max(0, s.value+w)
	return began
}

// A fading number forgets all but e^-1 of itself in a day.
type fading struct {
	value float64
	at    int64
}

// add brings the number up to now, adds w and returns it.
func (f *fading) add(now int64, w float64) float64 {
	if now > f.at {
		f.value *= math.Exp(-float64(now-f.at) / float64(24*hour))
		f.at = now
	}
	f.value += w
	return f.value
}

// A decay is what share of a sum stays after a step of time: steps are mostly alike.
type decay struct{ step, keep float64 }

// keeps returns e^-(step/period).
func (d *decay) keeps(step, period float64) float64 {
	if d.step != step {
		d.step, d.keep = step, math.Exp(-step/period)
	}
	return d.keep
}

// sourceKey is the address, or the /64 of an IPv6 one.
func sourceKey(a netip.Addr) uint64 {
	if a.Is4() {
		b := a.As4()
		return 0xffff<<32 | uint64(binary.BigEndian.Uint32(b[:]))
	}
	b := a.As16()
	return binary.BigEndian.Uint64(b[:])
}

// network is the net that a source is rented or moved in: /24, or /48.
func network(a netip.Addr) (netip.Prefix, uint64) {
	bits := 24
	if !a.Is4() {
		bits = 48
	}
	p, _ := a.Prefix(bits)
	return p, networkKey(a)
}

// parentOf is the net that one provider has, in which an attacker moves from network
// to network: /16, or /32.
func parentOf(n netip.Prefix) netip.Prefix {
	bits := 16
	if !n.Addr().Is4() {
		bits = 32
	}
	p, _ := n.Addr().Prefix(bits)
	return p
}

func networkKey(a netip.Addr) uint64 {
	if a.Is4() {
		return sourceKey(a)&^0xff | 1<<63
	}
	return sourceKey(a)&^0xffff | 1<<63 | 1
}

// calm remembers who got in from where in this minute while nothing was open there:
// until something is, the next request of the same name is no news. Its places go by
// address, which is the same in every run.
type calm [4096]struct {
	src, who uint64
	minute   int64
}

func (c *calm) place(src uint64) int { return int(src * 0x9e3779b97f4a7c15 >> (64 - 12)) }

func (c *calm) has(src, who uint64, minute int64) bool {
	p := &c[c.place(src)]
	return p.src == src && p.who == who && p.minute == minute
}

func (c *calm) set(src, who uint64, minute int64) {
	p := &c[c.place(src)]
	p.src, p.who, p.minute = src, who, minute
}

func (c *calm) forget(src uint64) {
	if p := &c[c.place(src)]; p.src == src {
		p.who = 0
	}
}

// addressOf is the address of a source's key, the first of a /64.
func addressOf(key uint64) netip.Addr {
	if key>>32 == 0xffff {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(key))
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], key)
	return netip.AddrFrom16(b)
}
