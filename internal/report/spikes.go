package report

import (
	"cmp"
	"fmt"
	"net/netip"
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
	list := bySeverity(m.Spikes)
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

// defences say what each kind of attack is (https://attack.mitre.org/techniques/T1110/)
// and what the server can do about it.
var defences = map[string]struct{ means, server string }{
	"credential_stuffing": {"Names and passwords that were stolen elsewhere are tried here, each once or twice.",
		"Limit tries by address and by name, and ask for a second factor: some of these passwords are right."},
	"password_spraying": {"A few usual passwords are tried at many names, slowly enough that none is locked.",
		"Limit tries by address over all names, forbid usual passwords, and ask for a second factor."},
	"brute_force": {"Many passwords are tried at one name or a few.",
		"Limit tries by name and by address, with a growing pause, and ask for a second factor."},
	"token_guessing": {"Tokens or keys are made up and tried until one is taken.",
		"Limit refused requests by address. Keys of 128 random bits can't be guessed: look for short or old ones."},
}

// defence says what to do about the worst attacks, before anything that was only
// refused by mistake.
func (t *text) defence(m *Model) {
	const most = 2
	told := 0
	for _, f := range bySeverity(m.Spikes) {
		d, known := defences[f.Kind]
		if !known || told == most || Rank(f.Severity) < Rank(detectors.Medium) {
			continue
		}
		told++
		t.term(f.Kind, origin(f), plural(int64(f.Attempts), "try", "tries"))
		t.advice("means", d.means)
		t.entry("when", t.span(f.Start, f.End))
		if n := len(f.CompromisedUsers); n > 0 {
			t.entry("got into", fmt.Sprintf("%s: end their sessions and tokens, and have new passwords set", list(f.CompromisedUsers, 8)))
		}
		t.advice("server", d.server)
		if len(f.SourceIPs) > 0 {
			t.advice("proxy", "`why401 report --banlist FILE` writes the addresses to shut out.")
		}
		t.gap()
	}
}

// bySeverity returns the spikes, the worst first and of those the earliest.
func bySeverity(spikes []*detectors.SpikeFinding) []*detectors.SpikeFinding {
	list := byTime(spikes)
	slices.SortStableFunc(list, func(a, b *detectors.SpikeFinding) int { return cmp.Compare(Rank(b.Severity), Rank(a.Severity)) })
	return list
}

// ofAttacks counts the refusals for one cause that came from attacking addresses, as
// far as clients are counted one by one.
func (m *Model) ofAttacks(by *ByCause) (n int64) {
	seen := map[string]bool{}
	for _, f := range m.Spikes {
		if !isAttack(f.Kind) || Rank(f.Severity) < Rank(detectors.Medium) {
			continue
		}
		for _, ip := range f.SourceIPs {
			if c := by.TopClients.counts[ip]; c != nil && !seen[ip] {
				seen[ip] = true
				n += *c
			}
		}
	}
	return n
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
		if n := elsewhere(f); n > 0 {
			return f.SourceNetworks[0] + " and " + plural(int64(n), "address", "addresses")
		}
		return f.SourceNetworks[0]
	case n == 1:
		return f.SourceIPs[0]
	case n > 1:
		return plural(int64(n), "address", "addresses")
	}
	return "unknown addresses"
}

// elsewhere counts the addresses of a spike that aren't in its one network.
func elsewhere(f *detectors.SpikeFinding) (n int) {
	net, err := netip.ParsePrefix(f.SourceNetworks[0])
	for _, s := range f.SourceIPs {
		if a, bad := netip.ParseAddr(s); err == nil && bad == nil && !net.Contains(a) {
			n++
		}
	}
	return n
}
