package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"why401/internal/engine"
)

// sources tells how the logs were read, those first that weren't read well.
func (t *text) sources(m *Model) {
	var list []*engine.FileStats
	unread, unfit := false, false
	for i := range m.Stats.Files {
		f := &m.Stats.Files[i]
		unread, unfit = unread || f.Err != nil, unfit || f.Unparsed > 0
		list = append(list, f)
	}
	if len(list) == 1 && !unfit && !unread && !t.full() {
		return
	}
	slices.SortStableFunc(list, func(a, b *engine.FileStats) int {
		return cmp.Or(cmp.Compare(b.Unparsed, a.Unparsed), cmp.Compare(b.Lines, a.Lines))
	})
	t.heading("What was read")
	tab := Table{Columns: []Column{{Name: "file", Fit: true}, {Name: "lines", Right: true}, {Name: "format", Fit: true}, {Name: "in no format", Right: true}, {Name: "time"}}}
	for _, f := range list[:min(len(list), t.opt.Top)] {
		tab.Row(t.source(f)...)
		if f.Unparsed > 0 {
			tab.Colour(3, yellow)
		}
	}
	t.table(&tab)
	t.more(t.opt.Top, "--top "+strconv.Itoa(len(list))+" shows all", int64(len(list)))
	if unfit {
		t.small("Lines in no known format were searched for credentials all the same; why401 formats FILE shows more.")
	}
}

func (t *text) source(f *engine.FileStats) []string {
	unfit, when := "-", "-"
	if f.Unparsed > 0 {
		unfit = Number(f.Unparsed) + ", line " + strconv.FormatInt(f.FirstBad, 10)
	}
	switch {
	case f.Err != nil:
		when = "not read to its end"
	case f.First != 0:
		when = t.span(time.Unix(0, f.First), time.Unix(0, f.Last))
	}
	return []string{f.Name, Number(f.Lines), formats(f), unfit, when}
}

// formats names the formats of a file, the most frequent first.
func formats(f *engine.FileStats) string {
	var names []string
	for name := range f.Formats {
		if name != "text" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(f.Formats[b], f.Formats[a]), cmp.Compare(a, b)) })
	s := strings.Join(names[:min(len(names), 3)], ", ")
	if len(names) > 3 {
		s += fmt.Sprintf(" and %d more", len(names)-3)
	}
	return orDash(s)
}

func (t *text) notes(m *Model) {
	if len(m.Notes) == 0 {
		return
	}
	t.heading("Notes")
	for _, g := range m.Notes[:min(len(m.Notes), t.opt.Top)] {
		s := g.First.Message
		switch files := list(g.Files, 3); {
		case g.Count > 1 && files != "":
			s += fmt.Sprintf(" (%s times, in %s)", Number(g.Count), files)
		case g.Count > 1:
			s += fmt.Sprintf(" (%s times)", Number(g.Count))
		case files != "":
			s += " (" + files + ")"
		}
		t.item("", s)
	}
}
