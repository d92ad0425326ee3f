package correlate

// A recent is a map from keys, which are hashes already, to values. It holds at
// most max of them: then the one that was not asked for longest, roughly, makes
// room (the clock algorithm). What is forgotten depends on the order of calls
// alone, never on the keys: they differ from run to run.
type recent[V any] struct {
	index []place // open addressing; a power of two, at most half full
	slots []slot[V]
	used  []bool // by slot: asked for since the hand passed
	max   int
	hand  int
	lost  int64 // values forgotten
}

type slot[V any] struct {
	key uint64
	val V
}

// A place is half of a key's hash, and the slot+1; 0 is free. Most searches that
// pass other keys, and moves, needn't look at the slots, which are far away.
type place struct {
	tag  uint32
	slot int32
}

func newRecent[V any](max int) recent[V] {
	return recent[V]{index: make([]place, 64), max: max}
}

// tagOf returns the tag of key; its low bits are where the search begins.
func tagOf(key uint64) uint32 { return uint32((key * 0x9e3779b97f4a7c15) >> 32) }

// find returns key's place in the index, or the free place where it belongs.
func (r *recent[V]) find(key uint64) int {
	tag, mask := tagOf(key), len(r.index)-1
	for at := int(tag) & mask; ; at = (at + 1) & mask {
		p := r.index[at]
		if p.slot == 0 || p.tag == tag && r.slots[p.slot-1].key == key {
			return at
		}
	}
}

// get returns the value of key, or nil. It is valid until the next put.
func (r *recent[V]) get(key uint64) *V {
	s := r.index[r.find(key)].slot
	if s == 0 {
		return nil
	}
	r.used[s-1] = true
	return &r.slots[s-1].val
}

// put returns the value of key, new and zero where there was none.
func (r *recent[V]) put(key uint64) *V {
	at := r.find(key)
	if s := r.index[at].slot; s != 0 {
		r.used[s-1] = true
		return &r.slots[s-1].val
	}
	if len(r.slots) == r.max {
		return r.replace(key)
	}
	r.slots, r.used = append(r.slots, slot[V]{key: key}), append(r.used, false)
	r.index[at] = place{tagOf(key), int32(len(r.slots))}
	if len(r.slots)*2 > len(r.index) {
		r.reindex()
	}
	return &r.slots[len(r.slots)-1].val
}

// reindex makes the index anew, with room for what there is.
func (r *recent[V]) reindex() {
	size := len(r.index)
	for size < 2*len(r.slots) {
		size *= 2
	}
	r.index = make([]place, size)
	for i := range r.slots {
		key := r.slots[i].key
		r.index[r.find(key)] = place{tagOf(key), int32(i + 1)}
	}
}

// replace gives the place of a forgotten value to key.
func (r *recent[V]) replace(key uint64) *V {
	for r.used[r.hand] {
		r.used[r.hand] = false
		r.hand = (r.hand + 1) % r.max
	}
	s := &r.slots[r.hand]
	r.remove(r.find(s.key))
	r.lost++
	*s = slot[V]{key: key}
	r.index[r.find(key)] = place{tagOf(key), int32(r.hand + 1)}
	r.hand = (r.hand + 1) % r.max
	return &s.val
}

// remove frees a place of the index and moves up what was pushed past it.
func (r *recent[V]) remove(at int) {
	mask := len(r.index) - 1
	for next := at; ; {
		next = (next + 1) & mask
		p := r.index[next]
		if p.slot == 0 {
			break
		}
		if (next-int(p.tag))&mask >= (next-at)&mask {
			r.index[at] = p
			at = next
		}
	}
	r.index[at] = place{}
}
