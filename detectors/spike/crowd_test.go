package spike

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"why401/rules"
)

// A crowd of which nobody gets in is told while it is at it, with nearly all of its
// addresses and tries, and for as long as it tried.
func TestCrowds(t *testing.T) {
	for _, c := range []struct {
		addresses, gap  int // of seconds between tries
		net, people     bool
		named, nameless time.Duration // until it is told, 0 where nothing can be
	}{
		{20, 4, true, true, 5 * time.Minute, 14 * time.Minute},
		{40, 4, true, true, 5 * time.Minute, 12 * time.Minute},
		{100, 4, true, true, 5 * time.Minute, 12 * time.Minute},
		{100, 4, false, true, 6 * time.Minute, 12 * time.Minute},
		{40, 12, false, true, 10 * time.Minute, 16 * time.Minute},
		{40, 4, true, false, 5 * time.Minute, 12 * time.Minute},
		{100, 4, false, false, 6 * time.Minute, 0},
	} {
		for _, names := range []bool{true, false} {
			within := c.named
			if !names {
				within = c.nameless
			}
			if within == 0 {
				continue
			}
			d := newDay(names)
			if c.people {
				d.customers(1, 2, 12)
			}
			for i := range 300 {
				a := rented(d.rng.IntN(c.addresses))
				if c.net {
					a = netip.AddrFrom4([4]byte{203, 0, 113, byte(d.rng.IntN(c.addresses))})
				}
				d.login(7200+float64(i*c.gap), a, fmt.Sprintf("%07x", d.rng.IntN(1<<28)), rules.BadCredentials, fmt.Sprint("agent", i))
			}
			if !names { // agents of all kinds, but the same from one address
				for i := range d.attempts {
					if d.attempts[i].Fail != nil && d.attempts[i].Client.As4()[0] == 203 {
						d.attempts[i].Agent = d.key(fmt.Sprint("agent", d.attempts[i].Client.As4()[3]%9, d.attempts[i].Client.As4()[2]%9))
					}
				}
			}
			got := run(Config{}, d.sorted())
			if len(got) != 1 {
				t.Errorf("%+v names=%v: %s", c, names, show(got))
				continue
			}
			f, start := got[0], dayStart.Add(2*time.Hour)
			if took := f.DetectedAt.Sub(start); took > within {
				t.Errorf("%+v names=%v: told after %v", c, names, took)
			}
			if 10*len(f.SourceIPs) < 9*c.addresses || f.Attempts < 260 || f.End.Sub(start).Seconds() < float64(270*c.gap) {
				t.Errorf("%+v names=%v: %d addresses, %d tries, until %v", c, names, len(f.SourceIPs), f.Attempts, f.End)
			}
		}
	}
}

// Everybody's password is reset, before anybody is known, and who reads the mail gets
// in: no network of theirs is at fault.
func TestSlowReset(t *testing.T) {
	for _, names := range []bool{true, false} {
		for _, share := range []float64{0.6, 0.75, 0.9} {
			for seed := range 6 {
				d := newDay(names)
				d.rng = seeded(seed)
				d.customers(0, 4, 4)
				for i := range 1200 {
					home := netip.AddrFrom4([4]byte{192, 0, byte(100 + d.rng.IntN(12)), byte(d.rng.IntN(250))})
					at := 3600 + d.rng.Float64()*7200
					user := fmt.Sprint("member", i)
					d.login(at, home, user, rules.BadCredentials, "")
					if d.rng.Float64() < share {
						d.login(at+180+d.rng.Float64()*1020, home, user, rules.None, "")
					}
				}
				if got := run(Config{}, d.sorted()); len(got) > 0 {
					t.Errorf("names=%v %v %d: %s", names, share, seed, show(got))
				}
			}
		}
	}
}

// Names that are refused once each, within minutes and without addresses, are told where
// the log tells who gets in; where each is tried again they may be people's.
func TestNamesAlone(t *testing.T) {
	for _, c := range []struct {
		tries, logins int
		told          bool
	}{{1, 3, true}, {1, 0, false}, {2, 3, false}} {
		d := newDay(true)
		for i := range 200 {
			for k := range c.tries {
				d.login(float64(600+i*3+k*9), netip.Addr{}, fmt.Sprint("cust", i), rules.BadCredentials, "")
			}
		}
		for i := range c.logins {
			d.login(float64(1220+i), netip.Addr{}, fmt.Sprint("late", i), rules.None, "")
		}
		if got := run(Config{}, d.sorted()); len(got) > 0 != c.told {
			t.Errorf("%+v: %s", c, show(got))
		}
	}
}
