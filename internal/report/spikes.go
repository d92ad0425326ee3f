package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"why401/detectors"
)

func byTime(list []*detectors.SpikeFinding) []*detectors.SpikeFinding {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *detectors.SpikeFinding) int { return a.Start.Compare(b.Start) })
	return list
}

func (t *text) spikes(m *Model) {
	if len(m.Spikes) == 0 {
		return
	}
	t.heading("Spikes")
	list := byTime(m.Spikes)
	slices.SortStableFunc(list, func(a, b *detectors.SpikeFinding) int { return cmp.Compare(Rank(b.Severity), Rank(a.Severity)) })
	tab := Table{Columns: []Column{{Name: "kind"}, {Name: "severity"}, {Name: "from", Fit: true}, {Name: "tries", Right: true},
		{Name: "users", Right: true}, {Name: "when", Fit: true}}}
	shown := list[:min(len(list), t.opt.Top)]
	for _, f := range shown {
		users := "-"
		if f.UsersCount > 0 {
			users = Number(int64(f.UsersCount))
		}
		tab.Row(f.Kind, string(f.Severity), origin(f), Number(int64(f.Attempts)), users, t.span(f.Start, f.End))
		tab.Colour(1, severityColour(f.Severity))
	}
	t.table(&tab)
	for _, f := range shown {
		t.gap()
		t.term(f.Kind, f.Reason)
		t.entry("pace", pace(f))
		t.entry("cause", f.Cause)
		t.entry("networks", networks(f))
		t.entry("got into", strings.Join(f.CompromisedUsers, ", "))
	}
	if len(shown) < len(list) {
		t.gap()
	}
	t.more(len(shown), "--top "+strconv.Itoa(len(list))+" shows all", int64(len(list)))
}

// pace says how often a campaign tries.
func pace(f *detectors.SpikeFinding) string {
	took := f.End.Sub(f.Start)
	if f.Attempts < 2 || took < time.Minute {
		return ""
	}
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{time.Second, "second"}, {time.Minute, "minute"}, {time.Hour, "hour"}, {day, "day"}} {
		if n := float64(f.Attempts) / (float64(took) / float64(u.d)); n >= 1 || u.d == day {
			return fmt.Sprintf("%.2g tries a %s", n, u.name)
		}
	}
	return ""
}

// networks names those of a spike that comes from several.
func networks(f *detectors.SpikeFinding) string {
	if len(f.SourceNetworks) < 2 {
		return ""
	}
	return list(f.SourceNetworks, 8)
}

// origin names where a spike came from.
func origin(f *detectors.SpikeFinding) string {
	switch n := max(len(f.SourceIPs), f.SourceIPCount); {
	case len(f.SourceNetworks) == 1:
		return f.SourceNetworks[0]
	case n == 1:
		return f.SourceIPs[0]
	case n > 1:
		return plural(int64(n), "address", "addresses")
	}
	return "unknown addresses"
}
