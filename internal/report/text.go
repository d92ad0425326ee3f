package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
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
	opt Options
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
	return &text{p, opt}
}

func (t *text) Finding(detectors.Finding) error { return nil }
func (t *text) Flush() error                    { return nil }

func (t *text) End(m *Model) error {
	if m.Stats == nil || len(m.Stats.Files) == 0 { // errors said why
		return nil
	}
	t.answer(m)
	t.causes(m)
	t.spikes(m)
	t.leaks(m)
	t.leftOut(m)
	t.around(m.places(t.opt.Top))
	t.unread(m)
	t.notes(m)
	return t.flush()
}

// more says how many rows a table left out.
func (t *text) more(n int, what string, of int64) {
	if of > int64(n) {
		t.small(fmt.Sprintf("and %s more: %s", Number(of-int64(n)), what))
	}
}

func (t *text) causes(m *Model) {
	ranked := m.Ranked()
	if m.Benign > 0 && len(ranked) == 0 {
		t.say(fmt.Sprintf("%s only the first leg of a handshake, and nothing to mend.", plural(m.Benign, "401 was", "401s were")))
	}
	if len(ranked) == 0 {
		return
	}
	t.heading("Why requests were refused")
	tab := Table{Columns: []Column{{Name: "cause"}, {Name: "count", Right: true}, {Name: "share", Right: true},
		{Name: "clients", Right: true}, {Name: "users", Right: true}, {Name: "first"}, {Name: "last"}}}
	sameDay := m.oneDay(t.opt.Zone)
	guess := false
	for _, by := range ranked[:min(len(ranked), t.opt.Top)] {
		name := by.Cause.String()
		if by.Guess() && by.Cause != rules.Unknown {
			guess, name = true, name+"?"
		}
		tab.Row(name, Number(by.Count), share(by.Count, m.Failures), distinct(&by.Clients), distinct(&by.Users),
			t.clock(by.First, sameDay), t.clock(by.Last, sameDay))
	}
	t.table(&tab)
	t.more(t.opt.Top, "--top "+strconv.Itoa(len(ranked))+" shows all", int64(len(ranked)))
	if guess {
		t.small("?: the logs say little, the cause is the likeliest one. The log of the application may say more.")
	}
	if m.Benign > 0 {
		t.small(fmt.Sprintf("Not counted: %s that belong to the protocol (benign_challenge).", plural(m.Benign, "challenge")))
	}
	t.heading("What to check first")
	for i, by := range worthwhile(ranked) {
		if i > 0 {
			t.gap()
		}
		t.remedy(by)
	}
	t.gap()
	t.small("why401 explain CAUSE tells more about each")
}

// worthwhile are the causes to tell about: the three most frequent, and of the
// others those that one change in one place mends for everybody, five in all.
func worthwhile(ranked []*ByCause) []*ByCause {
	list := slices.Clone(ranked[:min(len(ranked), 3)])
	for _, by := range ranked[len(list):] {
		switch by.Cause {
		case rules.ProxyStrippedHeader, rules.CORSPreflight, rules.AuthorizerFailure, rules.IDPUnreachable, rules.ServerMisconfiguration,
			rules.ClockSkew, rules.UnknownKey, rules.InvalidSignature:
			if len(list) < 5 {
				list = append(list, by)
			}
		}
	}
	return list
}

// remedy is the paragraph about one cause.
func (t *text) remedy(by *ByCause) {
	info := ruleSet(t.opt).Info(by.Cause)
	line := ""
	if info.Title != "" {
		line += ": " + info.Title
	}
	line += most(" on ", &by.TopRoutes, by.Count) + most(" by ", &by.TopClients, by.Count)
	t.term(by.Cause.String(), line)
	for _, r := range []struct{ who, what string }{{"client", info.Client}, {"server", info.Server}, {"proxy", info.Proxy}} {
		if r.what != "" {
			t.entry(r.who, firstSentences(r.what, 140))
		}
	}
}

// most names what a cause is all about, or what it is about more than half of the time.
func most(word string, t *Tally, of int64) string {
	top := t.Top(1)
	switch {
	case of == 1 || len(top) == 0 || top[0].N*2 <= of:
		return ""
	case top[0].N == of:
		return "; all" + word + short(Clean(top[0].Key), 60)
	}
	return "; most" + word + fmt.Sprintf("%s (%s)", short(Clean(top[0].Key), 60), Number(top[0].N))
}

// firstSentences cuts s after the sentences that fit n bytes, at least one. A
// sentence ends where the next begins with a capital letter.
func firstSentences(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	end := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] == '.' && s[i+1] == ' ' && s[i+2] >= 'A' && s[i+2] <= 'Z' && (end == 0 || i < n) {
			end = i + 1
		}
	}
	if len(s) <= n || end == 0 {
		return s
	}
	return s[:end]
}

func (t *text) spikes(m *Model) {
	if len(m.Spikes) == 0 {
		return
	}
	t.heading("Spikes")
	list := slices.Clone(m.Spikes)
	slices.SortStableFunc(list, func(a, b *detectors.SpikeFinding) int {
		return cmp.Or(cmp.Compare(Rank(b.Severity), Rank(a.Severity)), a.Start.Compare(b.Start))
	})
	tab := Table{Columns: []Column{{Name: "kind"}, {Name: "severity"}, {Name: "from", Fit: true}, {Name: "attempts", Right: true},
		{Name: "users", Right: true}, {Name: "when"}}}
	shown, sameDay := list[:min(len(list), t.opt.Top)], m.oneDay(t.opt.Zone)
	for _, f := range shown {
		users := "-"
		if f.UsersCount > 0 {
			users = Number(int64(f.UsersCount))
		}
		tab.Row(f.Kind, string(f.Severity), origin(f), Number(int64(f.Attempts)), users, t.when(f.Start, f.End, sameDay))
		tab.Colour(1, severityColour(f.Severity))
	}
	t.table(&tab)
	for _, f := range shown {
		t.item("", f.Kind+": "+f.Reason)
		if len(f.CompromisedUsers) > 0 {
			t.item(red, "got into: "+strings.Join(f.CompromisedUsers, ", "))
		}
	}
	t.more(len(shown), "--top "+strconv.Itoa(len(list))+" shows all", int64(len(list)))
}

func (t *text) leaks(m *Model) {
	if len(m.Groups) == 0 {
		return
	}
	t.heading("Credentials in the logs")
	groups := slices.Clone(m.Groups)
	slices.SortStableFunc(groups, func(a, b *LeakGroup) int {
		return cmp.Or(cmp.Compare(Rank(b.First.Severity), Rank(a.First.Severity)), cmp.Compare(b.Count, a.Count))
	})
	tab := Table{Columns: []Column{{Name: "what"}, {Name: "in"}, {Name: "severity"}, {Name: "count", Right: true}, {Name: "first"}}}
	shown := groups[:min(len(groups), t.opt.Top)]
	for _, g := range shown {
		f := g.First
		tab.Row(f.Kind, orDash(f.Location), string(f.Severity), Number(g.Count), place(f))
		tab.Colour(2, severityColour(f.Severity))
	}
	t.table(&tab)
	t.more(len(shown), "why401 check lists every place", int64(len(groups)))
	t.fixes(slices.Values(slices.Collect(func(yield func(*detectors.LeakFinding) bool) {
		for _, g := range shown {
			if !yield(g.First) {
				return
			}
		}
	})))
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

// unread tells which files, or parts of them, weren't understood.
func (t *text) unread(m *Model) {
	if m.Stats == nil {
		return
	}
	tab := Table{Columns: []Column{{Name: "file"}, {Name: "lines", Right: true}, {Name: "of", Right: true}, {Name: "first at line", Right: true}}}
	var n int64
	for i := range m.Stats.Files {
		f := &m.Stats.Files[i]
		if f.Unparsed == 0 {
			continue
		}
		if n++; n <= int64(t.opt.Top) {
			tab.Row(f.Name, Number(f.Unparsed), Number(f.Records), Number(f.FirstBad))
		}
	}
	if n == 0 {
		return
	}
	t.heading("Lines in no known format")
	t.table(&tab)
	t.more(t.opt.Top, "--top "+strconv.FormatInt(n, 10)+" shows all", n)
	t.small("they were searched for credentials all the same; why401 formats FILE shows more")
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

func place(f *detectors.LeakFinding) string {
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
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
