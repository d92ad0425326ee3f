package report

import (
	"strings"
	"time"
)

// zone names the zone of the times shown; the machine's own by its abbreviation.
func (t *text) zone(at time.Time) string {
	if t.opt.Zone == time.Local {
		return "local, " + at.In(t.opt.Zone).Format("MST")
	}
	return t.opt.Zone.String()
}

// span is period for a table: without the date where everything is of one day,
// and without the year elsewhere.
func (t *text) span(from, to time.Time, sameDay bool) string {
	p := t.period(from, to)
	if day := from.In(t.opt.Zone).Format("2006-01-02 "); sameDay {
		return strings.ReplaceAll(p, day, "")
	}
	p = strings.ReplaceAll(p, from.In(t.opt.Zone).Format("2006-"), "")
	return strings.ReplaceAll(p, to.In(t.opt.Zone).Format("2006-"), "")
}

// period says from when to when, as short as it can.
func (t *text) period(from, to time.Time) string {
	from, to = from.In(t.opt.Zone), to.In(t.opt.Zone)
	a, b := from.Format("2006-01-02 15:04"), to.Format("2006-01-02 15:04")
	switch {
	case a == b:
		return a
	case a[:10] == b[:10]:
		return a + " to " + b[11:]
	}
	return a + " to " + b
}

func (t *text) clock(at time.Time, sameDay bool) string {
	switch {
	case at.IsZero():
		return "-"
	case sameDay:
		return at.In(t.opt.Zone).Format("15:04:05")
	}
	return at.In(t.opt.Zone).Format("01-02 15:04")
}

// span is the event time that was read.
func (m *Model) span() (from, to time.Time) {
	if m.Stats == nil {
		return
	}
	var a, b int64
	for i := range m.Stats.Files {
		f := &m.Stats.Files[i]
		if f.First != 0 && (a == 0 || f.First < a) {
			a = f.First
		}
		b = max(b, f.Last)
	}
	if a == 0 {
		return
	}
	return time.Unix(0, a), time.Unix(0, b)
}

func (m *Model) oneDay(zone *time.Location) bool {
	from, to := m.span()
	return from.In(zone).Format(time.DateOnly) == to.In(zone).Format(time.DateOnly)
}
