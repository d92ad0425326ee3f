package spike

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"why401/rules"
)

func home(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, byte(i), byte(i >> 8), 9}) }

// TestStolenAmongCustomers sends an attack through the addresses of customers, who log
// in there at all times, and expects its victims told from them.
func TestStolenAmongCustomers(t *testing.T) {
	d := newDay(true)
	d.customers(0, 12, 10)
	for i := range 1000 { // the attack goes through 300 of these homes
		user := fmt.Sprintf("resident%d", i)
		for range 1 + d.rng.IntN(4) {
			d.login(d.rng.Float64()*12*3600, home(i), user, rules.None, "")
		}
	}
	var victims []string
	for i := range 3000 {
		at := 6*3600 + d.rng.Float64()*3600
		from := rented(d.rng.IntN(900))
		if d.rng.IntN(4) == 0 {
			from = home(d.rng.IntN(300))
		}
		if i%75 != 0 {
			d.login(at, from, fmt.Sprintf("listed%d", i), rules.BadCredentials, "")
			continue
		}
		user := fmt.Sprintf("victim%d", i)
		victims = append(victims, user)
		d.login(at-4*3600, netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), user, rules.None, "")
		d.login(at, from, user, rules.None, "")
	}
	var found []string
	for _, f := range run(Config{}, d.sorted()) {
		found = append(found, f.CompromisedUsers...)
	}
	right := 0
	for _, u := range found {
		if slices.Contains(victims, u) {
			right++
		}
	}
	if 10*right < 6*len(victims) || 4*right < 3*len(found) {
		t.Errorf("%d of %d victims found, and %d who are none", right, len(victims), len(found)-right)
	}
}

// TestStolenBehindAnOffice expects that nobody is named where most of those who get in
// from an address are its customers, and that it is said; and that a short attack from
// there is told from them.
func TestStolenBehindAnOffice(t *testing.T) {
	office := ip("192.0.2.7")
	for _, tt := range []struct {
		name    string
		seconds float64
		named   bool
	}{
		{"among the logins of a morning", 3 * 3600, false},
		{"in half a minute", 30, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDay(true)
			d.customers(0, 24, 5)
			for i := range 150 {
				at := (7 + 10*d.rng.Float64()) * 3600
				d.login(at, office, fmt.Sprintf("clerk%d", i), rules.None, "")
				d.login(at+4*3600, office, fmt.Sprintf("clerk%d", i), rules.None, "")
			}
			for i := range 400 {
				c, user := rules.UnknownUser, fmt.Sprintf("listed%d", i)
				if i%100 == 50 {
					c, user = rules.None, fmt.Sprintf("victim%d", i)
				}
				d.login(9*3600+tt.seconds*float64(i)/400, office, user, c, "")
			}
			for _, f := range run(Config{}, d.sorted()) {
				if f.Kind != "credential_stuffing" {
					t.Errorf("a finding of kind %s: %s", f.Kind, f.Reason)
					continue
				}
				named := slices.ContainsFunc(f.CompromisedUsers, func(u string) bool { return strings.HasPrefix(u, "victim") })
				doubt := strings.Contains(f.Reason, "may be customers")
				if named != tt.named || !tt.named && !doubt || len(f.CompromisedUsers) > 5 {
					t.Errorf("named are %q: %s", f.CompromisedUsers, f.Reason)
				}
			}
		})
	}
}

// TestStolenFromANewAddress lets a name get in shortly after it was guessed at, from
// where it has never been, and expects it told; at home, or much later, it isn't.
func TestStolenFromANewAddress(t *testing.T) {
	for _, tt := range []struct {
		from  string
		after float64
		told  bool
	}{{"198.18.0.77", 200, true}, {"198.18.0.77", 900, true}, {"198.18.0.77", 6000, false}, {"192.0.2.7", 200, false}} {
		d := newDay(true)
		d.customers(0, 6, 3)
		d.login(1800, ip("192.0.2.7"), "victim", rules.None, "")
		for i := range 200 {
			d.login(7200+float64(i)*3, ip("203.0.113.9"), "victim", rules.BadCredentials, "")
		}
		d.login(7800+tt.after, ip(tt.from), "victim", rules.None, "")
		for _, f := range run(Config{}, d.sorted()) {
			if told := slices.Contains(f.CompromisedUsers, "victim"); told != tt.told {
				t.Errorf("from %s after %v s: told %v, %s", tt.from, tt.after, told, f.Reason)
			}
		}
	}
}

// TestStolenFromItsOwnNetwork names all victims where an attacker's network has no
// customers, though one address of it got into several.
func TestStolenFromItsOwnNetwork(t *testing.T) {
	d := newDay(true)
	d.customers(0, 10, 3)
	victims := 0
	for i := range 700 {
		user, c := fmt.Sprint("listed", i%230), rules.BadCredentials
		from := netip.AddrFrom4([4]byte{203, 0, 113, byte(i % 60)})
		if i == 100 || i == 160 || i == 220 || i == 333 {
			user, c = fmt.Sprint("victim", i), rules.None
			victims++
		}
		d.login(7200+float64(i)*30, from, user, c, "")
	}
	for _, f := range run(Config{}, d.sorted()) {
		if len(f.CompromisedUsers) != victims {
			t.Errorf("named are %q: %s", f.CompromisedUsers, f.Reason)
		}
	}
}

// TestStolenNumberedNames names a victim whose name looks like one that its address was
// refused under some time before: no customer types the number of another account.
func TestStolenNumberedNames(t *testing.T) {
	d := newDay(true)
	d.customers(0, 10, 3)
	for i := range 200 {
		c, from := rules.BadCredentials, netip.AddrFrom4([4]byte{203, 0, 113, byte(d.rng.IntN(250))})
		if i == 112 || i == 150 {
			from = ip("203.0.113.251")
		}
		if i == 150 {
			c = rules.None
		}
		d.login(7200+float64(i)*36, from, fmt.Sprintf("c%03d@shop.example", i), c, "")
	}
	got := run(Config{}, d.sorted())
	if len(got) != 1 || !slices.Equal(got[0].CompromisedUsers, []string{"c150@shop.example"}) {
		t.Error(show(got))
	}
}

// TestStolenAtFirstTry names the victims of a few addresses that try each name once: a
// new name that gets in where many were refused acquits no address.
func TestStolenAtFirstTry(t *testing.T) {
	for hits, from := range map[[2]int]int{{20, 21}: 5, {20, 25}: 5, {50, 71}: 12} {
		d := newDay(true)
		d.customers(0, 2, 3)
		var want []string
		for i := range 90 {
			name, c := fmt.Sprintf("user%03d", i), rules.BadCredentials
			if i == hits[0] || i == hits[1] {
				c, want = rules.None, append(want, name)
			}
			d.login(2400+float64(i)*4, netip.AddrFrom4([4]byte{203, 0, 113, byte(10 + i%from)}), name, c, "")
		}
		got := run(Config{}, d.sorted())
		if len(got) != 1 || !slices.Equal(got[0].CompromisedUsers, want) || len(got[0].SourceIPs) != from {
			t.Error(hits, show(got))
		}
	}
}
