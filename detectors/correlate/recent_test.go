package correlate

import (
	"math/rand/v2"
	"testing"
)

// TestRecent compares with a map, and what is forgotten under other keys.
func TestRecent(t *testing.T) {
	const max, calls = 100, 20_000
	names := rand.New(rand.NewPCG(1, 2))
	one, two := newRecent[int](max), newRecent[int](max)
	model := map[uint64]int{}
	salt := rand.Uint64()
	for i := range calls {
		name := uint64(names.IntN(150))
		a, b := mix(name, 7), mix(name, salt)
		if names.IntN(3) == 0 {
			va, vb := one.get(a), two.get(b)
			if (va == nil) != (vb == nil) {
				t.Fatalf("call %d: keys decide what is forgotten", i)
			}
			if va != nil && *va != model[name] {
				t.Fatalf("call %d: %d, want %d", i, *va, model[name])
			}
			continue
		}
		*one.put(a), *two.put(b), model[name] = i, i, i
	}
	if len(one.slots) != max || one.lost == 0 || one.lost != two.lost {
		t.Errorf("%d values, %d and %d forgotten", len(one.slots), one.lost, two.lost)
	}
	used := 0
	for _, p := range one.index {
		if p.slot != 0 {
			used++
		}
	}
	if used != max {
		t.Errorf("%d places of the index in use, want %d", used, max)
	}
}

func TestCounts(t *testing.T) {
	var c counts
	base := epoch / span * span
	for i := range int64(100) {
		c.add(base + i*span)
		c.add(base + i*span)
	}
	c.add(base) // long past
	if got := c.sum(base+98*span, base+99*span); got != 4 {
		t.Errorf("two buckets hold %d, want 4", got)
	}
	if got := c.sum(0, base+1000*span); got != 2*buckets {
		t.Errorf("all buckets hold %d, want %d", got, 2*buckets)
	}
	if c.total != 201 {
		t.Errorf("total %d, want 201", c.total)
	}
}

func TestCrowd(t *testing.T) {
	var c crowd
	for i := range int64(1000) {
		c.add(epoch+i*int64(1e8), uint64(i%5+1), i%5 == 0)
	}
	if all, regulars := c.distinct(epoch, epoch+int64(1e11)); all != 5 || regulars != 1 {
		t.Errorf("%d clients, %d regulars; want 5 and 1", all, regulars)
	}
}
