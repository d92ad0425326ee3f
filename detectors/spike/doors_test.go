package spike

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"why401/detectors"
	"why401/rules"
)

// at puts one try at the form of a route.
func (d *day) at(path string, sec float64, client netip.Addr, c rules.Cause, agent string) {
	d.put(sec, client, detectors.Attempt{Kind: detectors.Login, Method: detectors.MethodPost}, agent, path, c)
}

// busyShop has people who give up without having got in, at the customers' door; what
// comes at another must not be lost among them.
func busyShop() *day {
	d := newDay(false)
	d.customers(0, 8, 60)
	for i := range 8 * 90 {
		d.login(float64(i*40)+30*d.rng.Float64(), netip.AddrFrom4([4]byte{198, byte(i >> 8), byte(i), 99}), fmt.Sprint("guest", i), rules.BadCredentials, "")
	}
	return d
}

func TestDoors(t *testing.T) {
	staff := func(d *day, from, hours float64, share func(i int) rules.Cause) {
		for i := range int(hours * 60) {
			sec := from*3600 + float64(i)*60 + 20*d.rng.Float64()
			d.at("/staff", sec, netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 50)}), share(i), fmt.Sprint("browser of staff", i%50))
		}
	}
	in := func(int) rules.Cause { return rules.None }
	for _, tt := range []struct {
		name  string
		want  int // attacks
		world func(d *day)
	}{
		{"guessing at the administrators' door", 1, func(d *day) {
			staff(d, 0, 8, in)
			for i := range 90 {
				d.at("/staff", 4*3600+float64(i*60)+50*d.rng.Float64(), rented(i), rules.Unknown, fmt.Sprint("agent", i%40))
			}
		}},
		{"guessing at a door that nobody uses", 1, func(d *day) {
			for i := range 90 {
				d.at("/xmlrpc", 4*3600+float64(i*60)+50*d.rng.Float64(), rented(i), rules.Unknown, fmt.Sprint("agent", i%40))
			}
		}},
		{"people at a door of their own", 0, func(d *day) { staff(d, 0, 8, in) }},
		{"a door that breaks for those who use it", 0, func(d *day) {
			staff(d, 0, 4, in)
			staff(d, 4, 1.5, func(int) rules.Cause { return rules.Unknown })
			staff(d, 5.5, 2, in)
		}},
		{"a rush of newcomers, some of whom give up", 0, func(d *day) {
			for i := range 1200 {
				sec, addr, c := 4*3600+float64(i*3), rented(i), rules.None
				if i%20 == 0 {
					c = rules.Unknown
				}
				d.at("/offer", sec, addr, c, fmt.Sprint("agent", i%41))
			}
		}},
		{"monitors of a door", 0, func(d *day) {
			for m := range 25 {
				for i := range 180 {
					d.put(4*3600+float64(m*40+i*60), rented(m), detectors.Attempt{Method: detectors.MethodPost}, "monitor", "/health", rules.Unknown)
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := busyShop()
			tt.world(d)
			got := run(Config{}, d.sorted())
			n := 0
			for _, f := range got {
				if f.Technique == "" {
					continue
				}
				if n++; f.Failures > 100 || f.Start.Before(dayStart.Add(4*time.Hour)) {
					t.Errorf("others were counted, too:\n%s", show(got))
				}
			}
			if n != tt.want {
				t.Errorf("%d attacks, want %d:\n%s", n, tt.want, show(got))
			}
		})
	}
}

// However many routes are invented, few doors are kept, and those that are used stay.
func TestDoorsAreBounded(t *testing.T) {
	d := busyShop()
	for i := range 5000 {
		d.at(fmt.Sprint("/", i), 3600+float64(i), rented(i), rules.Unknown, "agent")
	}
	tr := newTracker(Config{})
	for _, a := range d.sorted() {
		tr.Observe(&a, func(detectors.Finding) {})
	}
	if n := len(tr.doors); n > maxDoors {
		t.Errorf("%d doors", n)
	}
	if tr.door(login, d.key("/enter")) == nil {
		t.Error("the door that customers use was forgotten")
	}
}
