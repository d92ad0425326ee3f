package correlate

// A recent is a map from keys, which are hashes already, to values. It holds at
// most max of them: then the one that was not asked for longest, roughly, makes
// room (the clock algorithm). What is forgotten depends on the order of calls
// alone, never on the keys: they differ from run to run.
type recent[V any] struct {
	index []int32 // open addressing; slot+1, 0 is free; a power of two, at most half full
	slots []slot[V]
	max   int
	hand  int
	lost  int64 // values forgotten
}

type slot[V any] struct {
	key  uint64
	used bool // asked for since the hand passed
	val  V
}

func newRecent[V any](max int) recent[V] {
	return recent[V]{index: make([]int32, 64), max: max}
}

// home is the place where the search for key begins.
func (r *recent[V]) home(key uint64) int {
	return int((key * 0x9e3779b97f4a7c15) >> 32 & uint64(len(r.index)-1))
}

// find returns key's place in the index, or the free place where it belongs.
func (r *recent[V]) find(key uint64) int {
	at := r.home(key)
	for {
		s := r.index[at]
		if s == 0 || r.slots[s-1].key == key {
			return at
		}
		at = (at + 1) & (len(r.index) - 1)
	}
}

// get returns the value of key, or nil. It is valid until the next put.
func (r *recent[V]) get(key uint64) *V {
	s := r.index[r.find(key)]
	if s == 0 {
		return nil
	}
	v := &r.slots[s-1]
	v.used = true
	return &v.val
}

// put returns the value of key, new and zero where there was none.
func (r *recent[V]) put(key uint64) *V {
	at := r.find(key)
	if s := r.index[at]; s != 0 {
		v := &r.slots[s-1]
		v.used = true
		return &v.val
	}
	if len(r.slots) == r.max {
		return r.replace(key)
	}
	r.slots = append(r.slots, slot[V]{key: key})
	r.index[at] = int32(len(r.slots))
	if len(r.slots)*2 > len(r.index) {
		r.index = make([]int32, 2*len(r.index))
		for i := range r.slots {
			r.index[r.find(r.slots[i].key)] = int32(i + 1)
		}
	}
	return &r.slots[len(r.slots)-1].val
}

// replace gives the place of a forgotten value to key.
func (r *recent[V]) replace(key uint64) *V {
	for r.slots[r.hand].used {
		r.slots[r.hand].used = false
		r.hand = (r.hand + 1) % r.max
	}
	s := &r.slots[r.hand]
	r.remove(r.find(s.key))
	r.lost++
	*s = slot[V]{key: key}
	r.index[r.find(key)] = int32(r.hand + 1)
	r.hand = (r.hand + 1) % r.max
	return &s.val
}

// remove frees a place of the index and moves up what was pushed past it.
func (r *recent[V]) remove(at int) {
	mask := len(r.index) - 1
	for next := at; ; {
		next = (next + 1) & mask
		s := r.index[next]
		if s == 0 {
			break
		}
		home := r.home(r.slots[s-1].key)
		if (next-home)&mask >= (next-at)&mask {
			r.index[at] = s
			at = next
		}
	}
	r.index[at] = 0
}
