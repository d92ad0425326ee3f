package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"why401/rules"
)

// A Histogram counts failures by cause over event time. It holds at most
// maxBuckets buckets that aren't empty; where a log is longer they get wider.
type Histogram struct {
	Zone *time.Location // whose hours and days the buckets follow; nil means UTC

	width   int // index into widths
	buckets map[int64]*counts
	number  int64 // of the bucket used last
	last    *counts
}

type counts = [rules.NumCauses]int64

const maxBuckets = 512

// widths of buckets, each a multiple of those before.
var widths = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour,
	3 * time.Hour, 12 * time.Hour, day, 7 * day, 28 * day, 364 * day, 3640 * day,
}

const day = 24 * time.Hour

// monday is the start of a week, the origin of all buckets, in seconds.
var monday = time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC).Unix()

// local returns at as seconds of the zone's clock since monday.
func (h *Histogram) local(at time.Time) int64 {
	offset := 0
	if h.Zone != nil {
		_, offset = at.In(h.Zone).Zone()
	}
	return at.Unix() + int64(offset) - monday
}

// clock is the reverse of local.
func (h *Histogram) clock(local int64) time.Time {
	t := time.Unix(local+monday, 0).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, cmp.Or(h.Zone, time.UTC))
}

func (h *Histogram) add(at time.Time, c rules.Cause) {
	n := floorDiv(h.local(at), seconds(widths[h.width]))
	if h.last == nil || n != h.number {
		h.last, h.number = h.bucket(n), n
	}
	h.last[c]++
}

func (h *Histogram) bucket(n int64) *counts {
	if b := h.buckets[n]; b != nil {
		return b
	}
	if h.buckets == nil {
		h.buckets = map[int64]*counts{}
	}
	for len(h.buckets) == maxBuckets && h.width+1 < len(widths) {
		n = floorDiv(n*seconds(widths[h.width]), seconds(widths[h.width+1]))
		h.widen()
	}
	b := h.buckets[n]
	if b == nil {
		b = new(counts)
		h.buckets[n] = b
	}
	return b
}

// widen makes the buckets one step wider.
func (h *Histogram) widen() {
	times := seconds(widths[h.width+1]) / seconds(widths[h.width])
	old := h.buckets
	h.buckets = make(map[int64]*counts, len(old))
	h.width++
	for n, b := range old {
		wide := h.buckets[floorDiv(n, times)]
		if wide == nil {
			h.buckets[floorDiv(n, times)] = b
			continue
		}
		for c := range b {
			wide[c] += b[c]
		}
	}
}

// A Chart is failures over time, in columns of one width.
type Chart struct {
	Width   time.Duration // of a column
	Columns []time.Time   // when each begins
	End     time.Time     // of the last
	Series  []Series      // the most frequent cause first
	Spans   []Span        // campaigns and outages, in the order of their start
	Outside int64         // failures long before or after all others, which aren't drawn
	Untimed int64         // failures without a time
}

// A Series is the failures of one cause by column; those of several at the end.
type Series struct {
	Name   string
	Counts []int64
	Total  int64
}

// Peak returns the most failures of one column.
func (s *Series) Peak() int64 { return slices.Max(s.Counts) }

// A Span is what went on for a while: from its first column to its last.
type Span struct {
	Name        string
	Colour      string // of its severity
	From, To    time.Time
	First, Last int
}

// chartWidths are those that columns may have, where they are multiples of the buckets'.
var chartWidths = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 28 * day, 84 * day, 168 * day, 364 * day, 3640 * day,
}

// chart draws h over the time from from to to, as far as failures lie there, in at
// most columns columns and series rows; nil if no failure has a time.
func (h *Histogram) chart(from, to time.Time, columns, series int) *Chart {
	numbers := slices.Sorted(maps.Keys(h.buckets))
	if len(numbers) == 0 {
		return nil
	}
	w := seconds(widths[h.width])
	c := &Chart{}
	numbers = h.trim(numbers, c)
	first, end := numbers[0]*w, (numbers[len(numbers)-1]+1)*w
	// What was quiet before and after is worth showing, unless the rest gets too small.
	if a, b := h.local(from), h.local(to)+1; !from.IsZero() && b-a <= 12*(end-first) && a <= first && b >= end-w {
		first, end = min(a, first), max(b, end)
	}
	for _, d := range chartWidths {
		size := seconds(d)
		if size%w == 0 && (floorDiv(end-1, size)-floorDiv(first, size)+1 <= int64(columns) || d == chartWidths[len(chartWidths)-1]) {
			c.Width = d
			break
		}
	}
	size := seconds(c.Width)
	base := floorDiv(first, size)
	n := min(int(floorDiv(end-1, size)-base)+1, columns)
	for i := range n {
		c.Columns = append(c.Columns, h.clock((base+int64(i))*size))
	}
	c.End = h.clock((base + int64(n)) * size)
	c.Series = h.series(numbers, n, func(number int64) int { return min(int(floorDiv(number*w, size)-base), n-1) }, series)
	return c
}

// trim leaves out the few failures whose stamps lie so far from all others that
// nothing else could be seen, and counts them.
func (h *Histogram) trim(numbers []int64, c *Chart) []int64 {
	sums := make([]int64, len(numbers))
	var total int64
	for i, n := range numbers {
		for cause, k := range h.buckets[n] {
			if rules.Cause(cause) != rules.BenignChallenge {
				sums[i] += k
			}
		}
		total += sums[i]
	}
	// The core is where all but one in two hundred lie, at either end.
	first, last := 0, len(numbers)-1
	for sum := sums[first]; sum*200 <= total && first < last; sum += sums[first] {
		first++
	}
	for sum := sums[last]; sum*200 <= total && last > first; sum += sums[last] {
		last--
	}
	core := numbers[last] - numbers[first] + 1
	if numbers[len(numbers)-1]-numbers[0] < 8*core {
		return numbers
	}
	for first > 0 && numbers[first]-numbers[first-1] <= core {
		first--
	}
	for last+1 < len(numbers) && numbers[last+1]-numbers[last] <= core {
		last++
	}
	for i := range numbers {
		if i < first || i > last {
			c.Outside += sums[i]
		}
	}
	return numbers[first : last+1]
}

// series adds up buckets by cause and column; the last of max stands for the rest.
func (h *Histogram) series(numbers []int64, columns int, column func(int64) int, max int) []Series {
	var total counts
	for _, n := range numbers {
		for c, k := range h.buckets[n] {
			total[c] += k
		}
	}
	total[rules.BenignChallenge] = 0
	var causes []rules.Cause
	for c, k := range total {
		if k > 0 {
			causes = append(causes, rules.Cause(c))
		}
	}
	slices.SortFunc(causes, func(a, b rules.Cause) int { return cmp.Or(cmp.Compare(total[b], total[a]), cmp.Compare(a, b)) })
	var list []Series
	for i, c := range causes {
		if i < max-1 || len(causes) == max {
			list = append(list, Series{Name: c.String(), Counts: make([]int64, columns)})
		} else if i == max-1 {
			list = append(list, Series{Name: plural(int64(len(causes)-i), "other cause"), Counts: make([]int64, columns)})
		}
		s := &list[len(list)-1]
		s.Total += total[c]
		for _, n := range numbers {
			s.Counts[column(n)] += h.buckets[n][c]
		}
	}
	return list
}

// mark adds what went on from from to to, where that is drawn.
func (c *Chart) mark(name, colour string, from, to time.Time) {
	if to.Before(c.Columns[0]) || !from.Before(c.End) {
		return
	}
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(c.Columns, t, func(a, b time.Time) int {
			if a.After(b) {
				return 1
			}
			return -1
		})
		return max(i-1, 0)
	}
	zone := c.End.Location()
	c.Spans = append(c.Spans, Span{name, colour, from.In(zone), to.In(zone), at(from), at(to)})
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}
