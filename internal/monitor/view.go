package monitor

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"why401/detectors"
	"why401/internal/report"
	"why401/rules"
)

// A View is how a snapshot is drawn on a terminal.
type View struct {
	Width, Height int
	Colours       bool
	Zone          *time.Location
	Now           time.Time
	Paused        bool
	Keys          bool     // keys can be read
	Messages      []string // of the program itself, the latest last
}

// Select Graphic Rendition codes (ECMA-48).
const (
	bold   = "1"
	dim    = "2"
	red    = "31;1"
	yellow = "33;1"
	green  = "32"
)

// A picture is what is drawn: lines of at most as many columns as there are.
type picture struct {
	View
	lines []string
}

// Draw returns the lines of a picture, at most v.Height, each v.Width columns wide.
// What comes from a log is cleaned of control characters.
func (v View) Draw(s *Snapshot) []string {
	p := &picture{View: v}
	p.title(s)
	p.rates(s)
	rest := v.Height - len(p.lines)
	// Of the lines left, each section gets what it needs up to its share; what is
	// latest takes the rest.
	if rest >= 4 {
		p.campaigns(s, min(len(s.Campaigns), max(1, rest/6)))
		p.causes(s, min(len(s.Failures), max(1, rest/4)))
	}
	below := picture{View: v}
	if rest >= 12 {
		p.leaks(s, min(len(s.Exposed), max(1, rest/10)))
		below.sources(s, min(len(s.Sources), max(1, rest/6)))
	}
	for _, m := range v.Messages[max(0, len(v.Messages)-2):] {
		below.add(part{yellow, "! " + m})
	}
	p.latest(s, v.Height-len(p.lines)-len(below.lines))
	p.lines = append(p.lines, below.lines...)
	return p.lines[:min(len(p.lines), v.Height)]
}

// A part of a line has a colour of its own, or "".
type part struct{ colour, text string }

// add adds a line of parts and cuts it to the width.
func (p *picture) add(parts ...part) {
	var b strings.Builder
	left := p.Width
	for _, x := range parts {
		if left <= 0 {
			break
		}
		text := report.Clean(x.text)
		n := report.Columns(text)
		cut := n > left
		if cut {
			text = report.Cut(text, left)
			n = report.Columns(text) // less where a wide character found no room
		}
		if left -= n; p.Colours && x.colour != "" && text != "" {
			text = "\x1b[" + x.colour + "m" + text + "\x1b[0m"
		}
		b.WriteString(text)
		if cut {
			break
		}
	}
	b.WriteString(strings.Repeat(" ", max(0, left))) // over what stood there before
	p.lines = append(p.lines, b.String())
}

// pad fills text up to n columns, or cuts it to them.
func pad(text string, n int) string {
	text = report.Cut(report.Clean(text), n)
	return text + strings.Repeat(" ", max(0, n-report.Columns(text)))
}

func right(text string, n int) string {
	return strings.Repeat(" ", max(0, n-report.Columns(text))) + text
}

func (p *picture) heading(text string) { p.add(part{bold, text}) }

func (p *picture) title(s *Snapshot) {
	left := fmt.Sprintf("why401  %s, since %s", count(len(s.Sources), "source"), s.Started.In(p.Zone).Format("Jan 2 15:04"))
	end := p.Now.In(p.Zone).Format("15:04:05 MST")
	if p.Keys {
		end = "p pause  q quit  " + end
	}
	if p.Paused {
		end = "PAUSED  " + end
	}
	if report.Columns(left)+report.Columns(end)+2 > p.Width { // too narrow for both
		left = "why401"
		if end = p.Now.In(p.Zone).Format("15:04:05"); p.Paused {
			end = "PAUSED"
		}
	}
	p.add(part{bold, pad(left, max(0, p.Width-report.Columns(end)))}, part{"", end})
}

// Sentence is all of it in one line.
func (s *Snapshot) Sentence() string {
	var failed, leaks, spikes int64
	for _, n := range s.Failures {
		failed += n
	}
	for _, n := range s.Leaks {
		leaks += n
	}
	for _, n := range s.Spikes {
		spikes += n
	}
	return fmt.Sprintf("%s read: %s refused, %s, %s", entries(s.Records), report.Number(failed), count(int(spikes), "spike"), count(int(leaks), "leak"))
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return report.Number(n) + " entries"
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return report.Number(int64(n)) + " " + what
}

// over is how many seconds rates are taken over.
const over = 10

func rate(counts []int64) float64 {
	var n int64
	for _, c := range counts[len(counts)-over-1 : len(counts)-1] { // the last second isn't over
		n += c
	}
	return float64(n) / over
}

func perSecond(r float64) string {
	switch {
	case r == 0:
		return "0/s"
	case r < 10:
		return fmt.Sprintf("%.1f/s", r)
	}
	return report.Number(int64(r+0.5)) + "/s"
}

func (p *picture) rates(s *Snapshot) {
	var failed int64
	for _, n := range s.Failures {
		failed += n
	}
	spark := p.Width - 44
	for _, line := range []struct {
		name   string
		total  int64
		counts []int64
		colour string
	}{{"entries", s.Records, s.Requests, ""}, {"refused", failed, s.Refused, yellow}} {
		if line.colour != "" && failed == 0 {
			line.colour = green
		}
		p.add(part{"", pad(line.name, 9)}, part{bold, right(perSecond(rate(line.counts)), 9)},
			part{"", right(report.Number(line.total), 13) + " in all  "}, part{line.colour, sparkline(line.counts, spark)})
	}
	var leaks int64
	worst := ""
	for _, n := range s.Leaks {
		if leaks += n; n > 0 {
			worst = red
		}
	}
	attacks := ""
	if len(s.Campaigns) > 0 {
		attacks = red
	}
	unread, bad := 0, ""
	for i := range s.Sources {
		if s.Sources[i].Problem != "" {
			unread++
			bad = red
		}
	}
	p.add(part{attacks, count(len(s.Campaigns), "campaign") + " under way"}, part{"", ", "},
		part{worst, count(int(leaks), "leak")}, part{"", ", "}, part{bad, count(unread, "source") + " not read"})
}

// sparkline draws the latest counts, as many as there are columns. Each column is
// as high as its part of the highest.
func sparkline(counts []int64, columns int) string {
	if columns <= 0 {
		return ""
	}
	counts = counts[max(0, len(counts)-columns):]
	top := max(1, slices.Max(counts))
	bars := []rune(" ▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, n := range counts {
		b.WriteRune(bars[(n*8+top-1)/top])
	}
	return b.String()
}

// more tells of what found no room.
func (p *picture) more(n int, what string) {
	if n > 0 {
		p.lines[len(p.lines)-1] = "" // in place of the last line
		p.lines = p.lines[:len(p.lines)-1]
		p.add(part{dim, fmt.Sprintf("  and %s more", count(n+1, what))})
	}
}

func (p *picture) campaigns(s *Snapshot, room int) {
	if room == 0 {
		return
	}
	p.heading("UNDER WAY")
	list := slices.Clone(s.Campaigns)
	slices.SortStableFunc(list, func(a, b *detectors.SpikeFinding) int {
		return cmp.Or(cmp.Compare(report.Rank(b.Severity), report.Rank(a.Severity)), b.Start.Compare(a.Start))
	})
	for _, f := range list[:room] {
		colour := yellow
		if report.Rank(f.Severity) >= report.Rank(detectors.High) {
			colour = red
		}
		taken := ""
		if n := len(f.CompromisedUsers); n > 0 {
			taken = fmt.Sprintf("got into %s; ", strings.Join(f.CompromisedUsers[:min(n, 3)], ", "))
		}
		p.add(part{colour, "  " + f.Kind}, part{"", "  since " + f.Start.In(p.Zone).Format("15:04") + ", " + count(f.Attempts, "attempt") + "  "}, part{red, taken}, part{"", f.Reason})
	}
	p.more(len(list)-room, "campaign")
}

func (p *picture) causes(s *Snapshot, room int) {
	if room == 0 {
		return
	}
	list := slices.SortedFunc(maps.Keys(s.Failures), func(a, b rules.Cause) int {
		return cmp.Or(cmp.Compare(sum(s.Trend[b]), sum(s.Trend[a])), cmp.Compare(s.Failures[b], s.Failures[a]), cmp.Compare(a, b))
	})
	p.heading(pad("WHY", 30) + right("2 minutes", 10) + right("in all", 12))
	for _, c := range list[:room] {
		p.add(part{"", pad("  "+c.String(), 30) + right(report.Number(sum(s.Trend[c])), 10) + right(report.Number(s.Failures[c]), 12) + "  "},
			part{yellow, sparkline(s.Trend[c], p.Width-54)})
	}
	p.more(len(list)-room, "cause")
}

func (p *picture) leaks(s *Snapshot, room int) {
	if room == 0 {
		return
	}
	p.heading("CREDENTIALS IN LOGS")
	for _, f := range s.Exposed[:room] {
		colour := yellow
		if report.Rank(f.Severity) >= report.Rank(detectors.High) {
			colour = red
		}
		p.add(part{colour, "  " + f.Kind}, part{"", fmt.Sprintf("  in %s  %s:%d", cmp.Or(f.Location, "text"), f.File, f.Line)})
	}
}

func sum(counts []int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

func (p *picture) sources(s *Snapshot, room int) {
	if room == 0 {
		return
	}
	list := slices.Clone(s.Sources)
	slices.SortStableFunc(list, func(a, b Source) int { // those with trouble first
		return cmp.Or(-cmp.Compare(truth(a.Problem != ""), truth(b.Problem != "")), cmp.Compare(b.Unread, a.Unread), cmp.Compare(b.Lines, a.Lines))
	})
	name := max(10, p.Width-52)
	p.heading(pad("SOURCES", name) + right("lines", 12) + right("no format", 11) + right("unread", 12) + right("last entry", 17))
	for _, src := range list[:room] {
		unparsed, last := "-", "-"
		if src.Records > 0 {
			unparsed = fmt.Sprintf("%d%%", src.Unparsed*100/src.Records)
		}
		if !src.Last.IsZero() {
			last = src.Last.In(p.Zone).Format("Jan 2 15:04:05")
		}
		if src.Problem != "" {
			p.add(part{red, pad("  "+src.Name, name)}, part{red, "  " + src.Problem})
			continue
		}
		p.add(part{"", pad("  "+src.Name, name) + right(report.Number(src.Lines), 12) + right(unparsed, 11) + right(report.Bytes(src.Unread), 12) + right(last, 17)})
	}
	p.more(len(list)-room, "source")
}

// latest shows the latest findings, the newest first, in the lines that are left.
func (p *picture) latest(s *Snapshot, room int) {
	if room < 2 {
		return
	}
	p.heading("LATEST")
	for _, f := range s.Latest[:min(len(s.Latest), room-1)] {
		var b bytes.Buffer
		w := report.NewLines(&b, report.Options{Zone: p.Zone})
		_ = w.Finding(f)
		_ = w.Flush()
		stamp, text, _ := strings.Cut(strings.TrimSuffix(b.String(), "\n"), "  ")
		if t, err := time.Parse(time.RFC3339, stamp); err == nil {
			stamp = t.Format("15:04:05")
		}
		colour := ""
		switch report.SeverityOf(f) {
		case detectors.Critical, detectors.High:
			colour = red
		case detectors.Medium:
			colour = yellow
		}
		p.add(part{dim, pad(strings.TrimSpace(stamp), 8) + "  "}, part{colour, strings.TrimSpace(text)})
	}
	if len(s.Latest) == 0 {
		p.add(part{dim, "  nothing found yet"})
	}
}
