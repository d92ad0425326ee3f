package spike

import (
	"fmt"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// TestOutageOnRoutesThatNeverRefused sees an outage of routes on which nobody was
// refused before: those who asked there used to get in.
func TestOutageOnRoutesThatNeverRefused(t *testing.T) {
	for _, names := range []bool{false, true} {
		for ended := range 2 {
			d := newDay(names)
			for i := range 60 {
				for sec := float64(i) / 7; sec < 3000; sec += 20 {
					cause := rules.None
					if sec >= 1200 && (ended == 0 || sec < 1800) {
						cause = rules.MissingCredentials
					}
					d.request(sec, rented(i), fmt.Sprint("/api/v1/", i%3), cause, "shop-app/2")
					if a := &d.attempts[len(d.attempts)-1]; names {
						a.User = fmt.Sprint("user", i)
					}
				}
			}
			fs := run(Config{}, d.sorted())
			if len(fs) != 1 || fs[0].Kind != "auth_outage" {
				t.Errorf("names %v, ended %d: %s", names, ended, show(fs))
				continue
			}
			if late := fs[0].DetectedAt.Sub(fs[0].Start).Seconds(); late > 30 {
				t.Errorf("seen after %v s", late)
			}
		}
	}
}

// TestAdmitted keeps the latest of those that share a line, and no more than the bound.
func TestAdmitted(t *testing.T) {
	m := newAdmitted(64)
	entries := func() (n int) {
		for key := range uint64(100) {
			if m.when(key%3, key+1) != 0 {
				n++
			}
		}
		return n
	}
	for key := range uint64(100) {
		m.add(key%3, key+1, int64(key+1)*second)
		m.add(0, 1, int64(key+1)*second+second/2)
	}
	if n := entries(); n < 8 || n > 24 {
		t.Errorf("%d entries of three addresses", n)
	}
	if m.when(0, 1) != 100*second || m.when(0, 100) != 100*second || m.when(2, 3) != 0 {
		t.Error("the latest aren't known, or the first still are")
	}
	if m.add(0, 0, hour); m.when(0, 0) != 0 {
		t.Error("what has no key is known")
	}
	var a detectors.Attempt
	if _, key := New(Config{}).admission(&a); key != 0 {
		t.Error("an attempt without address and path has a key")
	}
}

// TestRenewedIsNoOutage lets the tokens of all clients end at once, and expects no
// outage where they get new ones, and one where these are refused, too.
func TestRenewedIsNoOutage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		outage bool
	}{{"renewed", false}, {"renewed and refused again", true}} {
		d := newDay(false)
		for i := range 60 {
			for sec := float64(i); sec < 3000; sec += 60 {
				broken := tt.outage && sec >= 1200
				if broken || sec >= 1200 && sec < 1260 {
					d.request(sec, rented(i), "/api/v1/feed", rules.InvalidToken, "shop-app/2")
					d.put(sec+3, rented(i), detectors.Attempt{Kind: detectors.Token, Method: detectors.MethodPost}, "shop-app/2", "/oauth/token", rules.None)
				}
				if !broken {
					d.request(sec+4, rented(i), fmt.Sprint("/api/v1/", i), rules.None, "shop-app/2")
					if sec < 1200 || sec > 1300 {
						d.request(sec+4, rented(i), "/api/v1/feed", rules.None, "shop-app/2")
					}
				}
			}
		}
		if n := kinds(run(Config{}, d.sorted()))["auth_outage"]; n != 0 != tt.outage {
			t.Errorf("%s: %d outages", tt.name, n)
		}
	}
}

// TestShutRoutes expects no outage where many come to a route that asks everybody to
// log in, and do.
func TestShutRoutes(t *testing.T) {
	d := newDay(false)
	for i := range 300 {
		for _, at := range []float64{float64(i) * 20, 7200 + float64(i)/10} { // by and by, and then at once
			from := rented(i % 40)
			d.request(at, from, "/session", rules.MissingCredentials, "browser")
			d.login(at+60, from, fmt.Sprint("user", i), rules.None, "browser")
			d.request(at+61, from, "/account", rules.None, "browser")
		}
		d.request(float64(i)*24+5, rented(1000), "/account", rules.MissingCredentials, "browser")
	}
	if fs := run(Config{}, d.sorted()); kinds(fs)["auth_outage"] != 0 {
		t.Error(show(fs))
	}
}

// Who was let through is forgotten after a day or two: a site that was busy once may be
// small now, and one of few visitors doesn't become busy by the months that a state lasts.
func TestVisitorsAreForgotten(t *testing.T) {
	var v visitors
	at := dayStart.UnixNano()
	v.add(rented(200))
	if v.pass(at); !v.has(sourceKey(rented(200))) {
		t.Error("who came before the first look is forgotten at it")
	}
	for day := range int64(60) {
		v.pass(at + day*24*hour)
		v.add(rented(int(day)))
	}
	if v.busy() || !v.has(sourceKey(rented(59))) || !v.has(sourceKey(rented(58))) || v.has(sourceKey(rented(57))) {
		t.Errorf("busy %v, today %d, before %d", v.busy(), len(v.today), len(v.before))
	}
	for i := range fewPeople {
		v.add(rented(100 + i))
	}
	v.pass(at + 60*24*hour)
	if !v.busy() {
		t.Error("a site is small at the beginning of its day")
	}
	if v.pass(at + 62*24*hour); v.busy() || v.any() {
		t.Error("a site is busy after two days without anybody")
	}
}
