package spike

import (
	"encoding/binary"
	"net/netip"

	"why401/detectors"
	"why401/rules"
)

// A visit is one identity failing from one address: a name where the log has
// names, else a user agent. It is the unit of evidence. An ordinary visit ends
// with the same identity getting in; one that doesn't speaks for an attack.
//
// What those who look through many visits ask for comes first.
type visit struct {
	first, last int64
	prevSrc     uint64 // number of the source's visit before this one
	user        uint64 // key of the name; 0 where the log has none
	srcKey      uint64
	looks       looks
	fails       uint32
	camp        int32 // campaign that claims it, 0 none
	state       visitState
	class       class
	own         bool // this identity got in from this source before
	stranger    bool // nobody got in from this source before
	outage      bool // began while everybody was refused
	unknown     bool // the name doesn't exist
	aged        bool // had time to be resolved
	said        bool // the log tells that something was offered

	path       uint64
	prevUser   uint64    // number of the name's visit before this one
	key        uint64    // of address, identity and class
	host       uint64    // of an IPv6 address: a source is a whole /64
	gaps2      float64   // sum of the squared gaps between tries, in seconds
	halves     [2]uint32 // of the name, hashed each, to know a mistyped one
	trail      [2]uint32 // the latest paths other than path
	posted     float32   // evidence given to the groups so far
	netCounted bool
	siteTold   bool  // given to the site's sum
	retyped    bool  // its name resembles the one tried before
	paths      bool  // tried more than one path
	asked      bool  // as asked says
	form       bool  // at a login form
	late       bool  // resolved after settleAfter
	lacked     bool  // a token's key was one that the server hasn't got
	news       uint8 // times that a path wasn't one of the trail
	unread     uint8 // tries with a token that couldn't be read, up to someOthers,
	read       uint8 // and with one that was read and refused
	family     family
}

// manyPaths is how often a visit turns to another path before it looks for what is
// there: who guesses knows where.
const manyPaths = 8

// goes notes the path of a further try.
func (v *visit) goes(path uint64) {
	if path == v.path {
		return
	}
	v.paths = true
	short := uint32(path)
	if short == v.trail[0] || short == v.trail[1] {
		return
	}
	v.trail[0], v.trail[1] = short, v.trail[0]
	if v.news < manyPaths {
		v.news++
	}
}

// someOthers are so many tries with another kind of token that no chance makes them.
const someOthers = 3

// offers notes the cause that a token was refused for.
func (v *visit) offers(f *detectors.Failure) {
	v.lacked = v.lacked || f.Cause == rules.UnknownKey && f.Tier != rules.TierStatus
	switch n := &v.read; f.Cause {
	case rules.MalformedToken:
		n = &v.unread
		fallthrough
	case rules.InvalidSignature, rules.UnknownKey, rules.SignatureMismatch:
		if f.Tier != rules.TierStatus && *n < someOthers {
			*n++
		}
	}
}

// differ says that the tokens of v weren't all the same: what can't be read at one time
// has no signature at another.
func (v *visit) differ() bool { return v.unread >= someOthers && v.read >= someOthers }

// misread says that a few tokens were read, and refused for their signature or key alone:
// where a crowd meets this it is the server that lacks the key. Of a signature this is
// believed of those whom another server has let in; others may have made it up.
func (v *visit) misread(t *Tracker) bool {
	if v.class != token || v.read == 0 || v.unread != 0 || v.fails >= tokenTries {
		return false
	}
	src := t.sources.get(v.srcKey)
	return v.lacked || src != nil && src.okAt != [numClasses]int64{}
}

// searches says that v looks for what is there, and shows no sign that it offered
// anything: many paths are refused, or about as many don't exist.
func (v *visit) searches(src *source) bool {
	return v.class == token && !v.said && (v.news >= manyPaths || v.paths && src.absent >= manyPaths && 2*src.absent >= v.fails)
}

// family is what kind of address a visit came from.
type family uint8

const (
	nowhere family = iota // the log has none
	ipv4
	ipv6
	numFamilies
)

// from notes the address of a visit whose srcKey is known.
func (v *visit) from(a netip.Addr) {
	switch {
	case a.Is4():
		v.family = ipv4
	case a.IsValid():
		b := a.As16()
		v.family, v.host = ipv6, binary.BigEndian.Uint64(b[8:])
	}
}

// addr is the full address, invalid where the log has none. It is put together
// each time: a log of visits without pointers is nothing that a garbage collector reads.
func (v *visit) addr() netip.Addr {
	switch v.family {
	case nowhere:
		return netip.Addr{}
	case ipv4:
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(v.srcKey))
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], v.srcKey)
	binary.BigEndian.PutUint64(b[8:], v.host)
	return netip.AddrFrom16(b)
}

type visitState uint8

const (
	pending visitState = iota
	settled
	resolved
)

// class says what was offered.
type class uint8

const (
	login class = iota
	token
	numClasses
)

// gap is the mean time between tries in seconds.
func (v *visit) gap() float64 {
	if v.fails < 2 {
		return 3600
	}
	return float64(v.last-v.first) / float64(second) / float64(v.fails-1)
}

// resembles says that half of the name is the same, as one typing error leaves it.
func (v *visit) resembles(halves [2]uint32) bool {
	return halves[0] != 0 && v.halves[0] == halves[0] || halves[1] != 0 && v.halves[1] == halves[1]
}

// steady says that the tries, least of them or more, came at a machine's even pace.
func (v *visit) steady(least uint32) bool {
	if v.fails < least {
		return false
	}
	mean := v.gap()
	variance := v.gaps2/float64(v.fails-1) - mean*mean
	return variance < 0.3*mean*mean
}

// timed says that the tries came as a timer makes them, whose pace differs by a fifth at
// most and by the second to which stamps may be rounded.
func (v *visit) timed(least uint32) bool {
	if v.fails < least {
		return false
	}
	mean := v.gap()
	return v.gaps2/float64(v.fails-1)-mean*mean < 0.04*mean*mean+1./6
}

// evenly says that one identity tries once a minute or less, as by a clock. Where many
// tries show it a service without an address may be faster; a name that doesn't exist
// has to be exact.
func (v *visit) evenly(least uint32) bool {
	pace, jitter := 50., 0.02
	if v.family == nowhere && v.fails >= clockTries {
		pace = 5
	}
	if v.unknown {
		least, jitter = clockTries, 0.001
	}
	mean := v.gap()
	return !v.paths && v.fails >= least && mean >= pace && v.gaps2/float64(v.fails-1)-mean*mean < jitter*mean*mean
}

// A visitLog holds the latest visits.
type visitLog struct {
	ring[visit]
	index index // of those that go on
	short int64 // event time at which a visit was last forgotten too early
	begun int64 // when the latest began,
	late  int64 // and how much earlier than it others did that came after, at most an hour
}

func newVisitLog(limit int) *visitLog {
	return &visitLog{ring: newRing[visit](limit), index: newIndex()}
}

// get returns the visit going on under key, or nil.
func (l *visitLog) get(key uint64) *visit {
	for p, cell := l.index.first(key); p >= 0; p, cell = l.index.after(key, cell) {
		if v := l.in(p); v.key == key {
			return v
		}
	}
	return nil
}

// add starts a visit. At the limit the oldest is forgotten.
func (l *visitLog) add(key uint64, now int64) (v *visit, seq uint64) {
	if l.full() {
		old := l.at(l.first)
		l.close(old)
		if now-old.last < hour {
			l.short = now
		}
	}
	v, seq = l.push(), l.next-1
	*v = visit{key: key}
	l.index.add(key, l.place(seq))
	return v, seq
}

// begin says when the visit that was added last began.
func (l *visitLog) begin(v *visit, at int64) {
	v.first = at
	l.begun = max(l.begun, at)
	l.late = max(l.late, min(hour, l.begun-at))
}

// close ends a visit: the next failure under its key starts another.
func (l *visitLog) close(v *visit) {
	for p, cell := l.index.first(v.key); p >= 0; p, cell = l.index.after(v.key, cell) {
		if l.in(p) == v {
			l.index.remove(v.key, p)
			return
		}
	}
}
