package spike

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// bare is a request of which the status alone says what came of it.
func (d *day) bare(sec float64, from, path string, status uint16) {
	d.request(sec, ip(from), path, rules.MissingCredentials, "tool")
	a := &d.attempts[len(d.attempts)-1]
	if a.Status = status; status == 404 {
		a.Fail = nil
	} else {
		a.Fail.Tier = rules.TierStatus
	}
}

// One client's tries are judged by their pace, by what they were made at, and by
// whether anything was offered at all.
func TestOneClient(t *testing.T) {
	const from = "203.0.113.9"
	post := detectors.Attempt{Method: detectors.MethodPost}
	for _, c := range []struct {
		name     string
		kind     string
		severity detectors.Severity
		make     func(d *day)
	}{
		{"a job whose key doesn't do", "broken_client", detectors.Low, func(d *day) {
			for i := range 300 {
				d.put(float64(i)*60, ip(from), post, "batch", "/ingest", rules.APIKeyInvalid)
			}
		}},
		{"a job with an old password", "broken_client", detectors.Low, func(d *day) {
			for i := range 60 {
				d.request(float64(i)*60, ip(from), "/feed", rules.BadCredentials, "curl")
			}
		}},
		{"a job with an old password, seldom", "", "", func(d *day) {
			for i := range 12 {
				d.request(float64(i)*130, ip(from), "/feed", rules.BadCredentials, "curl")
			}
		}},
		{"a token that isn't known, as by a clock", "broken_client", detectors.Low, func(d *day) {
			for i := range 150 {
				d.request(float64(i)*2, ip(from), "/items", rules.InvalidSignature, "tool")
			}
		}},
		{"tokens that aren't known", "token_guessing", detectors.High, func(d *day) {
			for range 150 {
				d.request(300*d.rng.Float64(), ip(from), "/items", rules.InvalidSignature, "tool")
			}
		}},
		{"tokens that aren't known, some seconds apart", "token_guessing", detectors.High, func(d *day) {
			for i := range 60 {
				d.request(float64(i)*4+3*d.rng.Float64(), ip(from), "/items", rules.InvalidSignature, "tool")
			}
		}},
		{"tokens of two kinds, as by a clock", "token_guessing", detectors.High, func(d *day) {
			for i := range 60 {
				d.request(float64(i)*10, ip(from), "/items", []rules.Cause{rules.InvalidSignature, rules.InvalidSignature, rules.MalformedToken}[i%3], "tool")
			}
		}},
		{"a token, at intervals of a timer that waits for answers", "broken_client", detectors.Low, func(d *day) {
			for i := range 150 {
				d.request(float64(i)*4+d.rng.Float64(), ip(from), "/items", rules.InvalidSignature, "tool")
			}
		}},
		{"a service with an old password, whose address isn't logged", "broken_client", detectors.Low, func(d *day) {
			for i := range 80 {
				d.login(float64(i)*10, netip.Addr{}, "app", rules.BadCredentials, "")
			}
		}},
		{"a service whose name may be wrong", "broken_client", detectors.Low, func(d *day) {
			for i := range 60 {
				d.login(float64(i)*90, ip(from), "app", rules.UnknownUser, "")
			}
		}},
		{"a name that may not exist, at a person's pace", "brute_force", detectors.High, func(d *day) {
			for i := range 60 {
				d.login(float64(i)*90+20*d.rng.Float64(), ip(from), "app", rules.UnknownUser, "")
			}
		}},
		{"refused fast, nothing said", "token_guessing", detectors.High, func(d *day) {
			for i := range 200 {
				d.bare(float64(i)*2, from, "/me", 401)
			}
		}},
		{"a probe", "", "", func(d *day) {
			for i := range 300 {
				d.bare(float64(i)*10, from, "/healthy", 401)
			}
		}},
		{"a scanner of routes that aren't there, and of two that are", "", "", func(d *day) {
			for i := range 300 {
				path, status := fmt.Sprint("/nothing", i), uint16(404)
				if i%3 == 0 {
					path, status = []string{"/manager", "/api"}[i/3%2], 401
				}
				d.bare(float64(i)/2, from, path, status)
			}
		}},
		{"a scanner of a site that asks everywhere", "", "", func(d *day) {
			for i := range 300 {
				d.bare(float64(i)/2, from, fmt.Sprint("/", i%20), 401)
			}
		}},
		{"a person who gives up", "brute_force", detectors.Low, func(d *day) {
			for i := range 6 {
				d.login(float64(i)*9, ip(from), "ada", rules.BadCredentials, "")
			}
		}},
		{"as few tries, faster than by hand", "brute_force", detectors.Medium, func(d *day) {
			for i := range 6 {
				d.login(float64(i), ip(from), "ada", rules.BadCredentials, "")
			}
		}},
		{"as few, at names that don't exist", "credential_stuffing", detectors.Medium, func(d *day) {
			for i := range 6 {
				d.login(float64(i)*9, ip(from), fmt.Sprint("ada", i), rules.UnknownUser, "")
			}
		}},
	} {
		d := newDay(true)
		c.make(d)
		got := run(Config{Bans: true}, d.sorted())
		if c.kind == "" && len(got) > 0 || c.kind != "" && (len(got) != 1 || got[0].Kind != c.kind || got[0].Severity != c.severity) {
			t.Errorf("%s: %s", c.name, show(got))
		}
		for _, f := range got {
			if f.Severity == detectors.Low && len(f.Bans) > 0 {
				t.Errorf("%s: shuts out %v", c.name, f.Bans)
			}
		}
	}
}

// What no guess is refused for makes nobody an attacker, in whatever number.
func TestWhatIsNoGuess(t *testing.T) {
	for _, cause := range []rules.Cause{rules.RevokedToken, rules.ExpiredToken, rules.MTLSClientCert, rules.InvalidClient, rules.SAMLFailure,
		rules.NetworkPolicyBlock, rules.OriginDenied, rules.AuthorizerFailure, rules.InsufficientPermission, rules.CSRFFailure} {
		for _, addresses := range []int{1, 60} {
			d := newDay(true)
			d.customers(0, 2, 5)
			for i := range 120 {
				a := detectors.Attempt{Method: detectors.MethodPost, User: "vic" + strconv.Itoa(i%60)}
				d.put(3000+600*d.rng.Float64(), rented(i%addresses), a, "tool", "/orders", cause)
			}
			if got := run(Config{}, d.sorted()); len(got) > 0 {
				t.Errorf("%s from %d addresses:\n%s", cause, addresses, show(got))
			}
		}
	}
}

// Whoever logs into an account of his own between guesses stays an attacker; a job that
// tests each hour how logins are refused is none.
func TestOwnLoginsHideNothing(t *testing.T) {
	d := newDay(true)
	d.customers(0, 2, 5)
	for i := range 60 {
		at := 3000 + 20*float64(i)
		d.login(at, ip("203.0.113.9"), "vic"+strconv.Itoa(i), rules.BadCredentials, "")
		if i%3 == 0 {
			d.login(at+5, ip("203.0.113.9"), "own", rules.None, "")
		}
	}
	if got := run(Config{}, d.sorted()); len(got) != 1 || got[0].Kind != "credential_stuffing" || len(got[0].SourceIPs) != 1 {
		t.Error("own logins between guesses:", show(got))
	}
	d = newDay(true)
	d.customers(0, 7, 5)
	for hour := range 6 {
		at := 600 + 3600*float64(hour)
		for i, name := range []string{"test-wrong", "test-locked", "test-nobody", "test-wrong", "test-empty"} {
			d.login(at+2*float64(i), ip("203.0.113.9"), name, rules.BadCredentials, "")
		}
		d.login(at+12, ip("203.0.113.9"), "test-admin", rules.None, "")
		d.login(at+14, ip("203.0.113.9"), "test-user", rules.None, "")
	}
	if got := run(Config{}, d.sorted()); len(got) != 0 {
		t.Error("a job that tests logins:", show(got))
	}
}

// What a log of refusals alone can't show isn't said of it.
func TestNeverGotIn(t *testing.T) {
	for _, others := range []bool{false, true} {
		d := newDay(true)
		if others {
			d.login(0, ip("192.0.2.1"), "bob", rules.None, "")
		}
		for i := range 60 {
			d.login(float64(60+i), ip("203.0.113.9"), "ada", rules.BadCredentials, "")
		}
		got := run(Config{}, d.sorted())
		if len(got) != 1 || strings.Contains(got[0].Reason, "never got in") != others {
			t.Error(others, show(got))
		}
	}
}

// Nobody has four names, and none of them works; who mistypes one name has one that
// looks like it.
func TestFewNames(t *testing.T) {
	list := func(d *day, gap float64, names ...string) {
		for i, n := range names {
			d.login(36000+gap*float64(i), ip("203.0.113.7"), n, rules.BadCredentials, "")
		}
	}
	for name, c := range map[string]struct {
		make func(d *day)
		want int
	}{
		"four names":     {func(d *day) { list(d, 5, "admin", "root", "test", "oracle") }, 1},
		"one mistyped":   {func(d *day) { list(d, 5, "marianne", "mariane", "marianme", "msrianne") }, 0},
		"in two minutes": {func(d *day) { list(d, 40, "admin", "root", "test", "oracle") }, 0},
		"two of them get in": {func(d *day) {
			list(d, 5, "ada", "benno", "cleo", "doris")
			d.login(36060, ip("203.0.113.7"), "ada", rules.None, "")
			d.login(36090, ip("203.0.113.7"), "cleo", rules.None, "")
		}, 0},
		"many people": {func(d *day) {
			d.customers(0, 12, 12)
			list(d, 5, "admin", "root", "test", "oracle")
		}, 0},
	} {
		d := newDay(true)
		c.make(d)
		if got := run(Config{}, d.sorted()); len(got) != c.want {
			t.Errorf("%s: %d findings, want %d: %s", name, len(got), c.want, show(got))
		}
	}
}

// Who comes back after hours is told again.
func TestSecondVisit(t *testing.T) {
	d := newDay(true)
	for i := range 6 {
		d.login(20*float64(i), ip("203.0.113.7"), "root", rules.BadCredentials, "")
		d.login(4*3600+20*float64(i), ip("203.0.113.7"), "mira", rules.BadCredentials, "")
	}
	if got := run(Config{}, d.sorted()); len(got) != 2 {
		t.Errorf("%d findings, want 2: %s", len(got), show(got))
	}
}

// Whose account an attacker locked tries on and on, from where others get in.
func TestLockedOut(t *testing.T) {
	for cause, want := range map[rules.Cause]int{rules.AccountLockedOrDisabled: 0, rules.BadCredentials: 1} {
		d := newDay(true)
		for i := range 30 {
			d.login(1000*float64(i), ip("198.51.100.9"), fmt.Sprint("clerk", i), rules.None, "")
		}
		at := 32000.0
		for i := range 16 {
			d.login(at, ip("198.51.100.9"), "mira", cause, "")
			at += float64(60 + i*7919%1700)
		}
		if got := run(Config{}, d.sorted()); len(got) != want {
			t.Errorf("%v: %d findings, want %d: %s", cause, len(got), want, show(got))
		}
	}
}
