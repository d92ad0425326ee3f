package spike

import (
	"math/rand/v2"
	"testing"
)

// An index does what a map does, also with keys that fall on one place.
func TestIndexIsAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 401))
	x, want := newIndex(), map[uint64]int32{}
	keys := make([]uint64, 3000) // the places are their numbers
	for i := range keys {
		keys[i] = rng.Uint64N(1 << 40)
		if i%3 == 0 {
			keys[i] = uint64(i) << 58 // all near one home
		}
	}
	get := func(key uint64) int32 {
		for i, cell := x.first(key); i >= 0; i, cell = x.after(key, cell) {
			if keys[i] == key {
				return i
			}
		}
		return -1
	}
	for i := range 200_000 {
		n := rng.Int32N(int32(len(keys)))
		k := keys[n]
		if was, ok := want[k]; ok != (get(k) >= 0) {
			t.Fatalf("after %d steps %x is known: %v, want %v", i, k, !ok, ok)
		} else if rng.IntN(3) == 0 {
			x.remove(k, was)
			delete(want, k)
		} else if !ok {
			x.add(k, n)
			want[k] = n
		}
	}
	if x.n != len(want) {
		t.Errorf("%d keys, want %d", x.n, len(want))
	}
}
