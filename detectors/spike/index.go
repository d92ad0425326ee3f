package spike

import (
	"math/bits"
	"math/rand/v2"
)

// An index maps keys, which are hashes or addresses, to numbers above 0. It is a
// hash table with open addressing, at most three quarters full: one look at memory for
// most keys, where a Go map takes three.
type index struct {
	cells []cell // a power of two
	by    uint64 // what keys are multiplied by: drawn anew, for addresses are whoever's choice
	shift uint8  // 64 minus the bits of an index into cells
	n     int
}

type cell struct{ key, val uint64 } // val 0: free

func newIndex() index { return index{cells: make([]cell, 64), by: rand.Uint64() | 1, shift: 64 - 6} }

// home is where the search for key begins.
func (x *index) home(key uint64) int { return int(key * x.by >> x.shift) }

// get returns the number of key, 0 if there is none.
func (x *index) get(key uint64) uint64 {
	for i := x.home(key); ; i = (i + 1) & (len(x.cells) - 1) {
		if c := &x.cells[i]; c.key == key || c.val == 0 {
			return c.val
		}
	}
}

// renew gives key, if it has a number, another one.
func (x *index) renew(key, val uint64) bool {
	for i := x.home(key); ; i = (i + 1) & (len(x.cells) - 1) {
		switch c := &x.cells[i]; {
		case c.val == 0:
			return false
		case c.key == key:
			c.val = val
			return true
		}
	}
}

// set gives key a number.
func (x *index) set(key, val uint64) {
	if 4*x.n >= 3*len(x.cells) {
		old := x.cells
		x.cells = make([]cell, 2*len(old))
		x.shift = uint8(64 - bits.TrailingZeros(uint(len(x.cells))))
		x.n = 0
		for _, c := range old {
			if c.val != 0 {
				x.set(c.key, c.val)
			}
		}
	}
	i := x.home(key)
	for x.cells[i].val != 0 && x.cells[i].key != key {
		i = (i + 1) & (len(x.cells) - 1)
	}
	if x.cells[i].val == 0 {
		x.n++
	}
	x.cells[i] = cell{key, val}
}

// remove forgets key and moves up what was pushed past it.
func (x *index) remove(key uint64) {
	mask := len(x.cells) - 1
	at := x.home(key)
	for x.cells[at].key != key {
		if x.cells[at].val == 0 {
			return
		}
		at = (at + 1) & mask
	}
	if x.cells[at].val == 0 {
		return
	}
	x.n--
	for next := at; ; {
		next = (next + 1) & mask
		c := x.cells[next]
		if c.val == 0 {
			break
		}
		if (next-x.home(c.key))&mask >= (next-at)&mask {
			x.cells[at] = c
			at = next
		}
	}
	x.cells[at] = cell{}
}
