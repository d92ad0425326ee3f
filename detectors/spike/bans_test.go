package spike

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// customerOf64 tries a list, each name from another address of its own network.
func customerOf64(d *day) {
	for i := range 8 {
		d.login(7200+float64(i)*0.5, netip.MustParseAddr(fmt.Sprintf("2001:db8:9:9:%x::7", i)), fmt.Sprint("list", i), rules.UnknownUser, "tool")
	}
}

// An address is shut out only if nobody else gets in from there, a network only if it
// is at fault itself and nobody lives in it.
func TestBans(t *testing.T) {
	prefix := netip.MustParsePrefix
	for _, c := range []struct {
		name  string
		allow string
		make  func(d *day)
		want  []string
	}{
		{"one address", "", attacks[1].make, []string{"203.0.113.9/32"}},
		{"one that is allowed", "203.0.113.0/24", attacks[1].make, nil},
		{"an office's address", "", func(d *day) {
			attacks[1].make(d)
			for i := range 3 {
				d.login(3600+float64(i), ip("203.0.113.9"), fmt.Sprint("clerk", i), rules.None, "")
			}
		}, nil},
		{"an address that got in by guessing", "", func(d *day) {
			attacks[1].make(d)
			d.login(7500, ip("203.0.113.9"), "cust5", rules.None, "tool")
		}, []string{"203.0.113.9/32"}},
		{"a private address", "", func(d *day) {
			for i := range 300 {
				d.login(7200+float64(i)*3, ip("10.1.2.3"), fmt.Sprint("list", i), rules.UnknownUser, "tool")
			}
		}, nil},
		{"a network that rotates", "", attacks[4].make, []string{"203.0.113.0/24"}},
		{"one /64 that somebody moves through", "", customerOf64, []string{"2001:db8:9:9::/64"}},
		{"a /64 of which a part is allowed", "2001:db8:9:9:1::/80", customerOf64, []string{"2001:db8:9:9::7/128", "2001:db8:9:9:2::7/128",
			"2001:db8:9:9:3::7/128", "2001:db8:9:9:4::7/128", "2001:db8:9:9:5::7/128", "2001:db8:9:9:6::7/128", "2001:db8:9:9:7::7/128"}},
		{"one with a customer in it", "", func(d *day) {
			attacks[4].make(d)
			d.login(3600, ip("203.0.113.200"), "cust5", rules.None, "")
			d.login(3700, ip("203.0.113.7"), "cust6", rules.None, "")
		}, []string{"203.0.113.0/32", "203.0.113.1/32", "203.0.113.2/32", "203.0.113.3/32", "203.0.113.4/32", "203.0.113.5/32", "203.0.113.6/32", "203.0.113.8/32"}},
		{"a broken client", "", traps[8].make, nil},
	} {
		d := newDay(true)
		d.customers(0, 8, 12)
		c.make(d)
		cfg := Config{Bans: true}
		if c.allow != "" {
			cfg.Allow = []netip.Prefix{prefix(c.allow)}
		}
		var got []string
		for _, f := range run(cfg, d.sorted()) {
			for _, n := range f.Bans {
				got = append(got, n.String())
			}
		}
		if len(got) > 50 {
			got = got[:len(c.want)] // the first of a hundred
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// What a log can't tell breaks nothing, and the finding says so.
func TestBadInput(t *testing.T) {
	huge := strings.Repeat("n", 1<<20)
	for _, c := range []struct {
		name string
		says string
		make func(d *day, i int)
	}{
		{"private addresses only", "its addresses are private", func(d *day, i int) {
			d.login(7200+float64(i), ip("192.168.7.9"), fmt.Sprint("list", i), rules.UnknownUser, "tool")
		}},
		{"no names", "the log has no names", func(d *day, i int) {
			d.login(7200+float64(i), ip("203.0.113.9"), "", rules.BadCredentials, "tool")
		}},
		{"no times", "the log has no times", func(d *day, i int) {
			d.login(0, ip("203.0.113.9"), fmt.Sprint("list", i), rules.UnknownUser, "tool")
			d.attempts[i].Time = 0
		}},
		{"times of another age", "times jump", func(d *day, i int) {
			d.login(7200+float64(i), ip("203.0.113.9"), fmt.Sprint("list", i), rules.UnknownUser, "tool")
			if i%5 == 2 {
				d.attempts[i].Time += int64(i%2*2-1) * 40 * 365 * 24 * hour
			}
		}},
		{"no addresses", "the log has no addresses", func(d *day, i int) {
			d.login(7200+float64(i), netip.Addr{}, "mira", rules.BadCredentials, "")
		}},
		{"a name of a megabyte", "tried 1 name", func(d *day, i int) {
			d.login(7200+float64(i), ip("203.0.113.9"), huge, rules.BadCredentials, "tool")
		}},
	} {
		d := newDay(true)
		for i := range 100 {
			c.make(d, i)
		}
		if c.name == "a name of a megabyte" {
			d.login(7400, ip("203.0.113.9"), huge, rules.None, "tool")
		}
		got := run(Config{}, d.attempts)
		if len(got) != 1 || !strings.Contains(got[0].Reason, c.says) {
			t.Errorf("%s: got %s", c.name, show(got))
			continue
		}
		for _, u := range got[0].CompromisedUsers {
			if len(u) > 200 {
				t.Errorf("%s: a name of %d bytes was told", c.name, len(u))
			}
		}
	}
	d := newDay(true) // without addresses and names nothing can be told apart
	for i := range 100 {
		d.login(7200+float64(i), netip.Addr{}, "", rules.BadCredentials, "")
	}
	if got := run(Config{}, d.sorted()); len(got) != 0 {
		t.Error(show(got))
	}
	d = newDay(true) // nor how fast somebody mistyped
	for i := range 12 {
		d.login(0, ip("203.0.113.9"), "mira", rules.BadCredentials, "")
		d.attempts[i].Time = 0
	}
	if got := run(Config{}, d.attempts); len(got) != 0 {
		t.Error(show(got))
	}
	var none detectors.Attempt
	tr := New(Config{})
	tr.Observe(&none, func(detectors.Finding) { t.Error("a finding of nothing") })
	tr.Flush(func(detectors.Finding) { t.Error("a finding of nothing") })
}
