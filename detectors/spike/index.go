package spike

import (
	"math/bits"
	"math/rand/v2"
)

// An index finds where the entries of a table or a ring lie, by keys that are hashes or
// addresses. It is a hash table with open addressing, at most three quarters full. A
// cell holds 32 bits of the key's hash and the place: whoever looks sees by the entry
// itself whether it is the right one, which it nearly always is.
type index struct {
	cells []uint64 // a power of two; hash<<32 | place+1, 0 is free
	by    uint64   // what keys are multiplied by: drawn anew, for addresses are whoever's choice
	shift uint8    // 32 minus the bits of an index into cells
	n     int
}

func newIndex() index { return index{cells: make([]uint64, 64), by: rand.Uint64() | 1, shift: 32 - 6} }

func (x *index) hash(key uint64) uint32 { return uint32(key * x.by >> 32) }

// first returns the first place at which key's entry may lie, -1 if there is none, and
// the cell to go on after.
func (x *index) first(key uint64) (place int32, cell int) {
	h := x.hash(key)
	return x.search(h, int(h>>x.shift))
}

// after returns the next place at which key's entry may lie.
func (x *index) after(key uint64, cell int) (place int32, next int) {
	return x.search(x.hash(key), cell+1)
}

func (x *index) search(hash uint32, cell int) (int32, int) {
	for ; ; cell++ {
		cell &= len(x.cells) - 1
		if c := x.cells[cell]; c == 0 || uint32(c>>32) == hash {
			return int32(uint32(c)) - 1, cell
		}
	}
}

// add says where key's entry lies, which must not be known.
func (x *index) add(key uint64, place int32) {
	if 4*x.n >= 3*len(x.cells) {
		old := x.cells
		x.cells = make([]uint64, 2*len(old))
		x.shift = uint8(32 - bits.TrailingZeros(uint(len(x.cells))))
		for _, c := range old {
			if c != 0 {
				x.put(c)
			}
		}
	}
	x.put(uint64(x.hash(key))<<32 | uint64(uint32(place+1)))
	x.n++
}

func (x *index) put(c uint64) {
	i := int(uint32(c>>32) >> x.shift)
	for x.cells[i] != 0 {
		i = (i + 1) & (len(x.cells) - 1)
	}
	x.cells[i] = c
}

// remove forgets that key's entry lies at place and moves up what was pushed past it.
func (x *index) remove(key uint64, place int32) {
	at, cell := x.first(key)
	for at != place {
		if at < 0 {
			return
		}
		at, cell = x.after(key, cell)
	}
	x.n--
	mask := len(x.cells) - 1
	for next := cell; ; {
		next = (next + 1) & mask
		c := x.cells[next]
		if c == 0 {
			break
		}
		if (next-int(uint32(c>>32)>>x.shift))&mask >= (next-cell)&mask {
			x.cells[cell] = c
			cell = next
		}
	}
	x.cells[cell] = 0
}
