package report

import (
	"cmp"
	"fmt"
	"slices"

	"why401/detectors"
)

// leaks tells which credentials stand in the logs, where, and who wrote them.
func (t *text) leaks(m *Model) {
	if len(m.Groups) == 0 {
		return
	}
	t.heading("Credentials in the logs")
	groups := slices.Clone(m.Groups)
	slices.SortStableFunc(groups, func(a, b *LeakGroup) int {
		return cmp.Or(cmp.Compare(Rank(b.First.Severity), Rank(a.First.Severity)), cmp.Compare(b.Count, a.Count))
	})
	producers := slices.ContainsFunc(groups, func(g *LeakGroup) bool { return g.First.Producer != "" })
	tab := Table{Columns: []Column{{Name: "what"}, {Name: "in"}, {Name: "severity"}, {Name: "count", Right: true}}}
	if producers {
		tab.Columns = append(tab.Columns, Column{Name: "written by", Fit: true})
	}
	tab.Columns = append(tab.Columns, Column{Name: "first", Fit: true})
	shown := groups[:min(len(groups), t.opt.Top)]
	for _, g := range shown {
		f := g.First
		cells := []string{f.Kind, orDash(f.Location), string(f.Severity), Number(g.Count)}
		if producers {
			cells = append(cells, orDash(f.Producer))
		}
		tab.Row(append(cells, place(f))...)
		tab.Colour(2, severityColour(f.Severity))
	}
	t.table(&tab)
	t.more(len(shown), "why401 check lists every place", int64(len(groups)))
	t.fixes(func(yield func(*detectors.LeakFinding) bool) {
		for _, g := range shown {
			if !yield(g.First) {
				return
			}
		}
	})
}

// fixes prints each advice once.
func (t *text) fixes(leaks func(yield func(*detectors.LeakFinding) bool)) {
	seen := map[string]bool{}
	for f := range leaks {
		if f.Fix == "" || seen[f.Fix] || len(seen) == 5 {
			continue
		}
		seen[f.Fix] = true
		who := f.Kind
		if f.Producer != "" {
			who = f.Producer
		}
		t.item("", who+": "+f.Fix)
	}
}

func place(f *detectors.LeakFinding) string {
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}
