package spike

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// TestMixedIsNoOutage refuses most of a route's requests, at random: the same people are
// let in all the time, and chance alone makes a dozen refusals in a row.
func TestMixedIsNoOutage(t *testing.T) {
	for seed := range uint64(20) {
		d := newDay(false)
		d.rng = rand.New(rand.NewPCG(seed, 1))
		for sec := 0.0; sec < 5400; sec += 5 {
			d.request(sec, rented(d.rng.IntN(40)), fmt.Sprint("/api/", d.rng.IntN(3)), rules.None, "app")
			if sec > 1200 && sec < 2400 && d.rng.IntN(9) < 5 {
				d.request(sec+2, rented(d.rng.IntN(40)), "/api/1", rules.WrongAudience, "app")
			}
		}
		if got := run(Config{}, d.sorted()); len(got) > 0 {
			t.Errorf("seed %d: %s", seed, show(got))
		}
	}
}

// TestOutageCountsAll counts those who were refused before the outage was sure, and tells
// the cause that others showed.
func TestOutageCountsAll(t *testing.T) {
	d := newDay(true)
	for i := range 200 {
		d.request(float64(i), rented(i), "/app", rules.None, "app")
		d.request(900+float64(i), rented(i), "/app", rules.InvalidSignature, "app")
	}
	var got []*detectors.SpikeFinding
	report := func(f detectors.Finding) { got = append(got, f.(*detectors.SpikeFinding)) }
	tr := New(Config{})
	for _, a := range d.sorted() {
		tr.Observe(&a, report)
		if a.Fail != nil {
			tr.Judged(&a, rules.UnknownKey)
		}
	}
	tr.Flush(report)
	if len(got) != 1 || got[0].Kind != "auth_outage" || got[0].Cause != "unknown_key" || got[0].Failures != 200 {
		t.Errorf("%s %+v", show(got), got)
	}
}

// TestUnreachableProvider: refusals at a login that come with calls that fail are no
// attack, and such calls of another part don't hide one.
func TestUnreachableProvider(t *testing.T) {
	for _, c := range []struct {
		name  string
		tries int // for each call
		want  int
	}{{"as many calls as refusals", 1, 0}, {"a call now and then", 20, 1}} {
		d := newDay(false)
		for i := range 120 {
			at := 3600 + 3*float64(i)
			if i%c.tries == 0 {
				d.put(at+0.1, netip.Addr{}, detectors.Attempt{Kind: detectors.Dependency}, "", "", rules.None)
				d.attempts[len(d.attempts)-1].Success = false
			}
			d.login(at, rented(i%30), fmt.Sprint("user", i%30), rules.Unknown, "browser")
			d.attempts[len(d.attempts)-1].Fail.Verdict = rules.Verdict{Cause: rules.BadCredentials, Tier: rules.TierStatus}
		}
		if got := run(Config{}, d.sorted()); len(got) != c.want {
			t.Errorf("%s: %s", c.name, show(got))
		}
	}
}

// An application's users, whose names are told, renew their tokens at once when these
// have ended, and are let through: nobody is locked out.
func TestRenewedUnderANameIsNoOutage(t *testing.T) {
	for _, renewed := range []bool{true, false} {
		d := newDay(true)
		d.customers(0, 4, 0.2)
		as := func(sec float64, i int, a detectors.Attempt, path string, c rules.Cause) {
			a.User = fmt.Sprint("member", i)
			d.put(sec, rented(i), a, "shop-app/2", path, c)
		}
		for i := range 600 {
			sec := 600 + float64(i)*10
			get := detectors.Attempt{Method: detectors.MethodGet}
			as(sec, i, get, "/feed", rules.None)
			as(sec+6000, i, get, "/feed", rules.BadCredentials)
			if renewed {
				as(sec+6000.4, i, detectors.Attempt{Kind: detectors.Token, Method: detectors.MethodPost}, "/renew", rules.None)
				as(sec+6000.8, i, get, "/feed", rules.None)
			}
		}
		if n := kinds(run(Config{}, d.sorted()))["auth_outage"]; n != 0 == renewed {
			t.Errorf("renewed %v: %d outages", renewed, n)
		}
	}
}

// A server that lacks a new key refuses whoever comes with a token of it, a few times
// each. They are no crowd of guessers.
func TestLackedKeyIsNoGuess(t *testing.T) {
	for _, c := range []struct {
		cause rules.Cause
		told  bool
	}{{rules.UnknownKey, false}, {rules.InvalidSignature, true}, {rules.MalformedToken, true}} {
		d := newDay(false)
		for i := range 800 {
			d.request(float64(i)*10, rented(i%130), "/stock", rules.None, "shop-app/2")
		}
		for i := range 80 {
			d.request(5000+float64(i)*4, rented(200+i), "/stock", c.cause, "other-app/1")
		}
		if got := run(Config{}, d.sorted()); len(got) > 0 != c.told {
			t.Errorf("%v: %s", c.cause, show(got))
		}
	}
}

// Each handshake of NTLM is refused twice, the second time in words, before the same
// request is let through. Nobody is locked out, and nobody guesses.
func TestHandshakeIsNoOutage(t *testing.T) {
	for _, named := range []bool{true, false} {
		for _, ends := range []bool{true, false} {
			d := newDay(true)
			for i := range 2000 {
				sec, get := float64(i)*7, detectors.Attempt{Method: detectors.MethodGet}
				answered := ends || sec < 7200
				d.put(sec, rented(i%40), get, "browser/1", "/mail", rules.KerberosNTLMFailure)
				if named {
					get.User = fmt.Sprint("member", i%40)
				}
				if answered {
					d.put(sec+1, rented(i%40), get, "browser/1", "/mail", rules.None)
				}
			}
			if got := run(Config{}, d.sorted()); len(got) == 0 != ends {
				t.Errorf("named %v, let through %v: %s", named, ends, show(got))
			}
		}
	}
}
