package report

import (
	"cmp"
	"slices"
)

// Distinct counts different things, exactly up to maxDistinct.
type Distinct struct {
	seen map[uint64]struct{}
	More bool // there were more than were counted
}

func (d *Distinct) add(h uint64) {
	if _, ok := d.seen[h]; ok {
		return
	}
	if len(d.seen) == maxDistinct {
		d.More = true
		return
	}
	if d.seen == nil {
		d.seen = map[uint64]struct{}{}
	}
	d.seen[h] = struct{}{}
}

// Len returns how many were counted.
func (d *Distinct) Len() int { return len(d.seen) }

// A Tally counts the frequent ones among many: exactly up to maxTally different
// ones, by Misra and Gries (1982) beyond, and then counts are lower bounds.
type Tally struct {
	counts map[string]*int64
	Bound  bool // counts are lower bounds
}

func (t *Tally) add(key []byte) {
	if n := t.counts[string(key)]; n != nil {
		*n++
		return
	}
	if t.counts == nil {
		t.counts = map[string]*int64{}
	}
	if len(t.counts) == maxTally {
		t.Bound = true
		for k, n := range t.counts {
			if *n--; *n == 0 {
				delete(t.counts, k)
			}
		}
		return
	}
	one := int64(1)
	t.counts[string(key)] = &one
}

// A Count is one line of a Tally.
type Count struct {
	Key string
	N   int64
}

// Top returns the n most frequent.
func (t *Tally) Top(n int) []Count {
	list := make([]Count, 0, len(t.counts))
	for k, c := range t.counts {
		list = append(list, Count{k, *c})
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Key, b.Key)) })
	return list[:min(n, len(list))]
}
