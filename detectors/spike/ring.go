package spike

// A ring holds the latest entries of a run, which are numbered from 1 in order of
// arrival: limit of them. It keeps them in chunks, so that growing moves nothing and
// leaves nothing behind; a chunk of which all entries are gone is used again.
type ring[T any] struct {
	chunks [][]T // a power of two; nil where nothing is held
	limit  int
	first  uint64 // number of the oldest entry that is held
	next   uint64 // and of the next
}

func newRing[T any](limit int) ring[T] {
	limit = max(limit, 256)
	n := 1
	for n*chunkSize < limit+chunkSize {
		n *= 2
	}
	return ring[T]{chunks: make([][]T, n), limit: limit, first: 1, next: 1}
}

// full says that the next entry takes the place of the oldest.
func (r *ring[T]) full() bool { return r.next-r.first == uint64(r.limit) }

// at returns the entry with this number, or nil when it is gone.
func (r *ring[T]) at(seq uint64) *T {
	if seq >= r.next || seq < r.first {
		return nil
	}
	return r.in(r.place(seq))
}

// place is where the entry with this number lies, or will.
func (r *ring[T]) place(seq uint64) int32 {
	return int32((seq - 1) & uint64(len(r.chunks)*chunkSize-1))
}

// in returns the entry at a place.
func (r *ring[T]) in(place int32) *T { return &r.chunks[place/chunkSize][place%chunkSize] }

// push makes room for the next entry, of which the caller writes all.
func (r *ring[T]) push() *T {
	if r.full() {
		r.first++
	}
	r.next++
	return r.room(r.next - 1)
}

// room returns where to write the entry with this number.
func (r *ring[T]) room(seq uint64) *T {
	p := r.place(seq)
	if c := &r.chunks[p/chunkSize]; *c == nil {
		gone := &r.chunks[(int(r.place(r.first)/chunkSize)-1)&(len(r.chunks)-1)]
		if *c, *gone = *gone, nil; *c == nil {
			*c = make([]T, chunkSize)
		}
	}
	return r.in(p)
}

// latest yields the entries that are held, the latest first.
func (r *ring[T]) latest(yield func(*T) bool) {
	for seq := r.next; seq > r.first; {
		c := r.chunks[r.place(seq-1)/chunkSize]
		for i := int(r.place(seq-1) % chunkSize); i >= 0 && seq > r.first; i-- {
			if !yield(&c[i]) {
				return
			}
			seq--
		}
	}
}

// code saves and restores the ring, each entry by one.
func (r *ring[T]) code(c *coder, one func(seq uint64, e *T)) {
	first, next := r.first, r.next
	numbers(c, &first, &next)
	if c.w == nil {
		if first == 0 || first > next || next-first > 1<<27 {
			c.damaged()
			return
		}
		r.next = next
		if r.first = first; next-first > uint64(r.limit) {
			r.first = next - uint64(r.limit)
		}
	}
	var gone T
	for seq := first; seq < next && c.err == nil; seq++ {
		e := &gone
		if seq >= r.first {
			e = r.room(seq)
		}
		one(seq, e)
	}
}
