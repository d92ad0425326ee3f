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
	known index // to 1 + the place in ring
	ring  []admission
	next  int
	limit int
}

// An admission is a client on a route, and when it was last let through.
type admission struct {
	key uint64
	at  int64
}

const maxAdmitted = 1 << 16

// admission is the key of an attempt, 0 for one without an address or a path.
func (t *Tracker) admission(a *detectors.Attempt) uint64 {
	path := route(a)
	if path == 0 || !a.Client.IsValid() {
		return 0
	}
	return t.mix(sourceKey(a.Client), path)
}

func (m *admitted) add(key uint64, at int64) {
	if key == 0 {
		return
	}
	if i := m.known.get(key); i != 0 {
		m.ring[i-1].at = at
		return
	}
	i := len(m.ring)
	if i < m.limit {
		m.ring = append(m.ring, admission{key, at})
	} else {
		i = m.next
		m.known.remove(m.ring[i].key)
		m.ring[i] = admission{key, at}
		m.next = (i + 1) % len(m.ring)
	}
	m.known.set(key, uint64(i)+1)
}

// when returns when key was last let through, 0 if that isn't known.
func (m *admitted) when(key uint64) int64 {
	if i := m.known.get(key); i != 0 && key != 0 {
		return m.ring[i-1].at
	}
	return 0
}

// code saves and restores. A smaller bound keeps none: they are known again soon.
func (m *admitted) code(c *coder) {
	number(c, &m.next)
	list(c, &m.ring, func(a *admission) {
		c.hash(&a.key)
		number(c, &a.at)
	})
	if c.w != nil {
		return
	}
	if m.next < 0 || m.next > max(0, len(m.ring)-1) {
		c.damaged()
	}
	if len(m.ring) > m.limit || c.err != nil {
		*m = admitted{known: newIndex(), limit: m.limit}
		return
	}
	for i, a := range m.ring {
		m.known.set(a.key, uint64(i)+1)
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
