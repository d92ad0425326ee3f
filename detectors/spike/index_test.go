package spike

import (
	"math/rand/v2"
	"testing"
)

// An index does what a map does, also with keys that fall on one place.
func TestIndexIsAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 401))
	x, want := newIndex(), map[uint64]uint64{}
	keys := make([]uint64, 3000)
	for i := range keys {
		keys[i] = rng.Uint64N(1 << 40)
		if i%3 == 0 {
			keys[i] = uint64(i) << 58 // all near one home
		}
	}
	for i := range 200_000 {
		k := keys[rng.IntN(len(keys))]
		switch rng.IntN(3) {
		case 0:
			x.remove(k)
			delete(want, k)
		default:
			x.set(k, uint64(i+1))
			want[k] = uint64(i + 1)
		}
		if k = keys[rng.IntN(len(keys))]; x.get(k) != want[k] {
			t.Fatalf("after %d steps %x is %d, want %d", i, k, x.get(k), want[k])
		}
	}
	if x.n != len(want) {
		t.Errorf("%d keys, want %d", x.n, len(want))
	}
}
