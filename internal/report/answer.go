package report

import (
	"fmt"
	"strings"

	"why401/rules"
)

// answer says in a few sentences what everything below shows.
func (t *text) answer(m *Model) {
	s := m.Summary()
	read := fmt.Sprintf("Read %s, %s", plural(s.Lines, "line"), Bytes(s.Bytes))
	if s.Files > 1 {
		read = fmt.Sprintf("Read %s, %s, %s", plural(s.Files, "file"), plural(s.Lines, "line"), Bytes(s.Bytes))
	}
	if from, to := m.span(); !from.IsZero() {
		read += ", " + t.period(from, to) + " (times are " + t.zone(from) + ")"
	}
	if n := m.unread(); n > 0 {
		read += fmt.Sprintf(". %s not be read, or not to the end", plural(int64(n), "file could", "files could"))
	}
	if m.Stopped {
		read += ". Stopped before the end"
	}
	t.say(read + ".")
	t.figures(figures(s, m))
	if m.Chosen != "" {
		t.say("Only what " + m.Chosen + " chose is told here.")
	}

	switch {
	case s.Lines == 0:
		t.say("There was nothing to read.")
	case m.Failures == 0 && m.Chosen != "":
		t.say("No refused request was chosen.")
	case m.Failures == 0:
		t.say("No request was refused.")
	default:
		ranked := m.Ranked()
		first := ranked[0]
		how := fmt.Sprintf("most often for %s (%s)", first.Cause, share(first.Count, m.Failures))
		if len(ranked) == 1 {
			how = "all for " + first.Cause.String()
		}
		if m.Failures == 1 {
			how = "for " + first.Cause.String()
		}
		if first.Guess() && first.Cause != rules.Unknown {
			how += ", which is a guess"
		}
		t.say(fmt.Sprintf("%s refused, %s: %s.", plural(m.Failures, "request was", "requests were"), how, t.title(first.Cause)))
	}
	t.unusual(m)
	t.answerSpikes(m)
	switch {
	case m.Leaks > 0:
		what := "them"
		if m.Leaks == 1 {
			what = "it"
		}
		t.alarm(red, fmt.Sprintf("%s in these logs: change %s, and stop the log from writing %s.", plural(m.Leaks, "credential stands", "credentials stand"), what, what))
	case s.Lines > 0 && m.Chosen == "":
		t.say("No credential stands in these logs.")
	}
}

// figures are the answer in numbers.
func figures(s *Summary, m *Model) []Figure {
	attacks, accounts := int64(0), int64(0)
	for _, f := range m.Spikes {
		if isAttack(f.Kind) {
			attacks++
			accounts += int64(len(f.CompromisedUsers))
		}
	}
	word := func(n int64, one, many string) string { // without the number
		_, w, _ := strings.Cut(plural(n, one, many), " ")
		return w
	}
	list := []Figure{{Name: word(m.Failures, "request refused", "requests refused"), Value: Number(m.Failures)},
		{Name: word(attacks, "attack", "attacks"), Value: Number(attacks)},
		{Name: word(accounts, "account taken over", "accounts taken over"), Value: Number(accounts)},
		{Name: word(s.Leaks, "credential in the logs", "credentials in the logs"), Value: Number(s.Leaks)}}
	for i := range list[1:] {
		if f := &list[i+1]; f.Value != "0" {
			f.Class = "bad"
		}
	}
	return list
}

// unusual names the causes that occurred more often than in earlier runs.
func (t *text) unusual(m *Model) {
	if m.Before == nil {
		return
	}
	var list []string
	for _, by := range m.Ranked() {
		switch band, known := m.Before.Causes[by.Cause]; {
		case !known:
			list = append(list, fmt.Sprintf("%s %s, never before", by.Cause, Number(by.Count)))
		case by.Count > band.High:
			list = append(list, fmt.Sprintf("%s %s, %s %s", by.Cause, Number(by.Count), m.Before.when("usually"), strings.ReplaceAll(band.String(), "-", " to ")))
		}
	}
	if len(list) > 0 {
		t.alarm(yellow, "More than usual: "+strings.Join(list[:min(len(list), 5)], "; ")+".")
	}
}

// when is the word for what is usual, or for the last run where only that is known.
func (b *Before) when(usual string) string {
	if b.Runs == 1 {
		return "last time"
	}
	return usual
}

// unread counts the files that weren't read to their ends.
func (m *Model) unread() (n int) {
	for i := range m.Stats.Files {
		if m.Stats.Files[i].Err != nil {
			n++
		}
	}
	return n
}

func (t *text) answerSpikes(m *Model) {
	attacks := 0
	for _, f := range m.Spikes {
		if !isAttack(f.Kind) {
			continue
		}
		if attacks++; attacks > 3 {
			continue
		}
		line := fmt.Sprintf("Attack: %s from %s, %s, %s.", words(f.Kind), origin(f), t.span(f.Start, f.End), plural(int64(f.Attempts), "attempt"))
		if n := len(f.CompromisedUsers); n > 0 {
			line += fmt.Sprintf(" It got into %s: %s.", plural(int64(n), "account"), list(f.CompromisedUsers, 5))
		}
		t.alarm(red, line)
	}
	switch {
	case attacks > 3:
		t.alarm(red, fmt.Sprintf("And %s more.", plural(int64(attacks-3), "attack")))
	case attacks == 0 && m.Summary().Lines > 0 && m.Chosen == "":
		t.say("No attack on passwords or tokens was seen.")
	}
	for _, f := range m.Spikes {
		if f.Kind == "auth_outage" {
			t.alarm(yellow, fmt.Sprintf("Outage: authentication failed for everybody, %s%s.", t.span(f.Start, f.End), because(f.Cause)))
		}
	}
}

func because(cause string) string {
	if cause == "" {
		return ""
	}
	return " (" + cause + ")"
}

func isAttack(kind string) bool { return kind != "auth_outage" && kind != "broken_client" }
