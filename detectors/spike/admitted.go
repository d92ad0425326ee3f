package spike

import (
	"net/netip"
	"slices"

	"why401/detectors"
)

// admitted remembers, the latest of them, who was let through on routes that have
// refused nobody yet, or under a name: when such a route refuses everybody at once,
// they are those who used to get in there. Who is forgotten depends on the order of arrival alone.
type admitted struct {
	known index    // of a client on a route to when it was last let through
	ring  []uint64 // their keys, in order of arrival
	next  int
	limit int
	count uint8 // of those asked to be remembered
}

const (
	maxAdmitted   = 1 << 16
	admittedEvery = 4 // of them, once there are so many that some do
)

// admission is the key of an attempt, 0 for one without an address or a path.
func (t *Tracker) admission(a *detectors.Attempt) uint64 {
	path := route(a)
	if path == 0 || !a.Client.IsValid() {
		return 0
	}
	return t.mix(sourceKey(a.Client), path)
}

func (m *admitted) add(key uint64, at int64) {
	if m.count++; key == 0 || at <= 0 || len(m.ring) == m.limit && m.count%admittedEvery != 0 {
		return
	}
	if m.known.renew(key, uint64(at)) {
		return
	}
	if len(m.ring) < m.limit {
		m.ring = append(m.ring, key)
	} else {
		m.known.remove(m.ring[m.next])
		m.ring[m.next] = key
		m.next = (m.next + 1) % len(m.ring)
	}
	m.known.set(key, uint64(at))
}

// when returns when key was last let through, 0 if that isn't known.
func (m *admitted) when(key uint64) int64 {
	if key == 0 {
		return 0
	}
	return int64(m.known.get(key))
}

// code saves and restores. A smaller bound keeps none: they are known again soon.
func (m *admitted) code(c *coder) {
	number(c, &m.next)
	number(c, &m.count)
	n := c.count(len(m.ring), 1<<27)
	for i := range n {
		var key uint64
		var at int64
		if c.w != nil {
			key = m.ring[i]
			at = m.when(key)
		}
		c.hash(&key)
		number(c, &at)
		if c.err != nil {
			break
		}
		if c.w == nil {
			m.ring = append(m.ring, key)
			m.known.set(key, uint64(at))
		}
	}
	if c.w != nil {
		return
	}
	if m.next < 0 || m.next > max(0, len(m.ring)-1) {
		c.damaged()
	}
	if len(m.ring) > m.limit || c.err != nil {
		*m = admitted{known: newIndex(), limit: m.limit}
	}
}

// visitors are the first addresses that were let through anywhere, until there are so
// many of them that the site isn't a small one.
type visitors struct{ keys []uint64 }

func (v *visitors) busy() bool { return len(v.keys) >= fewPeople }

func (v *visitors) has(key uint64) bool { return slices.Contains(v.keys, key) }

func (v *visitors) add(a netip.Addr) {
	if key := sourceKey(a); !v.has(key) {
		v.keys = append(v.keys, key)
	}
}
