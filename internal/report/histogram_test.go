package report

import (
	"math/rand/v2"
	"testing"
	"time"

	"why401/rules"
)

var noon = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)

func drawn(c *Chart) (n int64) {
	for _, s := range c.Series {
		for _, k := range s.Counts {
			n += k
		}
	}
	return n
}

// TestHistogramBounded adds failures of a second, of a day, of centuries: whatever
// the span, all are counted, in few buckets and few columns.
func TestHistogramBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, span := range []time.Duration{1, time.Second, time.Hour, day, 400 * day, 5000 * day, 100_000 * day} {
		var h Histogram
		const n = 20_000
		for range n {
			h.add(noon.Add(time.Duration(rng.Int64N(int64(span)))), rules.ExpiredToken)
		}
		if len(h.buckets) > maxBuckets {
			t.Errorf("%s: %d buckets", span, len(h.buckets))
		}
		for _, columns := range []int{1, 33, 72} {
			c := h.chart(noon, noon.Add(span), columns, chartSeries)
			if len(c.Columns) == 0 || len(c.Columns) > columns || drawn(c)+c.Outside != n {
				t.Errorf("%s: %d columns of %s, %d drawn, %d outside", span, len(c.Columns), c.Width, drawn(c), c.Outside)
			}
			if c.Columns[0].After(noon) || c.End.Before(noon.Add(span-1).Truncate(time.Second)) && columns > 1 {
				t.Errorf("%s: drawn from %s to %s", span, c.Columns[0], c.End)
			}
		}
	}
}

// TestChartOutlier looks whether one wrong clock hides what happened.
func TestChartOutlier(t *testing.T) {
	var h Histogram
	h.add(time.Unix(0, 0), rules.ExpiredToken)
	for i := range 1000 {
		h.add(noon.Add(time.Duration(i)*time.Second), rules.BadCredentials)
	}
	h.add(noon.AddDate(70, 0, 0), rules.ExpiredToken)
	c := h.chart(time.Unix(0, 0), noon.AddDate(70, 0, 0), 40, chartSeries)
	if c.Outside != 2 || c.Width > time.Minute || drawn(c) != 1000 {
		t.Errorf("columns of %s from %s, %d outside", c.Width, c.Columns[0], c.Outside)
	}
}

// TestChartSpan shows what was quiet around the failures, unless they would vanish in it.
func TestChartSpan(t *testing.T) {
	for _, c := range []struct {
		log   time.Duration // of the log, around noon
		width time.Duration // of the failures
		want  time.Duration
	}{
		{4 * time.Hour, time.Hour, 10 * time.Minute},
		{240 * time.Hour, time.Hour, 2 * time.Minute},
		{time.Hour, time.Hour, 5 * time.Minute},
		{0, 0, time.Second},
	} {
		var h Histogram
		for i := range 601 {
			h.add(noon.Add(c.width*time.Duration(i)/600), rules.ExpiredToken)
		}
		chart := h.chart(noon.Add(-c.log/2), noon.Add(c.width+c.log/2), 33, chartSeries)
		if chart.Width != c.want {
			t.Errorf("log of %s, failures of %s: columns of %s, not %s", c.log, c.width, chart.Width, c.want)
		}
	}
}

// TestChartZone begins days at midnight where the reader lives, on both sides of
// a change of the clock.
func TestChartZone(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	h := Histogram{Zone: zone}
	for i := range 30 {
		h.add(time.Date(2026, 3, 15+i, 12, 0, 0, 0, zone), rules.ExpiredToken)
	}
	c := h.chart(time.Time{}, time.Time{}, 31, chartSeries)
	if c.Width != day {
		t.Fatalf("columns of %s", c.Width)
	}
	for i, at := range c.Columns {
		if at.Hour() != 0 || c.Series[0].Counts[i] != 1 {
			t.Errorf("column %d begins at %s and has %d", i, at, c.Series[0].Counts[i])
		}
	}
}

// TestChartSeries keeps the most frequent causes apart and adds up the others.
func TestChartSeries(t *testing.T) {
	var h Histogram
	for c := range rules.NumCauses {
		for range int(c) + 1 {
			h.add(noon, rules.Cause(c))
		}
	}
	c := h.chart(noon, noon, 10, 3)
	var all int64
	for _, s := range c.Series {
		all += s.Total
	}
	if len(c.Series) != 3 || c.Series[0].Total < c.Series[1].Total || drawn(c) != all {
		t.Errorf("%+v", c.Series)
	}
	for _, b := range h.buckets {
		for cause, n := range b {
			if rules.Cause(cause) != rules.BenignChallenge {
				all -= n
			}
		}
	}
	if all != 0 {
		t.Errorf("%d failures lost, or challenges drawn", -all)
	}
}

// TestMark draws what lies outside of the chart not at all, and the rest within.
func TestMark(t *testing.T) {
	var h Histogram
	h.add(noon, rules.ExpiredToken)
	h.add(noon.Add(9*time.Minute), rules.ExpiredToken)
	c := h.chart(time.Time{}, time.Time{}, 10, 1)
	c.mark("before", "", noon.Add(-time.Hour), noon.Add(-time.Minute))
	c.mark("after", "", noon.Add(time.Hour), noon.Add(2*time.Hour))
	c.mark("around", "", noon.Add(-time.Hour), noon.Add(time.Hour))
	c.mark("within", "", noon.Add(2*time.Minute), noon.Add(3*time.Minute))
	if s := c.Spans; len(c.Columns) != 10 || len(s) != 2 || s[0].Name != "around" || s[0].First != 0 || s[0].Last != 9 || s[1].First != 2 || s[1].Last != 3 {
		t.Errorf("%d columns, %v", len(c.Columns), c.Spans)
	}
}
