package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An htmlChart is a Chart laid out: widths in percent of the page, heights in pixels.
type htmlChart struct {
	Caption, Summary string
	Base             int
	Rules            []chartRule
	Bars             []chartBar
	Ticks            []chartTick
	Lanes            []chartLane
	Legend           []chartKey
	Table            *htmlTable
}

type (
	chartRule struct {
		Y, TextY int
		Label    string
	}
	chartBar  struct{ Class, X, Y, W, H, Title string }
	chartTick struct {
		X, Anchor, Label string
		Y                int
	}
	chartLane struct{ Label, Class, X, W, TextX, Anchor string }
	chartKey  struct{ Class, Name, Value string }
)

const (
	chartTop    = 18 // room for the highest label
	chartHeight = 186
)

// drawn lays out c.
func (p *htmlPage) drawn(c *Chart) *htmlChart {
	h := &htmlChart{Caption: c.caption() + ".", Base: chartTop + chartHeight, Summary: c.summary()}
	n := float64(len(c.Columns))
	top := niceTop(c.highest())
	height := func(k int64) float64 { return float64(k) / float64(top) * chartHeight }
	for _, k := range []int64{top, top / 2} {
		if y := h.Base - int(height(k)); k > 0 && (k == top || top%2 == 0) {
			h.Rules = append(h.Rules, chartRule{y, y - 4, Number(k)})
		}
	}
	for i, at := range c.Columns {
		y := float64(h.Base)
		for j := range c.Series {
			k := c.Series[j].Counts[i]
			if k == 0 {
				continue
			}
			y -= height(k)
			h.Bars = append(h.Bars, chartBar{Class: seriesClass(j, len(c.Series)), X: percent(float64(i)+.06, n), W: percent(.88, n),
				Y: pixels(y), H: pixels(height(k)), Title: fmt.Sprintf("%s: %s %s", c.label(at), Number(k), c.Series[j].Name)})
		}
	}
	h.Ticks = c.ticks(h.Base + 18)
	for _, s := range c.Spans {
		l := chartLane{Class: htmlClass(s.Colour), X: percent(float64(s.First), n), W: percent(float64(s.Last-s.First+1), n),
			Label: fmt.Sprintf("%s, %s to %s", s.Name, c.label(s.From), c.label(s.To))}
		l.TextX, l.Anchor = l.X, "start"
		if s.First > len(c.Columns)/2 {
			l.TextX, l.Anchor = percent(float64(s.Last+1), n), "end"
		}
		h.Lanes = append(h.Lanes, l)
	}
	for j := range c.Series {
		h.Legend = append(h.Legend, chartKey{seriesClass(j, len(c.Series)), c.Series[j].Name, Number(c.Series[j].Total)})
	}
	h.Table = c.figures(p)
	return h
}

// seriesClass names the colour of a series; the last is grey where there are all.
func seriesClass(j, of int) string {
	if of == chartSeries && j == of-1 {
		return "s6"
	}
	return "s" + strconv.Itoa(min(j, 6))
}

func pixels(y float64) string { return strconv.FormatFloat(y, 'f', 1, 64) }

// highest is the most failures of one column.
func (c *Chart) highest() (most int64) {
	for i := range c.Columns {
		var sum int64
		for j := range c.Series {
			sum += c.Series[j].Counts[i]
		}
		most = max(most, sum)
	}
	return most
}

// niceTop returns a round number, n at least.
func niceTop(n int64) int64 {
	for p := int64(1); ; p *= 10 {
		for _, f := range []int64{1, 2, 3, 4, 5, 6, 8} {
			if f*p >= n || p > 1e17 {
				return f * p
			}
		}
	}
}

// ticks label up to five columns that begin at round times, three where labels
// are long and the page is narrow.
func (c *Chart) ticks(y int) (list []chartTick) {
	n, most := len(c.Columns), 5
	if len(c.label(c.Columns[0])) > len("15:04") {
		most = 3
	}
	every := (n + most - 1) / most
	labelled := c.round(c.Width * time.Duration(every))
	if len(labelled) < 2 {
		labelled = nil
		for i := 0; i < n; i += every {
			labelled = append(labelled, i)
		}
	}
	for _, i := range labelled {
		t := chartTick{X: percent(float64(i), float64(n)), Anchor: "middle", Label: c.label(c.Columns[i]), Y: y}
		switch {
		case i*12 < n:
			t.X, t.Anchor = "0", "start"
		case i*12 > n*11:
			t.X, t.Anchor = "100", "end"
		}
		list = append(list, t)
	}
	return list
}

// round returns the columns that begin at round times at least step apart, if they
// are shorter than days.
func (c *Chart) round(step time.Duration) (list []int) {
	i := slices.IndexFunc(chartWidths, func(d time.Duration) bool { return d%c.Width == 0 && d >= step })
	if i < 0 || c.Width >= day {
		return nil
	}
	step = chartWidths[i]
	for i, at := range c.Columns {
		midnight := time.Duration(days(at)-days(c.Columns[0])) * day
		clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
		if (midnight+clock)%step == 0 {
			list = append(list, i)
		}
	}
	return list
}

// days counts the days of the calendar up to t.
func days(t time.Time) int64 {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / seconds(day)
}

// summary says in a sentence what the chart shows, for who doesn't see it.
func (c *Chart) summary() string {
	var parts []string
	for i := range c.Series {
		s := &c.Series[i]
		peak := 0
		for j, n := range s.Counts {
			if n > s.Counts[peak] {
				peak = j
			}
		}
		parts = append(parts, fmt.Sprintf("%s %s, most at %s", s.Name, Number(s.Total), c.label(c.Columns[peak])))
	}
	return fmt.Sprintf("%s from %s to %s: %s.", c.caption(), c.label(c.Columns[0]), c.label(c.End), strings.Join(parts, "; "))
}

// figures is the table behind the chart, without the columns in which nothing failed.
func (c *Chart) figures(p *htmlPage) *htmlTable {
	tab := &Table{Columns: []Column{{Name: "from"}}}
	for _, s := range c.Series {
		tab.Columns = append(tab.Columns, Column{Name: s.Name, Right: true})
	}
	for i, at := range c.Columns {
		cells, all := []string{c.label(at)}, int64(0)
		for _, s := range c.Series {
			cells = append(cells, Number(s.Counts[i]))
			all += s.Counts[i]
		}
		if all > 0 {
			tab.Row(cells...)
		}
	}
	return p.htmlTable(tab, c.caption()+"; the rest had none")
}
