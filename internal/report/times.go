package report

import "time"

// zone names the zone of the times shown; the machine's own by its abbreviation.
func (t *text) zone(at time.Time) string {
	if t.opt.Zone == time.Local {
		return "local, " + at.In(t.opt.Zone).Format("MST")
	}
	return t.opt.Zone.String()
}

// span is period as short as the time that was read lets it be: without the date
// where that is one day, without the year where it is one year.
func (t *text) span(from, to time.Time) string {
	if from.IsZero() {
		return "at an unknown time"
	}
	from, to = from.In(t.opt.Zone), to.In(t.opt.Zone)
	date, long := t.date(), t.dates == manyYears && to.Sub(from) > 2*day
	a, b := from.Format(date+"15:04"), to.Format(date+"15:04")
	switch {
	case long:
		return from.Format(time.DateOnly) + " to " + to.Format(time.DateOnly)
	case a == b:
		return a
	case from.Format(date) == to.Format(date):
		return a + " to " + to.Format("15:04")
	}
	return a + " to " + b
}

// dates says how much of a date is needed to tell it from the others.
type dates uint8

const (
	manyYears dates = iota
	oneYear
	oneDay
)

func (t *text) date() string { return [...]string{"2006-01-02 ", "01-02 ", ""}[t.dates] }

// datesOf looks at the time that was read.
func (m *Model) datesOf(zone *time.Location) dates {
	from, to := m.span()
	switch from, to = from.In(zone), to.In(zone); {
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		return oneDay
	case to.Sub(from) < 300*day:
		return oneYear
	}
	return manyYears
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

// clock is a time to the second.
func (t *text) clock(at time.Time) string { return at.In(t.opt.Zone).Format(t.date() + "15:04:05") }

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
