package report

import (
	"fmt"
	"strings"
	"time"
)

const chartSeries = 7

// when shows failures and campaigns over time.
func (t *text) when(m *Model) {
	t.heading("When")
	if m.Untimed == m.Failures {
		t.small("No line of a refused request tells its time, so nothing is known about when.")
		return
	}
	from, to := m.span()
	c := m.Times.chart(from, to, t.columns(), chartSeries)
	for _, f := range byTime(m.Spikes) {
		if len(c.Spans) < chartSeries {
			c.mark(words(f.Kind), severityColour(f.Severity), f.Start, f.End)
		}
	}
	if len(c.Columns) == 1 {
		t.small(fmt.Sprintf("All within %s, from %s on.", lasting(c.Width), c.Columns[0].Format("2006-01-02 15:04:05")))
	} else {
		t.chart(c)
	}
	if c.Outside > 0 {
		t.small(plural(c.Outside, "failure far outside of this time isn't drawn", "failures far outside of this time aren't drawn") + ": wrong clocks, perhaps.")
	}
	if m.Untimed > 0 {
		t.small(plural(m.Untimed, "failure without a time isn't drawn", "failures without a time aren't drawn") + ".")
	}
}

// lasting says a width in words.
func lasting(d time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{7 * day, "week"}, {day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d%u.d == 0 {
			return plural(int64(d/u.d), u.name)
		}
	}
	return d.String()
}

// label says when a column begins, as exactly as its width needs.
func (c *Chart) label(at time.Time) string {
	switch sameDay := c.Columns[0].Format(time.DateOnly) == c.End.Add(-time.Second).Format(time.DateOnly); {
	case c.Width >= day:
		return at.Format(time.DateOnly)
	case sameDay && c.Width < time.Minute:
		return at.Format("15:04:05")
	case sameDay:
		return at.Format("15:04")
	}
	return at.Format("01-02 15:04")
}

// A pencil is what charts are drawn with where only characters are to be had.
type pencil struct {
	levels    []rune // of a column, from nothing to most
	line, gap string // of what goes on, and doesn't
}

var (
	blocks = pencil{[]rune("▁▂▃▄▅▆▇█"), "━", " "}
	ascii  = pencil{[]rune("_.:-=+*#"), "=", " "}
	inline = pencil{[]rune("▁▂▃▄▅▆▇█"), "█", "▁"} // where blanks don't stay as many as they are
)

// table draws c for text: a line for each cause, each by its own scale, and one
// for each campaign.
func (c *Chart) table(p pencil) *Table {
	head := c.label(c.Columns[0])
	if end := c.label(c.End); len(c.Columns) > len(head)+len(end) {
		head += strings.Repeat(" ", len(c.Columns)-len(head)-len(end)) + end
	}
	tab := &Table{Columns: []Column{{}, {Name: head}, {Name: "peak", Right: true}}}
	for i := range c.Series {
		s := &c.Series[i]
		peak := s.Peak()
		var b strings.Builder
		for _, n := range s.Counts {
			level := 0
			if n > 0 {
				level = 1 + int((n-1)*int64(len(p.levels)-2)/max(peak-1, 1))
				if peak == 1 {
					level = len(p.levels) - 1
				}
			}
			b.WriteRune(p.levels[level])
		}
		tab.Row(s.Name, b.String(), Number(peak))
	}
	for _, s := range c.Spans {
		tab.Row(s.Name, strings.Repeat(p.gap, s.First)+strings.Repeat(p.line, s.Last-s.First+1)+strings.Repeat(p.gap, len(c.Columns)-s.Last-1), "")
		tab.Colour(1, s.Colour)
	}
	return tab
}

// caption says what a chart shows.
func (c *Chart) caption() string {
	return fmt.Sprintf("Failures by cause in columns of %s", lasting(c.Width))
}
