package spike

// entry is what a table holds: a pointer type that knows its key and how much
// would be lost with it.
type entry[T any] interface {
	*T
	id() uint64
	worth(now int64) float64
	code(c *coder)
}

// A table finds entries by a 64-bit key and holds at most limit of them. It keeps
// them in chunks, so that growing moves nothing, and at the limit it gives the
// place of the least informative of a few neighbours to the newcomer. Which one
// that is depends on the order of arrival alone, never on the key.
type table[T any, P entry[T]] struct {
	index  index
	chunks [][]T
	n      int
	limit  int
	hand   int
	recent P     // the entry asked for last: the same one is often asked for again
	short  int64 // event time at which an entry worth keeping was last given up
}

const (
	worthKeeping = -2 // what stands for two idle hours and no evidence

	chunkSize = 1024
	inspected = 12 // neighbours looked at for one eviction
)

func newTable[T any, P entry[T]](limit int) *table[T, P] {
	return &table[T, P]{index: newIndex(), limit: max(limit, 64)}
}

func (t *table[T, P]) at(i int32) P { return &t.chunks[i/chunkSize][i%chunkSize] }

// get returns the entry under key, or nil.
func (t *table[T, P]) get(key uint64) P {
	if t.recent != nil && t.recent.id() == key {
		return t.recent
	}
	for i, cell := t.index.first(key); i >= 0; i, cell = t.index.after(key, cell) {
		if p := t.at(i); p.id() == key {
			t.recent = p
			return p
		}
	}
	return nil
}

// put makes room for key, which must not be there, and returns a zeroed entry.
// The caller sets its key at once.
func (t *table[T, P]) put(key uint64, now int64) P {
	i := int32(t.n)
	if t.n < t.limit {
		if t.n%chunkSize == 0 {
			t.chunks = append(t.chunks, make([]T, min(chunkSize, t.limit-t.n)))
		}
		t.n++
	} else {
		i = t.victim(now)
		v := t.at(i)
		t.index.remove(v.id(), i)
		if v.worth(now) > worthKeeping {
			t.short = now
		}
	}
	t.index.add(key, i)
	p := t.at(i)
	*p = *new(T)
	t.recent = p
	return p
}

func (t *table[T, P]) victim(now int64) int32 {
	best, least := int32(t.hand), 0.0
	for k := range inspected {
		if w := t.at(int32(t.hand)).worth(now); k == 0 || w < least {
			best, least = int32(t.hand), w
		}
		if t.hand++; t.hand == t.n {
			t.hand = 0
		}
	}
	return best
}
