package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"why401/detectors"
)

// places is what people read of a check: every place of a leak.
type places struct{ *text }

// NewPlaces returns a Writer of the places of leaks.
func NewPlaces(w io.Writer, opt Options) Writer {
	return places{newText(&plainPage{bufio.NewWriter(w), opt.Style}, opt)}
}

// NewPlacesMarkdown returns a Writer of the same as Markdown.
func NewPlacesMarkdown(w io.Writer, opt Options) Writer {
	return places{newText(&markdownPage{bufio.NewWriter(w)}, opt)}
}

func (p places) End(m *Model) error {
	if m.Stats == nil || len(m.Stats.Files) == 0 { // errors said why
		return p.flush()
	}
	s := m.Summary()
	what := fmt.Sprintf("%s, %s", plural(s.Lines, "line"), Bytes(s.Bytes))
	if s.Files != 1 {
		what = plural(s.Files, "file") + ", " + what
	}
	if m.Stopped {
		what += ", stopped before the end"
	}
	if s.Bytes == 0 && m.unread() > 0 {
		return p.flush()
	}
	if m.unread() > 0 {
		what = "what could be read of " + what
	}
	if m.Leaks == 0 {
		p.say("No credential in " + what + ".")
		p.leftOut(m)
		p.notes(m)
		return p.flush()
	}
	p.alarm(red, fmt.Sprintf("%s in %s.", plural(m.Leaks, "credential"), what))
	p.leftOut(m)
	p.gap()
	tab := Table{Columns: []Column{{Name: "severity"}, {Name: "what"}, {Name: "in"}, {Name: "place"}}}
	list := slices.Clone(m.Places)
	slices.SortStableFunc(list, func(a, b *detectors.LeakFinding) int { return cmp.Compare(Rank(b.Severity), Rank(a.Severity)) })
	list = list[:min(len(list), p.opt.Top)]
	for _, f := range list {
		tab.Row(string(f.Severity), f.Kind, orDash(f.Location), place(f))
		tab.Colour(0, severityColour(f.Severity))
	}
	p.table(&tab)
	p.more(len(list), "--top or --format jsonl shows all", m.Leaks)
	p.gap()
	p.fixes(slices.Values(list))
	where := make([]detectors.FilePlace, len(list))
	for i, f := range list {
		where[i] = detectors.FilePlace{File: f.File, Line: f.Line}
	}
	p.around(where)
	p.notes(m)
	return p.flush()
}

// leftOut says which leaks were accepted, and why.
func (t *text) leftOut(m *Model) {
	if s := m.LeftOut.String(); s != "" {
		t.say(s)
	}
	for _, c := range m.LeftOut.By {
		t.small(fmt.Sprintf("%s: %s, because: %s", c.Ignore, Number(c.N), c.Ignore.Reason))
	}
}
