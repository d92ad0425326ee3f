package spike

import (
	"net/netip"
	"slices"

	"why401/detectors"
)

// admitted remembers who was let through lately on routes that have refused nobody yet,
// or under a name: when such a route refuses everybody at once, they are those who used
// to get in there. Where an entry lies goes by the address, and which one it takes the
// place of by time, so that both are the same in every run; an entry is found with one
// look at memory.
type admitted struct {
	lines []admittedLine // a power of two; none before the first is let through
	most  int            // lines
}

// An admittedLine holds what is known of some addresses: 32 bits of the key of each
// entry, and above them the second at which it was let through; 0 is none.
type admittedLine [8]uint64

const mostAdmitted = 1 << 16

// newAdmitted returns room for at most limit entries.
func newAdmitted(limit int) admitted {
	n := 1
	for 2*n*len(admittedLine{}) <= limit {
		n *= 2
	}
	return admitted{most: n}
}

// admission is the source of an attempt and the key of its entry, 0 for one without an
// address or a path.
func (t *Tracker) admission(a *detectors.Attempt) (src, key uint64) {
	path := route(a)
	if path == 0 || !a.Client.IsValid() {
		return 0, 0
	}
	src = sourceKey(a.Client)
	return src, t.mix(src, path)
}

func (t *Tracker) admit(a *detectors.Attempt) {
	src, key := t.admission(a)
	t.admitted.add(src, key, t.now)
}

func (m *admitted) line(src uint64) *admittedLine {
	return &m.lines[src*0x9e3779b97f4a7c15>>32&uint64(len(m.lines)-1)]
}

// add keeps when the entry under key, of the source src, was let through.
func (m *admitted) add(src, key uint64, at int64) {
	sec := uint64(at / second)
	if key == 0 || at < second || sec >= 1<<32 {
		return
	}
	if m.lines == nil {
		m.lines = make([]admittedLine, m.most)
	}
	l := m.line(src)
	oldest := 0
	for i, e := range l {
		if uint32(e) == uint32(key) {
			oldest = i
			break
		}
		if e>>32 < l[oldest]>>32 {
			oldest = i
		}
	}
	l[oldest] = sec<<32 | uint64(uint32(key))
}

// when returns when the entry under key was last let through, to the second, and 0 if
// that isn't known.
func (m *admitted) when(src, key uint64) int64 {
	if key == 0 || m.lines == nil {
		return 0
	}
	for _, e := range m.line(src) {
		if uint32(e) == uint32(key) {
			return int64(e>>32) * second
		}
	}
	return 0
}

// code saves and restores. Another bound keeps none: they are known again soon.
func (m *admitted) code(c *coder) {
	lines := len(m.lines)
	number(c, &lines)
	n := 0
	for i := range m.lines {
		for _, e := range m.lines[i] {
			if e != 0 {
				n++
			}
		}
	}
	n = c.count(n, 1<<27)
	if c.w == nil && n > 0 && lines == m.most {
		m.lines = make([]admittedLine, lines)
	}
	at := 0 // the place of the next entry
	for range n {
		var e uint64
		if c.w != nil {
			for e = m.entry(at); e == 0; e = m.entry(at) {
				at++
			}
		}
		number(c, &at)
		c.hash(&e)
		if c.err != nil {
			break
		}
		if c.w == nil && m.lines != nil {
			if at < 0 || at >= len(m.lines)*len(admittedLine{}) {
				c.damaged()
				break
			}
			m.lines[at/len(admittedLine{})][at%len(admittedLine{})] = e
		}
		at++
	}
}

func (m *admitted) entry(at int) uint64 {
	return m.lines[at/len(admittedLine{})][at%len(admittedLine{})]
}

// visitors are the first addresses that were let through anywhere in this day of the
// log, and those of the day before, until there are so many of them that the site isn't
// a small one.
type visitors struct {
	today, before []uint64
	since         int64 // event time at which today began
}

func (v *visitors) busy() bool { return len(v.today) >= fewPeople || len(v.before) >= fewPeople }

// any says that somebody was let through.
func (v *visitors) any() bool { return len(v.today)+len(v.before) > 0 }

func (v *visitors) has(key uint64) bool {
	return slices.Contains(v.today, key) || slices.Contains(v.before, key)
}

func (v *visitors) add(a netip.Addr) {
	if key := sourceKey(a); !slices.Contains(v.today, key) {
		v.today = append(v.today, key)
	}
}

// pass begins another day when one is over. After a day without anybody the site has
// none, as far as is known.
func (v *visitors) pass(now int64) {
	switch d := now - v.since; {
	case v.since == 0:
		v.since = now
	case d >= 48*hour || d < 0:
		v.today, v.before, v.since = nil, nil, now
	case d >= 24*hour:
		v.today, v.before, v.since = nil, v.today, now
	}
}

func (v *visitors) code(c *coder) {
	list(c, &v.today, c.hash)
	list(c, &v.before, c.hash)
	number(c, &v.since)
}
