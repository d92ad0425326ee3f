package engine

import (
	"fmt"
	"testing"
	"time"
)

// sampled is the sample of a log that is ahead of right, in seconds, from the first-th
// request on.
func sampled(first, n int, ahead float64) sample {
	s := sample{ids: map[string]int64{}}
	for i := first; i < first+n; i++ {
		s.ids[fmt.Sprint("r", i)] = int64((float64(1000+7*i) + ahead + float64(i%3)/10) * float64(time.Second))
	}
	return s
}

// Ids tell zones and clocks apart, through other logs too; what is far, shared by chance
// or doesn't stay the same is left alone.
func TestOffsets(t *testing.T) {
	zoneless := func(s sample) sample {
		s.zoneless = true
		return s
	}
	edge := func(s sample) sample {
		s.clients = 2
		return s
	}
	drifting := sampled(0, 20, 0)
	for id := range drifting.ids {
		drifting.ids[id] += drifting.ids[id] % int64(40*time.Second)
	}
	for name, test := range map[string]struct {
		samples []sample
		want    []string // what is taken back, in seconds, and the zone
	}{
		"in step":         {[]sample{edge(sampled(0, 20, 0)), sampled(0, 20, 0.3)}, []string{"0 ", "0 "}},
		"clock":           {[]sample{sampled(0, 20, 15), edge(sampled(0, 20, 0))}, []string{"15 ", "0 "}},
		"clock behind":    {[]sample{edge(sampled(0, 20, 0)), sampled(0, 20, -95)}, []string{"0 ", "-95 "}},
		"zone":            {[]sample{zoneless(sampled(0, 20, 3600)), sampled(0, 20, 0)}, []string{"3600 +01:00", "0 "}},
		"half an hour":    {[]sample{sampled(0, 20, 0), zoneless(sampled(0, 20, -3.5*3600))}, []string{"0 ", "-12600 -03:30"}},
		"both local":      {[]sample{zoneless(edge(sampled(0, 20, 0))), zoneless(sampled(0, 20, 7200))}, []string{"0 ", "7200 +02:00"}},
		"through another": {[]sample{edge(sampled(0, 20, 0)), sampled(10, 20, 30), sampled(24, 20, 50)}, []string{"0 ", "30 ", "50 "}},
		"majority":        {[]sample{edge(sampled(0, 20, 30)), sampled(0, 20, 0), sampled(0, 20, 0)}, []string{"30 ", "0 ", "0 "}},
		"few ids":         {[]sample{sampled(0, 20, 0), sampled(17, 20, 30)}, []string{"0 ", "0 "}},
		"too far":         {[]sample{sampled(0, 20, 0), sampled(0, 20, 5*3600)}, []string{"0 ", "0 "}},
		"drifting":        {[]sample{sampled(0, 20, 0), drifting}, []string{"0 ", "0 "}},
	} {
		logs := make([]Log, len(test.samples))
		for i, o := range offsets(logs, test.samples) {
			if got := fmt.Sprint(int(o.Ahead.Round(time.Second)/time.Second), " ", o.Zone); got != test.want[i] {
				t.Errorf("%s: log %d: %q, want %q", name, i, got, test.want[i])
			}
		}
	}
}
