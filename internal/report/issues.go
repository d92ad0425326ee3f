package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"why401/detectors"
	"why401/rules"
)

// An issue is one entry of what a CI system shows beside a build: a leak at its
// place, a campaign, a cause at the first place where it showed, a note.
type issue struct {
	id          string // leak/jwt, spike/brute_force, cause/expired_token, note/...
	text        string
	severity    detectors.Severity // "" for what never fails
	file        string             // "" for what belongs to no one place
	line        int64
	column      int // bytes, from 1
	character   int // UTF-16 code units, from 1, 0 where unknown
	fingerprint string
}

// issues returns m for a CI system, the worst leaks first. However long the logs
// are, there are at most maxPlaces leaks; an entry says how many more there were.
func (m *Model) issues(set *rules.Set) (list []issue) {
	places := slices.Clone(m.Places)
	slices.SortStableFunc(places, func(a, b *detectors.LeakFinding) int { return cmp.Compare(Rank(b.Severity), Rank(a.Severity)) })
	for _, f := range places {
		list = append(list, issue{id: "leak/" + f.Kind, text: leakText(f), severity: f.Severity,
			file: f.File, line: f.Line, column: f.Column, character: f.Character, fingerprint: f.Fingerprint})
	}
	if n := m.Leaks - int64(len(places)); n > 0 {
		list = append(list, issue{id: "leak/more", severity: detectors.Low, text: "and " + plural(n, "credential") + " more: --format jsonl shows all"})
	}
	for _, f := range m.Spikes {
		list = append(list, issue{id: "spike/" + f.Kind, text: words(f.Kind) + ": " + f.Reason, severity: f.Severity})
	}
	for _, by := range m.Ranked() {
		f := by.Sample
		list = append(list, issue{id: "cause/" + by.Cause.String(), severity: SeverityOf(f), file: f.File, line: f.Line,
			text: fmt.Sprintf("%s refused: %s; the first one here", plural(by.Count, "request"), set.Info(by.Cause).Title)})
	}
	for _, g := range m.Notes {
		list = append(list, issue{id: "note/" + g.First.ID, text: g.First.Message, file: g.First.File, line: g.First.Line})
	}
	for i := range list {
		list[i].text, list[i].file = Clean(list[i].text), Clean(list[i].file)
	}
	return list
}

// leakText says what a leak is and how to stop it.
func leakText(f *detectors.LeakFinding) string {
	text := "a credential (" + f.Kind + ") stands in the log"
	if f.Fix != "" {
		text += ": " + f.Fix
	}
	return text
}

// whole is a Writer that writes at the end, from the Model alone.
type whole struct {
	w     io.Writer
	opt   Options
	write func(w io.Writer, m *Model, opt Options) error
}

func (o whole) Finding(detectors.Finding) error { return nil }
func (o whole) Flush() error                    { return nil }
func (o whole) End(m *Model) error              { return o.write(o.w, m, o.opt) }
