package spike

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// printed is one try at a form from a client with this user agent and fingerprint.
func (d *day) printed(sec float64, client netip.Addr, user string, c rules.Cause, agent, print string) {
	d.login(sec, client, user, c, agent)
	a := &d.attempts[len(d.attempts)-1]
	a.Agent, a.Fingerprint = d.key(agent), d.key(print)^1<<63
	if a.Fail != nil {
		a.Fail.UserAgent, a.Fail.Fingerprint = agent, "JA3 "+print
	}
}

// app are so many users of an application who log in within two hours from two o'clock, each from
// the own address. Half of them mistype, and of these every third gives up.
func (d *day) app(users int, print string) {
	for i := range users {
		at, addr, name := 7200+7200*d.rng.Float64(), netip.AddrFrom4([4]byte{198, 18, byte(i / 250), byte(i % 250)}), fmt.Sprintf("cust%d", i)
		if i%2 == 0 {
			d.printed(at, addr, name, rules.BadCredentials, "Shop/1", print)
			if at += 20 * d.rng.Float64(); i%6 == 0 {
				continue
			}
		}
		d.printed(at, addr, name, rules.None, "Shop/1", print)
	}
}

func TestLooks(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, c := range []struct {
			name  string
			print func(i int) string // of the attack's tries
			seen  bool
			says  string
		}{
			{"their own", func(int) string { return "0a1b2c3d" }, true, "all share the JA3 fingerprint 0a1b2c3d"},
			{"everybody's", func(int) string { return "common" }, false, ""},
			{"another each time", func(i int) string { return fmt.Sprint("p", i) }, false, ""},
		} {
			d := newDay(names)
			d.customers(0, 8, 4)
			for i := range d.attempts {
				d.attempts[i].Fingerprint = d.key("common") ^ 1<<63
			}
			for i := range 60 { // from an address each, one in two minutes, at names that exist, each time as another browser
				d.printed(10800+float64(i)*120, rented(i), fmt.Sprintf("cust%d", 40*i), rules.BadCredentials, fmt.Sprint("browser", i%30), c.print(i))
			}
			got := run(Config{}, d.sorted())
			if !c.seen {
				if len(got) > 0 && strings.Contains(got[0].Reason, "share") {
					t.Errorf("names %v, %s: %s", names, c.name, got[0].Reason)
				}
				continue
			}
			if len(got) != 1 || len(got[0].SourceIPs) < 57 || !strings.Contains(got[0].Reason, c.says) {
				t.Errorf("names %v, %s: %d findings, want one of 60 addresses that says %q", names, c.name, len(got), c.says)
				for _, f := range got {
					t.Log(f.Kind, len(f.SourceIPs), f.Reason)
				}
			}
		}
	}
}

// An application's users share a fingerprint that no browser has, and come all at once
// on a Monday morning.
func TestLooksOfAnApp(t *testing.T) {
	for _, names := range []bool{true, false} {
		d := newDay(names)
		d.customers(0, 8, 4)
		for i := range d.attempts {
			d.attempts[i].Fingerprint = d.key("common") ^ 1<<63
		}
		d.app(600, "of the app")
		for _, f := range run(Config{}, d.sorted()) {
			t.Errorf("names %v: %s, %s", names, f.Kind, f.Reason)
		}
	}
}

// An account that a botnet got into from an address that tried nothing else is told by
// the fingerprint that it shares; one whose owner has another is not.
func TestTakenByLook(t *testing.T) {
	d := newDay(true)
	d.customers(0, 8, 4)
	for i := range d.attempts {
		d.attempts[i].Fingerprint = d.key("common") ^ 1<<63
	}
	var want []string
	for i := range 90 {
		c, user := rules.BadCredentials, fmt.Sprintf("cust%d", 30*i)
		if i%30 == 14 {
			c, want = rules.None, append(want, user)
		}
		d.printed(10800+float64(i)*120, rented(i), user, c, fmt.Sprint("browser", i%30), "own")
	}
	d.printed(12000, rented(700), "cust31", rules.None, "browser", "common")
	slices.Sort(want)
	got := run(Config{}, d.sorted())
	if len(got) != 1 || !slices.Equal(got[0].CompromisedUsers, want) {
		t.Errorf("%d findings, want one with %v", len(got), want)
		for _, f := range got {
			t.Log(f.CompromisedUsers, f.Reason)
		}
	}
}

// What a client wrote is no markup, no page's address and not long.
func TestShownLooks(t *testing.T) {
	for _, c := range []struct{ is, want string }{
		{"Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; Linux x86_64)"},
		{"t13d1516h2_8daaf6152771_e5627efa2ab1", "t13d1516h2_8daaf6152771_e5627efa2ab1"},
		{"<!channel> *x* https://203.0.113.1/ \x1b[31m`", "??channel? ?x? https???203.0.113.1/ ??31m?"},
		{"=cmd|x", "?cmd?x"},
		{strings.Repeat("a", 99), strings.Repeat("a", 80) + "..."},
	} {
		if got := shown(c.is); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.is, got, c.want)
		}
	}
}

// The texts of looks that attackers invent take no more than their room, and a state
// keeps those that there are.
func TestLookWords(t *testing.T) {
	w := lookWords{newKept[lookWord](mostWords)}
	for i := range uint64(10 * mostWords) {
		w.add(looks{i + 1, 1<<63 | i}, &detectors.Failure{UserAgent: fmt.Sprint("agent", i), Fingerprint: "JA4 x"})
	}
	if len(w.ring) != mostWords || w.index.n != mostWords || w.of(1) == "the user agent agent0" {
		t.Errorf("%d texts of %d keys", len(w.ring), w.index.n)
	}
	if last := uint64(10 * mostWords); w.of(last) != fmt.Sprint("the user agent agent", last-1) {
		t.Errorf("the last one is %q", w.of(last))
	}
}

// An account that a campaign gets into is told when it happens, though the log begins
// shortly before the campaign and this goes on for hours.
func TestTakenIsToldAtOnce(t *testing.T) {
	d := newDay(true)
	d.customers(0, 8, 4)
	for i := range 400 {
		d.printed(1200+float64(i)*40, rented(i), fmt.Sprint("listed", i), rules.BadCredentials, fmt.Sprint("agent", i%50), "bot")
	}
	const at = 2 * 3600
	d.printed(at, rented(1000), "cust77", rules.None, "agent3", "bot")
	var got *detectors.SpikeFinding
	tr := New(Config{Phases: true})
	report := func(f detectors.Finding) {
		if f := f.(*detectors.SpikeFinding); got == nil && len(f.CompromisedUsers) > 0 {
			got = f
		}
	}
	for i, a := range d.sorted() {
		if got == nil && a.Time > dayStart.UnixNano()+(at+120)*second {
			break
		}
		tr.Observe(&d.attempts[i], report)
	}
	if got == nil || got.Phase != "grown" || got.Severity != detectors.Critical || !slices.Equal(got.CompromisedUsers, []string{"cust77"}) {
		t.Errorf("two minutes after: %v", got)
	}
}
