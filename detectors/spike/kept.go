package spike

// kept holds the latest entries, found by a 64-bit key. Which one is forgotten depends on
// the order of arrival alone, never on the keys: they differ from run to run.
type kept[T any, P keyed[T]] struct {
	index index // of ring
	ring  []T
	next  int // of ring, to be forgotten, once it is full
	limit int
}

// keyed is a pointer type that knows its key.
type keyed[T any] interface {
	*T
	id() uint64
}

func newKept[T any, P keyed[T]](limit int) kept[T, P] {
	return kept[T, P]{index: newIndex(), limit: limit}
}

// get returns the entry under key until the next add, or nil.
func (k *kept[T, P]) get(key uint64) P {
	for i, cell := k.index.first(key); i >= 0; i, cell = k.index.after(key, cell) {
		if e := P(&k.ring[i]); e.id() == key {
			return e
		}
	}
	return nil
}

// add keeps an entry, whose key must not be known.
func (k *kept[T, P]) add(one T) P {
	i := len(k.ring)
	if i < k.limit {
		k.ring = append(k.ring, one)
	} else {
		i = k.next
		k.index.remove(P(&k.ring[i]).id(), int32(i))
		k.ring[i] = one
		k.next = (i + 1) % k.limit
	}
	k.index.add(P(&one).id(), int32(i))
	return &k.ring[i]
}

// code saves and restores, each entry by one.
func (k *kept[T, P]) code(c *coder, one func(P)) {
	next, ring := k.next, k.ring
	number(c, &next)
	list(c, &ring, func(e *T) {
		one(e)
		if c.w != nil {
			return
		}
		if key := P(e).id(); key == 0 || k.get(key) != nil || len(k.ring) == k.limit {
			c.damaged()
			return
		}
		k.add(*e)
	})
	if k.next = next; next < 0 || next >= k.limit {
		c.damaged()
		k.next = 0
	}
}
