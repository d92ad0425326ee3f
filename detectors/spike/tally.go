package spike

import "github.com/axiomhq/hyperloglog"

// A tally counts how often each member was seen, exactly up to a limit.
type tally[K comparable] struct {
	n    map[K]int32
	more int                 // additions that found no room
	over *hyperloglog.Sketch // of these, how many differ
	room *int                // left for the members of all campaigns
}

// add counts k, whose hash is asked for where there is no more room.
func (t *tally[K]) add(k K, hash func(K) uint64) {
	if t.n == nil {
		t.n = map[K]int32{}
	}
	if _, ok := t.n[k]; ok {
		t.n[k]++
	} else if (*t.room > 0 || len(t.n) < leastMembers) && len(t.n) < mostMembers {
		*t.room--
		t.n[k] = 1
	} else {
		if t.more++; t.over == nil {
			t.over, _ = hyperloglog.NewSketch(12, false) // 4 KiB, right to 2 %
		}
		t.over.InsertHash(hash(k))
	}
}

func (t *tally[K]) remove(k K) {
	if c, ok := t.n[k]; ok {
		if c <= 1 {
			delete(t.n, k)
			*t.room++
		} else {
			t.n[k] = c - 1
		}
	}
}

func (t *tally[K]) has(k K) bool { _, ok := t.n[k]; return ok }

func (t *tally[K]) len() int { return len(t.n) }

// count is how many there are, an estimate where some found no room.
func (t *tally[K]) count() int {
	if t.over == nil {
		return len(t.n)
	}
	return len(t.n) + int(t.over.Estimate())
}
