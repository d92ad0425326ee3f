package spike

// A ring holds the latest entries of a run, which are numbered from 1 in order of
// arrival: limit of them. It keeps them in chunks, so that growing moves nothing and
// leaves nothing behind.
type ring[T any] struct {
	chunks [][]T // nil where nothing was put yet
	limit  int
	next   uint64 // number of the next entry
	from   uint64 // the first entry that a restored state held; 0 is none
}

func newRing[T any](limit int) ring[T] {
	limit = max(limit, 256)
	return ring[T]{chunks: make([][]T, (limit+chunkSize-1)/chunkSize), limit: limit, next: 1}
}

// oldest is the number of the oldest entry that is held.
func (r *ring[T]) oldest() uint64 {
	if n := uint64(r.limit); r.next > n {
		return max(r.from, r.next-n)
	}
	return max(r.from, 1)
}

// full says that the next entry takes the place of the oldest.
func (r *ring[T]) full() bool { return r.next-r.oldest() == uint64(r.limit) }

// at returns the entry with this number, or nil when it is gone.
func (r *ring[T]) at(seq uint64) *T {
	if seq >= r.next || seq < r.oldest() {
		return nil
	}
	return r.place(seq)
}

// place is where the entry with this number lies, or will.
func (r *ring[T]) place(seq uint64) *T {
	i := int((seq - 1) % uint64(r.limit))
	c := &r.chunks[i/chunkSize]
	if *c == nil {
		*c = make([]T, min(chunkSize, r.limit-i/chunkSize*chunkSize))
	}
	return &(*c)[i%chunkSize]
}

// code saves and restores the ring, each entry by one.
func (r *ring[T]) code(c *coder, one func(seq uint64, e *T)) {
	first, next := r.oldest(), r.next
	numbers(c, &first, &next)
	if c.w == nil {
		if first == 0 || first > next || next-first > 1<<27 {
			c.damaged()
			return
		}
		r.next, r.from = next, first
	}
	var gone T
	for seq := first; seq < next && c.err == nil; seq++ {
		e := &gone
		if c.w != nil || seq >= r.oldest() {
			e = r.place(seq)
		}
		one(seq, e)
	}
}
