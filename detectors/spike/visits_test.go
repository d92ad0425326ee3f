package spike

import "testing"

// Whoever looks back from the latest visit stops at late before a moment, and misses
// none that began since: entries come out of order, and clocks are set back.
func TestVisitsLate(t *testing.T) {
	l := newVisitLog(1 << 10)
	var starts []int64
	for i, at := range []int64{10, 20, 15, 30, 12, 40, 40, 33, 50} {
		v, _ := l.add(uint64(i+1), at*minute)
		l.begin(v, at*minute)
		starts = append(starts, at)
		for since := int64(0); since < 60; since++ {
			want, got := 0, 0
			for _, s := range starts {
				if s >= since {
					want++
				}
			}
			for v := range l.latest {
				if v.first < since*minute-l.late {
					break
				}
				if v.first >= since*minute {
					got++
				}
			}
			if got != want {
				t.Fatalf("after %d visits: %d of the %d since minute %d", i+1, got, want, since)
			}
		}
	}
	if l.late != 18*minute {
		t.Errorf("late by %d minutes, want 18", l.late/minute)
	}
	v, _ := l.add(99, 0)
	if l.begin(v, -5*hour); l.late != hour {
		t.Errorf("late by %d minutes after a clock was set back, want 60", l.late/minute)
	}
}
