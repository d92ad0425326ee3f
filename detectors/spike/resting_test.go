package spike

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// Rounds of spraying an hour or most of a day apart are one campaign, from the same
// address or another; another list of names is another's.
func TestRounds(t *testing.T) {
	for _, c := range []struct {
		name  string
		apart float64 // hours
		from  func(round int) netip.Addr
		list  func(round int) string
		want  []string
	}{
		{"an hour apart", 1, func(int) netip.Addr { return ip("203.0.113.9") }, func(int) string { return "a" }, []string{"password_spraying"}},
		{"a night apart", 11, func(int) netip.Addr { return ip("203.0.113.9") }, func(int) string { return "a" }, []string{"password_spraying"}},
		{"from elsewhere", 2, rented, func(int) string { return "a" }, []string{"password_spraying"}},
		{"from elsewhere at once", 0.1, rented, func(int) string { return "a" }, []string{"password_spraying"}},
		{"another list each", 2, rented, func(round int) string { return fmt.Sprint(round) }, []string{"credential_stuffing", "credential_stuffing", "credential_stuffing"}},
		{"two days apart", 48, rented, func(int) string { return "a" }, []string{"credential_stuffing", "credential_stuffing", "credential_stuffing"}},
	} {
		d := newDay(true)
		d.customers(0, 8, 2)
		for round := range 3 {
			for i := range 40 {
				d.login(3600*(1+c.apart*float64(round))+float64(i)*4, c.from(round), fmt.Sprint("staff", c.list(round), i), rules.BadCredentials, "")
			}
		}
		all := d.sorted()
		got := run(Config{}, all)
		var kinds []string
		for _, f := range got {
			kinds = append(kinds, f.Kind)
		}
		if !slices.Equal(kinds, c.want) || len(got) == 1 && (got[0].Attempts != 120 || got[0].UsersCount != 40) {
			t.Errorf("%s: %s", c.name, show(got))
		}
		ids := map[string]bool{}
		for _, f := range run(Config{Phases: true}, all) {
			ids[f.ID] = true
		}
		if len(ids) != len(c.want) {
			t.Errorf("%s: %d campaigns where they are told as they go on", c.name, len(ids))
		}
	}
}

// Rounds from new addresses of one network are one campaign, too.
func TestRoundsOfANetwork(t *testing.T) {
	d := newDay(true)
	for i := range 100 {
		from := fmt.Sprintf("2001:db8:77:%x::1", 7*i+1)
		d.login(float64(i/20)*3600+float64(i%20)*20+5*d.rng.Float64(), ip(from), fmt.Sprint("staff", i%20), rules.BadCredentials, "")
	}
	got := run(Config{}, d.sorted())
	if len(got) != 1 || got[0].Kind != "password_spraying" || got[0].Attempts < 95 {
		t.Error(show(got))
	}
}

// TestRestingIsBounded keeps few campaigns that closed, and tells each once.
func TestRestingIsBounded(t *testing.T) {
	d := newDay(true)
	for k := range 200 {
		for i := range 40 {
			d.login(1500*float64(k)+float64(i)*4, rented(k), fmt.Sprint("staff", k, "-", i), rules.BadCredentials, "")
		}
	}
	tr, n := New(Config{}), map[string]int{}
	report := func(f detectors.Finding) { n[f.(*detectors.SpikeFinding).ID]++ }
	for _, a := range d.sorted() {
		if tr.Observe(&a, report); len(tr.resting) > mostResting {
			t.Fatalf("%d campaigns rest", len(tr.resting))
		}
	}
	room := tr.room
	for _, c := range slices.Concat(tr.camps, tr.resting) {
		room += c.members()
	}
	tr.Flush(report)
	for id, times := range n {
		if times != 1 {
			t.Errorf("%s was told %d times", id, times)
		}
	}
	if len(n) != 200 || room != tr.mostRoom {
		t.Errorf("%d campaigns, room for %d of %d members", len(n), room, tr.mostRoom)
	}
}
