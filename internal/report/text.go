package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/rules"
)

// Options say how a report for people is written.
type Options struct {
	Style Style
	Zone  *time.Location // of the times shown; nil means UTC
	Top   int            // lines of each table; 0 means 10
	Rules *rules.Set     // nil means the built-in ones

	// Fail is what --fail-on asks for; "" where nothing fails.
	Fail detectors.Severity

	// Around returns redacted lines around places; nil shows none.
	Around func([]detectors.FilePlace) map[detectors.FilePlace][]Line
}

// A Line is one line of a log, redacted.
type Line struct {
	Number int64
	Text   string
	Marked bool // what the lines around it are about
}

// text is the report for people: the answer in plain words first, then tables.
type text struct {
	page
	opt   Options
	dates dates // of the time that was read
}

// NewText returns a Writer of the report that people read.
func NewText(w io.Writer, opt Options) Writer {
	return newText(&plainPage{bufio.NewWriter(w), opt.Style}, opt)
}

// NewMarkdown returns a Writer of the same report as Markdown (CommonMark, with tables).
func NewMarkdown(w io.Writer, opt Options) Writer {
	return newText(&markdownPage{bufio.NewWriter(w)}, opt)
}

func newText(p page, opt Options) *text {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	if opt.Top <= 0 {
		opt.Top = 10
	}
	return &text{page: p, opt: opt}
}

func (t *text) Finding(detectors.Finding) error { return nil }
func (t *text) Flush() error                    { return nil }

func (t *text) End(m *Model) error {
	if m.Stats == nil || len(m.Stats.Files) == 0 { // errors said why
		return t.flush()
	}
	t.dates = m.datesOf(t.opt.Zone)
	t.answer(m)
	t.causes(m)
	t.where(m)
	t.spikes(m)
	t.leaks(m)
	t.leftOut(m)
	t.around(m.places(t.opt.Top))
	t.sources(m)
	t.notes(m)
	return t.flush()
}

// more says how many rows a table left out.
func (t *text) more(n int, what string, of int64) {
	if of > int64(n) {
		t.small(fmt.Sprintf("and %s more: %s", Number(of-int64(n)), what))
	}
}

// around prints the lines around places.
func (t *text) around(places []detectors.FilePlace) {
	if t.opt.Around == nil || len(places) == 0 {
		return
	}
	around := t.opt.Around(places)
	byFile := map[string]map[int64]Line{}
	var files []string
	for _, p := range places {
		if byFile[p.File] == nil && len(around[p]) > 0 {
			byFile[p.File] = map[int64]Line{}
			files = append(files, p.File)
		}
		for _, l := range around[p] {
			l.Marked = l.Number == p.Line || byFile[p.File][l.Number].Marked
			byFile[p.File][l.Number] = l
		}
	}
	if len(files) == 0 {
		return
	}
	t.heading("Lines around, redacted")
	for _, file := range files {
		lines := byFile[file]
		var list []Line
		for _, n := range slices.Sorted(maps.Keys(lines)) {
			list = append(list, lines[n])
		}
		t.excerpt(file, list)
	}
}

func (t *text) title(c rules.Cause) string {
	return cmp.Or(ruleSet(t.opt).Info(c).Title, words(c.String()))
}

// places are those worth a look: the first of each of the top causes and leaks.
func (m *Model) places(top int) (list []detectors.FilePlace) {
	ranked := m.Ranked()
	for _, by := range ranked[:min(len(ranked), 3)] {
		list = append(list, detectors.FilePlace{File: by.Sample.File, Line: by.Sample.Line})
	}
	for _, g := range m.Groups[:min(len(m.Groups), top)] {
		list = append(list, detectors.FilePlace{File: g.First.File, Line: g.First.Line})
	}
	return list
}

func severityColour(s detectors.Severity) string {
	switch {
	case Rank(s) >= Rank(detectors.High):
		return red
	case s == detectors.Medium:
		return yellow
	}
	return ""
}

func orDash(s string) string { return cmp.Or(s, "-") }

func distinct(d *Distinct) string {
	switch {
	case d.Len() == 0:
		return "-"
	case d.More:
		return Number(int64(d.Len())) + "+"
	}
	return Number(int64(d.Len()))
}

func list(names []string, n int) string {
	s := strings.Join(names[:min(n, len(names))], ", ")
	if len(names) > n {
		s += fmt.Sprintf(" and %d more", len(names)-n)
	}
	return Clean(s)
}
