package report

import (
	"fmt"
	"strings"
)

// where tells which routes, clients, users and programs were refused most.
func (t *text) where(m *Model) {
	if m.Failures < 2 {
		return
	}
	var tables []*Table
	var missing []string
	bound := false
	for _, by := range []struct {
		name, none string
		tally      func(*ByCause) *Tally
	}{
		{"route", "paths", func(by *ByCause) *Tally { return &by.TopRoutes }},
		{"client", "client addresses", func(by *ByCause) *Tally { return &by.TopClients }},
		{"user", "user names", func(by *ByCause) *Tally { return &by.TopUsers }},
		{"program", "user agents", func(by *ByCause) *Tally { return &by.TopAgents }},
	} {
		list, more := m.Frequent(by.tally)
		bound = bound || more
		switch {
		case len(list) == 0:
			missing = append(missing, "no "+by.none)
			continue
		case len(list) > 1 && list[0].N == 1: // all are different
			continue
		}
		tab := &Table{Columns: []Column{{Name: by.name, Fit: true}, {Name: "count", Right: true}, {Name: "share", Right: true}, {Name: "mostly"}}}
		for _, top := range list[:min(len(list), (t.opt.Top+1)/2)] {
			cause := top.Cause.String()
			if top.of == top.N {
				cause = "all " + cause
			}
			tab.Row(short(Clean(top.Key), 100), Number(top.N), share(top.N, m.Failures), cause)
		}
		tables = append(tables, tab)
	}
	if len(tables) > 0 {
		t.heading("Where, and who")
		t.tables(tables)
	}
	if bound {
		t.small("Too many different ones to count them all: these counts are lower bounds.")
	}
	if len(missing) > 0 && len(tables) > 0 {
		t.small(fmt.Sprintf("The failures in these logs tell %s.", strings.Join(missing, ", ")))
	}
}
